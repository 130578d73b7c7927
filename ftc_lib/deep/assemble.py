"""What blocks and relay share: how labels are dealt to the parts, and the layers behind the last part.

Chapter: book/04_deeper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ftc_lib.core.bounds import ceil_div
from ftc_lib.core.network import Layer, Network, RankOne
from ftc_lib.core.rounding import checked
from ftc_lib.core.samples import Line, in_groups
from ftc_lib.core.types import Number


@dataclass(frozen=True, eq=False)
class Scale:
    """What the sum s of all parts stands for: the output is ``unit`` * (``e`` + s), and s starts from ``s_0``.

    The start keeps the sum >= 0 at the samples, so that the ReLUs that hand it on do nothing there. It is added in
    layer 3, the first one that has the sum.
    """

    unit: Number
    e: Number
    s_0: int = 0


def cut(members: np.ndarray, grids: Iterable[tuple[int, int]]) -> list:
    """Fill the blocks from the left: for each its groups, at most G of at most D members; empty blocks are dropped."""
    parts = []
    for G, D in grids:
        own, members = members[: G * D], members[G * D :]
        if len(own):
            parts.append(in_groups(own, ceil_div(len(own), G)))
    return parts


def finish(line: Line, hidden: Sequence[Layer], sums: np.ndarray, scale: Scale, layers: int, tol: float) -> Network:
    """Hand the sums on to layer L - 1, and put the output on top: unit * (e + first sum - second sum).

    ``sums`` (q, n): what q = 1 or 2 sums take of the n neurons of the last hidden layer. Where sums arrive at that
    layer, they are its last q neurons.
    """
    hidden, q = list(hidden), len(sums)
    signs = np.array([1, -1])[:q]
    out = np.append(sums[0, : sums.shape[1] - q], signs)
    while len(hidden) < layers - 1:
        hidden.append(Layer(sums, np.full(q, scale.s_0 if len(hidden) == 2 else 0)))
        sums, out = np.eye(q, dtype=int), signs
    kind = object if line.samples.exact else float
    hidden = [hidden[0], *(Layer(layer.W.astype(kind), layer.b.astype(kind)) for layer in hidden[1:])]
    last = Layer((scale.unit * out).astype(kind), np.asarray(scale.unit * scale.e, dtype=kind))
    return checked(Network((*hidden, last)), line.samples, tol=tol, gap=line.gap)


def constant(line: Line, layers: int, tol: float) -> Network:
    """Hidden layers without neurons, for targets that are all the same."""
    empty = np.zeros(0, dtype=line.t.dtype)
    hidden = [Layer(RankOne(empty, line.direction), empty)] + [Layer(empty.reshape(0, 0), empty)] * (layers - 2)
    network = Network((*hidden, Layer(empty, np.asarray(line.samples.z[0], dtype=empty.dtype))))
    return checked(network, line.samples, tol=tol, gap=line.gap)
