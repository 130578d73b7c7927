"""The integer bounds against brute force: definitions are counted out, roots are compared exactly."""

from decimal import ROUND_CEILING, Decimal, getcontext
from fractions import Fraction
from math import ceil, floor

import pytest

from ftc_lib import bounds

getcontext().prec = 60
PAIRS = [(N, K) for K in range(1, 61) for N in range(K + 1)]


def up(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))


def root(value) -> Decimal:
    return Decimal(value).sqrt()


def split(n, cost):
    """min over G of G + cost * ceil(n / G), counted out."""
    return min((G + cost * ceil(Fraction(n, G)) for G in range(1, n + 1)), default=0)


def test_ceil_sqrt_is_the_least_integer_at_or_above_the_root():
    assert all(bounds.ceil_sqrt(p) == min(r for r in range(50) if r * r >= p) for p in range(2000))
    assert bounds.ceil_sqrt(10**40) == 10**20 and bounds.ceil_sqrt(10**40 + 1) == 10**20 + 1


def test_ceil_div_is_the_ceiling_of_the_quotient():
    assert all(bounds.ceil_div(a, b) == ceil(Fraction(a, b)) for a in range(-30, 31) for b in range(1, 12))


def test_zigzag_is_the_least_over_all_numbers_of_groups():
    assert all(bounds.zigzag(K) == split(K, 1) for K in range(1, 400))
    assert all(bounds.yun(K) == 2 * split(K, 1) for K in range(1, 400))


def test_windows_is_the_least_over_all_numbers_of_groups():
    assert all(bounds.windows(N) == split(N, 4) for N in range(400))


def test_windows_is_at_most_4_sqrt_N_plus_5():
    assert all((bounds.windows(N) - 5) ** 2 <= 16 * N or bounds.windows(N) <= 5 for N in range(2000))


def test_two_layer_is_min_3N_K_minus_2_with_the_small_exceptions():
    exceptions = {(1, 2): 1, (2, 2): 1, (1, 3): 2, (2, 3): 2, (3, 3): 2, (1, 4): 2, (2, 4): 3, (3, 4): 3, (4, 4): 3}
    for N, K in PAIRS:
        least = exceptions.get((N, K), max(min(3 * N, K - 2), 0))
        assert (bounds.two_layer(N, K).lower, bounds.two_layer(N, K).upper) == (least, least)


def test_two_layer_lies_within_the_papers_bounds():
    for N, K in PAIRS:
        b = bounds.two_layer(N, K)
        if K < 3:
            assert b.paper_lower is b.paper_upper is None
        else:
            assert (b.paper_lower, b.paper_upper) == (min(3 * N, K - 2), min(3 * N + 1, K - 1))
            assert b.paper_lower <= b.lower <= b.upper <= b.paper_upper


def test_three_layer_bounds_are_at_most_11_apart():
    gaps = [bounds.three_layer(N, K).upper - bounds.three_layer(N, K).lower for N, K in PAIRS]
    assert min(gaps) >= 0 and max(gaps) <= 11


def test_three_layer_bounds_are_2_sqrt_min_K_4N_up_to_5():
    """2 sqrt(p) - 5 <= lower and upper <= 2 sqrt(p) + 5 with p = min{K, 4N}, compared as squares."""
    for N, K in PAIRS:
        if N and K >= 5:
            b, p = bounds.three_layer(N, K), min(K, 4 * N)
            assert (b.lower + 5) ** 2 >= 4 * p
            assert b.upper <= 5 or (b.upper - 5) ** 2 <= 4 * p


def test_three_layer_paper_bounds_are_theorem_5_1_with_ceilings():
    for N, K in PAIRS:
        b = bounds.three_layer(N, K)
        if K >= 3:
            p = min(3 * N, K - 2)
            first = 2 * root(K) + min(2 * root(K), Decimal(3 * N))
            assert b.paper_lower == up(root(Decimal(2 * p) + Decimal("0.25")) - Decimal("0.5"))
            assert b.paper_upper == up(min(first, 6 * root(3 * N + 2)))


def test_three_layer_bounds_agree_with_the_papers_where_both_speak():
    for N, K in PAIRS:
        b = bounds.three_layer(N, K)
        if b.paper_lower is not None:
            assert max(b.lower, b.paper_lower) <= min(b.upper, b.paper_upper)


def test_three_layer_floor_beats_the_papers_lower_bound_from_some_K_on():
    assert all(bounds.three_layer_floor(K, K) > bounds.three_layer(K, K).paper_lower for K in range(100, 1000))


@pytest.mark.parametrize("bound", [bounds.two_layer, bounds.three_layer])
def test_more_changes_never_need_fewer_neurons(bound):
    for K in range(1, 61):
        lower, upper = zip(*((bound(N, K).lower, bound(N, K).upper) for N in range(K + 1)))
        assert list(lower) == sorted(lower) and list(upper) == sorted(upper)


@pytest.mark.parametrize("name", ["two_layer", "three_layer"])
def test_capacities_invert_the_neuron_counts(name):
    need, capacity = getattr(bounds, name), getattr(bounds, f"capacity_{name}")
    for K in range(1, 41):
        table = [need(N, K) for N in range(K + 1)]
        for m in range(45):
            c = capacity(m, K)
            assert c.lower == max(N for N in range(K + 1) if table[N].upper <= m)
            assert c.upper == max(N for N in range(K + 1) if table[N].lower <= m)


def test_two_layer_capacity_is_floor_m_over_3_below_K_minus_2():
    for K in range(5, 41):
        for m in range(45):
            assert bounds.capacity_two_layer(m, K).lower == (K if m >= K - 2 else m // 3)


def test_paper_capacities_are_the_corollaries():
    """Corollaries 4.2 and 5.2 in Fractions, rounded inwards to integers."""
    for K in range(1, 80):
        for m in range(45):
            two, three = bounds.capacity_two_layer(m, K), bounds.capacity_three_layer(m, K)
            expected = (K, K) if m + 1 >= K else (max(floor(Fraction(m - 1, 3)), 0), floor(Fraction(m, 3)))
            assert (two.paper_lower, two.paper_upper) == expected
            below = max(ceil(Fraction(m * m, 108) - Fraction(2, 3)), 0)
            if Fraction(m * m, 16) >= K:
                expected = K, K
            elif Fraction(m * m + m + 4, 2) > K:
                expected = below, K
            else:
                expected = below, floor(Fraction(m * m + m, 6))
            assert (three.paper_lower, three.paper_upper) == expected


def test_interpolation_counts_only_the_ends_of_untouched_runs():
    """Theorem 4.4 against the points that are left when the inside of every run is struck out."""
    for K in range(1, 11):
        for bits in range(2**K):
            changed = [bool(bits >> i & 1) for i in range(K)]
            padded = [True, *changed, True]
            left = sum(any(padded[i : i + 3]) for i in range(K))
            assert bounds.interpolation(changed) == left - 1
            assert left <= max(min(3 * sum(changed) + 2, K), 1)  # Lemma 4.7


def test_deep_width_is_the_formula_of_the_proof():
    for N, K in PAIRS[::7]:
        for layers in range(4, 12):
            shallow = root(Decimal(3 * N) / ((layers - 1) // 2) + 5)
            assert bounds.deep_width(N, K, layers) == up(4 * min(shallow, root(K))) + 2


@pytest.mark.parametrize("n, d", [(1, 1), (7, 2), (8, 2), (403, 20), (442, 10), (5, 9)])
def test_general_position_counts(n, d):
    def groups(k, size):
        return len(range(0, k, size))

    assert bounds.baum_threshold(n, d) == 2 * groups(n, 2 * d)
    assert bounds.baum_relu(n, d) == 4 * groups(n, d)
    assert bounds.peeling(n, d) == 2 * groups(n, d)
    assert bounds.general_position(n, 3, d) == min(4 * groups(n + 3, d), 3 * (groups(n, d) + groups(3, d)))
    assert bounds.parameter_floor(n, d) * (d + 1) + 1 >= n > (bounds.parameter_floor(n, d) - 1) * (d + 1) + 1


@pytest.mark.parametrize(
    "call, culprit",
    [
        (lambda: bounds.two_layer(1, 0), "K is 0"),
        (lambda: bounds.two_layer(4, 3), "N is 4"),
        (lambda: bounds.three_layer(-1, 3), "N is -1"),
        (lambda: bounds.capacity_two_layer(-1, 3), "m is -1"),
        (lambda: bounds.capacity_three_layer(2, 0), "K is 0"),
        (lambda: bounds.deep_width(1, 3, 3), "layers is 3"),
        (lambda: bounds.baum_relu(0, 2), "n is 0"),
        (lambda: bounds.baum_threshold(2, 0), "d is 0"),
        (lambda: bounds.general_position(-1, 0, 2), "positive is -1"),
        (lambda: bounds.interpolation([]), "changed is empty"),
    ],
)
def test_impossible_counts_are_refused_by_name(call, culprit):
    with pytest.raises(ValueError, match=culprit):
        call()


def test_every_bound_names_its_source():
    for b in (bounds.two_layer(2, 9), bounds.three_layer(2, 9), bounds.capacity_two_layer(4, 9)):
        assert set(b.sources) == {"lower", "upper", "paper_lower", "paper_upper"}
        assert "2408.00359" in b.sources["paper_upper"] and bounds.BOOK in b.sources["upper"]
