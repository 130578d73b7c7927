"""What rounding can do to the sums of a layer, in whatever order they are added.

In a float type with unit roundoff u each operation is off by u times its result. A sum of n terms is then off by at
most gamma_n times the sum of their absolute values, gamma_n = n u / (1 - n u), in every order, row by row or in
blocks, with or without fused multiply-add: no term goes through more than n roundings (textbook; Higham 2002,
chapters 3 and 4). What is lost below the smallest float is added. Subnormals that are flushed to zero, products by
Strassen's method and types that are narrower inside, such as TF32, are not covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from scipy import sparse

_LEAST = np.finfo(float).smallest_subnormal


@dataclass(frozen=True)
class Unit:
    """How a float type rounds: a result is off by ``u`` of itself, or by ``tiny`` when it is that small."""

    u: float
    tiny: float
    huge: float

    @staticmethod
    def of(dtype: DTypeLike) -> Unit:
        info = np.finfo(dtype)
        return Unit(float(info.eps) / 2, float(info.smallest_subnormal), float(info.max))

    def gamma(self, n: int) -> float:
        """n u / (1 - n u), a little more for the rounding of the bound itself in float64, and inf if n is too large."""
        nu = n * self.u
        return nu / (1 - nu) * (1 + 8 * (n + 8) * 2.0**-53) if nu < 0.5 else np.inf


@dataclass(frozen=True, eq=False)
class Dense:
    """The sums W h + b of a layer: ``WT`` (in, out) holds |W| transposed, sparse where that pays, ``b`` (out,) |b|."""

    WT: np.ndarray | sparse.sparray
    b: np.ndarray
    terms: int
    unit: Unit

    @staticmethod
    def of(W: np.ndarray, b: np.ndarray, unit: Unit) -> Dense:
        W, b = np.abs(np.atleast_2d(W)).astype(float), np.abs(np.atleast_1d(b)).astype(float)
        terms = int(np.count_nonzero(W, axis=1).max(initial=0)) + 1  # a product that is 0 rounds nothing
        return Dense(thin(W).T, b, terms, unit)

    def bound(self, H: np.ndarray, P: np.ndarray, E: np.ndarray | None) -> np.ndarray:
        """How far P = W h + b (K, out) may be from exact: e' = gamma (|W| (|h| + 2e) + |b|) + |W| e.

        H (K, in): the inputs as computed in one order; E (K, in): how far they may be from exact, None for exact ones.
        Any other order computes some h' with |h'| <= |h| + 2e.
        """
        if self.terms == 1:  # b alone
            return np.zeros((len(H), 1)) + np.where(self.b <= self.unit.huge, 0, np.inf)
        gamma = self.unit.gamma(self.terms)
        H = np.abs(H).astype(float)
        size = gamma * H + (H > 0) * _LEAST  # gamma h may underflow before a weight of 1e300 meets it
        if E is not None:
            size += (1 + 2 * gamma) * E
        e = size @ self.WT
        e += gamma * self.b + 4 * self.terms * self.unit.tiny
        return e


@dataclass(frozen=True, eq=False)
class RankOne:
    """The sums s (a . h) + b, as they are or with the entries of s a^T rounded: two roundings more."""

    scale: np.ndarray
    direction: np.ndarray
    b: np.ndarray
    unit: Unit

    @staticmethod
    def of(scale: np.ndarray, direction: np.ndarray, b: np.ndarray, unit: Unit) -> RankOne:
        scale, direction, b = (np.abs(a).astype(float) for a in (scale, direction, b))
        return RankOne(scale, direction, b, unit)

    @property
    def terms(self) -> int:
        return int(np.count_nonzero(self.direction)) + 2

    @property
    def shifts(self) -> bool:
        """Whether one input is scaled by powers of two, which rounds nothing: then b is added, and that is all."""
        used = self.direction[self.direction > 0]
        return len(used) == 1 and used[0] == 1 and bool((np.frexp(self.scale)[0] == 0.5).all())

    def lost(self, size: Any) -> Any:
        """What underflow may take, where |h| . |a| is at most ``size``."""
        used = self.direction[self.direction > 0]
        most = self.scale.max(initial=0)
        return 2 * self.unit.tiny * (self.terms * (1 + most) + size / used.min(initial=np.inf))

    def bound(self, H: np.ndarray, P: np.ndarray, E: np.ndarray | None) -> np.ndarray:
        """As ``Dense.bound``."""
        if E is None and self.shifts:
            return self.unit.gamma(1) * np.abs(P).astype(float) + 4 * self.unit.tiny
        if self.scale.max(initial=0) * self.direction.max(initial=0) > self.unit.huge:  # an entry of the matrix
            return np.full(P.shape, np.inf)
        size = np.abs(H).astype(float) @ self.direction
        moved = 0 * size if E is None else E @ self.direction
        size = size + 2 * moved
        size[~(size <= self.unit.huge / 2)] = np.inf  # some order may overflow
        gamma = self.unit.gamma(self.terms)
        return np.multiply.outer(gamma * size + moved, self.scale) + (gamma * self.b + self.lost(size)[:, None])


def thin(W: np.ndarray) -> np.ndarray | sparse.csr_array:
    """W, as a sparse matrix if few of its entries are not zero."""
    return sparse.csr_array(W) if W.size > 2**16 and np.count_nonzero(W) < W.size // 16 else W
