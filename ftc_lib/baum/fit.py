"""Baum's networks: two units a group of d binary labels, four ReLUs a group of d real ones.

Statements: 2006.02855 (Bubeck et al.), who go back to Baum. Chapter: book/01_baum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.baum.affine import flattest, on_one_grid, step
from ftc_lib.baum.neurons import Group, as_numbers, assemble, lightest, stacked
from ftc_lib.baum.slabs import Slab, slab
from ftc_lib.core import bounds
from ftc_lib.core.construction import Construction
from ftc_lib.core.network import Layer, Network, in_order
from ftc_lib.core.rounding import checked
from ftc_lib.core.samples import Samples, check_tol, distinct, in_groups, in_units, validate
from ftc_lib.core.types import Data, Seed


def fit_threshold(X: Data, labels: Data, *, rng: Seed = 0, dtype: DTypeLike = np.float64) -> Network:
    """2 ceil(n/(2d)) threshold units or fewer that realise binary labels (2006.02855; the count is exact).

    X (n, d) in general position, labels (n,) of 0 and 1. Two units a slab, and only the rarer label needs
    slabs. Raises ValueError for other labels, equal rows with different labels, or samples that are not in
    general position; ConditioningError when floats cannot carry it.

    >>> X = np.array([[0, 0], [3, 1], [1, 4], [5, 2], [2, 7], [6, 6]])
    >>> g = fit_threshold(X, [0, 1, 1, 0, 0, 0])  # the two ones share a slab
    >>> g.n_neurons, g(X).tolist()
    (2, [0.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    """
    samples = validate(X, labels, dtype, "labels")
    if samples.z.ndim != 1 or not ((samples.z == 0) | (samples.z == 1)).all():
        bad = np.flatnonzero(((samples.z != 0) & (samples.z != 1)).reshape(samples.K, -1).any(axis=1))
        raise ValueError(f"labels must be 0 or 1, one a sample: row {bad[0] if len(bad) else 0} is not")
    given = distinct(samples)
    samples, unit, _ = in_units(given)
    ones = 2 * samples.N <= samples.K
    rare = samples.changed if ones else np.flatnonzero(samples.z == 0)

    def build(slabs: list[Slab]) -> Network:
        W1 = stacked([[s.u, s.u] for s in slabs], samples.d, samples.exact) / unit
        b1 = stacked([[s.tau - s.b, -s.tau - s.b] for s in slabs], None, samples.exact)
        sign = as_numbers([1 if ones else -1], samples.exact)
        W2 = np.tile([1, -1], len(slabs)) * sign
        b2 = sign[0] * 0 + (0 if ones else 1)
        return Network((Layer(W1, b1), Layer(W2, np.asarray(b2))), activation="threshold")

    return _best_partition(given, samples, unit, rare, build, rng, tol=0)


def fit_relu(X: Data, y: Data, *, rng: Seed = 0, tol: float = 1e-4, dtype: DTypeLike = np.float64) -> Network:
    """4 ceil(n/d) ReLUs or fewer that fit real labels (2006.02855): two derivative neurons a group.

    X (n, d) in general position, y (n,). On the hyperplane of a group an affine l takes the labels; the pair
    [(s + tau + delta l)+ - (s + tau)+] / delta - [(s - tau + delta l)+ - (s - tau)+] / delta, s = u . x - b,
    equals l at the group and 0 at all other samples, at a finite delta. Groups whose labels are all zero are
    left out. Errors as in ``fit_threshold``; ``tol`` and ``dtype`` as in ``two_layer.fit``.

    >>> X, y = np.array([[0, 0], [3, 1], [1, 4], [5, 2], [2, 7], [6, 6]]), np.array([0, 2, -1, 0, 0, 0])
    >>> g = fit_relu(X, y)  # two labels are one group in the plane
    >>> g.n_neurons, bool(np.abs(g(X) - y).max() <= g.error)
    (4, True)
    """
    tol = check_tol(tol)
    samples = validate(X, y, dtype, "y")
    if samples.z.ndim != 1:
        raise ValueError(f"y has shape {samples.z.shape}, expected (n,)")
    given = distinct(samples)
    samples, *units = in_units(given)

    def build(slabs: list[Slab]) -> Network:
        return assemble([derivative_slab(samples, slab) for slab in slabs], samples, *units)

    return _best_partition(given, samples, units[0], samples.changed, build, rng, tol)


def derivative_slab(samples: Samples, slab: Slab) -> Group:
    """The four neurons of a group: their incoming weights, their biases, their outgoing weights.

    The flattest l = v . x + c with the group's labels has v along the group, so orthogonal to u.
    """
    v, c = flattest(samples, slab.members, samples.z[slab.members])
    room = np.abs(slab.heights) - slab.tau
    room[slab.members] = slab.tau
    delta = step(room, in_order(samples.X, v) + c)
    u, (tau, b, shift) = slab.u, on_one_grid(slab.tau, slab.b, delta * c)
    rows = [u + delta * v, u, u + delta * v, u]
    return rows, [tau - b + shift, tau - b, -tau - b + shift, -tau - b], [1 / delta, -1 / delta, -1 / delta, 1 / delta]


def _best_partition(given: Samples, samples: Samples, unit, rows, build, rng, tol) -> Network:
    """Build on random partitions of ``rows`` into groups of d; the lightest network (exact: the first).

    ``samples`` are those ``given``, X in units of ``unit``; the network is for the samples as they were given.
    """

    def attempt(rng) -> Network:
        slabs = [slab(samples, members, rng) for members in in_groups(rng.permutation(rows), samples.d)]
        gap = min((2 * s.tau for s in slabs), default=np.inf)
        return checked(build(slabs), given, tol=tol, gap=gap * unit)

    return lightest(attempt, rng)


CONSTRUCTIONS = {
    "threshold": Construction(
        "threshold", fit_threshold, bounds.baum_threshold, "2006.02855; the count is this book's"
    ),
    "relu": Construction("relu", fit_relu, bounds.baum_relu, "2006.02855"),
}
