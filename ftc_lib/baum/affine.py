"""Affine functions that take given values on given samples, and the small steps in their direction.

A construction adds to s = u . x - b a small multiple delta of an affine l and divides the change of (s)+ by delta.
``flattest`` finds l, ``step`` a delta that moves no sample across a kink, and ``on_one_grid`` rounds the numbers so
that what should cancel does cancel. Chapters: book/01_baum, book/05_general_position.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ftc_lib.core import exact
from ftc_lib.core.network import ConditioningError, in_order
from ftc_lib.core.samples import Samples, named
from ftc_lib.core.types import Rows

_LARGEST_STEP = 2.0**1000  # labels that need a larger one vanish beside the others


def flattest(samples: Samples, rows: Rows, values: np.ndarray) -> tuple[np.ndarray, Any]:
    """v, c of the flattest affine function v . x + c with these ``values`` on affinely independent ``rows``."""
    X = samples.X[rows]
    edges, rises = X[1:] - X[0], values[1:] - values[0]
    v = least_exact(edges, rises) if samples.exact else _least_floats(edges, rises)
    if v is None:
        raise ValueError(f"rows {named(rows)} of X are affinely dependent: not in general position")
    return v, values[0] - in_order(v, X[0])


def least_exact(edges: np.ndarray, rises: np.ndarray) -> np.ndarray | None:
    """The shortest v with edges v = rises, a combination of the edges; None when these are dependent. Fractions."""
    weights = exact.solve(exact.product(edges, edges.T), rises)
    return None if weights is None else exact.product(weights, edges)


def _least_floats(edges, rises):
    """The same on floats."""
    axes = orthogonal(edges)
    if len(axes) < len(edges):
        return None
    v = np.zeros(edges.shape[1])
    for _ in range(2):  # the second round mends what the first one rounds
        for edge, rise, axis in zip(edges, rises, axes):  # an axis is orthogonal to all edges before its own
            v = v + (rise - in_order(edge, v)) / in_order(edge, axis) * axis
    return v


def orthogonal(vectors: Sequence[np.ndarray] | np.ndarray) -> list[np.ndarray]:
    """An orthogonal basis of the span of some vectors, by Gram and Schmidt; none for a vector that adds nothing."""
    rest = np.array(vectors)
    small = 0 if rest.dtype == object else 1e-24
    sizes = (rest * rest).sum(axis=-1) if len(rest) else []
    basis: list[np.ndarray] = []
    for i, size in enumerate(sizes):
        if in_order(rest[i], rest[i]) > small * size:
            basis.append(rest[i].copy())
            rest[i + 1 :] = across(rest[i + 1 :], basis[-1:])
    return basis


def across(P: np.ndarray, axes: Sequence[np.ndarray]) -> np.ndarray:
    """A vector, or each row of a matrix, less its parts along orthogonal ``axes``."""
    for axis in axes:
        P = P - np.multiply.outer((P * axis).sum(axis=-1) / in_order(axis, axis), axis)
    return P


def step(room: np.ndarray, values: np.ndarray) -> Any:
    """A step delta > 0 with delta |values| < room everywhere: it moves no sample across a kink."""
    moving = values != 0
    if not moving.any():
        return room.min()
    largest = (room[moving] / np.abs(values[moving])).min()
    if values.dtype == object:
        return largest * Fraction(9, 10)
    if not largest > 0:  # also catches NaN
        raise ConditioningError(
            "a sample that should stay clear of a kink lies on it in float64. Rescale or centre X, or use Fractions"
        )
    largest = min(largest, _LARGEST_STEP)  # a shorter step is right as well
    return np.ldexp(1.0, np.frexp(0.9 * largest)[1] - 1)  # a power of two: 1/delta is exact


def on_one_grid(*numbers: Any) -> Sequence:
    """Floats rounded to multiples of one spacing: their sums are exact, so they cancel behind the slab."""
    if np.asarray(numbers[0]).dtype == object:
        return numbers
    grid = np.spacing(sum(abs(number) for number in numbers))
    return [np.round(number / grid) * grid for number in numbers]
