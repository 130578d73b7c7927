"""Three-layer networks, one behind the other; t and the sum so far are handed on.

Main paper: 2408.00359, Proposition 6.1 (``paper``); ``windows`` and ``zigzag`` are this book's.
Chapter: book/04_deeper.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import isqrt

import numpy as np

from ftc_lib import two_layer
from ftc_lib.core import bounds
from ftc_lib.core.bounds import ceil_div
from ftc_lib.core.network import Layer, Network, RankOne
from ftc_lib.core.samples import Line, in_groups
from ftc_lib.deep.assemble import Scale, cut, finish
from ftc_lib.three_layer import slots
from ftc_lib.three_layer.paper import on_hard_tanhs
from ftc_lib.three_layer.zigzag import switch_in_turn


@dataclass(frozen=True, eq=False)
class Block:
    """A three-layer network of u >= 0: out @ (rows @ (scale * (u - kinks))+ + offsets)+. Its first neuron is u."""

    scale: np.ndarray
    kinks: np.ndarray
    rows: np.ndarray
    offsets: np.ndarray
    out: np.ndarray


def paper(line: Line, layers: int, tol: float) -> Network:
    """Hard-tanhs on the kept points of each block, then a window of four ReLUs for each slot."""
    t, y, unit = slots.unit_labels(line)
    targets = np.flatnonzero(y[:, 0])
    runs = in_groups(targets, ceil_div(len(targets), (layers - 1) // 2))
    alone = [np.where((t[run[0]] <= line.t) & (line.t <= t[run[-1]]), line.samples.z, 0 * unit) for run in runs]
    lines = [replace(line, samples=replace(line.samples, z=z)) for z in alone]  # the labels of one block each
    kept = [np.searchsorted(t, two_layer.kept_points(part)[0]) for part in lines]
    parts = [in_groups(points, isqrt(len(points))) for points in kept]
    b_0 = slots.boundaries(t, parts[0])[0]
    u = t - b_0
    blocks = []
    for part, groups in zip(lines, parts):
        b = _from_zero(slots.boundaries(u, groups))
        scale, kinks = np.repeat(2 / np.diff(b), 2), np.stack([b[:-1], b[1:]], axis=1).ravel()
        rows, offsets, out = slots.windowed(
            u, part.points()[1] / unit, b, groups, len(groups[0]), partial(on_hard_tanhs, b)
        )
        rows = np.column_stack([0 * rows[:, 0], rows])  # u goes along, unseen
        blocks.append(Block(np.append(0 * scale[:1] + 1, scale), np.append(b[:1], kinks), rows, offsets, out))
    return _stack(line, b_0, blocks, Scale(unit, -1, s_0=1), layers, tol)


def windows(line: Line, layers: int, tol: float) -> Network:
    """Each block shows its own targets through windows, and is exactly zero at all other samples."""
    t, y, unit = slots.unit_labels(line)
    y = y[:, 0]
    targets = np.flatnonzero(y)
    parts = cut(targets, bounds.deep_grids(len(targets), layers, "windows")[1])
    b_0 = slots.boundaries(t, parts[0])[0]
    u = t - b_0
    blocks = []
    for groups in parts:
        b = _from_zero(slots.boundaries(u, groups))
        layer_2 = slots.windowed(u, y, b, groups, len(groups[0]), slots.on_ramps)
        blocks.append(Block(np.ones(len(groups), dtype=b.dtype), b[:-1], *layer_2))
    return _stack(line, b_0, blocks, Scale(unit, -1, s_0=1), layers, tol)


def zigzag(line: Line, layers: int, tol: float) -> Network:
    """Each block memorises a run of consecutive samples, as heights above the base, and is zero outside.

    The first group of a run rises and goes on to the left, downward: all neurons are off there. So they are to
    the right of an even number of groups.
    """
    t, y, unit = slots.unit_labels(line)
    y = y[:, 0]
    parts = cut(np.arange(len(t)), bounds.deep_grids(len(t), layers, "zigzag")[1])
    b_0 = slots.boundaries(t, parts[0])[0]
    u = t - b_0
    e = y.min() - 1
    between = np.concatenate([u[:1] * 0, (u[1:] + u[:-1]) / 2, u[-1:] + u[0]])
    blocks = []
    for groups in parts:
        b = between[[members[0] for members in groups] + [groups[-1][-1] + 1]]
        starts, slopes = switch_in_turn(u, y - e, b, groups, len(groups[0]))
        kinks = np.append(between[:1], b[1:-1])
        rows = np.array([slots.on_ramps(s) for s in slopes])
        sigma = np.where(np.arange(len(rows)) % 2, -1, 1)
        blocks.append(Block(np.ones(len(kinks), dtype=b.dtype), kinks, rows, starts - slopes[:, 0] * b[0], sigma))
    return _stack(line, b_0, blocks, Scale(unit, e), layers, tol)


def _stack(line: Line, b_0, blocks, scale: Scale, layers, tol) -> Network:
    """Two layers a block, with s_j = (s_{j-1} + block j)+. Between blocks position and sum are handed on.

    Order of the neurons. First layer of a block: its kinks, the first of which is u = t - b_0, then the sum. Second
    layer: its slots, then u for the next block, then the sum.
    """
    kind, first = line.t.dtype, blocks[0]
    hidden = [Layer(RankOne(first.scale, line.direction), -first.scale * (b_0 + first.kinks))]
    s_j = np.zeros(0, dtype=kind)  # what the sum so far takes of the layer before
    for j, block in enumerate(blocks):
        m, n = len(block.scale), len(block.out)
        sums, us = int(j > 0), int(j < len(blocks) - 1)  # 1 where a sum arrives, 1 where u is still needed
        if sums:
            W = np.zeros((m + 1, len(s_j)), dtype=kind)
            W[:m, len(blocks[j - 1].out)] = block.scale  # on u
            W[m] = s_j
            hidden.append(Layer(W, np.append(-block.scale * block.kinks, scale.s_0 if j == 1 else 0)))
        W = np.zeros((n + us + sums, m + sums), dtype=kind)
        W[:n, :m] = block.rows
        W[range(n, len(W)), [0] * us + [m] * sums] = 1  # u and the sum go through
        hidden.append(Layer(W, np.append(block.offsets, np.zeros(us + sums, dtype=kind))))
        s_j = np.append(block.out, np.array([0] * us + [1] * sums, dtype=kind))
    return finish(line, hidden, s_j[None], scale, layers, tol)


def _from_zero(b):
    """The same boundaries, the first one at 0: left of all samples, where u is."""
    return np.append(0 * b[:1], b[1:])
