"""Baum's networks: d samples at a time, on a hyperplane that no other sample touches.

Samples are in general position when no d + 1 of them lie on one hyperplane (and, of n <= d samples, none is an
affine combination of the others). Then the hyperplane through d of them misses all others, and a thin slab
around it serves these d at once. What the code needs and checks is less: the hyperplanes it uses must be
clean. Statements: 2006.02855 (Bubeck et al.), who go back to Baum. Chapter: book/01_baum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ftc_lib import exact
from ftc_lib.network import ConditioningError, Layer, Network, in_order, to_fractions
from ftc_lib.rounding import checked
from ftc_lib.samples import Samples, check_tol, distinct, unit_of, validate

_LARGEST_STEP = 2.0**1000  # labels that need a larger one vanish beside the others
_ATTEMPTS = 8  # random partitions into groups; on floats the lightest network is kept


@dataclass(frozen=True, eq=False)
class Slab:
    """|u . x - b| < tau contains the samples ``members`` (on its mid hyperplane) and no other."""

    members: np.ndarray
    u: np.ndarray
    b: object
    tau: object
    heights: np.ndarray  # u . x_i - b for all samples, exactly 0 on Fractions for the members


def fit_threshold(X, labels, *, rng=0, dtype=np.float64) -> Network:
    """2 ceil(n/(2d)) threshold units or fewer that realise binary labels (2006.02855; the count is exact).

    X (n, d) in general position, labels (n,) of 0 and 1. Two units a slab, and only the rarer label needs
    slabs. Raises ValueError for other labels, equal rows with different labels, or samples that are not in
    general position; ConditioningError when floats cannot carry it.

    >>> X = np.array([[0, 0], [3, 1], [1, 4], [5, 2], [2, 7], [6, 6]])
    >>> g = fit_threshold(X, [0, 1, 1, 0, 0, 0])  # the two ones share a slab
    >>> g.n_neurons, g(X).tolist()
    (2, [0.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    """
    samples = validate(X, labels, dtype)
    if samples.z.ndim != 1 or not ((samples.z == 0) | (samples.z == 1)).all():
        bad = np.flatnonzero(((samples.z != 0) & (samples.z != 1)).reshape(samples.K, -1).any(axis=1))
        raise ValueError(f"labels must be 0 or 1, one a sample: row {bad[0] if len(bad) else 0} is not")
    given = distinct(samples)
    samples, unit, _ = in_units(given)
    ones = 2 * samples.N <= samples.K
    rare = samples.changed if ones else np.flatnonzero(samples.z == 0)

    def build(slabs: list[Slab]) -> Network:
        W1 = _stack([[s.u, s.u] for s in slabs], samples.d, samples.exact) / unit
        b1 = _stack([[s.tau - s.b, -s.tau - s.b] for s in slabs], None, samples.exact)
        sign = _numbers([1 if ones else -1], samples.exact)
        W2 = np.tile([1, -1], len(slabs)) * sign
        b2 = sign[0] * 0 + (0 if ones else 1)
        return Network((Layer(W1, b1), Layer(W2, np.asarray(b2))), activation="threshold")

    return _best_partition(given, samples, unit, rare, build, rng, tol=0)


def fit_relu(X, y, *, rng=0, tol=1e-4, dtype=np.float64) -> Network:
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
    samples = validate(X, y, dtype)
    if samples.z.ndim != 1:
        raise ValueError(f"y has shape {samples.z.shape}, expected (n,)")
    given = distinct(samples)
    samples, *units = in_units(given)

    def build(slabs: list[Slab]) -> Network:
        return assemble([derivative_slab(samples, slab, rng) for slab in slabs], samples, *units)

    return _best_partition(given, samples, units[0], samples.changed, build, rng, tol)


def derivative_slab(samples: Samples, slab: Slab, rng):
    """The four neurons of a group: their incoming weights, their biases, their outgoing weights."""
    v, c = _affine(samples, slab, rng)
    room = np.abs(slab.heights) - slab.tau
    room[slab.members] = slab.tau
    delta = step(room, in_order(samples.X, v) + c)
    u, (tau, b, shift) = slab.u, on_one_grid(slab.tau, slab.b, delta * c)
    rows = [u + delta * v, u, u + delta * v, u]
    return rows, [tau - b + shift, tau - b, -tau - b + shift, -tau - b], [1 / delta, -1 / delta, -1 / delta, 1 / delta]


def assemble(groups, samples: Samples, unit, label, bias=0) -> Network:
    """One network of the neurons (incoming weights, biases, outgoing weights) of several groups.

    ``samples`` are in these units (see ``in_units``), the network is for the samples as they were given.
    """
    rows, offsets, outputs = ([x for group in groups for x in group[i]] for i in range(3))
    W1 = _stack(rows, samples.d, samples.exact) / unit
    b1, W2 = _numbers(offsets, samples.exact), label * _numbers(outputs, samples.exact)
    return Network((Layer(W1, b1), Layer(W2, np.asarray(label * _numbers([bias], samples.exact)[0]))))


def slab(samples: Samples, members, rng=0) -> Slab:
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
    right = _numbers([0] * samples.d + [1], samples.exact)
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


def solve(A, right) -> np.ndarray | None:
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


def in_units(samples: Samples):
    """The samples divided by powers of two near their largest coordinate and label, and these two units.

    Nothing is rounded but what is 1e-300 of the largest. Fractions stay as they are.
    """
    if samples.exact:
        return samples, 1, 1
    unit, label = unit_of(samples.X), unit_of(samples.z)
    return replace(samples, X=samples.X / unit, z=samples.z / label), unit, label


def _best_partition(given: Samples, samples: Samples, unit, rows, build, rng, tol) -> Network:
    """Build on random partitions of ``rows`` into groups of d; the lightest network (exact: the first).

    ``samples`` are those ``given``, X in units of ``unit``; the network is for the samples as they were given.
    """

    def attempt(rng) -> Network:
        slabs = [slab(samples, members, rng) for members in split(rng.permutation(rows), samples.d)]
        gap = min((2 * s.tau for s in slabs), default=np.inf)
        return checked(build(slabs), given, tol=tol, gap=gap * unit)

    return lightest(attempt, rng)


def split(rows, d) -> list[np.ndarray]:
    """``rows`` cut into groups of d; the last one may be smaller."""
    return [rows[i : i + d] for i in range(0, len(rows), d)]


def lightest(attempt, rng) -> Network:
    """The one of least total weight of a few networks that ``attempt(rng)`` makes; on Fractions the first one.

    Rounding grows with the weights. To choose by the measured error instead would choose by chance: it hangs on
    the order in which a processor sums. The last error is raised when no attempt works.
    """
    rng = np.random.default_rng(rng)
    best = failure = None
    for _ in range(_ATTEMPTS):
        try:
            with np.errstate(all="ignore"):  # what overflows is found when the network is measured
                network = attempt(rng)
        except ValueError as error:  # an unlucky group: another partition may avoid it
            failure = error
            continue
        if best is None or network.total_weight < best.total_weight:
            best = network
        if best.exact or best.n_neurons == 0:
            break
    if best is None:
        raise failure
    return best


def _affine(samples: Samples, slab: Slab, rng):
    """v, c with v . x_i + c = y_i on the members and v orthogonal to u: the flattest choice across the slab."""
    free = samples.d - len(slab.members)
    origin = samples.X[slab.members[0]]  # data far from 0 would look dependent
    members = np.column_stack([samples.X[slab.members] - origin, np.ones(len(slab.members), dtype=int)])
    across = np.append(slab.u, 0)[None]
    extra = _random((free, samples.d + 1), np.random.default_rng(rng), samples.exact)
    right = np.concatenate([samples.z[slab.members], _numbers([0] * (1 + free), samples.exact)])
    solution = solve(np.concatenate([members, across, extra]), right)
    if solution is None:
        raise ValueError(f"rows {named(slab.members)} of X are affinely dependent: not in general position")
    v = solution[:-1]
    return v, solution[-1] - in_order(v, origin)


def on_one_grid(*numbers):
    """Floats rounded to multiples of one spacing: their sums are exact, so they cancel behind the slab."""
    if np.asarray(numbers[0]).dtype == object:
        return numbers
    grid = np.spacing(sum(abs(number) for number in numbers))
    return [np.round(number / grid) * grid for number in numbers]


def step(room, values):
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


def _random(shape, rng, exact):
    rows = rng.integers(-999, 1000, shape)
    return to_fractions(rows) if exact else rows / 999


def _numbers(values, exact):
    return to_fractions(values) if exact else np.array(values, dtype=float)


def _stack(rows, d, exact):
    """Rows of the first layer as (m, d), or with d None numbers as (m,); an empty list is an empty array."""
    flat = _numbers(np.array(rows, dtype=object if exact else float).ravel(), exact)
    return flat if d is None else flat.reshape(-1, d)


def named(rows) -> str:
    """Row numbers for a message."""
    return ", ".join(str(int(i)) for i in rows)
