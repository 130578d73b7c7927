"""The point of the hull of some points that is nearest to 0: how far a sample stands out, and in which direction.

Chapter: book/05_general_position.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from ftc_lib.baum.affine import across, orthogonal
from ftc_lib.core import exact
from ftc_lib.core.network import in_order
from ftc_lib.core.samples import (
    finite,
    numbers,
)
from ftc_lib.core.types import Data


def nearest(P: Data) -> np.ndarray:
    """The point of the convex hull of the rows of P (n, d) that is nearest to 0: Wolfe's algorithm (1976).

    P is an array of floats or of Fractions. Exact on Fractions; on floats it stops when no step gets nearer, and what
    is 0 up to rounding is 0. A processor's own sums decide at most which rows span the face that p lies on. From these
    p is computed in one order: it is the same bits on every machine unless rows are nearly tied. Raises ValueError for
    NaN and infinity.
    """
    P = finite(numbers(P, "P"), "P")
    rational = P.dtype == object
    unit = 1 if rational else np.ldexp(1.0, int(np.frexp(np.abs(P).max())[1]))
    P = P / unit  # of size 1, like the 1 that is added to the inner products below
    zero = 0 if rational else (16 * P.shape[1] * np.finfo(float).eps) ** 2  # |p|^2 that is 0 but for rounding
    corral = np.array([np.argmin((P**2).sum(axis=1))])  # the rows whose affine hull has p as its nearest point
    weights, p = P[corral[0]][:1] * 0 + 1, P[corral[0]]
    while p @ p > zero:
        towards = _product(P, p)
        j = int(np.argmin(towards))
        if towards[j] >= (p @ p) * (1 if rational else 1 - 1e-9) or j in corral:
            break
        found, alpha = _inside(P, np.append(corral, j), np.append(weights, 0))
        if alpha is None:
            break
        closer = _product(alpha, P[found])
        if not closer @ closer < p @ p:
            break
        corral, weights, p = found, alpha, closer
    return _foot(P[np.sort(corral)], zero) * unit


def _inside(P, corral, weights):
    """The rows of the corral that keep positive weights, and these weights: Wolfe's minor cycle.

    From the point with the given weights it goes towards the nearest point of the corral's affine hull, and the row
    whose weight is the first to reach 0 leaves, until that point is in the hull. None for weights when the rows are
    affinely dependent to the last digit.
    """
    while True:
        Q = P[corral]
        alpha = _solve(_product(Q, Q.T) + 1, Q[:, 0] * 0 + 1)
        if alpha is None:
            return corral, None
        alpha = alpha / alpha.sum()
        if (alpha > 0).all():
            return corral, alpha
        falling = alpha <= 0
        idle = falling & (weights == 0)  # no way to go for these: they leave where the point stands
        if not idle.any():
            ratio = weights[falling] / (weights[falling] - alpha[falling])
            weights = weights + ratio.min() * (alpha - weights)
            weights[np.flatnonzero(falling)[np.argmin(ratio)]] = 0
            idle = weights <= 0
        corral, weights = corral[~idle], weights[~idle]


def _foot(Q, zero):
    """The point p of the affine hull of the rows of Q (n, d) that is nearest to 0, by sums in one order.

    It is 0 where |p|^2 is at most ``zero``.
    """
    axes = orthogonal(Q[1:] - Q[0])
    p = across(across(Q[0], axes), axes)
    return p if in_order(p, p) > zero else p * 0


def _product(A, B):
    return exact.product(A, B) if A.dtype == object else A @ B


def _solve(A, right):
    """``baum.solve``, but floats by LAPACK, which is faster; None for a matrix that is singular to the last digit."""
    if A.dtype == object:
        return exact.solve(A, right)
    with suppress(np.linalg.LinAlgError):
        x = np.linalg.solve(A, right)
        return x if np.isfinite(x).all() else None
