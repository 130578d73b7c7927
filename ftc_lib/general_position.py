"""What dimension buys: networks that treat d or d + 1 samples at a time, when these lie in no special position.

Let s = u . x - b be zero on a hyperplane, and let l be an affine function that takes the labels of a group of samples.
Every construction here is a difference quotient of ReLUs in the direction l:

* first difference, 2 neurons: [(s + delta l)+ - (s)+] / delta is l where s > 0 and 0 where s < 0, but for what is
  very near. It serves d + 1 samples behind a hyperplane (``fit_one``), and so all samples, slice by slice (``slices``).
* second difference, 3 neurons: [(s + delta l)+ - 2 (s)+ + (s - delta l)+] / delta = (|l| - |s| / delta)+ is a tent
  along the hyperplane. It serves a group of d on it, of one sign (``signs``).
* difference of first differences, 4 neurons: a group of d of both signs (``baum``, ``slabs``).
* a face of the hull with labels of one sign needs no difference: one neuron (``exposed``, ``faces``).

All of it is this book's but 4 ceil(N/d) (2006.02855). Chapter: book/05_general_position.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations
from math import comb, isfinite, lcm

import numpy as np

from ftc_lib import baum, bounds, exact
from ftc_lib.baum import Slab, named
from ftc_lib.network import ANY_SIZE, Network, in_order, to_floats, to_fractions
from ftc_lib.rounding import checked
from ftc_lib.samples import Samples, check_tol, distinct, finite, numbers, places, validate

METHODS = ("slabs", "signs", "mixed", "slices", "exposed", "faces", "auto")
_LOOKS = 10_000  # hyperplanes that ``check`` looks at, at most
_PRIME = 2**31 - 1  # products of two remainders fit in 64 bits


def fit(X, z, method="auto", *, rng=0, tol=1e-4, dtype=np.float64) -> Network:
    """A two-layer ReLU network g with g(x_i) = z_i for samples in general position.

    X (K, d), z (K,): N targets, zero for the samples that must not move. N+ and N- of them are positive and
    negative. ``method``:

    * "slabs": 4 ceil(N/d) neurons (2006.02855; ``baum.fit_relu``);
    * "signs": 3 ceil(N+/d) + 3 ceil(N-/d) (this book);
    * "mixed": 3 a full group of one sign, 4 or less for what is left: ``bounds.general_position``, which is the
      least that always suffices among many untouched samples (this book);
    * "slices": ceil(K/(d+1)) + ceil((K-1)/(d+1)) - 1, however many labels change (this book);
    * "exposed": N, one for each target, which all have to be vertices of the convex hull of the samples;
    * "faces": the same with one neuron for a whole face of the hull whose members are targets of one sign. Faces of
      up to d members are collected greedily, which takes time: N neurons or fewer;
    * "auto": the fewest neurons that meet ``tol``, of "exposed", "mixed" and "slices".

    Exact on Fractions; on floats the network carries its ``error``: no evaluation in ``dtype`` (float64 or float32;
    floats X are rounded to it) misses a sample by more, in whatever order it sums. Equal rows with equal targets are
    one sample. General position is not checked beforehand (see ``check``): the hyperplanes that are used are.
    Raises ValueError for bad input, for samples in too special a position, for a target that is not exposed, and
    ConditioningError when the error exceeds tol * max |z|. ``rng`` draws groups and directions.

    >>> X, z = np.random.default_rng(0).normal(size=(100, 5)), (np.arange(100) < 10) * 1.0
    >>> g = fit(X, z)  # ten labels of one sign, five at a time
    >>> g.n_neurons, bool(np.abs(g(X) - z).max() <= g.error)
    (6, True)
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}")
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    if samples.z.ndim != 1:
        raise ValueError(f"z has shape {samples.z.shape}, expected (K,): one output")
    samples = distinct(samples)
    failures = []
    for chosen in _fewest_first(samples) if method == "auto" else [method]:
        try:
            return _build(chosen, samples, rng, tol)
        except ValueError as error:
            failures.append(error)
    raise _explained(samples, failures[-1])


def _fewest_first(samples: Samples) -> list[str]:
    """The methods of "auto" whose counts are known beforehand; of equal counts the one with the smaller weights."""
    counts = {
        "exposed": samples.N,
        "mixed": bounds.general_position((samples.z > 0).sum(), (samples.z < 0).sum(), samples.d),
        "slices": bounds.slices(samples.K, samples.d),
    }
    return sorted(counts, key=counts.get)


def _build(method, samples: Samples, rng, tol) -> Network:
    if method == "slabs":
        return baum.fit_relu(samples.X, samples.z, rng=rng, tol=tol, dtype=samples.dtype)
    scaled, unit, label = baum.in_units(samples)

    def attempt(construct, *arguments) -> Network:
        """``construct`` gives the neurons of each group, an output bias and the least gap that it relies on."""
        neurons, bias, gap = construct(scaled, *arguments)
        network = baum.assemble(neurons, scaled, unit, label, bias)
        return checked(network, samples, tol=tol, gap=gap * unit)

    if method in ("exposed", "faces"):  # nothing is drawn here, so there is nothing to try twice
        with np.errstate(all="ignore"):
            return attempt(_exposed, 1 if method == "exposed" else samples.d)
    if method == "slices":
        return baum.lightest(lambda rng: attempt(_slices, rng), rng)
    return baum.lightest(lambda rng: attempt(_groups, rng, method == "mixed"), rng)


def _explained(samples: Samples, error: ValueError) -> ValueError:
    """The error, or a better one when the samples fill no more than a flat of lower dimension."""
    X = baum.in_units(samples)[0].X
    centred = X - X[0]
    rank = exact.rank(centred) if samples.exact else np.linalg.matrix_rank(centred)
    if rank >= min(samples.d, samples.K - 1):
        return error
    flat, remedy = "one line", "There dimension buys nothing: use"
    if rank > 1:
        flat, remedy = f"a flat of dimension {rank}", f"Use {rank} coordinates within the flat, or"
    return ValueError(
        f"the samples lie on {flat} of R^{samples.d}: not in general position. {remedy} two_layer or three_layer, "
        f"which only need distinct samples ({error})"
    )


# ---------------------------------------------------------------- groups of d on a hyperplane


def _groups(samples: Samples, rng, merge):
    """3 neurons a group of one sign, 4 a group of both; ``merge``: what is left of both signs may share a group."""
    signed = [rng.permutation(np.flatnonzero(side)) for side in (samples.z > 0, samples.z < 0)]
    left = [len(rows) % samples.d for rows in signed]
    groups = [group for rows in signed for group in baum.split(rows, samples.d)]
    if merge and all(left) and sum(left) <= samples.d:
        shared = np.concatenate([rows[len(rows) - r :] for rows, r in zip(signed, left)])
        groups = [g for g in groups if not np.isin(g, shared).any()] + [shared]
    neurons, gap = [], np.inf
    for members in groups:
        slab = baum.slab(samples, members, rng)
        one_sign = len(set(np.sign(samples.z[members]))) == 1
        neurons.append(_second_difference(samples, slab) if one_sign else baum.derivative_slab(samples, slab, rng))
        gap = min(gap, 2 * slab.tau)
    return neurons, 0, gap


def _second_difference(samples: Samples, slab: Slab):
    """[(s + delta l)+ - 2 (s)+ + (s - delta l)+] / delta = (|l| - |s| / delta)+, a tent along the hyperplane."""
    v, c = flattest(samples, slab.members, samples.z[slab.members])
    room = np.abs(slab.heights)
    room[slab.members] = 2 * slab.tau
    delta = baum.step(room, in_order(samples.X, v) + c)
    s, bend = baum.on_one_grid(np.append(slab.u, -slab.b), delta * np.append(v, c))
    sign = np.sign(samples.z[slab.members[0]])
    return _rows([s + bend, s, s - bend]) + ([sign / delta, -2 * sign / delta, sign / delta],)


# ---------------------------------------------------------------- slices


def _slices(samples: Samples, rng):
    """Affine on each slice of d + 1 samples between parallel hyperplanes; a pair of neurons where two slices meet.

    The first slice takes one neuron, and so does a last slice of one sample.
    """
    u = _random(samples, rng)
    u = u if samples.exact else u / np.sqrt(in_order(u, u))
    t = in_order(samples.X, u)
    order, size, gap = np.argsort(t, kind="stable"), samples.d + 1, np.inf
    v, c = flattest(samples, order[:size], samples.z[order[:size]])
    lift = np.abs(in_order(samples.X, v)).max()  # v . x + lift is never negative at a sample: its ReLU does nothing
    neurons = [([v], [lift], [1])] if v.any() else []
    bias, reached = c - lift, np.append(v, c)  # ``reached``: the affine function on the slices to come, as computed
    due = reached  # and as it should be: a slice that is right already gets no neurons to mend the last digit
    for start in range(size, samples.K, size):
        last, rows = order[start - 1], order[start : start + size]
        b = (t[last] + t[rows[0]]) / 2
        gap = min(gap, t[rows[0]] - t[last])
        if gap == 0:
            raise ValueError(f"rows {named([last, rows[0]])} of X have one height in the direction drawn")
        if not _misses(samples, rows, due).any():
            continue
        residual = _misses(samples, rows, reached)
        if len(rows) == 1:
            neurons += [([u], [-b], residual / (t[rows] - b))]
            continue
        v, c = flattest(samples, rows, residual)
        delta = baum.step(np.abs(t - b), in_order(samples.X, v) + c)
        s, bend = baum.on_one_grid(np.append(u, -b), delta * np.append(v, c))
        neurons.append(_rows([s + bend, s]) + ([1 / delta, -1 / delta],))
        reached = reached + bend / delta
        if len(rows) == size:
            due = np.append(*flattest(samples, rows, samples.z[rows]))
    return neurons, bias, gap


def _misses(samples: Samples, rows, affine) -> np.ndarray:
    """What the affine function, d + 1 numbers, leaves of the targets of some rows."""
    return samples.z[rows] - (in_order(samples.X[rows], affine[:-1]) + affine[-1])


# ---------------------------------------------------------------- faces of the convex hull


def _exposed(samples: Samples, most):
    """One neuron a face whose members, ``most`` of them at most, are targets of one sign; found greedily."""
    alone = {row: _face(samples, [row]) for row in samples.changed}  # names the target that is not exposed
    neurons, gap = [], np.inf
    for side in (samples.z > 0, samples.z < 0):
        left = list(np.flatnonzero(side))
        while left:
            members = [left.pop(0)]
            neuron, margin = alone[members[0]]
            for row in list(left):
                if len(members) == most:
                    break
                try:
                    neuron, margin = _face(samples, [*members, row])
                except ValueError:
                    continue
                members.append(row)
                left.remove(row)
            neurons.append(neuron)
            gap = min(gap, margin)
    return neurons, 0, gap


def _face(samples: Samples, members):
    """The neuron (l + C e)+ with l = |z| on the members, e = 0 on them and e < 0 at all others, and its margin.

    e falls off towards the nearest point of the hull of the others, seen along the face. C is twice the least
    that works; for one member the kink is then halfway between it and the others, with the widest margin.
    """
    z = samples.z[members]
    v, c = flattest(samples, members, np.abs(z))
    others = np.delete(samples.X, members, axis=0) - samples.X[members[0]]
    axes = _orthogonal(samples.X[members[1:]] - samples.X[members[0]])
    if len(others) == 0:
        return ([v], [c], [np.sign(z[0])]), np.inf
    p = _across(nearest(_across(others, axes)), axes)  # again, for a point that rounding has moved along the face
    fall, length2 = in_order(others, p), in_order(p, p)
    margin = fall.min()
    noise = 0 if samples.exact else 64 * np.finfo(float).eps * np.sqrt((others**2).sum(axis=1).max() * length2)
    if min(margin, length2) <= noise:  # a p that is 0 but for rounding points anywhere, also along the face
        name = f"row {members[0]} of X is" if len(members) == 1 else f"rows {named(members)} of X are"
        which = "no half-space" if samples.exact else "no half-space that float64 can tell"
        raise ValueError(
            f"{name} not exposed: {which} holds what changes there and no other sample. Use method "
            '"mixed" or "auto", or two_layer'
        )
    least = ((in_order(others, v) + np.abs(z[0])) / fall).max()
    C = 2 * np.maximum(least, 0)
    row, offset = v - C * p, c + C * in_order(samples.X[members[0]], p)
    distance = _root(margin**2 / length2) if samples.exact else margin / np.sqrt(length2)
    return ([row], [offset], [np.sign(z[0])]), distance


def margins(X) -> np.ndarray:
    """The distance of each sample of X (K, d) from the convex hull of the others, (K,) floats.

    0 if it is no vertex, or if float64 cannot tell. Infinite for a sample without others, and beyond float64.
    Raises ValueError for bad input, NaN and infinity among it.
    """
    samples, unit, _ = baum.in_units(places(X))
    found = np.zeros(samples.K)
    for row in range(samples.K):
        with suppress(ValueError):
            found[row] = float(_face(samples, [row])[1]) * unit  # Python's own product: it overflows in silence
    return found


def nearest(P) -> np.ndarray:
    """The point of the convex hull of the rows of P (n, d) that is nearest to 0: Wolfe's algorithm (1976).

    P is an array of floats or of Fractions. Exact on Fractions; on floats it stops when no step gets nearer, and what
    is 0 up to rounding is 0. A processor's own sums decide at most which rows span the face that p lies on. From these
    p is computed in one order: it is the same bits on every machine unless rows are nearly tied. Raises ValueError for
    NaN and infinity.
    """
    P = finite(numbers(P, "P"), "P")
    rational = P.dtype == object
    product, solve = (exact.product, exact.solve) if rational else (np.matmul, _solve)
    unit = 1 if rational else np.ldexp(1.0, int(np.frexp(np.abs(P).max())[1]))
    P = P / unit  # of size 1, like the 1 that is added to the inner products below
    zero = 0 if rational else (16 * P.shape[1] * np.finfo(float).eps) ** 2  # |p|^2 that is 0 but for rounding
    corral = np.array([np.argmin((P**2).sum(axis=1))])
    weights = P[corral[0]][:1] * 0 + 1
    p, face = P[corral[0]], corral  # p is the nearest point of the affine hull of the rows ``face``
    while p @ p > zero:
        towards = product(P, p)
        j = int(np.argmin(towards))
        if towards[j] >= (p @ p) * (1 if rational else 1 - 1e-9) or j in corral:
            break
        corral, weights = np.append(corral, j), np.append(weights, 0)
        while True:  # the nearest point of the corral's affine hull, or the last one on the way that is in its hull
            Q = P[corral]
            alpha = solve(product(Q, Q.T) + 1, Q[:, 0] * 0 + 1)
            if alpha is None:
                return _foot(P[np.sort(face)], zero) * unit
            alpha = alpha / alpha.sum()
            if (alpha > 0).all():
                weights = alpha
                break
            idle = (weights == 0) & (alpha <= 0)  # no way to go for these: they leave the corral where it stands
            if not idle.any():
                falling = alpha <= 0
                ratio = weights[falling] / (weights[falling] - alpha[falling])
                weights = weights + ratio.min() * (alpha - weights)
                weights[np.flatnonzero(falling)[np.argmin(ratio)]] = 0
                idle = weights <= 0
            corral, weights = corral[~idle], weights[~idle]
        closer = product(weights, P[corral])
        if not closer @ closer < p @ p:
            break
        p, face = closer, corral
    return _foot(P[np.sort(face)], zero) * unit


def _foot(Q, zero):
    """The point p of the affine hull of the rows of Q (n, d) that is nearest to 0, by sums in one order.

    It is 0 where |p|^2 is at most ``zero``.
    """
    axes = _orthogonal(Q[1:] - Q[0])
    p = _across(_across(Q[0], axes), axes)
    return p if in_order(p, p) > zero else p * 0


def _solve(A, right):
    """``baum.solve`` for floats by LAPACK, which is faster; None for a matrix that is singular to the last digit."""
    with suppress(np.linalg.LinAlgError):
        x = np.linalg.solve(A, right)
        return x if np.isfinite(x).all() else None


# ---------------------------------------------------------------- one target, as deep as it lies


def fit_one(X, z) -> Network:
    """The network with the fewest neurons that changes a single label, for samples in general position.

    X (K, d), z (K,) with one nonzero entry, K >= 2; floats are read as the exact numbers that they are, and the network
    is one of Fractions. One neuron if ``depth`` is 0, two if it is at most d, three beyond (this book: fewer do not
    suffice). Raises ValueError for another number of targets and as ``depth`` does.

    >>> X = np.array([[0, 0], [9, 1], [4, 8], [4, 3]])  # the last one lies inside the triangle of the others
    >>> [fit_one(X, np.arange(4) == i).n_neurons for i in range(4)]
    [1, 1, 1, 2]
    """
    samples = distinct(validate(X, z))
    samples = validate(to_fractions(samples.X), to_fractions(samples.z))
    if samples.z.ndim != 1 or samples.N != 1 or samples.K == 1:
        raise ValueError(f"z has {samples.N} nonzero targets for {samples.K} samples, expected one among two or more")
    row = samples.changed[0]
    u = _shallowest(samples, row)
    heights = exact.product(samples.X - samples.X[row], u)
    above = np.flatnonzero(heights > 0)
    if len(above) == 0 or len(above) > samples.d:
        return fit(samples.X, samples.z, "mixed" if len(above) else "exposed")
    # the first difference: positive s at the target and above, where l is the label and 0; negative s at all others
    cap, tau = np.append(row, above), np.abs(np.delete(heights, row)).min() / 2
    v, c = flattest(samples, cap, samples.z[cap])
    delta = baum.step(np.abs(heights + tau), exact.product(samples.X, v) + c)
    s = np.append(u, tau - exact.product(samples.X[row], u))
    group = _rows([s + delta * np.append(v, c), s]) + ([1 / delta, -1 / delta],)
    return checked(baum.assemble([group], samples, 1, 1), samples, tol=0, gap=2 * tau)


def depth(X, row) -> int:
    """The least number of other samples in a closed half-space whose boundary runs through sample ``row`` (Tukey).

    X (K, d); floats are read as the exact numbers that they are. 0 for a vertex of the convex hull. Looks at all
    hyperplanes through the row and d - 1 others; ValueError when one of them holds more.
    """
    samples = places(to_fractions(places(X).X))
    if not 0 <= row < samples.K:
        raise ValueError(f"row is {row}: X has {samples.K} rows")
    return int((exact.product(samples.X - samples.X[row], _shallowest(samples, row)) > 0).sum())


def _shallowest(samples: Samples, row) -> np.ndarray:
    """A normal u with the fewest samples in u . (x - x_row) > 0, and none but ``row`` on the boundary. Fractions."""
    others = np.delete(np.arange(samples.K), row)
    rays, size = samples.X[others] - samples.X[row], min(samples.d - 1, len(others))
    drawn, fewest = _random(samples, np.random.default_rng(0)), None
    special = ValueError(f"a hyperplane through row {row} of X holds more than d - 1 other samples")
    for chosen in map(list, combinations(range(len(others)), size)):
        along = _least_exact(rays[chosen], exact.product(rays[chosen], drawn))
        if along is None:
            raise special
        normal = drawn - along
        heights = np.delete(exact.product(rays, normal), chosen)
        if (heights == 0).any():
            raise special
        for sign in (1, -1):
            count = (sign * heights > 0).sum()
            if fewest is None or count < fewest[0]:
                fewest = count, sign * normal, chosen
    _, normal, chosen = fewest
    # turned a little, the hyperplane leaves the chosen ones below
    turn, _ = flattest(samples, [row, *others[chosen]], to_fractions([0] + [-1] * size))
    rest = np.delete(rays, chosen, axis=0)
    if len(rest) == 0:
        return turn
    return normal + baum.step(np.abs(exact.product(rest, normal)), exact.product(rest, turn)) / 2 * turn


# ---------------------------------------------------------------- is it general position?


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


def check(X, rng=0) -> Check:
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
    samples, unit, _ = baum.in_units(samples)
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


# ---------------------------------------------------------------- affine functions


def flattest(samples: Samples, rows, values) -> tuple[np.ndarray, object]:
    """v, c of the flattest affine function v . x + c with these ``values`` on affinely independent ``rows``."""
    X = samples.X[rows]
    edges, rises = X[1:] - X[0], values[1:] - values[0]
    v = _least_exact(edges, rises) if samples.exact else _least(edges, rises)
    if v is None:
        raise ValueError(f"rows {named(rows)} of X are affinely dependent: not in general position")
    return v, values[0] - in_order(v, X[0])


def _least_exact(edges, rises):
    """The shortest v with edges v = rises, a combination of the edges; None when these are dependent. Fractions."""
    weights = exact.solve(exact.product(edges, edges.T), rises)
    return None if weights is None else exact.product(weights, edges)


def _least(edges, rises):
    """The same on floats."""
    axes = _orthogonal(edges)
    if len(axes) < len(edges):
        return None
    v = np.zeros(edges.shape[1])
    for _ in range(2):  # the second round mends what the first one rounds
        for edge, rise, axis in zip(edges, rises, axes):  # an axis is orthogonal to all edges before its own
            v = v + (rise - in_order(edge, v)) / in_order(edge, axis) * axis
    return v


def _orthogonal(vectors) -> list[np.ndarray]:
    """An orthogonal basis of the span of some vectors, by Gram and Schmidt; none for a vector that adds nothing."""
    rest = np.array(vectors)
    small = 0 if rest.dtype == object else 1e-24
    sizes = (rest * rest).sum(axis=-1) if len(rest) else []
    basis: list[np.ndarray] = []
    for i, size in enumerate(sizes):
        if in_order(rest[i], rest[i]) > small * size:
            basis.append(rest[i].copy())
            rest[i + 1 :] = _across(rest[i + 1 :], basis[-1:])
    return basis


def _across(P, axes):
    """A vector, or each row of a matrix, less its parts along orthogonal ``axes``."""
    for axis in axes:
        P = P - np.multiply.outer((P * axis).sum(axis=-1) / in_order(axis, axis), axis)
    return P


def _random(samples: Samples, rng) -> np.ndarray:
    """A direction; odd numbers, so never zero."""
    odd = 2 * rng.integers(-500, 500, samples.d) + 1
    return to_fractions(odd) if samples.exact else odd / 999


def _root(square: Fraction) -> float:
    with localcontext(ANY_SIZE):
        return float((Decimal(square.numerator) / square.denominator).sqrt())


def _rows(planes):
    """Incoming weights and biases of neurons from their d + 1 numbers."""
    return [plane[:-1] for plane in planes], [plane[-1] for plane in planes]
