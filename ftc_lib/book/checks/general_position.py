"""The checks of chapter 5: each function returns whether its claim held, and what was seen."""

from collections.abc import Callable, Sequence

import numpy as np

from ftc_lib.book import ledger
from ftc_lib.book.ledger import Outcome
from ftc_lib.book.words import scientific
from ftc_lib.core import bounds
from ftc_lib.core.certify import Certificate, certify
from ftc_lib.core.network import Network, to_fractions
from ftc_lib.general_position import Check, check, depth, fit, fit_one, margins
from ftc_lib.two_layer.fit import fit as fit_two_layer

CURVE = to_fractions(range(9))[:, None] ** np.array([1, 2, 3])  # nine points of the moment curve of R^3
FLOAT32 = 2.0**-24  # the relative error of one operation in float32


def gaussian(K: int, d: int, N: int, seed: int, *, positive: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """K Gaussian samples of R^d, (K, d), and labels (K,): N targets of size 0.5 to 1.5, of random signs or ``positive``
    of them positive."""
    rng = np.random.default_rng([seed, K, d, N])
    X, z = rng.standard_normal((K, d)), np.zeros(K)
    z[:N] = rng.uniform(0.5, 1.5, N) * rng.choice([-1, 1], N)
    if positive is not None:
        z[:N] = np.abs(z[:N]) * np.where(np.arange(N) < positive, 1, -1)
    return X, z


# ---------------------------------------------------------------- the exact price


def groups(
    X: np.ndarray, z: np.ndarray, built: dict[str, Network], dimensions: Sequence[int], K: int, seed: int
) -> Outcome:
    """general-exact-upper: networks of Fractions ``built`` by several methods for (X, z) are right, "mixed" among them
    has E neurons, and so have networks on K Gaussian samples for several patterns of signs in each dimension.

    Does not show that the groups are clean for all samples in general position.
    """
    table = []
    for d in dimensions:
        for N in (1, min(d + 1, K), K // 3):
            for plus in sorted({1, N // 2, N}):
                x, y = gaussian(K, d, N, seed, positive=plus)
                g = fit(x, y, "mixed", rng=seed)
                error = float(certify(g, x, y).max_error) / np.abs(y).max()
                table.append((g.n_neurons == bounds.general_position(plus, N - plus, d), error))
    exact = all((g(X) == z).all() for g in built.values())
    stated = bounds.general_position(int((z > 0).sum()), int((z < 0).sum()), X.shape[1])
    holds = exact and built["mixed"].n_neurons == stated and all(right for right, _ in table)
    return bool(holds), (
        f"On Fractions the four networks equal all {len(z)} labels with ==; {len(table)} networks on Gaussian data in "
        f"d = {dimensions[0]} to {dimensions[-1]} have E(N+, N-) neurons each, largest relative error "
        f"{max(error for _, error in table):.0e}."
    )


def bundles(seed: int, draws: int = 60, count: Callable = bounds.general_position) -> Outcome:
    """general-exact-lower: the two computations of the proof. Bundles of three neurons have one sign and those of two
    none, at 200 points each on Fractions; ``count`` (positive, negative, d) is the cost of the cheapest cover.

    The limit argument is the proof's part.
    """
    rng, signs, nothing = np.random.default_rng(seed), set(), True
    for _ in range(draws):
        three, two = _bundles_of_three_and_two(rng)
        signs.add((bool((three > 0).any()), bool((three < 0).any())))
        nothing &= bool((two == 0).all())
    one_sign = (True, False) in signs and (False, True) in signs and (True, True) not in signs
    covers = [(plus, minus, d) for d in range(1, 6) for plus in range(10) for minus in range(10)]
    holds = one_sign and nothing and all(_cheapest_cover(*cover) == count(*cover) for cover in covers)
    return holds, (
        f"{draws} bundles on Fractions: three neurons make one sign at all of 200 points, two make nothing; E is the "
        f"cheapest cover in all {len(covers)} cases."
    )


def _bundles_of_three_and_two(rng) -> tuple[np.ndarray, np.ndarray]:
    """The values of a random bundle of three neurons and of one of two, at 200 points of a random dimension."""
    d = int(rng.integers(1, 6))
    points = to_fractions(rng.integers(-50, 51, (200, d)))
    u = 40 * (rng.integers(-9, 10, d) * 2 + 1)  # all gradients have a positive product with u
    p, q = (points @ to_fractions(u + rng.integers(-9, 10, d)) + int(rng.integers(-99, 100)) for _ in range(2))
    sign, (a, b) = int(rng.choice([-1, 1])), rng.integers(1, 9, 2)
    return sign * (_relu(a * p) + _relu(b * q) - _relu(a * p + b * q)), _relu(3 * p) - 3 * _relu(p)


def _relu(t):
    return np.maximum(t, 0)


def _cheapest_cover(plus, minus, d):
    """The least cost of a cover, counted out: ``of_both`` groups of cost 4 that hold ``a`` of the positive targets."""
    return min(
        4 * of_both + 3 * bounds.ceil_div(max(plus - a, 0), d) + 3 * bounds.ceil_div(max(minus - of_both * d + a, 0), d)
        for of_both in range(5)
        for a in range(of_both * d + 1)
    )


def worst_signs(N: int = 80, d: int = 13, count: Callable = bounds.general_position) -> Outcome:
    """general-worst-signs: the largest ``count`` over all signs, for fewer than N targets below dimension d, is as
    stated. Nothing beyond these pairs."""
    pairs = [(n, e) for e in range(1, d) for n in range(1, N)]
    holds = all(
        max(count(plus, n - plus, e) for plus in range(n + 1))
        == 3 * bounds.ceil_div(n, e) + ((n - 1) % e > 0)
        == bounds.general_position_worst(n, e)
        for n, e in pairs
    )
    return (
        holds,
        f"{len(pairs)} pairs (N, d): the largest E over all signs is 3 ceil(N/d), plus 1 unless d divides N - 1.",
    )


# ---------------------------------------------------------------- one label


def price(ring: Sequence[tuple], z: np.ndarray, seed: int, K: int = 16) -> Outcome:
    """general-depth: ``ring`` lists (samples of the plane with labels z, depth of the target, network); the networks
    are right and have as many neurons as the depths 0, 1, 2, 3 say, and so have those of K samples of R^3.

    That fewer neurons do not suffice is the proof's part.
    """
    cloud, prices = _in_general_position(K, seed), []
    for row in range(K):
        labels = to_fractions(np.arange(K) == row)
        prices.append((3, depth(cloud, row), fit_one(cloud, labels), cloud, labels))
    prices += [(2, deep, g, X, z) for X, deep, g in ring]
    holds = [deep for _, deep, *_ in ring] == [0, 1, 2, 3] and all(
        g.n_neurons == (1 if deep == 0 else 2 if deep <= d else 3) and (g(X) == y).all() for d, deep, g, X, y in prices
    )
    taken = [g.n_neurons for _, _, g, *_ in prices]
    return bool(holds), (
        "Around a ring of 7 rational zeros targets of depth 0, 1, 2 and 3 take "
        f"{', '.join(map(str, taken[K:]))} neurons. Of {K} samples of R^3 {taken[:K].count(1)} take one, "
        f"{taken[:K].count(2)} two and {taken[:K].count(3)} three, as their depths say; all exact on Fractions."
    )


def _in_general_position(K, seed):
    """K different points of R^3 with whole coordinates, in general position for sure: Fractions (K, 3)."""
    rng = np.random.default_rng(seed)
    while True:
        X = rng.integers(-99, 100, (K, 3))
        if len(np.unique(X, axis=0)) == K and check(to_fractions(X)).general:
            return to_fractions(X)


# ---------------------------------------------------------------- all labels, vertices, faces


def slices(dimensions: Sequence[int], K: int, seed: int, count: Callable = bounds.slices) -> Outcome:
    """general-slices: slices memorise K Gaussian samples in each dimension with ``count`` (n, d) neurons, and nine
    samples of the moment curve exactly; the count is at most twice the floor.

    Does not show which of count and floor is right.
    """
    table = []
    for d in dimensions:
        X, z = gaussian(K, d, K, seed)
        g = fit(X, z, "slices", rng=seed)
        table.append((g.n_neurons, count(K, d), float(certify(g, X, z).max_error)))
    z = to_fractions([3, -1, 4, -1, 5, -9, 2, -6, 5])
    g = fit(CURVE, z, "slices", rng=seed)
    twice = all(count(n, d) <= 2 * bounds.parameter_floor(n, d) for n in range(1, 200) for d in range(1, 40))
    holds = (
        all(m == stated for m, stated, _ in table) and (g(CURVE) == z).all() and g.n_neurons == count(9, 3) and twice
    )
    return bool(holds), (
        f"{K} Gaussian samples in d = {dimensions[0]} to {dimensions[-1]}: {table[0][0]} to {table[-1][0]} neurons, as "
        f"stated, with exact errors up to {max(error for *_, error in table):.0e}; 9 Fraction samples of R^3 exactly "
        f"with {g.n_neurons}."
    )


def faces(X: np.ndarray, z: np.ndarray, by_faces: Network, by_groups: Network) -> Outcome:
    """general-faces: two exact networks for positive targets of the moment curve of even dimension d; d/2 targets a
    neuron is the most that the one by faces may take. Faces are collected greedily: a better cover may exist."""
    N, d = int((z > 0).sum()), X.shape[1]
    right = all((g(X) == z).all() for g in (by_faces, by_groups))
    holds = right and by_faces.n_neurons <= bounds.ceil_div(N, d // 2) < by_groups.n_neurons
    return bool(holds), (
        f"{N} positive targets among {len(z)} samples of the moment curve in R^{d}: {by_faces.n_neurons} neurons by "
        f"faces, {by_groups.n_neurons} by groups, both exact on Fractions."
    )


def vertices(K: int, d: int, N: int, seed: int) -> dict:
    """Of K Gaussian samples of R^d the ``share`` of vertices of the hull, and the median ``margin`` of all samples.

    Up to N vertices are moved by groups ("mixed") and one by one ("exposed"). The record keeps the errors of both in
    float32, in units of the largest label, and what the least margin of a target allows the latter.
    """
    X, _ = gaussian(K, d, 0, seed)
    margin, rng = margins(X), np.random.default_rng([seed, d])
    hull = np.flatnonzero(margin > 0)
    rows = rng.choice(hull, min(N, len(hull)), replace=False)
    z = np.zeros(K)
    z[rows] = rng.uniform(0.5, 1.5, len(rows)) * np.where(np.arange(len(rows)) % 2, 1, -1)
    networks = {method: fit(X, z, method, rng=seed) for method in ("mixed", "exposed")}
    small = {name: g.astype(np.float32).in_order(X.astype(np.float32)) for name, g in networks.items()}
    widest = np.linalg.norm(X, axis=1).max() / margin[rows].min()
    return {
        "d": d,
        "share": len(hull) / K,
        "margin": float(np.median(margin)),
        **{name: float(np.abs(values - z).max() / np.abs(z).max()) for name, values in small.items()},
        "allowed": FLOAT32 * (d + 4) * (4 * widest + 1),
        "one each": networks["exposed"].n_neurons == len(rows),
        "others at 0": bool((small["exposed"][z == 0] == 0).all()),
    }


def vertices_in_words(seen: Sequence[dict], K: int) -> str:
    """From which dimension on more than nine in ten samples are vertices in records of ``vertices``, as a sentence."""
    last = seen[-1]
    at = max((number for number, record in enumerate(seen, start=1) if record["share"] <= 0.9), default=0)
    if at == len(seen):
        return f"Of {K} Gaussian samples {last['share']:.0%} are vertices at $d = {last['d']}$."
    return (
        f"Of {K} Gaussian samples more than nine in ten are vertices from $d = {seen[at]['d']}$ on. The median margin "
        f"is {seen[at]['margin']:.2f} there and {last['margin']:.2f} at $d = {last['d']}$."
    )


def exposed(seen: Sequence[dict], K: int, N: int) -> Outcome:
    """general-exposed: in each record of ``vertices`` there is a neuron a target, and the error is within what is
    allowed, others at 0, where that is below 1; in dimension 20 and above nearly all samples are vertices.

    One sample set a dimension; no rate is proved. Underflow is left out of what is allowed.
    """
    first, last = seen[0], seen[-1]
    kept = all(
        r["one each"] and (r["allowed"] >= 1 or (r["exposed"] <= r["allowed"] and r["others at 0"])) for r in seen
    )
    many = ledger.if_large(last["d"] >= 20, last["share"] > 0.9 and last["exposed"] < last["mixed"])
    return kept and many, (
        f"{first['share']:.0%} of {K} Gaussian samples are vertices in d = {first['d']}, {last['share']:.0%} in "
        f"d = {last['d']}. Rounded to float32, one neuron for each of up to {N} vertices errs by less than its margin "
        f"allows, where that is below 1, and leaves all others at 0: by {last['exposed']:.0e} in d = {last['d']}, "
        f"where groups of d err by {last['mixed']:.0e}."
    )


# ---------------------------------------------------------------- two hidden layers


def two_hidden(
    built: Sequence[int], n: int, seed: int, floor: Callable = bounds.three_layer_parameter_floor
) -> Outcome:
    """general-two-hidden: at random networks the labels' derivative has no more rank than the proof counts; the zigzag,
    ``built`` for n samples with so many neurons in each dimension, exceeds ``floor`` (n, d) by d + 1 at most.

    Does not show whether dimension saves any neuron for large n.
    """
    shapes = [(d1, d2, d) for d1 in (1, 3, 6) for d2 in (1, 4, 7) for d in (1, 5)]
    ranks = [_freedom(*shape, seed) for shape in shapes]
    counted = all(
        rank <= (d1 + 1) * (d2 + d) - d + 1 < parameters for (d1, d2, d), (rank, parameters) in zip(shapes, ranks)
    )
    near = all(bounds.zigzag(10**k) - floor(10**k, d) <= d + 1 for k in range(2, 9) for d in (1, 2, 5, 10, 30))
    return counted and near and all(m == bounds.zigzag(n) for m in built), (
        f"{len(shapes)} random networks: the derivative has rank (d1+1)(d2+d)-d+1 at most, the largest "
        f"{max(rank for rank, _ in ranks)}. For n = 10^2 to 10^8 and d up to 30 the zigzag exceeds the floor by d + 1 "
        f"at most; built for {n} samples with {built[0]} neurons."
    )


def _freedom(d1, d2, d, seed, n=130) -> tuple[int, int]:
    """Rank of the derivative of n labels in all parameters of a random three-layer network, and their number."""
    rng = np.random.default_rng([seed, d1, d2, d])
    x, W1, b1, W2, b2, w3 = (rng.standard_normal(s) for s in ((n, d), (d1, d), d1, (d2, d1), d2, d2))
    first = _relu(x @ W1.T + b1)
    second = _relu(first @ W2.T + b2)
    to_second = (second > 0) * w3
    to_first = (to_second @ W2) * (first > 0)
    by_weights = [to_first[:, :, None] * x[:, None, :], to_second[:, :, None] * first[:, None, :], second]
    derivative = [block.reshape(n, -1) for block in (*by_weights, to_first, to_second, np.ones((n, 1)))]
    matrix = np.concatenate(derivative, axis=1)
    return int(np.linalg.matrix_rank(matrix)), matrix.shape[1]


# ---------------------------------------------------------------- special position and real data


def collinear(dimensions: Sequence[int], z: np.ndarray) -> Outcome:
    """general-collinear: samples on a line of R^d are refused with the remedy, on floats and Fractions, and two layers
    fit them with the count of chapter 2. That a network restricted to a line is one on the line is the proof."""
    K, N, good = len(z), int(np.count_nonzero(z)), 0
    line = np.arange(K)[:, None]
    for d in dimensions:
        for number in (to_fractions, lambda values: np.array(values, dtype=float)):
            X, labels = number(line * np.arange(1, d + 1)), number(z)
            try:
                fit(X, labels)
            except ValueError as error:
                refused = "on one line" in str(error) and "two_layer" in str(error)
                good += refused and fit_two_layer(X, labels).n_neurons <= bounds.two_layer(N, K).upper
    return good == 2 * len(dimensions), (
        f"{K} samples on a line of R^d, d = {', '.join(map(str, dimensions))}, floats and Fractions: refused every "
        f"time, with the remedy, and fitted by two layers with {bounds.two_layer(N, K).upper} neurons."
    )


def position(patients: Check, normal: Check) -> Outcome:
    """general-check: the patients are found to be in special position, large Gaussian data is left open, and small
    exact samples get both answers. A coincidence among hyperplanes that were not looked at is missed."""
    bent = CURVE.copy()
    bent[8] = (CURVE[1] + CURVE[4] + CURVE[6]) / 3
    proved = check(CURVE).general is True and check(bent).general is False
    open_ = normal.general is None and not normal.exhaustive
    return proved and open_ and patients.general is False and len(patients.rows) == 11, (
        f"False for the patients, who name {len(patients.rows)} rows on one hyperplane; True for 9 samples of the "
        "moment curve and False when one is moved into a plane of three others; undecided for 442 Gaussian samples "
        f"after {normal.looked_at} of {normal.flats:.1e} hyperplanes."
    )


def convex(is_vertex: np.ndarray, is_vertex_without: np.ndarray, off: np.ndarray) -> Outcome:
    """general-patients-convex: all patients are vertices, fewer are without the column s5, and s5 misses the formula by
    ``off`` (442,). Margins are floats, each with a half-space that separates its patient."""
    K, formula = len(off), int((off < 1e-3).sum())
    return bool(is_vertex.all() and formula > 0.95 * K and is_vertex_without.sum() < 0.9 * K), (
        f"{is_vertex.sum()} of {K} patients are vertices of their hull, {is_vertex_without.sum()} when the column s5 "
        f"is dropped; s5 = log 5(s1 - s2 - s3) within 0.001 for {formula}."
    )


def repaired(proofs: dict[str, Certificate], z: np.ndarray) -> Outcome:
    """general-diabetes: "mixed" has E neurons and leaves all others exactly alone, "slices" memorise all residuals with
    no more neurons than stated, and all errors are small. Whether new patients profit is not looked at."""
    mixed, every = proofs["mixed"], proofs["slices"]
    plus, minus = int((z > 0).sum()), int((z < 0).sum())
    worst = max(float(proof.max_error) for proof in proofs.values())
    holds = mixed.n_neurons == bounds.general_position(plus, minus, mixed.d) and mixed.kept_zero == mixed.K - mixed.N
    return bool(holds and every.n_neurons <= bounds.slices(every.K, every.d) and worst < 1e-4), (
        f"{mixed.n_neurons} neurons repair the {mixed.N} worst patients ({plus} up, {minus} down) and leave "
        f"{mixed.kept_zero} exactly alone; {every.n_neurons} memorise all {every.K} residuals; exact errors up to "
        f"{worst:.0e}."
    )


def repair_table(proofs: dict[str, Certificate], in_float32: dict[str, float]) -> str:
    """The certificates of repairs and their errors in float32 as a Markdown table."""
    rows = [
        f"| {name} | {p.N} | {p.n_neurons} | {scientific(p.max_error)} | "
        f"{f'{p.kept_zero} of {p.K - p.N}' if p.N < p.K else 'none left'} | {scientific(in_float32[name])} | "
        f"{scientific(p.total_weight)} |"
        for name, p in proofs.items()
    ]
    head = "| network | $N$ | neurons | largest error | others exactly 0 | error in float32 | total weight |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])
