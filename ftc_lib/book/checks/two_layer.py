"""What the claims of chapter 2 and of its companion page are checked by.

A proof covers all instances; a check here looks at those that it names, on fractions where nothing else is said. It
returns whether the claim held on all of them, and a sentence with what was seen.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ftc_lib import two_layer
from ftc_lib.book.ledger import Outcome
from ftc_lib.core import bounds
from ftc_lib.core.certify import Certificate
from ftc_lib.core.network import Layer, Network, RankOne, kinks, to_fractions
from ftc_lib.core.samples import project, validate
from ftc_lib.two_layer import instances, least_kinks, search

# ---------------------------------------------------------------- the chapter


def bumps_local(certificate: Certificate) -> Outcome:
    """Three neurons a label, and the float network of ``certificate`` is exactly 0 at all untouched samples.

    Shows it for one network; not that every choice of samples leaves room for floats.
    """
    c = certificate
    return c.kept_zero == c.K - c.N and c.n_neurons == 3 * c.N, (
        f"K = {c.K}, N = {c.N}: {c.n_neurons} neurons, and the float "
        f"network is exactly 0 at all {c.kept_zero} untouched samples"
    )


def exact_lower(forced: Mapping[tuple[int, int], int]) -> Outcome:
    """``forced``: (N, K) -> kinks that the alternating labels force. They are min{3N, K-2} for K >= 3."""
    pairs = {(n, k): count for (n, k), count in forced.items() if k >= 3}
    return all(count == min(3 * n, k - 2) for (n, k), count in pairs.items()), (
        f"the alternating instance forces exactly min{{3N, K-2}} kinks for all {len(pairs)} pairs "
        f"with 3 <= K <= {max(k for _, k in pairs)}"
    )


def exact_upper(built: Mapping[tuple[int, int], int]) -> Outcome:
    """``built``: (N, K) -> the most neurons of networks that were built and found right. Not all instances: some."""
    return all(m <= bounds.two_layer(n, k).upper for (n, k), m in built.items()), (
        f"all {len(built)} pairs with K <= {max(k for _, k in built)}, several instances each: never more than "
        "min{3N, K-2} neurons (K - 1 for K <= 3; 2 or 3 for K = 4)"
    )


def paper_upper(built: Mapping[tuple[int, int], int]) -> Outcome:
    """The same networks against the paper's bound, which is one neuron weaker and begins at K = 3."""
    return all(m <= bounds.two_layer(n, k).paper_upper for (n, k), m in built.items() if k >= 3), (
        f"the same networks stay within min{{3N+1, K-1}} for 3 <= K <= {max(k for _, k in built)}"
    )


def capacity(K_most: int = 60) -> Outcome:
    """The exact bound, inverted pair by pair, is the closed form of the corollary. Integers only; nothing is built."""
    grid = [(m, k) for k in range(5, K_most) for m in range(1, k + 3)]
    ours = {(m, k): bounds.capacity_two_layer(m, k) for m, k in grid}
    holds = all(ours[m, k].lower == (k if m >= k - 2 else m // 3) for m, k in grid) and all(
        c.paper_lower <= c.lower and (c.upper <= c.paper_upper or m == k - 2) for (m, k), c in ours.items()
    )
    return holds, (
        f"{len(grid)} pairs (m, K), 5 <= K < {K_most}: the exact capacity is the closed form and lies within the "
        "corollary's range, except at m = K - 2, where it is K"
    )


def capacity_edge(built: Mapping[tuple[int, int], int]) -> Outcome:
    """At K = m + 2 the networks in ``built`` (as in ``exact_upper``) change more labels than the corollary allows."""
    K_most = max(k for _, k in built)
    return all(built[k, k] <= k - 2 for k in range(5, K_most + 1)) and built[1, 4] <= 2, (
        f"K - 2 neurons change all K labels, exactly, on seven instances for each K from 5 to {K_most}; "
        "the corollary allows (K - 2)/3 of them. Two neurons change one label of four, where it allows 2/3"
    )


def real_data(certificate: Certificate) -> Outcome:
    """One float network on the diabetes data. Says nothing of how it runs: that is ``rounding``."""
    c = certificate
    return c.kept_zero == 442 - c.N and float(c.max_error) < 1e-6 and c.n_neurons == 3 * c.N, (
        f"diabetes, N = {c.N}: {c.n_neurons} neurons, exact error {float(c.max_error):.1e} at the changed patients, "
        f"exactly 0 at the other {c.kept_zero}"
    )


# ---------------------------------------------------------------- the companion: few kinks


def _patterns(draws, rng):
    """Labels on a line with runs of zeros of all lengths."""
    for _ in range(draws):
        size = int(rng.integers(2, 25))
        yield np.where(rng.random(size) < rng.random(), rng.integers(1, 9, size), 0)


def _points(sizes, rng):
    """Points on a line: distinct whole places, labels -5 to 5."""
    size = int(rng.integers(*sizes))
    t = to_fractions(np.sort(rng.choice(60, size, replace=False)))
    return t, to_fractions(rng.integers(-5, 6, size))


def interpolation(draws: int, rng: np.random.Generator) -> Outcome:
    """Theorem 4.4 of the paper on random patterns: right, and no more neurons than it counts."""
    holds = True
    for z in _patterns(draws, rng):
        t = np.arange(len(z))[:, None]
        g = two_layer.fit(to_fractions(t), to_fractions(z), method="interpolate")
        holds &= g.n_neurons <= bounds.interpolation(z != 0) and bool((g(t) == z).all())
    return holds, f"{draws} random patterns of 2 to 24 points: exactly right and within the bound"


def kept_points(draws: int, rng: np.random.Generator) -> Outcome:
    """Lemma 4.7 of the paper: so many points are left to follow. That these are enough is ``interpolation``."""
    holds = True
    for z in _patterns(draws, rng):
        followed, _ = two_layer.kept_points(project(validate(np.arange(len(z))[:, None], z)))
        N = int((z != 0).sum())
        holds &= N == 0 or len(followed) <= min(3 * N + 2, len(z))
    return holds, f"in all {draws} patterns at most min{{3N + 2, K}} points had to be followed"


def fewest_kinks(draws: int, rng: np.random.Generator) -> Outcome:
    """``least_kinks.fewest`` passes through all points with as many kinks as the labels force: so both are right."""
    holds = True
    for _ in range(draws):
        t, y = _points((2, 16), rng)
        breaks, slopes = least_kinks.fewest(t, y)
        holds &= bool((_values(t, y[0], breaks, slopes) == y).all())
        holds &= len(breaks) == sum(instances.forced_kinks(t, y))
    return holds, (
        f"{draws} random sets of 2 to 15 points: the function passes through all of them, with exactly as many kinks "
        "as the labels force"
    )


def _values(t, first, breaks, slopes):
    """At the places t the function that is ``first`` at t[0] and has ``slopes`` between ``breaks``."""
    steps = [np.clip(t, low, high) - low for low, high in itertools.pairwise([t[0], *breaks, t[-1]])]
    return first + sum(slope * step for slope, step in zip(slopes, steps))


def four_in_line(draws: int, rng: np.random.Generator) -> Outcome:
    """Points inside long runs may be left out: the networks are right there, and none is wider than without."""
    holds, fewer = True, 0
    for _ in range(draws):
        y = np.zeros(40, dtype=int)
        y[rng.choice(40, int(rng.integers(1, 6)), replace=False)] = 1
        y = to_fractions(y * rng.integers(-5, 6, 40))
        t = to_fractions(np.sort(rng.choice(200, 40, replace=False)))
        some, _ = two_layer.kept_points(project(validate(t[:, None], y)), ends=2)
        g = two_layer.fit(t[:, None], y, method="least")
        holds &= bool((g(t[:, None]) == y).all()) and g.n_neurons == len(least_kinks.least(t, y).breaks)
        fewer += len(t) - len(some)
    return holds, (
        f"{draws} random patterns of 40 points: {fewer} points inside runs were left out, the networks are right there "
        "all the same and have as many neurons as without leaving anything out"
    )


# ---------------------------------------------------------------- the companion: facing left


def facing(draws: int, rng: np.random.Generator, cases: Iterable[tuple[np.ndarray, np.ndarray]] = ()) -> Outcome:
    """``two_layer.bend`` pays the first slope with its left-facing kinks, and has n - 2 kinks at most.

    ``cases``: points (t, z) looked at as well, with their networks, for five points or more or for four in a zigzag.
    """
    holds = True
    for _ in range(draws):
        t, y = _points((5, 16), rng)
        breaks, slopes, left = two_layer.bend(t, y)
        holds &= bool(slopes[0] + (np.diff(slopes) * left).sum() == 0) and len(breaks) <= len(t) - 2
    for t, y in cases:
        breaks, slopes, left = two_layer.bend(t, y)
        g = two_layer.fit(t[:, None], y, method="tight")
        holds &= bool(slopes[0] + np.diff(slopes)[left].sum() == 0) and bool((g(t[:, None]) == y).all())
        holds &= len(breaks) == (len(t) - 2 if len(t) > 4 else 3)
    return holds, (
        f"{draws} random sets of 5 to 15 points, and the six of the figure: at most n - 2 kinks (3 for four points "
        "in a zigzag), and the first slope plus the left-facing kinks is exactly 0"
    )


def alternating_sums(draws: int, rng: np.random.Generator) -> Outcome:
    """Paying the first slope by kinks and balancing slopes is the same: both give the same numbers."""
    holds = True
    for _ in range(draws):
        s = rng.integers(-9, 10, int(rng.integers(1, 8))).tolist()
        jumps = np.diff(s).tolist()
        paid = {s[0] + sum(itertools.compress(jumps, S)) for S in itertools.product([0, 1], repeat=len(jumps))}
        odd = {
            sum(chosen[::2]) - sum(chosen[1::2])
            for size in range(1, len(s) + 1, 2)
            for chosen in itertools.combinations(s, size)
        }
        holds &= paid == odd
    return holds, (
        f"{draws} random sequences of 1 to 7 slopes: s_0 plus the kinks of S, over all sets S, gives the same numbers "
        "as all alternating sums of oddly many slopes"
    )


# ---------------------------------------------------------------- the companion: the last neuron


def subset_sum(draws: int, rng: np.random.Generator) -> Outcome:
    """The instances of the reduction take one neuron less exactly if the numbers have the sum. Small numbers only."""
    right, solvable = True, 0
    for _ in range(draws):
        parts = rng.integers(1, 40, 6).tolist()
        target = int(rng.integers(1, sum(parts)))
        y = to_fractions([0, *np.cumsum(np.repeat(-target + np.cumsum([0, *parts]), 3)).tolist()])
        answer = any(sum(c) == target for size in range(1, 7) for c in itertools.combinations(parts, size))
        result = least_kinks.least(to_fractions(range(len(y))), y)
        right &= result.proved and len(result.breaks) == (6 if answer else 7)
        solvable += answer
    return right, (
        f"{draws} instances of SUBSET SUM with six numbers, {solvable} of them solvable, as 22 points: 6 neurons "
        "exactly for the solvable ones, otherwise 7"
    )


def two_methods(found: Mapping[int, Sequence[tuple]]) -> Outcome:
    """``found``: K -> rows (N, least width, width by search, cases refuted, neurons above the forced kinks)."""
    rows = [row for rows in found.values() for row in rows]
    return all(m == again for _, m, again, *_ in rows), (
        f"all {len(rows)} patterns of -1, 0, 1 up to sign, K <= {max(found)}: the two methods agree; "
        f"{sum(refuted for *_, refuted, _ in rows)} cases with one neuron less were refuted one by one"
    )


def worst_patterns(worst: Mapping[tuple[int, int], int]) -> Outcome:
    """``worst``: (N, K) -> the largest least width of the patterns of -1, 0, 1. Other labels are not looked at."""
    return all(m == bounds.two_layer(n, k).lower for (n, k), m in worst.items()), (
        f"for every N and K <= {max(k for _, k in worst)} the hardest of all patterns of -1, 0, 1 needs exactly what "
        "the theorem says"
    )


def within_one(found: Mapping[int, Sequence[tuple]], extra: Iterable[int], K_random: int) -> Outcome:
    """The least width is the number of forced kinks or one more: the rows of ``found``, and ``extra`` at random."""
    small, large = Counter(above for rows in found.values() for *_, above in rows), Counter(extra)
    return set(small) | set(large) <= {0, 1}, (
        f"the least width is the number of forced kinks in {small[0]} of the small patterns and one more in "
        f"{small[1]}; on {large.total()} random instances of {K_random} points it is one more in {large[1]}"
    )


def least_on_figure_3(proved: Iterable[bool]) -> Outcome:
    """``proved``: whether each random instance was decided. The instance of Figure 3 takes five, found in two ways."""
    t, z = instances.figure_3()
    found, again = two_layer.fit(t[:, None], z, method="least"), search.two_layer(t, z)
    return all(proved) and found.n_neurons == again.width == 5, (
        f"no search was given up on these instances; Figure 3 takes {found.n_neurons} neurons, and {again.refuted} "
        "cases refute four"
    )


# ---------------------------------------------------------------- the companion: rounding


def rounding(
    repairs: Mapping[str, Network],
    proofs: Mapping[str, Certificate],
    X: np.ndarray,
    z: np.ndarray,
    orders: int,
    rng: np.random.Generator,
) -> Outcome:
    """Float networks, summed in other orders on this processor, stay within the error that they state.

    ``repairs``: name -> network with one direction; ``proofs``: name -> its certificate. Other processors and fused
    multiply-add are not tried here.
    """
    worst = {
        name: max(np.abs(_reordered(g, rng.permutation(g.n_neurons)).in_order(X) - z).max() for _ in range(orders))
        for name, g in repairs.items()
    }
    return all(worst[name] <= g.error and proofs[name].max_error <= g.error for name, g in repairs.items()), (
        f"{len(repairs)} networks on the diabetes data, their neurons added in {orders} orders each: off by at most "
        f"{max(worst.values()):.0e} units, where the bounds say {max(g.error for g in repairs.values()):.0e}"
    )


def _reordered(g, shuffle):
    """The same network, its neurons and so its sums in another order."""
    hidden, output = g.layers
    first = Layer(RankOne(hidden.W.scale[shuffle], hidden.W.direction), hidden.b[shuffle])
    return Network((first, Layer(output.W[shuffle], output.b)))


# ---------------------------------------------------------------- the companion: errata


def figure_3(shortcut: Network, repaired: np.ndarray) -> Outcome:
    """The network of six pieces is right at all nine points, and both instances force as many kinks as is said."""
    t, z = instances.figure_3()
    bends, forced = kinks(shortcut), sum(instances.forced_kinks(t, z))
    forced_repaired = sum(instances.forced_kinks(t, repaired))
    right = bool((shortcut(t[:, None]) == z).all())
    return right and len(bends) == shortcut.n_neurons == 5 == forced and forced_repaired == 7, (
        f"kinks at {', '.join(str(k) for k in bends)}: six pieces, {shortcut.n_neurons} neurons, equal to all nine "
        f"labels; the printed instance forces {forced} kinks, so both are least; the repaired one forces "
        f"{forced_repaired} = K - 2"
    )


def quantifiers(g: Network, K: int) -> Outcome:
    """A network for K equal residuals that has no neuron, where the wording of the paper asks for min{3K, K-2}."""
    t = to_fractions(range(K))[:, None]
    return g.n_neurons == 0 and bool((g(t) == 7).all()), (
        f"K = N = {K} equal residuals: {g.n_neurons} neurons fit, "
        f"although min{{3N, K-2}} = {bounds.two_layer(K, K).paper_lower}"
    )
