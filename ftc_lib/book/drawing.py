"""Pictures that several chapters draw: samples on a line, networks on a line, kinks, groups, slabs.

Each function draws on axes from ``figures.new`` in the book's colours: untouched samples grey circles, changed
samples vermillion diamonds, the network blue, kinks as ticks below the curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ftc_lib.book import figures
from ftc_lib.book.figures import Meaning
from ftc_lib.core.network import Network, kinks
from ftc_lib.core.types import Data, Number


def samples(ax: Axes, t: Data, z: Data, label: bool = True) -> None:
    """Samples (t, z) on a line: grey where z = 0, vermillion where z != 0."""
    t, z = np.asarray(t, dtype=float), np.asarray(z, dtype=float)
    moved = z != 0
    with figures.style():
        ax.plot(t[~moved], z[~moved], **figures.UNTOUCHED.points(zorder=4, label="untouched" if label else None))
        ax.plot(t[moved], z[moved], **figures.CHANGED.points(zorder=5, label="changed" if label else None))


def function(
    ax: Axes, network: Network, low: Number, high: Number, meaning: Meaning = figures.NETWORK, **line: Any
) -> tuple[np.ndarray, np.ndarray]:
    """The graph of a network on the line between low and high, through its own kinks; returns the vertices."""
    inner = [x for x in kinks(network) if low < x < high]
    t = np.array([low, *inner, high], dtype=object if network.exact else float)
    y = network(t[:, None]).astype(float)
    with figures.style():
        ax.plot(t.astype(float), y, **meaning.line(zorder=3) | line)
    return t.astype(float), y


def ticks(
    ax: Axes, points: Data, meaning: Meaning = figures.NETWORK, height: float = 0.035, level: float = 0.0
) -> None:
    """Kinks as small ticks that stand at ``level`` (0 the bottom of the axes, 1 the top)."""
    with figures.style():
        ax.vlines(
            np.asarray(points, dtype=float), level, level + height, color=meaning.colour, linewidth=1.2,
            transform=ax.get_xaxis_transform(), zorder=6,
        )  # fmt: skip


def bands(ax: Axes, boundaries: Data) -> None:
    """Groups between consecutive boundaries as faint bands, every other one shaded."""
    edges = np.asarray(boundaries, dtype=float)
    for left, right in zip(edges[::2], edges[1::2]):
        ax.axvspan(left, right, color=figures.NETWORK.colour, alpha=0.06, linewidth=0, zorder=0)


def steps(ax: Axes, network: Network, low: Number, high: Number, count: int) -> tuple[np.ndarray, np.ndarray]:
    """What the first ``count`` layers of one neuron hand on, later ones darker; returns t and values (n, count)."""
    t = np.linspace(float(low), float(high), 401)
    arriving = network.pre_activations(t[:, None])[:count]
    values = np.maximum(np.column_stack([layer[:, 0] for layer in arriving]).astype(float), 0)
    for shade, column in zip(np.linspace(0.25, 1, count), values.T):
        ax.plot(t, column, **figures.NETWORK.line(alpha=shade, linewidth=1.2))
    ax.set(ylabel="after each step")
    ax.tick_params(labelbottom=False)
    return t, values


def savings(ax: Axes, T: Sequence[float] | np.ndarray, ratios: dict, allowed: Sequence[float] | np.ndarray) -> None:
    """Weights over the floor of two layers against T, log-log: a line for each key, and a pale band at ``allowed``."""
    ax.plot(T, allowed, **figures.OURS.line(linewidth=5, alpha=0.3))
    for dash, (name, values) in zip(("-", "--", "-.", ":"), ratios.items()):
        ax.plot(T, values, **figures.NETWORK.line(linewidth=1.4, linestyle=dash))
        _direct_label(ax, T[-1], values[-1], name, figures.NETWORK)
    _direct_label(ax, T[-1], allowed[-1], "floor", figures.OURS)
    ax.set(xscale="log", yscale="log", xlim=(T[0], T[-1] * (T[-1] / T[0]) ** 0.15))
    ax.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.set_yticks([0.5, 0.2, 0.1, 0.05, 0.02], ["0.5", "0.2", "0.1", "0.05", "0.02"])
    ax.minorticks_off()
    ax.set(xlabel="place of the label, $T$ (log scale)", ylabel="weight / two-layer floor\n(log scale)")


def _direct_label(ax, x, y, text, meaning, **more) -> None:
    """A label beside its curve, in the curve's colour."""
    with figures.style():
        ax.annotate(text, (x, y), xytext=(4, 0), textcoords="offset points", color=meaning.colour, va="center", **more)
