"""Slots: what the three-layer constructions share.

Layer 1 cuts the line into groups of samples. A *slot* is a pre-activation of layer 2: a continuous function,
straight on every group, that is steered through one sample of each group, together with the neurons of layer 2
that look at it. Inside a group the samples take their slots in turn, in the next group in the opposite order:
the path of an ox at the plough, boustrophedon. It keeps the slopes from growing from group to group.
Chapter: book/03_three_layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ftc_lib.core.bounds import grid
from ftc_lib.core.network import Layer, Network, RankOne
from ftc_lib.core.rounding import checked
from ftc_lib.core.samples import Line, in_groups
from ftc_lib.core.types import Data, Number, Rows

# offsets and output weights of w(t) = -(t + 2)+ + 2 (t + 1)+ - 2 (t - 1)+ + (t - 2)+: t on [-1, 1], 0 beyond 2
WINDOW = np.array([2, 1, -1, -2]), np.array([-1, 2, -2, 1])


def split(indices: Rows, cost: int) -> tuple[list, int]:
    """The indices, in order, in groups of D for the cheapest grid; the last group may have fewer. Also D."""
    D = grid(len(indices), cost)[1] // cost
    return in_groups(indices, D), D


def unit_labels(line: Line) -> tuple[np.ndarray, np.ndarray, Number]:
    """Distinct positions t (n,), labels (n, o) divided by the largest one, and that unit."""
    t, z = line.points()
    z = z.reshape(len(t), -1)
    unit = np.abs(z).max()
    unit = unit if unit > 0 else unit + 1
    return t, z / unit, unit


def boundaries(t: np.ndarray, groups: Sequence[Rows]) -> np.ndarray:
    """b_0 < .. < b_G around groups of indices into t: in the free gap nearest to half-way between neighbouring groups.

    A zigzag that leaves one group steeply swings as far as the way to its turn, and comes back over the way to the next
    group. Ways of unequal length make slopes grow by their ratio, from group to group.
    """
    reach = (t[-1] - t[0]) / len(groups) if len(t) > 1 else t[0] * 0 + 1
    b = [t[0] - reach]
    for before, after in zip(groups, groups[1:]):
        between = t[before[-1] : after[0] + 1]
        gaps = (between[:-1] + between[1:]) / 2
        b.append(gaps[np.argmin(np.abs(gaps - (between[0] + between[-1]) / 2))])
    return np.array([*b, t[-1] + reach])


def boustrophedon(groups: Sequence[Rows], D: int) -> list[tuple]:
    """For each slot 0..D-1 the index it serves in each group, in turn from the left and from the right.

    None where a last, partly filled group has no sample left for the slot.
    """
    padded = [list(members) + [None] * (D - len(members)) for members in groups]
    return list(zip(*(row if g % 2 == 0 else row[::-1] for g, row in enumerate(padded))))


def steep_zigzag(
    t: np.ndarray, labels: np.ndarray, b: np.ndarray, served: Sequence[int | None], reach: Number
) -> tuple[Number, np.ndarray]:
    """A zigzag through (t_g, z_g) for the served sample of each group g: its start v > 0 at b_0, its slopes s_g (G,).

    All s_g are affine in v (proof of the windows). Here |s_g| delta >= reach + |z_g|, where delta is the way from t_g
    to the nearest other sample: so the zigzag is at or beyond +-reach at all samples that it does not serve.
    """
    at, to = steered_through(t, labels, b, served)
    fixed = zigzag_slopes(b, at, to, 0)
    growth, fixed = abs(zigzag_slopes(b, at, to, 1) - fixed), abs(fixed)  # |s_g| is at least v growth_g - fixed_g
    v = 0 * t[0]
    for i, t_g, z_g, s, grow in zip(served, at, to, fixed, growth):
        around = [t[-1], t_g] if i is None else list(t[max(i - 1, 0) : i + 2])
        if len(around) > 1:  # a lone sample asks for nothing
            delta = min(after - before for before, after in pairwise(around))
            v = max(v, ((reach + abs(z_g)) / delta + s) / grow)
    v = v + v / 2**20
    v = v - v % 1 + 1  # clear of rounding; whole (the fraction goes first: v + 1 may round), so v + 1, v + 2 cancel
    return v, zigzag_slopes(b, at, to, v)


def steered_through(
    t: np.ndarray, labels: np.ndarray, b: np.ndarray, served: Sequence[int | None]
) -> tuple[list, list]:
    """The points (t_g, z_g) of a slot; without a sample it crosses zero half-way from the last one to the boundary."""
    at = [(t[-1] + b[-1]) / 2 if i is None else t[i] for i in served]
    to = [labels[0] * 0 if i is None else labels[i] for i in served]
    return at, to


def zigzag_slopes(b: np.ndarray, at: Sequence[Number], to: Sequence[Number], start: Number) -> np.ndarray:
    """Slopes s_g (G,) of the zigzag with kinks at b_0..b_{G-1}, value ``start`` at b_0, through each (t_g, z_g)."""
    slopes, value = [], start
    for left, right, t_g, z_g in zip(b, b[1:], at, to):
        slopes.append((z_g - value) / (t_g - left))
        value = value + slopes[-1] * (right - left)
    return np.array(slopes)


def windowed(
    t: np.ndarray, labels: np.ndarray, b: np.ndarray, groups: Sequence[Rows], D: int, on_layer_1: Callable
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Layer 2 (rows, offsets, output weights) of one output: D zigzags, each seen through a window of four ReLUs.

    A zigzag is in the window at the sample that it serves in each group, and at no other sample.
    """
    rows, offsets = [], []
    for served in boustrophedon(groups, D):
        start, slopes = steep_zigzag(t, labels, b, served, reach=2)
        rows += [on_layer_1(slopes)] * 4
        offsets += list(start + WINDOW[0])
    return np.array(rows), np.array(offsets), np.tile(WINDOW[1], D)


def on_ramps(slopes: np.ndarray) -> np.ndarray:
    """Weights on (t - b_0)+, .., (t - b_{G-1})+ that give these slopes between the kinks."""
    return np.concatenate([slopes[:1], np.diff(slopes)])


def assemble(line: Line, first: Layer, blocks: Sequence[tuple], biases: Sequence | np.ndarray, tol: float) -> Network:
    """Stack the layer-2 neurons (rows, offsets, output weights) of each output over one layer 1."""
    W2, b2 = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
    if line.samples.z.ndim == 1:
        return network_of(line, first, W2, b2, blocks[0][2], biases[0], tol)
    W3 = np.zeros((len(blocks), len(b2)), dtype=W2.dtype)
    ends = np.cumsum([0] + [len(block[1]) for block in blocks])
    for o, block in enumerate(blocks):
        W3[o, ends[o] : ends[o + 1]] = block[2]
    return network_of(line, first, W2, b2, W3, biases, tol)


def network_of(
    line: Line, first: Layer, W2: np.ndarray, b2: np.ndarray, W3: np.ndarray, b3: Data, tol: float
) -> Network:
    """The network of layer 1 and of these layers 2 and 3, with the error that it states."""
    kind = object if line.samples.exact else float
    second, third = (Layer(W.astype(kind), np.asarray(b, kind)) for W, b in ((W2, b2), (W3, b3)))
    return checked(Network((first, second, third)), line.samples, tol=tol, gap=line.gap)


def ramps(line: Line, b: np.ndarray) -> Layer:
    """Layer 1: (t - b_0)+, .., (t - b_{G-1})+."""
    return Layer(RankOne(np.ones(len(b) - 1, dtype=b.dtype), line.direction), -b[:-1])


def constant(line: Line, tol: float) -> Network:
    """A network without neurons, for targets that are all the same."""
    z = line.samples.z[:1].ravel()
    empty = np.zeros(0, dtype=line.t.dtype)
    block = empty.reshape(0, 0), empty, empty
    first = Layer(RankOne(empty, line.direction), empty)
    return assemble(line, first, [block] * len(z), z, tol)
