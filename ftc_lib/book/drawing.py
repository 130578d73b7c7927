"""The words of the book's pictures: samples on a line, a network's curve, kink ticks, bands for groups, bars, names.

Each function draws on axes in the book's colours, for whatever variant is being drawn: untouched samples are grey
circles, changed samples vermillion diamonds, the network is blue, this book's bounds green, a paper's grey and dashed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ftc_lib.book.look import CHANGED, NETWORK, OURS, UNTOUCHED, Meaning
from ftc_lib.core.network import Network, kinks
from ftc_lib.core.types import Data, Number

APART = 13  # points between names at the ends of curves, so that words of 10 points do not touch


def samples(ax: Axes, t: Data, z: Data, label: bool = True) -> None:
    """Samples (t, z) on a line: grey where z = 0, vermillion where z != 0. ``label``: they appear in a legend."""
    t, z = np.asarray(t, dtype=float), np.asarray(z, dtype=float)
    moved = z != 0
    ax.plot(t[~moved], z[~moved], **UNTOUCHED.points(zorder=4, label="untouched" if label else None))
    ax.plot(t[moved], z[moved], **CHANGED.points(zorder=5, label="changed" if label else None))


def function(
    ax: Axes, network: Network, low: Number, high: Number, meaning: Meaning = NETWORK, **line: Any
) -> tuple[np.ndarray, np.ndarray]:
    """The graph of a network on the line between low and high; returns its vertices, as ``vertices`` does."""
    t, y = vertices(network, low, high)
    ax.plot(t, y, **meaning.line(zorder=3) | line)
    return t, y


def vertices(network: Network, low: Number, high: Number) -> tuple[np.ndarray, np.ndarray]:
    """Places (n,) and values (n,) of a network on the line at low, at its own kinks between, and at high, as floats."""
    inner = [x for x in kinks(network) if low < x < high]
    t = np.array([low, *inner, high], dtype=object if network.exact else float)
    return t.astype(float), network(t[:, None]).astype(float)


def ticks(ax: Axes, points: Data, meaning: Meaning = NETWORK, height: float = 0.035, level: float = 0.0) -> None:
    """Kinks as small ticks that stand at ``level`` (0 the bottom of the axes, 1 the top)."""
    ax.vlines(
        np.asarray(points, dtype=float), level, level + height, color=meaning.colour, linewidth=1.2,
        transform=ax.get_xaxis_transform(), zorder=6,
    )  # fmt: skip


def bands(ax: Axes, boundaries: Data) -> None:
    """Groups between consecutive boundaries as faint bands, every other one shaded."""
    edges = np.asarray(boundaries, dtype=float)
    for left, right in zip(edges[::2], edges[1::2]):
        ax.axvspan(left, right, color=NETWORK.colour, alpha=0.09, linewidth=0, zorder=0)


def bars(ax: Axes, intervals: Iterable[tuple], levels: Data, meaning: Meaning = OURS, **line: Any) -> None:
    """Intervals (left, right) as thick bars at heights ``levels`` (one for all, or one each): where a kink is forced,
    where a neuron is on."""
    intervals = np.asarray(list(intervals), dtype=float).reshape(-1, 2)
    heights = np.broadcast_to(np.asarray(levels, dtype=float), len(intervals))
    look: dict[str, Any] = {"color": meaning.colour, "linewidth": 4, "zorder": 2} | line
    ax.hlines(heights, intervals[:, 0], intervals[:, 1], **look)


def stretches(neuron: Network, low: Number, high: Number) -> list[tuple]:
    """The stretches (left, right) between low and high on which a network that is never negative is positive.

    Take ``part(network, depth, unit vector)`` for one neuron: where it is on.
    """
    edges = [low, *(x for x in kinks(neuron) if low < x < high), high]
    found: list[tuple] = []
    for left, right in zip(edges, edges[1:]):
        middle = np.array([[(left + right) / 2]], dtype=object if neuron.exact else float)
        if neuron(middle)[0] > 0:
            if found and found[-1][1] == left:  # a kink of the layers before, no end
                left, _ = found.pop()
            found.append((left, right))
    return found


def names(ax: Axes, curves: Iterable[tuple]) -> None:
    """Names of curves behind their ends: (x, y, text, meaning) for each. Call it last, when the axes have their limits.

    Names that would touch are moved apart, in the order of the curves' ends.
    """
    curves = sorted(curves, key=lambda curve: float(curve[1]))
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    to_points = 72 / figure.dpi
    ends = [float(ax.transData.transform((float(x), float(y)))[1]) * to_points for x, y, *_ in curves]
    for (x, y, text, meaning), end, place in zip(curves, ends, apart(ends, APART)):
        ax.annotate(
            text, (float(x), float(y)), xytext=(5, place - end), textcoords="offset points", va="center",
            color=meaning.colour, fontsize=10, annotation_clip=False,
        )  # fmt: skip


def apart(places: Iterable[float], distance: float) -> list[float]:
    """Increasing places moved as little as need be until neighbours are ``distance`` apart.

    Those that touch form a block around the middle of where they want to be; blocks that touch become one.
    """
    blocks: list[list[float]] = []  # [middle, members]
    for place in places:
        blocks.append([place, 1])
        while len(blocks) > 1 and blocks[-1][0] - blocks[-2][0] < distance * (blocks[-1][1] + blocks[-2][1]) / 2:
            (one, n), (other, k) = blocks.pop(), blocks.pop()
            blocks.append([(one * n + other * k) / (n + k), n + k])
    return [middle + distance * (i - (n - 1) / 2) for middle, n in blocks for i in range(int(n))]


def whole_ticks(axis: Axis, values: Iterable[int]) -> None:
    """Plain whole numbers as the ticks of an axis, also of a logarithmic one: 10, 100, 1 000 and nothing between."""
    axis.set_major_locator(FixedLocator([float(value) for value in values]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}".replace(",", "\u202f")))
    axis.set_minor_locator(NullLocator())


def bounds(ax: Axes, x: Sequence[float], curves: Mapping[str, tuple]) -> None:
    """Bounds as curves over x with their names at the ends: name -> (values, meaning); built networks come on top."""
    for values, meaning in curves.values():
        ax.plot(x, [float(value) for value in values], **meaning.line())
    names(ax, [(x[-1], values[-1], name, meaning) for name, (values, meaning) in curves.items()])


def built(ax: Axes, x: Data, neurons: Data, label: str | None = "built", meaning: Meaning = NETWORK) -> None:
    """The neurons of networks that were built, as marks over x."""
    ax.plot(x, neurons, **meaning.points(zorder=4, label=label))
