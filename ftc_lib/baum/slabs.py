"""The hyperplane through d samples, and the slab around it that no other sample touches.

Through d samples in general position runs one hyperplane u . x = b, and every other sample is off it. Half the distance
to the nearest one is the room that a construction has. Chapter: book/01_baum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftc_lib.core import exact
from ftc_lib.core.network import in_order, to_fractions
from ftc_lib.core.samples import Samples, named
from ftc_lib.core.types import Number, Rows, Seed


@dataclass(frozen=True, eq=False)
class Slab:
    """|u . x - b| < tau contains the samples ``members`` (on its mid hyperplane) and no other."""

    members: np.ndarray
    u: np.ndarray
    b: Number
    tau: Number
    heights: np.ndarray  # u . x_i - b for all samples, exactly 0 on Fractions for the members


def slab(samples: Samples, members: Rows, rng: Seed = 0) -> Slab:
    """The slab around a hyperplane through the ``members`` (rows, at most d of them), half the gap thick.

    Fewer than d members: the hyperplane is completed at random. Raises ValueError when the members span too
    little or another sample lies on the hyperplane.
    """
    rng = np.random.default_rng(rng)
    members = np.asarray(members)
    free = samples.d + 1 - len(members)
    # (u, b) solves u . x_i - b = 0 on the members; random rows fix what is left, the last one the scale
    through = np.column_stack([samples.X[members], -np.ones(len(members), dtype=int)])
    rows = np.concatenate([through, _random((free, samples.d + 1), rng, samples.exact)])
    right = np.append(0 * rows[:-1, 0], 1 + 0 * rows[-1, 0])
    solution = solve(rows, right)
    if solution is None:
        raise ValueError(f"rows {named(members)} of X do not span a hyperplane: not in general position")
    u, b = solution[:-1], solution[-1]
    if not samples.exact:
        length = np.sqrt(in_order(u, u))
        u, b = u / length, b / length
    heights = in_order(samples.X, u) - b
    others = np.delete(np.arange(samples.K), members)
    gap = np.abs(heights[others]).min() if len(others) else heights[members[0]] * 0 + 1
    noise = 0 if samples.exact else 8 * samples.d * np.finfo(float).eps * (np.abs(samples.X).max() + abs(b))
    if gap <= noise:
        culprit = others[np.argmin(np.abs(heights[others]))]
        raise ValueError(
            f"row {culprit} of X lies on the hyperplane through rows {named(members)}: not in general position. "
            "Drop the row, perturb X, or use a construction that only needs distinct samples (two_layer)"
        )
    return Slab(members, u, b, gap / 2, heights)


def solve(A: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """The solution of the square system A x = right; None if A is singular.

    Exact on Fractions. On floats by elimination with row pivots, where a pivot below 1e-12 of the largest entry counts
    as zero.
    """
    if A.dtype == object:
        return exact.solve(A, right)
    n = len(A)
    M = np.column_stack([A, right])
    small = 1e-12 * np.abs(A).max()
    for j in range(n):
        p = j + int(np.argmax(np.abs(M[j:, j])))
        if abs(M[p, j]) <= small:
            return None
        M[[j, p]] = M[[p, j]]
        M[j] = M[j] / M[j, j]
        others = np.arange(n) != j
        M[others] = M[others] - np.multiply.outer(M[others, j], M[j])
    return M[:, -1]


def _random(shape, rng, exact):
    rows = rng.integers(-999, 1000, shape)
    return to_fractions(rows) if exact else rows / 999
