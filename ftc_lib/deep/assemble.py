"""What blocks and relay share: how labels are dealt to the parts, and the layers behind the last part.

Chapter: book/04_deeper.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ftc_lib.core.bounds import ceil_div
from ftc_lib.core.network import Layer, Network, RankOne
from ftc_lib.core.rounding import checked
from ftc_lib.core.samples import Line, in_groups
from ftc_lib.core.types import Number


def cut(members: np.ndarray, grids: Iterable[tuple[int, int]]) -> list:
    """Fill the blocks from the left: for each its groups, at most G of at most D members; empty blocks are dropped."""
    parts = []
    for G, D in grids:
        own, members = members[: G * D], members[G * D :]
        if len(own):
            parts.append(in_groups(own, ceil_div(len(own), G)))
    return parts


def finish(
    line: Line,
    hidden: list[Layer],
    sums: np.ndarray,
    q: int,
    lift: Number,
    base: Number,
    unit: Number,
    layers: int,
    tol: float,
) -> Network:
    """Hand the q sums on to layer L - 1 and put the output on top: unit * (base + first sum - second sum)."""
    signs = np.array([1, -1])[:q]
    out = np.append(sums[0, : sums.shape[1] - q], signs) if len(hidden) > 2 else sums[0]
    while len(hidden) < layers - 1:
        hidden.append(Layer(sums, np.full(q, lift)))
        sums, out, lift = np.eye(q, dtype=int), signs, 0
    kind = object if line.samples.exact else float
    hidden = [hidden[0], *(Layer(layer.W.astype(kind), layer.b.astype(kind)) for layer in hidden[1:])]
    network = Network((*hidden, Layer((unit * out).astype(kind), np.asarray(unit * base, dtype=kind))))
    return checked(network, line.samples, tol=tol, gap=line.gap)


def constant(line: Line, layers: int, tol: float) -> Network:
    """Hidden layers without neurons, for targets that are all the same."""
    empty = np.zeros(0, dtype=line.t.dtype)
    hidden = [Layer(RankOne(empty, line.direction), empty)] + [Layer(empty.reshape(0, 0), empty)] * (layers - 2)
    network = Network((*hidden, Layer(empty, np.asarray(line.samples.z[0], dtype=empty.dtype))))
    return checked(network, line.samples, tol=tol, gap=line.gap)
