"""Every bound of the book as a function of the integers N, K, m, d, n, L.

Nothing here builds a network. Square roots are never rounded: a bound m >= sqrt(p) is stated as the least
integer m with m^2 >= p. ``paper_lower`` and ``paper_upper`` are the bounds as printed, a real upper bound
replaced by the next integer above; ``lower`` and ``upper`` are this book's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isqrt

PAPER = "Sohn, Kwon, An, Lee, arXiv 2408.00359"
BOOK = "this book"


@dataclass(frozen=True)
class Bounds:
    """lower <= the quantity <= upper, ours and the paper's (None where the paper does not speak)."""

    lower: int
    upper: int
    paper_lower: int | None
    paper_upper: int | None
    sources: dict[str, str]


def ceil_div(a: int, b: int) -> int:
    """ceil(a / b) for integers."""
    return -(-a // b)


def ceil_sqrt(p: int) -> int:
    """ceil(sqrt(p)) for an integer p >= 0."""
    return 1 + isqrt(p - 1) if p > 0 else 0


# ---------------------------------------------------------------- two layers


def two_layer(N: int, K: int) -> Bounds:
    """m*(N, K), the neurons that two layers need to change any N of any K labels. Exact (lower == upper).

    Paper, Theorem 4.1: min{3N, K-2} <= m* <= min{3N+1, K-1} for K >= 3. This book: m* = min{3N, K-2} for
    K >= 5; 2 for K = 3; 2 or 3 for K = 4 and N = 1 or N >= 2; K - 1 for K <= 2.
    """
    _counts(N, K)
    if N == 0:
        least = 0
    elif K <= 3:
        least = K - 1
    elif K == 4:
        least = 2 if N == 1 else 3
    else:
        least = min(3 * N, K - 2)
    printed: tuple[int | None, int | None] = (None, None)
    if K >= 3:
        printed = min(3 * N, K - 2), min(3 * N + 1, K - 1)
    return Bounds(least, least, *printed, _sources("Theorem 4.1", "exact two-layer capacity"))


def capacity_two_layer(m: int, K: int) -> Bounds:
    """N*, the labels that m neurons in two layers can always change among K. Exact (lower == upper).

    Paper, Corollary 4.2: N* = K if K <= m+1, else floor((m-1)/3) <= N* <= m/3. This book inverts the exact
    ``two_layer``: for K >= 5, N* = K if m >= K-2, else floor(m/3).
    """
    _widths(m, K)
    most = _largest(lambda N: two_layer(N, K).upper <= m, K)
    printed = (K, K) if K <= m + 1 else (max((m - 1) // 3, 0), m // 3)
    return Bounds(most, most, *printed, _sources("Corollary 4.2", "exact two-layer capacity"))


def interpolation(changed: Iterable[bool]) -> int:
    """Paper, Theorem 4.4: enough neurons for one pattern of changes along the line.

    ``changed``: K booleans in the order of the projected samples. K - 1 less max(length - 2, 0) for each run
    of untouched samples: of a run only its two ends matter.
    """
    changed = [bool(c) for c in changed]
    if not changed:
        raise ValueError("changed is empty: there is no sample")
    neurons, run = len(changed) - 1, 0
    for c in [*changed, True]:
        if c:
            neurons -= max(run - 2, 0)
        run = 0 if c else run + 1
    return neurons


# ---------------------------------------------------------------- three layers


def three_layer(N: int, K: int) -> Bounds:
    """m*(N, K), the neurons d1 + d2 that three layers need to change any N of any K labels.

    Paper, Theorem 5.1: sqrt(2 min{3N, K-2} + 1/4) - 1/2 <= m* <= min{2 sqrt(K) + min{2 sqrt(K), 3N},
    6 sqrt(3N+2)}, here with the next integers. This book: ``zigzag``, ``windows``, ``three_layer_pairs`` and one
    neuron more than ``two_layer`` above, ``three_layer_floor`` below. They are at most 5 apart, and equal for
    N <= 2 and for K <= 5.
    """
    _counts(N, K)
    printed: tuple[int | None, int | None] = (None, None)
    if K >= 3:
        p = min(3 * N, K - 2)
        below = ceil_sqrt(8 * p + 1) // 2  # the least m with (2m + 1)^2 >= 8p + 1
        printed = below, min(ceil_sqrt(16 * K), ceil_sqrt(4 * K) + 3 * N, ceil_sqrt(36 * (3 * N + 2)))
    above = 0  # one label needs only a bias
    if K > 1:
        above = min(zigzag(K), windows(N), three_layer_pairs(N), 1 + two_layer(N, K).upper)
    return Bounds(three_layer_floor(N, K), above, *printed, _sources("Theorem 5.1", "three-layer theorem"))


def three_layer_floor(N: int, K: int) -> int:
    """This book: no three-layer network with fewer neurons serves all instances. The best of four counts.

    Alternating signs: (d1 + 1)(d2 + 1) - 1 kinks, and min{3N, K-2} are forced. Parameters: (d1 + 1)(d2 + 1) matter
    once each neuron is rescaled, and N are needed. Sparse changes: for 4(q + q') < K, with q >= q' positive and
    negative targets, a G1 >= 2q + 1, b G2 >= 2q' + 1 and m >= G1 + G2 + a + b - 4. Few labels: ``alternation_floor``.
    Together at least 2 sqrt(min{K, 4N}) - 4.
    """
    _counts(N, K)
    if N == 0 or K == 1:
        return 0
    p = max(min(3 * N, K - 2) + 1, N)
    sparse = min(N, (K - 1) // 4)
    q, other = ceil_div(sparse, 2), sparse // 2
    halves = ceil_sqrt(4 * (2 * q + 1)) + ceil_sqrt(4 * (2 * other + 1)) - 4 if sparse else 0
    return max(alternation_floor(N, K), ceil_sqrt(4 * p) - 2, halves)


def one_sign(N: int, K: int) -> Bounds:
    """``three_layer`` for residuals of one sign: no residual is negative, or none is positive.

    This book: ceil(2 sqrt(3N)) by triangles, or ``three_layer`` where that is less, so at most the zigzag's
    ceil(2 sqrt(K)). From below ceil(2 sqrt(3q + 1)) - 2 for 4q < K, q <= N, and the counts of parameters and of signs,
    which such residuals obey as well. For K >= 4N + 1 the two are at most 2 apart. The paper does not treat them.
    """
    above = min(ceil_sqrt(12 * N), three_layer(N, K).upper)
    sources = {"lower": f"{BOOK}, one-sign theorem", "upper": f"{BOOK}, one-sign theorem"}
    if above == 0:
        return Bounds(0, 0, None, None, sources)
    forced = 3 * min(N, (K - 1) // 4) + 1
    below = max(alternation_floor(N, K), ceil_sqrt(4 * max(forced, N)) - 2)
    return Bounds(below, above, None, None, sources)


def alternations(d1: int, d2: int) -> int:
    """This book, alternation lemma: at most so often do the slopes of a (d1, d2) network on a line change sign.

    D ReLUs of affine functions do so a(D) times: D, or D - 1 for D <= 2. That is a(d2) in each of d1 + 1 groups, and
    once where two of them meet; or once at each kink, for a pre-activation crosses zero a(d1) + 1 times at most.
    """
    if d1 < 1 or d2 < 1:
        raise ValueError(f"the widths are {d1} and {d2}: three layers have at least one neuron in each")
    in_first, in_second = (D if D >= 3 else D - 1 for D in (d1, d2))
    if d2 == 1:
        return in_first  # those of the pre-activation
    if d1 == 1:
        return in_second  # the other group is flat
    return d1 + min((d1 + 1) * in_second, (in_first + 1) * d2)


def alternation_floor(N: int, K: int) -> int:
    """This book: the least m = d1 + d2 whose ``alternations`` are enough for every zigzag of N among K labels.

    With the labels 0, 1, 0, 1, .. the slopes change sign min{2N - 1, K - 2} times. Sharper than the other counts for
    few labels only: 2 for K = 2, 3 for N = 1 or K = 3, 4 beyond, 5 from N = 4 and K = 8 on, 6 from N = 5 and K = 11 on.
    """
    _counts(N, K)
    if N == 0 or K == 1:
        return 0
    changes = min(2 * N - 1, K - 2)
    m = max(ceil_sqrt(4 * (changes + 1)) - 2, 2)  # alternations(d1, d2) < (d1 + 1)(d2 + 1)
    while alternations(m // 2, m - m // 2) < changes:  # no other (d1, d2) with d1 + d2 = m allows more
        m += 1
    return m


def grid(n: int, cost: int) -> tuple[int, int]:
    """(G, cost * D): groups and layer-2 neurons for n samples in G groups of D, with the least G + cost * D."""
    most = min(n, ceil_sqrt(4 * ceil_div(n, cost)) + 2)  # beyond, the second layer alone exceeds the best sum
    sizes = [(ceil_div(n, D), cost * D) for D in range(1, most + 1)]
    return min(sizes, key=lambda size: (sum(size), size), default=(0, 0))


# Several outputs share layer 1, and each has slots of its own.


def zigzag(K: int, outputs: int = 1) -> int:
    """This book: min over G of G + ceil(K/G) = ceil(2 sqrt(K)) neurons fit any K labels in three layers."""
    return sum(grid(K, outputs))


def windows(N: int, outputs: int = 1) -> int:
    """This book: min over G of G + 4 ceil(N/G), at most 4 sqrt(N) + 1, neurons change N labels, whatever K."""
    return sum(grid(N, 4 * outputs))


def yun(K: int, outputs: int = 1) -> int:
    """The paper's 4 sqrt(K) with whole groups and slots: min over G of 2 G + 2 ceil(K/G) = 2 ceil(2 sqrt(K))."""
    return 2 * sum(grid(K, outputs))


def three_layer_bumps(N: int, K: int) -> int:
    """The paper's 2 sqrt(K) + 3N with whole groups: 2 ceil(sqrt(K)) + 3N, however many outputs."""
    return 2 * ceil_sqrt(K) + 3 * N


def three_layer_kept(p: int, outputs: int = 1) -> int:
    """The paper's 6 sqrt(p), p <= 3N + 2 points to follow, whole: 2 min over G of G + 2 ceil(p/G).

    About 4 sqrt(2p) and never above 6 sqrt(p) rounded up: whole numbers cost nothing here, because the best G is
    not the paper's sqrt(p).
    """
    return 2 * sum(grid(p, 2 * outputs))


def three_layer_appendix(N: int, outputs: int = 1) -> int:
    """The paper's Appendix A: 4 neurons a label and one window of 4."""
    return 4 * N + 4 * outputs


def three_layer_pairs(N: int, outputs: int = 1) -> int:
    """This book: 2N neurons, and one more if N is odd, change N labels, whatever K is."""
    return N + N % 2 + N * outputs


def through(N: int, K: int, outputs: int = 1) -> int:
    """This book: one neuron more than two layers take; with several outputs these interpolate."""
    return 1 + (two_layer(N, K).upper if outputs == 1 else min(3 * N, K - 1))


def capacity_three_layer(m: int, K: int) -> Bounds:
    """N*, the labels that m neurons in three layers can always change among K.

    Paper, Corollary 5.2, with integers: N* = K for K <= floor(m^2/16); N* >= m^2/108 - 2/3 beyond, and
    N* <= (m^2 + m)/6 for K >= (m^2 + m + 4)/2. This book inverts ``three_layer``.
    """
    _widths(m, K)
    below = max(ceil_div(m * m - 72, 108), 0)
    if K <= m * m // 16:
        printed = K, K
    elif 2 * K < m * m + m + 4:
        printed = below, K
    else:
        printed = below, (m * m + m) // 6
    lower = _largest(lambda N: three_layer(N, K).upper <= m, K)
    upper = _largest(lambda N: three_layer_floor(N, K) <= m, K)
    return Bounds(lower, upper, *printed, _sources("Corollary 5.2", "three-layer theorem"))


# ---------------------------------------------------------------- four layers and more


def deep(N: int, K: int, layers: int) -> Bounds:
    """The least width (neurons in the largest hidden layer) with which L >= 4 layers change any N of any K labels.

    Paper, Proposition 6.1: ``deep_width``. This book: ``deep_windows``, ``deep_zigzag`` and ``deep_relay`` above,
    ``deep_floor`` below. For N = K both are sqrt(K/(L-2)) up to 4; for small N they are up to a factor of 2 apart.
    """
    _counts(N, K)
    above = 0  # one label needs only a bias
    if N and K > 1:
        above = min(deep_windows(N, layers), deep_zigzag(K, layers), deep_relay(N, K, layers))
    sources = _sources("Proposition 6.1", "deep theorem")
    return Bounds(deep_floor(N, K, layers), above, None, deep_width(N, K, layers), sources)


def deep_width(N: int, K: int, layers: int) -> int:
    """Paper, Proposition 6.1: a width that suffices for L >= 4 layers, by the formula its proof gives.

    4 min{sqrt(3N / floor((L-1)/2) + 5), sqrt(K)} + 2, rounded up. (The main text prints a second root around
    floor((L-1)/2).)
    """
    _counts(N, K)
    blocks = _blocks(layers)
    # ceil(4 sqrt(a/b)) is the least w with w^2 b >= 16 a
    return min(ceil_sqrt(ceil_div(16 * (3 * N + 5 * blocks), blocks)), ceil_sqrt(16 * K)) + 2


def deep_windows(N: int, layers: int) -> int:
    """This book: a width at which L layers change N labels, whatever K is; at most 2 sqrt(N/B + 1) + 4.

    B = floor((L-1)/2) blocks of two hidden layers; the least width whose ``deep_grids`` have room for N.
    """
    return deep_grids(N, layers, "windows")[0]


def deep_zigzag(K: int, layers: int) -> int:
    """This book: a width at which L layers fit any K labels, at most ceil(sqrt(K/B)) + 2, B = floor((L-1)/2)."""
    return deep_grids(K, layers, "zigzag")[0]


def deep_grids(n: int, layers: int, method: str) -> tuple[int, list[tuple[int, int]]]:
    """The least width with room for n labels, and (G, D) of each block: G groups of D labels each.

    ``method``: "windows" (4 neurons a slot) or "zigzag" (one). A block has G neurons and one for the sum so
    far in its first layer; its slots and one each for t and the sum in its second. The first block has no
    sum yet and the last one needs no t; a single block needs neither. A zigzag that is not the last one needs
    an even G. One block is used instead of all where that is no wider.
    """
    grids = {"windows": _windows_blocks, "zigzag": _zigzag_blocks}[method]
    return _least_width(n, [1, _blocks(layers)], grids)


def deep_relay(N: int, K: int, layers: int) -> int:
    """This book: a width at which L layers change any N of any K labels, no weight matrix idle.

    With zigzags at most sqrt(K/(L-2) + 1) + 3, with windows at most sqrt(4N/(L-2)) + 8; the least width whose
    ``relay_grids`` have room.
    """
    _counts(N, K)
    return min(relay_grids(K, layers, "zigzag")[0], relay_grids(N, layers, "windows")[0])


def relay_grids(n: int, layers: int, method: str) -> tuple[int, list[tuple[int, int]]]:
    """The least width with room for n labels in a relay, and (G, D) of each of its at most L - 2 legs.

    A leg's groups are made by the neurons of one layer, its slots by those of the next: ``method`` "zigzag" (a neuron a
    slot, and one for the sum from layer 3 on) or "windows" (4 neurons a slot, one more before the last leg, two
    sums from layer 3 on). All legs but the last spend two kinks on the way to the next one.
    """
    _blocks(layers)
    return _least_width(n, [1, 2, layers - 2], {"windows": _windows_legs, "zigzag": _zigzag_legs}[method])


def _least_width(n: int, options: Iterable[int], grids: Callable) -> tuple[int, list[tuple[int, int]]]:
    """The least width at which some number of parts has room for n labels, and the (G, D) of these parts."""
    if n < 0:
        raise ValueError(f"n is {n}: a number of labels is >= 0")
    width = 0
    while n:
        width += 1
        for parts in options:
            found = [(G, D) for G, D in grids(width, parts) if G > 0 and D > 0]
            if sum(G * D for G, D in found) >= n:
                return width, found
    return 0, []


def _windows_blocks(width: int, blocks: int) -> list[tuple[int, int]]:
    if blocks == 1:
        return [(width, width // 4)]
    return [(width, (width - 1) // 4), *[(width - 1, (width - 2) // 4)] * (blocks - 2), (width - 1, (width - 1) // 4)]


def _zigzag_blocks(width: int, blocks: int) -> list[tuple[int, int]]:
    if blocks == 1:
        return [(width, width)]
    first, middle = width - width % 2, width - 1 - (width - 1) % 2  # even
    return [(first, width - 1), *[(middle, width - 2)] * (blocks - 2), (width - 1, width - 1)]


def _windows_legs(width: int, legs: int) -> list[tuple[int, int]]:
    if legs == 1:
        return [(width, width // 4)]
    second, later, last = (width - 1) // 4, (width - 3) // 4, (width - 2) // 4
    if legs == 2:
        return [(width - 2, second), (4 * second + 1, last)]
    middle = [(4 * later - 1, later)] * (legs - 3)
    return [(width - 2, second), (4 * second - 1, later), *middle, (4 * later + 1, last)]


def _zigzag_legs(width: int, legs: int) -> list[tuple[int, int]]:
    if legs == 1:
        return [(width, width)]
    if legs == 2:
        return [(width - 2, width), (width, width - 1)]
    middle = [(width - 3, width - 1)] * (legs - 3)
    return [(width - 2, width), (width - 2, width - 1), *middle, (width - 1, width - 1)]


def deep_floor(N: int, K: int, layers: int) -> int:
    """This book: no narrower L-layer network serves all instances. The best of three counts, all on a line.

    Parameters: (L-2) w^2 + 2w + 1 >= N for real labels, since w_1 + sum of w_i w_(i+1) + w_(L-1) + 1 numbers are
    left when each neuron is rescaled. Pieces: (w + 1)^(L-1) > min{3N, K-2}. And one neuron a layer is monotone.
    """
    _counts(N, K)
    _blocks(layers)
    if N == 0 or K == 1:
        return 0
    width = 1 if K == 2 else 2
    while (layers - 2) * width**2 + 2 * width + 1 < N or (width + 1) ** (layers - 1) <= min(3 * N, K - 2):
        width += 1
    return width


def any_depth_floor(N: int) -> int:
    """This book: hidden neurons that N arbitrary real labels need, however they are spread over layers.

    At least 2 sqrt(N) - 2: in two hidden layers or more m neurons leave at most (m + 2)^2 / 4 parameters that
    matter, and N of them are needed; in one, N - 2 kinks are. Three layers come within 2 neurons, see ``zigzag``.
    """
    if N < 0:
        raise ValueError(f"N is {N}: a number of labels is >= 0")
    return max(ceil_sqrt(4 * N) - 2, 0)


def _blocks(layers: int) -> int:
    """B = floor((L-1)/2): L layers have L - 1 hidden ones, and a block takes two."""
    if layers < 4:
        raise ValueError(f"layers is {layers}: the proposition is about L >= 4")
    return (layers - 1) // 2


# ---------------------------------------------------------------- general position


def baum_threshold(n: int, d: int) -> int:
    """2 ceil(n/(2d)) threshold units realise any binary labels of n points in general position in R^d.

    Statement of Baum's kind in 2006.02855 (about ceil(n/d)); the exact count is this book's.
    """
    _points(n, d)
    return 2 * ceil_div(n, 2 * d)


def baum_relu(n: int, d: int) -> int:
    """4 ceil(n/d) ReLUs fit any real labels of n points in general position in R^d (2006.02855)."""
    _points(n, d)
    return 4 * ceil_div(n, d)


def parameter_floor(n: int, d: int) -> int:
    """ceil((n-1)/(d+1)): fewer ReLUs have fewer free parameters than there are labels.

    m ReLUs have m (d + 2) + 1 parameters, and rescaling each neuron leaves m (d + 1) + 1 that matter.
    Counting parameters is why c n/d neurons are necessary (2006.02855); the integer is this book's.
    """
    _points(n, d)
    return ceil_div(n - 1, d + 1)


def general_position(positive: int, negative: int, d: int) -> int:
    """This book, exact: the ReLUs that change given numbers of positive and negative labels in general position.

    So many always suffice in R^d, whatever K is, and are needed once the untouched samples are dense enough.
    3 a group of d labels of one sign; what is left takes 3 a sign, or 4 together when it fits in one group.
    Never more than 4 ceil(N/d) or 3 (ceil(N+/d) + ceil(N-/d)).
    """
    if positive < 0 or negative < 0:
        raise ValueError(f"positive is {positive} and negative is {negative}: counts are >= 0")
    _points(1, d)
    left = positive % d, negative % d
    together = 4 if all(left) and sum(left) <= d else 3 * sum(r > 0 for r in left)
    return 3 * (positive // d + negative // d) + together


def general_position_worst(N: int, d: int) -> int:
    """This book: the largest ``general_position`` of N labels, over their signs.

    3 ceil(N/d) when N leaves the remainder 1 modulo d (always so for d = 1), else 3 ceil(N/d) + 1; 0 for N = 0.
    """
    if N < 0:
        raise ValueError(f"N is {N}: a number of labels is >= 0")
    _points(1, d)
    return 3 * ceil_div(N, d) + (N > 0 and (N - 1) % d != 0)


def slices(n: int, d: int) -> int:
    """ceil(n/(d+1)) + ceil((n-1)/(d+1)) - 1 ReLUs memorise n points in general position in R^d (this book).

    One ReLU for d + 1 points, a pair for each d + 1 more, and one if a single point is left: n - 1 for d = 1, and about
    twice ``parameter_floor``.
    """
    _points(n, d)
    return ceil_div(n, d + 1) + ceil_div(n - 1, d + 1) - 1


def three_layer_parameter_floor(n: int, d: int) -> int:
    """This book: no three-layer ReLU network with fewer neurons d1 + d2 fits almost all labels of n points in R^d.

    d1 d + d1 d2 + d2 + 1 parameters matter, so (d1 + 1)(d2 + d) >= n + d - 1. At least
    2 sqrt(n + d - 1) - d - 1: dimension saves about d neurons, no more. One label needs only a bias.
    """
    _points(n, d)
    if n == 1:
        return 0
    product = n + d - 1
    # a factor at most the root is enough: the product is symmetric, and d2 >= 1 only asks for a smaller d1
    return min(d1 + max(ceil_div(product, d1 + 1) - d, 1) for d1 in range(1, ceil_sqrt(product) + 1))


def _largest(fits: Callable[[int], bool], K: int) -> int:
    """The largest N <= K with fits(N), for a condition that holds at 0 and fails from some N on."""
    low, high = 0, K
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _sources(theorem: str, ours: str) -> dict[str, str]:
    return {
        "lower": f"{BOOK}, {ours}",
        "upper": f"{BOOK}, {ours}",
        "paper_lower": f"{PAPER}, {theorem}",
        "paper_upper": f"{PAPER}, {theorem}",
    }


def _counts(N: int, K: int) -> None:
    if K < 1:
        raise ValueError(f"K is {K}: there must be a sample")
    if not 0 <= N <= K:
        raise ValueError(f"N is {N}: between 0 and K = {K} labels can change")


def _widths(m: int, K: int) -> None:
    if m < 0:
        raise ValueError(f"m is {m}: a number of neurons is >= 0")
    if K < 1:
        raise ValueError(f"K is {K}: there must be a sample")


def _points(n: int, d: int) -> None:
    if n < 1 or d < 1:
        raise ValueError(f"n is {n} and d is {d}: both are at least 1")
