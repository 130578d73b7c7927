"""What is checked in chapter 3 and on its companion page: book/03_three_layer, book/03_three_layer_in_full.

``built`` counts the neurons of exact networks; a check takes such counts, or what a cell built, and returns
(holds, evidence). The tables of the two pages stand at the end, as Markdown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from ftc_lib import three_layer
from ftc_lib.book.ledger import Outcome
from ftc_lib.book.words import scientific
from ftc_lib.core import bounds
from ftc_lib.core.certify import Certificate, certify
from ftc_lib.core.network import Network, kinks, to_fractions
from ftc_lib.two_layer import instances

Counts = Mapping[tuple[int, int], float]  # (N, K) -> neurons, as ``built`` gives them
K_COMPARED = 160  # the theorem's bounds are compared for all N <= K up to here
K_PRINTED = 300  # and the printed upper bound up to here
P_KEPT = 3000  # points to follow up to which ceilings are looked at


# ---------------------------------------------------------------- networks to count


def cases(K_table: int) -> list[tuple[int, int]]:
    """Pairs (N, K) with K <= K_table in steps; memorisation, N = K, is among them for every K."""
    return [(n, k) for k in range(2, K_table + 1, 5) for n in sorted({*range(1, k + 1, 2), k})]


def instance(n: int, k: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Exact samples (k, 1), unevenly placed, and n nonzero labels of k, not all the same."""
    z = np.zeros(k, dtype=int)
    z[rng.choice(k, n, replace=False)] = rng.choice([-3, -2, -1, 1, 2, 3], n)
    if n == k:
        z[:2] = 1, -1
    return to_fractions(np.sort(rng.choice(6 * k, k, replace=False)))[:, None], to_fractions(z)


def built(method: str, pairs: Iterable[tuple[int, int]], rng: np.random.Generator) -> dict[tuple[int, int], float]:
    """Neurons of one exact network for each (N, K), on a random instance; infinite if it misses a label."""
    counts = {}
    for n, k in pairs:
        x, z = instance(n, k, rng)
        g = three_layer.fit(x, z, method=method)
        counts[n, k] = g.n_neurons if (g(x) == z).all() else math.inf
    return counts


# ---------------------------------------------------------------- the chapter


def windows(counts: Counts, K_table: int) -> Outcome:
    """Windows networks are exactly right within their count, and that is within 4 sqrt(N) + 1. Finitely many pairs."""
    holds = all(m <= bounds.windows(n) and (bounds.windows(n) - 1) ** 2 <= 16 * n for (n, _), m in counts.items())
    return holds, (
        f"{len(counts)} pairs (N, K) with K <= {K_table}: exactly right with at most min over G of G + 4 ceil(N/G) "
        "neurons, which is at most 4 sqrt(N) + 1"
    )


def zigzag(counts: Counts, K_table: int, memory: Network, K: int) -> Outcome:
    """Zigzag networks, and the one of the picture for K samples, have at most ceil(2 sqrt(K)) neurons. Not: weights."""
    holds = all(m <= bounds.ceil_sqrt(4 * k) for (_, k), m in counts.items()) and memory.n_neurons <= bounds.zigzag(K)
    return holds, (
        f"{len(counts)} pairs (N, K) with K <= {K_table}: exactly right with at most ceil(2 sqrt(K)) neurons"
    )


def sparse_forced(most: int = 12, instance: Callable = instances.two_sided) -> Outcome:
    """Two-sided instances with fewer than ``most`` targets a side: forced kinks, and the arithmetic that supplies them.

    Not that G intervals and a - 1 neurons supply fewer than G a kinks of one sign; that is the proof's part.
    """
    sides = [(q, r) for q in range(most) for r in range(most) if q + r]
    halves = {(q, r): _fewest(2 * q) + _fewest(2 * r) for q, r in sides}
    near = [(q, r) for q, r in sides if q - r in (0, 1)]
    holds = (
        all(
            instances.forced_kinks(np.arange(4 * (q + r) + 1), instance(q, r)) == (2 * q + r, q + 2 * r)
            for q, r in sides
        )
        and all(
            least == bounds.ceil_sqrt(4 * (2 * q + 1)) + bounds.ceil_sqrt(4 * (2 * r + 1))
            for (q, r), least in halves.items()
        )
        and all(bounds.three_layer_floor(q + r, 4 * (q + r) + 1) >= halves[q, r] - 4 >= 0 for q, r in near)
        and all(halves[q, r] ** 2 >= 16 * (q + r + 1) for q, r in near)
    )
    return holds, (
        f"{len(sides)} two-sided instances: q positive and r negative targets force exactly 2q + r convex and q + 2r "
        "concave kinks; the least G1 + G2 + a + b that supplies them, by trying all, is ceil(2 sqrt(2q+1)) + "
        "ceil(2 sqrt(2r+1)), and at least 4 sqrt(q+r+1) where q - r is 0 or 1"
    )


def _fewest(forced: int) -> int:
    """The least G + a with G a > forced: G intervals of layer 1, a - 1 neurons of the right sign in layer 2."""
    return min(G + bounds.ceil_div(forced + 1, G) for G in range(1, forced + 2))


def theorem(counts: Counts) -> Outcome:
    """The whole-number bounds lie in the theorem's range, and networks of ``counts`` within them.

    The lower bounds are formulas, whose proofs are in the book; no networks are searched.
    """
    table = {(n, k): bounds.three_layer(n, k) for k in range(1, K_COMPARED + 1) for n in range(1, k + 1)}
    gap = max(b.upper - b.lower for b in table.values())
    holds = (
        all(
            (b.lower + 4) ** 2 >= 4 * min(k, 4 * n)
            and b.lower <= b.upper
            and (b.upper < 1 or (b.upper - 1) ** 2 <= 4 * min(k, 4 * n))
            for (n, k), b in table.items()
        )
        and all(0 <= bounds.zigzag(k) - bounds.three_layer_floor(k, k) <= 2 for k in range(2, 2001))
        and all(m <= bounds.three_layer(n, k).upper for (n, k), m in counts.items())
    )
    return holds, (
        f"all {len(table)} pairs with K <= {K_COMPARED}: the whole-number bounds lie within the theorem's range and at "
        f"most {gap} apart, for N = K at most 2 apart up to K = 2000; {len(counts)} networks built within them"
    )


def printed_lower() -> Outcome:
    """This book's lower bound implies the paper's; it is compared as a number, not proved again."""
    pairs = [(n, k) for k in range(3, K_COMPARED + 1) for n in range(1, k + 1)]
    found = [bounds.three_layer(n, k) for n, k in pairs]
    return (
        all(b.lower >= b.paper_lower for b in found),
        f"our lower bound implies the paper's for all {len(pairs)} pairs with 3 <= K <= {K_COMPARED}",
    )


def printed_upper(counts: Counts) -> Outcome:
    """Zigzag or windows stay below the printed bound as a real number, and so do ``counts``. Not the paper's own."""
    pairs = _printed_pairs()
    made = {(n, k): m for (n, k), m in counts.items() if k >= 3}
    holds = all(m <= bounds.three_layer(n, k).paper_upper for (n, k), m in made.items()) and all(
        _within_printed(min(bounds.zigzag(k), bounds.windows(n)), n, k) for n, k in pairs
    )
    return holds, (
        f"zigzag or windows have at most the printed real number for all {len(pairs)} pairs with 3 <= K <= "
        f"{K_PRINTED}; networks built within it for {len(made)} pairs"
    )


def _printed_pairs():
    return [(n, k) for k in range(3, K_PRINTED + 1) for n in range(1, k + 1)]


def _within_printed(m: int, n: int, k: int) -> bool:
    """Whether m is at most each of the three printed numbers, compared as squares."""
    return m**2 <= 16 * k and max(m - 3 * n, 0) ** 2 <= 4 * k and m**2 <= 36 * (3 * n + 2)


def real_data(windowed: Certificate, memorised: Certificate, K: int) -> Outcome:
    """Certificates of windows on the worst patients of K and of the zigzag on all: neurons, exact errors, exact zeros.

    Says nothing about new patients.
    """
    errors = float(windowed.max_error), float(memorised.max_error)
    holds = (
        windowed.kept_zero == K - windowed.N
        and windowed.n_neurons <= bounds.windows(windowed.N)
        and memorised.n_neurons <= bounds.zigzag(K)
        and max(errors) < 1e-3
    )
    return holds, (
        f"diabetes: {windowed.n_neurons} neurons repair {windowed.N} patients (exact error {errors[0]:.1e}, the other "
        f"{windowed.kept_zero} exactly untouched); {memorised.n_neurons} memorise all {K} residuals "
        f"(exact error {errors[1]:.1e})"
    )


# ---------------------------------------------------------------- the companion page


def pairs(counts: Counts, K_table: int, tent: Network, pair: Network, t: np.ndarray, z: np.ndarray) -> Outcome:
    """2N neurons, one more if N is odd; the float network on (t, z) is exactly zero at untouched samples.

    That this is least is shown for N <= 2 only.
    """
    proof = certify(three_layer.fit(t[:, None], z, method="pairs"), t[:, None], z)
    holds = (
        all(m == bounds.three_layer_pairs(n) for (n, _), m in counts.items())
        and (tent.n_neurons, pair.n_neurons) == (3, 4)
        and all((bounds.windows(n) < bounds.three_layer_pairs(n)) == (n >= 5) for n in range(1, 1000))
        and proof.max_error_kept == 0
    )
    return holds, (
        f"{len(counts)} pairs (N, K) with K <= {K_table}: exactly right with 2N neurons, one more if N is odd; in "
        f"floats, evaluated exactly, {proof.kept_zero} of {proof.K - proof.N} untouched samples are exactly at zero; "
        "windows take fewer neurons from N = 5 on"
    )


def through(counts: Counts, K_table: int) -> Outcome:
    """A two-layer network behind one neuron: at most one neuron more than two layers need, on finitely many pairs."""
    return (
        all(m <= 1 + bounds.two_layer(n, k).upper for (n, k), m in counts.items()),
        f"{len(counts)} pairs (N, K) with K <= {K_table}: exactly right with at most one neuron more than two layers "
        "need",
    )


def small(K: int) -> Outcome:
    """N <= 2 or at most five samples: upper and lower bound agree, and hard instances are built with that many neurons.

    That fewer neurons cannot do is the proof's part.
    """
    settled = [(n, k) for k in range(2, K + 1) for n in range(1, k + 1) if n <= 2 or k <= 5]
    tried = [(n, k) for n, k in settled if k <= 12 or k % 40 == 0]
    least = [three_layer.fit(to_fractions(range(k))[:, None], zigzag_labels(n, k)).n_neurons for n, k in tried]
    next_cases = [bounds.three_layer(n, 6) for n in range(3, 7)]
    holds = (
        all(bounds.three_layer(*pair).lower == bounds.three_layer(*pair).upper for pair in settled)
        and all(m == bounds.three_layer_floor(*pair) for m, pair in zip(least, tried))
        and all((b.lower, b.upper) == (4, 5) for b in next_cases)
    )
    return holds, (
        f"{len(settled)} pairs with N <= 2 or K <= 5, K <= {K}: upper and lower bound are equal, and 4 and 5 in the "
        f"next cases, K = 6 and N >= 3; {len(tried)} hard instances built with exactly that many neurons"
    )


def zigzag_labels(n: int, k: int) -> np.ndarray:
    """Exact labels of k samples, n of them nonzero, that start with a zigzag of four where n >= 2."""
    z = np.zeros(k, dtype=int)
    z[1 : 2 * n : 2] = 1
    left_over = n - np.count_nonzero(z)
    z[np.flatnonzero(z == 0)[:left_over]] = -1
    return to_fractions(z)


def parameters(seed: int, draws: int = 100, rank: Callable = np.linalg.matrix_rank) -> Outcome:
    """At random networks the labels of 400 samples move in at most (d1 + 1)(d2 + 1) directions.

    Ranks of derivatives, in floats; nothing about approximate fits or special labels.
    """
    shapes = [(d1, d2) for d1 in (1, 2, 3, 4) for d2 in (1, 2, 3, 5)]
    found = {s: [_derivative(*s, np.random.default_rng([seed, *s, draw])) for draw in range(draws)] for s in shapes}
    ranks = {s: [rank(D, rtol=1e-10) for D in every] for s, every in found.items()}
    count = {s: every[0].shape[1] for s, every in found.items()}
    full = sum(max(ranks[d1, d2]) == (d1 + 1) * (d2 + 1) for d1, d2 in shapes)
    holds = all(max(ranks[d1, d2]) <= (d1 + 1) * (d2 + 1) < count[d1, d2] for d1, d2 in shapes)
    return holds, (
        f"{draws} random networks of each of {len(shapes)} shapes: the derivative never has a rank above "
        f"(d1 + 1)(d2 + 1), and reaches it for {full} shapes; 4 + 5 neurons have {count[4, 5]} parameters and rank at "
        f"most {max(ranks[4, 5])}"
    )


def _derivative(d1: int, d2: int, rng, n: int = 400) -> np.ndarray:
    """Derivative (n, parameters) of the outputs at n samples in all parameters of a random network on the line."""
    t = np.linspace(-4, 4, n)[:, None]
    w, b, W, b2, a = (rng.standard_normal(s) for s in (d1, d1, (d2, d1), d2, d2))
    first = t * w + b
    h = np.maximum(first, 0)
    second = h @ W.T + b2
    by_b2 = a * (second > 0)
    by_b = (by_b2 @ W) * (first > 0)
    by_W = (by_b2[:, :, None] * h[:, None, :]).reshape(n, -1)
    return np.column_stack([by_b * t, by_b, by_W, by_b2, np.maximum(second, 0), np.ones(n)])


def bumps(counts: Counts, K_table: int) -> Outcome:
    """The paper's bumps on hard-tanhs take 2 ceil(sqrt(K)) + 3N neurons and are right, on finitely many pairs."""
    return (
        all(m == bounds.three_layer_bumps(n, k) for (n, k), m in counts.items()),
        f"{len(counts)} pairs (N, K) with K <= {K_table}: exactly right with 2 ceil(sqrt(K)) + 3N neurons",
    )


def kept(counts: Counts, K_table: int, g: Network, x: np.ndarray, z: np.ndarray, followed: int) -> Outcome:
    """The paper's network on kept points is right at all samples, ``g`` on (x, z) with ``followed`` points too."""
    holds = (
        all(m <= bounds.three_layer_kept(min(3 * n + 2, k)) for (n, k), m in counts.items())
        and all((bounds.three_layer_kept(p) - 2) ** 2 <= 32 * p for p in range(1, P_KEPT))
        and g.n_neurons == bounds.three_layer_kept(followed)
        and bool((g(x) == z).all())
    )
    return holds, (
        f"{len(counts)} pairs (N, K) with K <= {K_table}: exactly right at all K samples, also where no slot stands, "
        "with at most 2 min over G of G + 2 ceil(p/G) neurons, p = min{3N+2, K}; that is at most 4 sqrt(2p) + 2 for "
        f"all p < {P_KEPT}"
    )


def appendix(counts: Counts, K_table: int) -> Outcome:
    """The paper's notches take 4N + 4 neurons and are right, on finitely many pairs."""
    return (
        all(m == bounds.three_layer_appendix(n) for (n, _), m in counts.items()),
        f"{len(counts)} pairs (N, K) with K <= {K_table}: exactly right with 4N + 4 neurons",
    )


def late() -> dict:
    """Where whole groups and slots take more neurons than the printed number rounded up, for each construction.

    "yun", "bumps": lists of K; "kept": of p; "square": of p, with sqrt(p) groups of sqrt(p) points; "best", the least
    of the three: (N, K) -> how many more.
    """
    K, p = range(3, K_PRINTED + 1), range(1, P_KEPT)
    excess = {(n, k): _whole(n, k) - bounds.three_layer(n, k).paper_upper for n, k in _printed_pairs()}
    return {
        "yun": [k for k in K if bounds.yun(k) > bounds.ceil_sqrt(16 * k)],
        "bumps": [k for k in K if bounds.three_layer_bumps(1, k) > bounds.ceil_sqrt(4 * k) + 3],
        "kept": [q for q in p if bounds.three_layer_kept(q) > bounds.ceil_sqrt(36 * q)],
        "square": [q for q in p[4::3] if 6 * bounds.ceil_sqrt(q) > bounds.ceil_sqrt(36 * q)],
        "best": {pair: more for pair, more in excess.items() if more > 0},
    }


def _whole(n: int, k: int) -> int:
    """Neurons of the best of the paper's three constructions with whole groups and slots."""
    return min(bounds.yun(k), bounds.three_layer_bumps(n, k), bounds.three_layer_kept(min(3 * n + 2, k)))


def yun_ceilings(counts: Counts, five: Network, late: dict) -> Outcome:
    """The hard-tanh construction exceeds the printed number: ``five``, a network for K = 5, has 10 neurons."""
    holds = (
        five.n_neurons == 10
        and 5 in late["yun"]
        and late["yun"] == [k for k in range(3, K_PRINTED + 1) if bounds.ceil_sqrt(16 * k) % 2]
        and all(m <= bounds.yun(k) for (_, k), m in counts.items())
    )
    most = max(bounds.yun(k) - bounds.ceil_sqrt(16 * k) for k in late["yun"])
    return holds, (
        "K = 5 takes 10 neurons where 4 sqrt(5) = 8.9...; the whole-number count exceeds the printed one rounded up "
        f"for {len(late['yun'])} of the K from 3 to {K_PRINTED}, never by more than {most}"
    )


def ceilings(late: dict) -> Outcome:
    """The least of the paper's three exceeds the printed minimum by one at most. Not: other versions of them."""
    holds = (
        set(late["best"].values()) == {1}
        and late["bumps"] == [k for k in range(3, K_PRINTED + 1) if bounds.ceil_sqrt(4 * k) % 2]
        and not late["kept"]
        and len(late["square"]) > 0
    )
    n, k = next(iter(late["best"]))
    return holds, (
        "best of the paper's three with whole groups and slots: one neuron more than the printed minimum rounded up "
        f"for {len(late['best'])} of {len(_printed_pairs())} pairs, first N = {n}, K = {k} ({_whole(n, k)} against "
        f"{bounds.three_layer(n, k).paper_upper}); kept points alone never for p < {P_KEPT}, but {len(late['square'])} "
        "times with sqrt(p) groups of sqrt(p)"
    )


def capacity(m: int, held: Sequence[bounds.Bounds]) -> Outcome:
    """The book's range of N* lies inside the corollary's, for K < 120 and the bounds ``held`` of m; numbers only."""
    widths = [(w, k) for k in range(1, 120, 3) for w in range(k)]
    found = [bounds.capacity_three_layer(w, k) for w, k in widths]
    narrower = sum(c.upper - c.lower < c.paper_upper - c.paper_lower for c in found)
    return (
        all(c.paper_lower <= c.lower <= c.upper <= c.paper_upper for c in [*found, *held]),
        f"{len(widths)} pairs (m, K) with m < K < 120, and m = {m} for all K below {len(held) + 1}: our range lies "
        f"inside the corollary's, and is narrower for {narrower} of the pairs",
    )


def window_ramps(window: Network) -> Outcome:
    """An exact network on the line is the window with c = 1: t on [-1, 1], 0 beyond 2, kinks at -2, -1, 1, 2 only."""
    looks = to_fractions(range(-40, 41)) / 8
    seen = window(looks[:, None])
    holds = (
        all(v == t for t, v in zip(looks, seen) if abs(t) <= 1)
        and all(v == 0 for t, v in zip(looks, seen) if abs(t) >= 2)
        and kinks(window).tolist() == [-2, -1, 1, 2]
    )
    return holds, (
        "four ReLUs with c = 1: exactly t on [-1, 1], exactly 0 beyond 2, and no jump: kinks at -2, -1, 1, 2 only"
    )


# ---------------------------------------------------------------- tables, as Markdown


def bounds_table(examples: Iterable[tuple[int, int]]) -> str:
    """The bounds of two and of three layers as whole numbers, for pairs (K, N)."""
    rows = [
        "| $K$ | $N$ | two layers | paper, lower | ours, lower | ours, upper | paper, upper |",
        "|---|---|---|---|---|---|---|",
    ]
    for k, n in examples:
        b = bounds.three_layer(n, k)
        two = bounds.two_layer(n, k).upper
        rows.append(f"| {k} | {n} | {two} | {b.paper_lower} | {b.lower} | {b.upper} | {b.paper_upper} |")
    return "\n".join(rows)


def repair_table(repairs: Mapping[tuple, Certificate]) -> str:
    """One row for each (name, hidden layers) -> certificate of a network on the patients."""
    rows = [
        "| $N$ | network | hidden layers | neurons | needs | error, changed | error, others | total weight |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, hidden, changed), proof in repairs.items():
        needs = "clean hyperplanes" if name == "Baum" else "distinct samples"
        others = "exactly 0" if proof.max_error_kept == 0 else scientific(proof.max_error_kept)
        rows.append(
            f"| {changed} | {name} | {hidden} | {proof.n_neurons} | {needs} | {scientific(proof.max_error_changed)} | "
            f"{'none left' if changed == proof.K else others} | {scientific(proof.total_weight)} |"
        )
    return "\n".join(rows)


def ceilings_table(late: dict) -> str:
    """The paper's three constructions with whole groups and slots, against the printed numbers rounded up."""
    K, pairs, more = K_PRINTED - 2, len(_printed_pairs()), max(late["best"].values())

    def first(found):
        return f"{len(found)} of the {K} $K$ from 3 to {K_PRINTED}, {', '.join(map(str, found[:4]))}, …"

    return "\n".join(
        [
            "| construction | with whole groups and slots | printed | needs more than the printed number, rounded up |",
            "|---|---|---|---|",
            "| clip everything | $2\\lceil 2\\sqrt K\\,\\rceil$ | $4\\sqrt K$ | one more, where "
            f"$\\lceil 4\\sqrt K\\,\\rceil$ is odd: {first(late['yun'])} |",
            "| bumps on groups | $2\\lceil\\sqrt K\\,\\rceil + 3N$ | $2\\sqrt K + 3N$ | one more, where "
            f"$\\lceil 2\\sqrt K\\,\\rceil$ is odd: {first(late['bumps'])} |",
            "| kept points | $2\\min_G(G + 2\\lceil p/G\\rceil)$ | $6\\sqrt p$, $p = 3N + 2$ | never |",
            f"| the best of the three | their minimum | Theorem 5.1 | {more} more for {len(late['best'])} of the "
            f"{pairs} pairs $(N, K)$, $3 \\le K \\le {K_PRINTED}$ |",
        ]
    )
