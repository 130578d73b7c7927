"""Every bound of the book as a function of the integers N, K, m, d, n, L.

Nothing here builds a network. Square roots are never rounded: a bound m >= sqrt(p) is stated as the least
integer m with m^2 >= p. ``paper_lower`` and ``paper_upper`` are the bounds as printed, a real upper bound
replaced by the next integer above; ``lower`` and ``upper`` are this book's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

PAPER = "Sohn, Kwon, An, Lee, arXiv 2408.00359"
BUBECK = "Bubeck, Eldan, Lee, Mikulincer, arXiv 2006.02855"
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
    printed = (min(3 * N, K - 2), min(3 * N + 1, K - 1)) if K >= 3 else (None, None)
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


def interpolation(changed) -> int:
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
    6 sqrt(3N+2)}, here with the next integers. This book: ``zigzag``, ``windows`` and one neuron more than
    ``two_layer`` above, ``three_layer_floor`` below, at most 11 apart.
    """
    _counts(N, K)
    printed = (None, None)
    if K >= 3:
        p = min(3 * N, K - 2)
        below = ceil_sqrt(8 * p + 1) // 2  # the least m with (2m + 1)^2 >= 8p + 1
        printed = below, min(ceil_sqrt(16 * K), ceil_sqrt(4 * K) + 3 * N, ceil_sqrt(36 * (3 * N + 2)))
    above = min(zigzag(K), windows(N), 1 + two_layer(N, K).upper) if K > 1 else 0  # one label needs only a bias
    return Bounds(three_layer_floor(N, K), above, *printed, _sources("Theorem 5.1", "three-layer theorem"))


def three_layer_floor(N: int, K: int) -> int:
    """This book: no three-layer network with fewer neurons serves all instances. The better of two counts.

    Alternating signs: (d1 + 1)(d2 + 1) >= p with p - 1 = min{3N, K-2} forced kinks. Sparse changes: for
    4N' < K, with q >= q' positive and negative targets, a G1 >= 2q + 1, b G2 >= 2q' + 1 and
    m >= G1 + G2 + a + b - 4. Together at least 2 sqrt(min{K, 4N}) - 5, for K >= 5.
    """
    _counts(N, K)
    if N == 0 or K == 1:
        return 0
    p = min(3 * N, K - 2) + 1
    alternating = max(ceil_sqrt(4 * p) - 2, 2)  # an interior or end label needs a neuron in each layer
    sparse = min(N, (K - 1) // 4)
    q, other = ceil_div(sparse, 2), sparse // 2
    halves = ceil_sqrt(4 * (2 * q + 1)) + ceil_sqrt(4 * (2 * other + 1)) - 4 if sparse else 0
    return max(alternating, halves)


def zigzag(K: int) -> int:
    """This book: min over G of G + ceil(K/G) = ceil(2 sqrt(K)) neurons fit any K labels in three layers."""
    return ceil_sqrt(4 * K)


def windows(N: int) -> int:
    """This book: min over G of G + 4 ceil(N/G), at most 4 sqrt(N) + 5, neurons change N labels, whatever K."""
    most = min(N, ceil_sqrt(16 * N) + 1)  # beyond, G alone exceeds the best sum
    return min((G + 4 * ceil_div(N, G) for G in range(1, most + 1)), default=0)


def yun(K: int) -> int:
    """The paper's U1 with the ceilings it needs: min over G of 2 G + 2 ceil(K/G) = 2 ceil(2 sqrt(K))."""
    return 2 * ceil_sqrt(4 * K)


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


def deep_width(N: int, K: int, layers: int) -> int:
    """Paper, Proposition 6.1: a width that suffices for L >= 4 layers, by the formula its proof gives.

    4 min{sqrt(3N / floor((L-1)/2) + 5), sqrt(K)} + 2, rounded up. (The main text prints a second root around
    floor((L-1)/2).)
    """
    _counts(N, K)
    if layers < 4:
        raise ValueError(f"layers is {layers}: the proposition is about L >= 4")
    blocks = (layers - 1) // 2
    # ceil(4 sqrt(a/b)) is the least w with w^2 b >= 16 a
    return min(ceil_sqrt(ceil_div(16 * (3 * N + 5 * blocks), blocks)), ceil_sqrt(16 * K)) + 2


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
    """This book: neurons that change N = positive + negative labels of points in general position in R^d.

    The fewer of 4 ceil(N/d) and 3 (ceil(N+/d) + ceil(N-/d)). K does not matter.
    """
    if positive < 0 or negative < 0:
        raise ValueError(f"positive is {positive} and negative is {negative}: counts are >= 0")
    _points(1, d)
    return min(4 * ceil_div(positive + negative, d), 3 * (ceil_div(positive, d) + ceil_div(negative, d)))


def peeling(n: int, d: int) -> int:
    """2 ceil(n/d) ReLUs memorise n points in general position by peeling facets (known; see this book)."""
    _points(n, d)
    return 2 * ceil_div(n, d)


def _largest(fits, K: int) -> int:
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
