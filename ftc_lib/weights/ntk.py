"""Boosting with derivative neurons: n labels, approximately, with about (n/d) log(1/error) pairs of ReLUs.

Draw a random neuron that is correlated with what is still missing, add a small multiple of it, look at what is
missing now, and go on. With u random and v = sum of r_i x_i over the samples on the positive side of u, the
derivative neuron f(x) = 1{u . x > 0} v . x satisfies f . r = |v|^2 and |f|^2 <= omega |v|^2, whatever u is. Two
ReLUs are this neuron on the samples. In the spirit of 2006.02855; the proofs are this book's.
Chapters: book/06_size_vs_weights and, in full, book/06_size_vs_weights_in_full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np

from ftc_lib.core.network import ConditioningError, Layer, Network
from ftc_lib.core.rounding import largest_miss
from ftc_lib.core.samples import Samples, distinct, in_floats, unit_of, validate
from ftc_lib.core.types import Data, Seed


@dataclass(frozen=True, eq=False)
class Fit:
    """A two-layer ReLU network without biases that was built step by step, and how it went.

    ``errors`` (steps + 1,): |f - y|^2 / |y|^2 after each step, the first is 1. ``weights`` (steps + 1,): the total
    weight after each step. ``network.error`` is what no evaluation misses a label by at the end.
    """

    network: Network
    errors: np.ndarray
    weights: np.ndarray

    @property
    def steps(self) -> int:
        return len(self.errors) - 1


def fit(
    X: Data,
    y: Data,
    *,
    error: float = 0.1,
    step: str | None = None,
    s: float | None = None,
    max_steps: int = 10_000,
    rng: Seed = 0,
) -> Fit:
    """Pairs of ReLUs until |f - y|^2 <= error |y|^2 on the samples.

    X (n, d), y (n,); rows of like norms. ``step``: None for the fixed step 1/omega, omega = |X|^2 (operator
    norm), with which the error never grows; "line search" for the best step in each direction. ``s``: None for
    pairs that equal their derivative neuron on the samples; a number for delta = s sqrt(d) / |r|, which is no
    longer small and not a derivative either. Raises ValueError for bad input and ConditioningError when
    ``max_steps`` do not suffice. ``rng`` draws the neurons.

    >>> X = np.random.default_rng(0).normal(size=(40, 20))
    >>> found = fit(X, np.sign(X[:, 0]))  # a tenth of the squared error may stay
    >>> found.steps, bool(found.errors[-1] <= 0.1)
    (15, True)
    """

    if s is not None and not s > 0:
        raise ValueError(f"s is {s}: expected None or a positive number, the size of a step")

    def draw(X, r, rng):
        return pair(X, r, rng.standard_normal(X.shape[1]), s)

    return boost(X, y, draw, lambda X: 1 / omega(X), error=error, step=step, max_steps=max_steps, rng=rng)


def omega(X: np.ndarray) -> float:
    """|X|^2 in operator norm: the largest eigenvalue of X^T X."""
    return float(np.linalg.norm(X, 2) ** 2)


def neuron(X: np.ndarray, r: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """v (d,) and the values f (n,) of the derivative neuron 1{u . x > 0} v . x for the residual r (n,)."""
    on = X @ u > 0
    v = (r * on) @ X
    return v, on * (X @ v)


def pair(X: np.ndarray, r: np.ndarray, u: np.ndarray, s: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Two ReLUs [(u + delta v) . x]+ / delta - [u . x]+ / delta: outgoing weights (2,) and rows (2, d).

    They equal the derivative neuron at a sample if and only if that sample is not carried across its kink. The
    largest such delta is taken, and at most |u|/|v|; with ``s``, delta = s sqrt(d) / |r|. No ReLUs if v = 0.
    """
    v, _ = neuron(X, r, u)
    if not np.linalg.norm(v) > 0:  # also a v so short that its square is 0
        return np.zeros(0), np.zeros((0, len(u)))
    if s is None:
        height, pull = X @ u, X @ v
        moving = height * pull < 0
        delta = np.min(np.abs(height[moving] / pull[moving]), initial=np.linalg.norm(u) / np.linalg.norm(v))
    else:
        delta = s * np.sqrt(len(u)) / np.linalg.norm(r)
    return np.array([1, -1]) / delta, np.array([u + delta * v, u])


def kernel(X: np.ndarray) -> np.ndarray:
    """H (n, n) with E |v|^2 = r^T H r: x . x' times the probability that both are on the positive side of u."""
    length = np.linalg.norm(X, axis=1)
    G = X @ X.T
    angle = np.arcsin(np.clip(G / np.multiply.outer(length, length), -1, 1))
    return G * (1 / 4 + angle / (2 * np.pi))


def boost(
    X: Data,
    y: Data,
    draw: Callable,
    fixed_step: Callable[[np.ndarray], float],
    *,
    error: float,
    step: str | None,
    max_steps: int,
    rng: Seed,
) -> Fit:
    """Add random ReLUs that follow the residual until it is small: r <- r - eta f, with f drawn for r.

    ``draw(X, r, rng)`` gives outgoing weights (k,) and rows (k, d) of ReLUs without biases; ``fixed_step(X)`` the
    step eta that is taken when ``step`` is None. Both see X with rows of root mean square norm 1. The residual is
    that of the real ReLUs, as they are added.
    """
    samples = _fittable(X, y, error, step, max_steps)
    rng = np.random.default_rng(rng)
    unit, label = unit_of(samples.X), unit_of(samples.z)
    X, y = samples.X / unit, samples.z / label
    length = _length(X)
    X = X / length
    eta = fixed_step(X) if step is None else None
    outgoing, rows, errors, weights = [np.zeros(0)], [np.zeros((0, samples.d))], [1.0 * y.any()], [0.0]
    r = y
    while not errors[-1] <= error:  # also catches NaN
        if len(errors) > max_steps or not errors[-1] <= 1e6:
            raise ConditioningError(
                f"after {len(errors) - 1} steps the squared error is {errors[-1]:.3g} of |y|^2, more than error = "
                f'{error:g}: allow more steps (max_steps), a larger error, a smaller s, or step="line search"; rows '
                "of X in the same direction are not told apart without biases (append a column of ones)"
            )
        a, W = draw(X, r, rng)
        f = np.maximum(X @ W.T, 0) @ a
        best = (f @ r) / (f @ f) if f.any() else 0.0
        a = a * (best if eta is None else eta)
        r = r - (best if eta is None else eta) * f
        outgoing.append(a)
        rows.append(W)
        errors.append(float(r @ r / (y @ y)))
        weights.append(weights[-1] + float(np.abs(a) @ np.linalg.norm(W, axis=1)))
    with np.errstate(all="ignore"):
        W, a = np.concatenate(rows) / length / unit, np.concatenate(outgoing) * label
        network = Network((Layer(W, np.zeros(len(W))), Layer(a, np.zeros(()))))
        error = largest_miss(network, samples.X, samples.z)
        total = np.array(weights) * label / length / unit
    if not np.isfinite(error):
        raise ConditioningError("the weights are beyond float64: rescale X or y")
    return Fit(replace(network, error=error), np.array(errors), total)


def _fittable(X: Data, y: Data, error: float, step: str | None, max_steps: int) -> Samples:
    """The samples in floats; ValueError for what cannot be fitted."""
    samples = in_floats(validate(X, y, name="y"))
    if samples.z.ndim != 1:
        raise ValueError(f"y has shape {samples.z.shape}, expected (n,)")
    if not isinstance(error, Real) or not 0 < error < 1:
        raise ValueError(f"error is {error!r}: expected a number between 0 and 1, the part of |y|^2 that may remain")
    if step not in (None, "line search"):
        raise ValueError(f'step is {step!r}, expected None (the fixed step) or "line search"')
    if max_steps < 1:
        raise ValueError(f"max_steps is {max_steps}: at least 1")
    distinct(samples)  # finite, and no row with two labels
    empty = samples.changed[(samples.X[samples.changed] == 0).all(axis=1)]
    if len(empty):
        raise ValueError(
            f"row {empty[0]} of X is zero and its label is not: a network without biases is 0 there. "
            "Append a column of ones to X"
        )
    return samples


def _length(X) -> float:
    """The root mean square norm of the rows, 1 if all are zero."""
    return float(np.sqrt((X**2).sum(axis=1).mean())) or 1.0
