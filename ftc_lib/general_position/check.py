"""Is it general position? Look at the hyperplanes through d samples, in floats where they are clear, else exactly.

Chapter: book/05_general_position.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb, isfinite, lcm

import numpy as np

from ftc_lib.core import exact
from ftc_lib.core.network import to_floats, to_fractions
from ftc_lib.core.samples import (
    Samples,
    in_units,
    places,
)
from ftc_lib.core.types import Data, Seed

_LOOKS = 10_000  # hyperplanes that ``check`` looks at, at most
_PRIME = 2**31 - 1  # products of two remainders fit in 64 bits


@dataclass(frozen=True, eq=False)
class Check:
    """What ``check`` saw.

    ``general``: True (proved), False (``rows`` lie on one flat) or None (nothing was found, not all was seen).
    ``margin``: the least distance of a sample from the flat through the others that was seen, as a float: 0 also where
    that is too small for one.
    ``looked_at`` of ``flats`` flats were looked at.
    """

    general: bool | None
    margin: float
    rows: tuple[int, ...]
    looked_at: int
    flats: int

    @property
    def exhaustive(self) -> bool:
        """Whether every flat was looked at."""
        return self.looked_at == self.flats


def check(X: Data, rng: Seed = 0) -> Check:
    """Whether no hyperplane holds more than d of the samples X (K, d); of K <= d, whether none depends on the others.

    Looks at every hyperplane through d samples when there are at most 10 000, else at so many random ones.
    Floats are read as the exact numbers that they are: distances are computed in float64, and whatever comes
    within rounding of zero is decided exactly. Equal rows count once. ValueError for bad input, NaN and infinity
    among it.
    """
    samples = places(X)
    first = sorted({tuple(row): i for i, row in reversed(list(enumerate(samples.X)))}.values())
    X = samples.X[first]
    K, d = X.shape
    size = min(d, K - 1)
    if size == 0:
        return Check(True, np.inf, (), 0, 0)
    flats = comb(K, size)
    if flats <= _LOOKS:
        chosen = np.array(list(combinations(range(K), size)), dtype=int).reshape(flats, size)
    else:
        rng = np.random.default_rng(rng)
        chosen = np.array([rng.choice(K, size, replace=False) for _ in range(_LOOKS)])
    seen, unit = _seen_by_floats(samples, first)
    remainders = _remainders(X)
    margin, looked_at = np.inf, 0
    for block in np.array_split(chosen, min(len(chosen), 1 + chosen.size * K * d // 2**22)):
        distance, doubtful = _distances(seen, block)
        margin = min(margin, distance.min(initial=np.inf))
        doubtful = np.argwhere(doubtful)
        sets = np.column_stack([block[doubtful[:, 0]], doubtful[:, 1]])
        for i in np.flatnonzero(~_independent(remainders, sets)):
            rows = sets[i]
            if exact.rank(to_fractions(X[rows[1:]]) - to_fractions(X[rows[0]])) < size:
                return Check(
                    False, 0.0, tuple(sorted(first[i] for i in rows)), looked_at + int(doubtful[i, 0]) + 1, flats
                )
        looked_at += len(block)
    margin = float(to_floats(Fraction(margin) * unit)) if isfinite(margin) else np.inf
    return Check(True if looked_at == flats else None, margin, (), looked_at, flats)


def _remainders(X) -> np.ndarray:
    """X (K, d), each column times a whole number that makes all of it whole, modulo a prime: int64."""
    columns = to_fractions(X).T
    scales = [lcm(*(value.denominator for value in column)) for column in columns]
    whole = [[int(value * scale) % _PRIME for value in column] for column, scale in zip(columns, scales)]
    return np.array(whole, dtype=np.int64).T


def _independent(remainders, sets) -> np.ndarray:
    """Which of some sets of rows (n, size + 1) are affinely independent for sure.

    They are if their ``remainders`` are: a determinant that is not zero modulo a prime is not zero. The other way round
    this fails once in 2^31 times, so the caller looks again. By elimination without fractions.
    """
    edges = (remainders[sets[:, 1:]] - remainders[sets[:, :1]]) % _PRIME
    each, sure = np.arange(len(sets)), np.ones(len(sets), dtype=bool)
    for j in range(edges.shape[1]):
        column = (edges[:, j] != 0).argmax(axis=1)
        pivot = edges[each, j, column]
        sure &= pivot != 0
        factors = edges[each, j + 1 :, column]
        edges[:, j + 1 :] = (
            edges[:, j + 1 :] * pivot[:, None, None] - factors[:, :, None] * edges[:, j, None]
        ) % _PRIME
    return sure


def _seen_by_floats(samples: Samples, rows) -> tuple[np.ndarray, Fraction]:
    """Some rows in float64, shifted and scaled to size 1, and the unit: data far from 0 would look dependent."""
    samples, unit, _ = in_units(samples)
    X = samples.X[rows] - samples.X[rows[0]]
    size = np.abs(X).max() or 1
    return (X / size).astype(float), Fraction(size) * Fraction(unit)


def _distances(X, flats):
    """Of the samples X (K, d), of size 1, from the flats through the rows ``flats`` (B, size): distances (B, K),
    infinite for the rows themselves, and whether a distance could be zero but for rounding."""
    origin = X[flats[:, 0]]
    _, spread, axes = np.linalg.svd(X[flats[:, 1:]] - origin[:, None], full_matrices=False)
    away = X - origin[:, None]
    length = np.linalg.norm(away, axis=2)
    distance = np.linalg.norm(away - away @ axes.transpose(0, 2, 1) @ axes, axis=2)
    thinnest = spread.min(axis=1, initial=np.inf)[:, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        noise = 64 * X.shape[1] * np.finfo(float).eps * (1 + length / thinnest)
        doubtful = ~(distance > noise)
    own = (np.arange(len(flats))[:, None], flats)
    distance[own], doubtful[own] = np.inf, False
    return distance, doubtful
