"""The three-layer constructions of the main paper, with whole groups and slots.

2408.00359, Theorem 5.1, bounds m* by the least of 4 sqrt(K), 2 sqrt(K) + 3N and 6 sqrt(3N + 2), which are the
counts of ``yun``, ``bumps`` and ``kept`` when no square root has to be rounded; ``appendix`` is from its
Appendix A. Layer 1 is made of hard-tanhs, t clipped to [-1, 1], of two ReLUs each. ``three_layer.fit`` calls
these functions; each takes samples on a line and returns an exact network. Chapter: book/03_three_layer.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ftc_lib import two_layer
from ftc_lib.core.bounds import ceil_div, ceil_sqrt
from ftc_lib.core.network import Layer, Network, RankOne
from ftc_lib.core.samples import Line, half_width, in_groups
from ftc_lib.three_layer import slots


def yun(line: Line, tol: float) -> Network:
    """4 sqrt(K), after Yun et al.: both layers are hard-tanhs. Slots rise and fall in turn, so the clipped ones cancel.

    At the sample that slot k serves, the others stand at +1 or -1 and add up to 1 when D is even, to 0 when
    D is odd, in every group: a constant that the output bias removes.
    """
    t, y, unit = slots.unit_labels(line)
    groups, D = slots.split(np.arange(len(t)), y.shape[1])
    b = slots.boundaries(t, groups)
    blocks = []
    for labels in y.T:
        rows, offsets = [], []
        for k, served in enumerate(slots.boustrophedon(groups, D)):
            sign = 1 if k % 2 else -1  # the first slot starts at the bottom and rises
            start, slopes = slots.steep_zigzag(t, sign * labels, b, served, reach=1)
            rows += [on_hard_tanhs(b, sign * slopes)] * 2
            offsets += [sign * start + 1, sign * start - 1]
        blocks.append((np.array(rows), np.array(offsets), unit * np.tile([1, -1], D)))
    clipped = 1 if D % 2 == 0 else 0
    biases = -unit * (D + clipped) * np.ones(len(blocks), dtype=int)
    return slots.assemble(line, _hard_tanhs(line, b), blocks, biases, tol)


def bumps(line: Line, tol: float) -> Network:
    """2 sqrt(K) + 3N: for each target three ReLUs that look at the hard-tanh of its group.

    That is -1 to the left of the group and 1 to the right of it, so a bump around its value at the target, narrower
    than the way to the nearest other sample and to both ends of the group, sees no other sample.
    """
    t, z = line.points()
    y = z.reshape(len(t), -1)
    D = ceil_div(len(t), ceil_sqrt(len(t)))
    b = slots.boundaries(t, in_groups(np.arange(len(t)), D))
    targets = np.flatnonzero((y != 0).any(axis=1))
    c, j = t[targets], targets // D  # the targets, and the groups that they lie in
    gaps = line.gaps[np.argsort(line.t[line.samples.changed])]
    h = half_width(np.minimum.reduce([gaps, c - b[j], b[j + 1] - c]))
    # Hard-tanh j rises by 2 on its group. Enlarged like this its slope there is 1 / h,
    # and its value at the target is (c - b_j) / h.
    rise = (b[j + 1] - b[j]) / 2 / h
    rows = np.zeros((len(c), len(b) - 1, 2), dtype=t.dtype)  # target, hard-tanh, its two ReLUs
    rows[np.arange(len(c)), j] = np.stack([rise, -rise], axis=1)
    offsets = -((c - b[j]) / h)[:, None] + np.array([1, 0, -1])
    W2, b2 = np.repeat(rows.reshape(len(c), -1), 3, axis=0), offsets.ravel()
    W3 = (y[targets].T[..., None] * np.array([1, -2, 1])).reshape(*z.shape[1:], -1)
    return slots.network_of(line, _hard_tanhs(line, b), W2, b2, W3, np.zeros(z.shape[1:], dtype=W3.dtype), tol)


def kept(line: Line, tol: float) -> Network:
    """6 sqrt(3N + 2): slots for the p points that an interpolation has to follow, each seen through a window.

    2 G + 4 D neurons for G groups of D, G D >= p. The slots are also out of the window at the samples that were
    not kept. In truth only targets need a slot, which is where ``windows`` saves.
    """
    t, y, unit = slots.unit_labels(line)
    followed = np.searchsorted(t, two_layer.kept_points(line)[0])
    groups, D = slots.split(followed, 2 * y.shape[1])
    b = slots.boundaries(t, groups)
    blocks = []
    for labels in y.T:
        rows, offsets, out = slots.windowed(t, labels, b, groups, D, partial(on_hard_tanhs, b))
        blocks.append((rows, offsets, unit * out))
    return slots.assemble(line, _hard_tanhs(line, b), blocks, np.zeros(len(blocks)), tol)


def appendix(line: Line, tol: float) -> Network:
    """4N + 4: two hard-tanhs a target, one falling and one rising, cut a notch whose floor is at the label.

    Elsewhere the one slot stands at 3, out of the window.
    """
    samples = line.samples
    c, h = line.t[samples.changed], half_width(line.gaps / 2)
    kinks = c[:, None] + h[:, None] * np.array([-2, -1, 1, 2])
    first = Layer(RankOne(np.repeat(1 / h, 4), line.direction), -(kinks / h[:, None]).ravel())
    labels = samples.z[samples.changed].reshape(len(c), -1)
    unit = np.abs(labels).max()
    blocks = []
    for y in (labels / unit).T:
        notches = np.outer(y - 3, [1, -1, -1, 1]).ravel()
        blocks.append((np.array([notches] * 4), 3 + slots.WINDOW[0], unit * slots.WINDOW[1]))
    return slots.assemble(line, first, blocks, np.zeros(len(blocks)), tol)


# ---------------------------------------------------------------- hard-tanhs


def _hard_tanhs(line: Line, b) -> Layer:
    """Layer 1: hard-tanh j is -1 + (s_j (t - b_j))+ - (s_j (t - b_{j+1}))+, with s_j = 2 / (b_{j+1} - b_j)."""
    scale = np.repeat(2 / np.diff(b), 2)
    return Layer(RankOne(scale, line.direction), -scale * np.stack([b[:-1], b[1:]], axis=1).ravel())


def on_hard_tanhs(b: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Weights on those ReLUs that give these slopes on the groups: hard-tanh j rises by 2 on its group."""
    half = slopes * np.diff(b) / 2
    return np.stack([half, -half], axis=1).ravel()
