"""How little weight can do: floors for given samples and labels that no ReLU network gets below.

W(g) = sum |a| sqrt(|w|^2 + b^2) over the neurons; the output bias costs nothing. For numbers q that sum to zero,
q . g <= W(g) S(q), where S(q) is the largest |sum q_i (w . x_i + b)+| with |(w, b)| <= 1. So a network that
is correlated with q weighs something, however wide it is. Networks with more layers are weighed in ``depth``.
All of it is this book's, in the spirit of 2006.02855. What a function on a line costs is in 1902.05040 and 2303.01353,
and so is what the lightest fit of a sample looks like, with biases for free or with a linear term for free.
Chapter: book/06_size_vs_weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ftc_lib.core.samples import Samples, distinct, finite, in_floats, numbers, validate
from ftc_lib.core.types import Data, Seed

_EPS = np.finfo(float).eps
_LARGEST = float(np.finfo(float).max)
_GRID = 2.0**30  # labels less their mean are rounded to 1/_GRID of the largest: then they sum to exactly zero


@dataclass(frozen=True)
class Floor:
    """W >= ``floor`` for every network within the error. ``sup``: the upper bound of S(q) that shows it.

    q is in units of the largest label: (y less its mean) / max |y|. ``how``: "spectral" or "halves", the better one
    of the chapter's two bounds.
    """

    floor: float
    sup: float
    how: str


def weight_floor(X: Data, y: Data, error: float = 0.0) -> Floor:
    """A floor for the total weight of every two-layer ReLU network, of any width, with |g - y|^2 <= error |y|^2.

    X (n, d), y (n,). Tested with q = y less its mean: (q . y - sqrt(error) |q| |y|) / S(q), and 0 where that is
    negative. Rigorous in float64: the numbers of q sum to zero exactly, the eigenvalue is confirmed by a
    Cholesky factorisation, and every bound is widened by what rounding can do. Raises ValueError for bad input.
    """
    if not 0 <= error < 1:
        raise ValueError(f"error is {error}: expected a number from 0 to below 1, the part of |y|^2 that may remain")
    X, y, q, unit = _test(X, y)
    n, d = X.shape
    if not q.any():
        return Floor(0.0, 0.0, "spectral")
    # what rounding can do to the sums below, whatever their order
    noise = 16 * (n + d) * _EPS * np.linalg.norm(q)
    first = np.linalg.norm(q @ X) + noise * np.linalg.norm(X)  # an upper bound, like all that follows
    centred = X - X.mean(axis=0)
    spectral = np.linalg.norm(q) * math.sqrt(_largest_eigenvalue(centred.T @ centred, n))
    halves = max(_positive_part(X, q, first), _positive_part(X, -q, first))
    bound, how = min((spectral, "spectral"), (halves, "halves"))
    sup = (first + bound) / 2 * (1 + 16 * _EPS) + noise * np.linalg.norm(X)
    gain = q @ y - math.sqrt(error) * np.linalg.norm(q) * np.linalg.norm(y) - noise * np.linalg.norm(y)
    return Floor(min(max(0.0, float(gain / sup)) * unit, _LARGEST), float(sup), how)


def observed(X: Data, y: Data, *, starts: int = 32, steps: int = 100, rng: Seed = 0) -> float:
    """A lower bound of S(q) for the q of ``weight_floor``: the largest value that gradient ascent found.

    So no certificate with this q can prove more than (q . y - sqrt(error) |q| |y|) / observed. q is in units of the
    largest label, as in ``Floor``.
    """
    X, _, q, _ = _test(X, y)
    lifted = np.column_stack([X, np.ones(len(X))])
    rng = np.random.default_rng(rng)
    best = 0.0
    for sign in (1, -1):
        u = rng.standard_normal((starts, lifted.shape[1]))
        for step in np.geomspace(1, 1e-3, steps):
            u /= np.linalg.norm(u, axis=1, keepdims=True)
            s = u @ lifted.T
            best = max(best, (sign * np.maximum(s, 0) @ q).max())
            slope = (sign * q * (s > 0)) @ lifted
            u = u + step * slope / (np.linalg.norm(slope, axis=1, keepdims=True) + _EPS)
    return float(best)


def line_floor(t: Data, y: Data) -> float:
    """A floor for the total weight of every two-layer ReLU network through points on a line, W >= ``line_floor``.

    t (n,) distinct, y (n,). The sum over the inner points of |change of the secant slope| sqrt(1 + t_i^2), each
    times the cosine of half the larger angle between (t_i, 1) and a neighbour's (t_{i+1}, 1). In floats. Raises
    ValueError for bad input, NaN and infinity among it, and for slopes or positions beyond float64.
    """
    t, slopes = secant_slopes(t, y)
    half = np.diff(np.arctan(t)) / 2
    factors = np.hypot(1, t[1:-1]) * np.cos(np.maximum(half[:-1], half[1:]))
    return float(np.abs(np.diff(slopes)) @ factors) if len(t) > 2 else 0.0


def random_labels_floor(n: int, error: float = 0.0) -> float:
    """sqrt(2)/3 (1 - sqrt(error)) sqrt(n): for any n points of the unit ball some signs y need this much weight.

    Networks without output bias, of any width, with |f - y|^2 <= error n.
    """
    return math.sqrt(2 * n) / 3 * (1 - math.sqrt(error))


def secant_slopes(t: Data, y: Data) -> tuple[np.ndarray, np.ndarray]:
    """t, sorted, and the slopes between neighbours, in floats."""
    samples = in_floats(sorted_points(t, y))
    t, y = samples.X[:, 0], samples.z
    with np.errstate(all="ignore"):
        apart, rises = np.diff(t), np.diff(y)
        slopes = rises / apart
        largest = np.abs(np.diff(slopes, prepend=0, append=0)).sum() * (1 + np.abs(t).max())
    if (apart == 0).any():
        raise ValueError("positions t coincide in float64: centre or rescale t")
    if not np.isfinite([*apart, *rises, largest]).all():
        raise ValueError("the slopes between neighbours are beyond float64: rescale t or y")
    return t, slopes


def sorted_points(t: Data, y: Data) -> Samples:
    """Samples on a line with distinct positions t (n,), sorted: both floats or both Fractions."""
    t = finite(numbers(t, "t"), "t")
    if t.ndim != 1:
        raise ValueError(f"t has shape {t.shape}, expected (n,)")
    samples = validate(t[:, None], y, name="y")
    order = np.argsort(samples.X[:, 0], kind="stable")
    X, y = samples.X[order], samples.z[order]
    equal = np.flatnonzero(X[1:, 0] == X[:-1, 0])
    if y.ndim != 1 or len(equal):
        where = f": rows {order[equal[0]]} and {order[equal[0] + 1]} of t are equal" if len(equal) else ""
        raise ValueError(f"expected distinct positions t (n,) with one label each, y (n,){where}")
    return replace(samples, X=X, z=y, changed=np.flatnonzero(y))


def _test(X, y):
    """X, y / unit, q and unit: q is y / unit less its mean, on a grid so that its numbers sum to exactly zero."""
    samples = validate(X, y, name="y")
    if samples.z.ndim != 1:
        raise ValueError(f"y has shape {samples.z.shape}, expected (n,)")
    distinct(samples)  # finite, and no row with two labels
    floats = in_floats(samples)
    X, y = floats.X, floats.z
    unit = float(np.abs(y).max()) or 1.0
    q = np.rint(_GRID * (y / unit - (y / unit).mean()))
    with np.errstate(over="ignore"):
        if q.any() and not 1e-200 < (X**2).sum() < 1e300:
            raise ValueError("the squares of X are too close to the limits of float64: rescale X")
    surplus = int(q.sum())
    q[: abs(surplus)] -= np.sign(surplus)
    return X, y / unit, q / _GRID, unit


def _positive_part(X, q, first) -> float:
    """An upper bound of sum q_i |w . x_i + b| over |(w, b)| <= 1, for q that sums to zero and first = |sum q_i x_i|.

    By |s| <= s^2/(2c) + c/2 where q > 0 and |s| >= (b/c) s where q < 0, for c >= |b|.
    """
    plus = np.maximum(q, 0)
    mass = plus.sum()
    top = _largest_eigenvalue((plus * X.T) @ X, len(X))
    root = math.sqrt(mass * top)
    crowd = math.sqrt(top / mass) * (mass + top)  # c (Q + lambda), with the c for b = 0
    near = root + first**2 / (2 * crowd) if first <= crowd else 0
    return max(near, root / 2 + first)


def _largest_eigenvalue(A, n) -> float:
    """An upper bound of the largest eigenvalue of A = sum of n positive semidefinite terms, rounding included.

    If a Cholesky factorisation of top I - A runs through in floats, the least eigenvalue of top I - A is at
    least -2 (d + 1) eps trace (Rump); A itself is off by at most (n + 2) eps trace(A).
    """
    d = len(A)
    trace = float(np.trace(A))
    if trace == 0:
        return 0.0
    top = float(np.linalg.eigvalsh(A)[-1]) + 4 * d * _EPS * trace
    shifted = top * np.eye(d) - A
    np.linalg.cholesky(shifted)
    return top + 2 * (n + d + 4) * _EPS * (trace + float(np.trace(shifted)))
