"""The integer bounds against brute force: definitions are counted out, roots are compared exactly."""

from decimal import ROUND_CEILING, Decimal, getcontext
from fractions import Fraction
from math import ceil, floor

import pytest

from ftc_lib.core import bounds

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


def test_windows_is_at_most_4_sqrt_N_plus_1():
    assert all((bounds.windows(N) - 1) ** 2 <= 16 * N for N in range(1, 2000))
    assert all(bounds.windows(r * r) == 4 * r + 1 for r in range(1, 100, 2))  # so 1 cannot be less


def test_kept_is_the_least_over_all_numbers_of_groups_and_within_6_sqrt_p():
    for p in range(1, 2000):
        least = bounds.three_layer_kept(p)
        assert p > 200 or least == 2 * min(G + 2 * ceil(Fraction(p, G)) for G in range(1, p + 1))
        assert least <= bounds.ceil_sqrt(36 * p) and (least - 2) ** 2 <= 32 * p


def test_bumps_are_the_papers_with_an_even_number_where_2_sqrt_K_is_rounded():
    for K in range(1, 400):
        rounded = bounds.three_layer_bumps(7, K) - bounds.ceil_sqrt(4 * K) - 21
        assert rounded == bounds.ceil_sqrt(4 * K) % 2


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


def test_three_layer_bounds_are_at_most_5_apart_and_often_equal():
    for N, K in PAIRS:
        b = bounds.three_layer(N, K)
        assert 0 <= b.upper - b.lower <= (0 if N <= 2 or K <= 5 else 5)


def test_three_layer_small_cases():
    """One sample: 0. Two: 2. One label: 3. Two labels, or four or five samples: 4, and 3 for three samples."""
    for N, K in PAIRS:
        if N and (N <= 2 or K <= 5):
            least = 0 if K == 1 else 2 if K == 2 else 3 if N == 1 or K == 3 else 4
            assert bounds.three_layer(N, K).lower == bounds.three_layer(N, K).upper == least


def test_three_layer_bounds_are_2_sqrt_min_K_4N_less_4_to_plus_1():
    """2 sqrt(p) - 4 <= lower and upper <= 2 sqrt(p) + 1 with p = min{K, 4N}, compared as squares."""
    larger = [(n, k) for k in range(61, 1500, 37) for n in range(1, k + 1)]
    for N, K in PAIRS + larger:
        if N:
            b, p = bounds.three_layer(N, K), min(K, 4 * N)
            assert (b.lower + 4) ** 2 >= 4 * p
            assert b.upper < 1 or (b.upper - 1) ** 2 <= 4 * p


def test_memorisation_is_settled_up_to_two_neurons():
    """(d1 + 1)(d2 + 1) parameters for K labels: at least ceil(2 sqrt(K)) - 2, where ceil(2 sqrt(K)) are enough."""
    for K in range(2, 400):
        m = bounds.three_layer_floor(K, K)
        assert max((d + 1) * (m - d + 1) for d in range(m + 1)) >= K
        assert m == bounds.alternation_floor(K, K) or max((d + 1) * (m - d) for d in range(m)) < K
        assert bounds.zigzag(K) - 2 <= m <= bounds.zigzag(K)


def test_one_sign_is_settled_up_to_two_neurons_if_K_is_at_least_4N_plus_1():
    """Below that the zigzag can be narrower than the triangles, and 2 sqrt(3N) is no lower bound."""
    for K in range(1, 121):
        for N in range(K + 1):
            b, mixed = bounds.one_sign(N, K), bounds.three_layer(N, K)
            assert b.lower <= b.upper <= mixed.upper and b.upper <= bounds.zigzag(K)
            if N and K >= 4 * N + 1:
                assert bounds.ceil_sqrt(12 * N + 4) - 2 <= b.lower
                assert b.upper <= bounds.ceil_sqrt(12 * N) <= b.lower + 2
    crowded = bounds.one_sign(100, 100)
    assert (crowded.lower, crowded.upper, bounds.ceil_sqrt(12 * 100)) == (18, 20, 35)


def test_alternation_floor_is_the_least_that_the_lemma_allows():
    """Over all widths; and it is the best of the counts for few labels only."""
    for N, K in PAIRS:
        changes = min(2 * N - 1, K - 2)
        enough = {d1 + d2 for d1 in range(1, 32) for d2 in range(1, 32) if bounds.alternations(d1, d2) >= changes}
        assert bounds.alternation_floor(N, K) == (min(enough) if N and K > 1 else 0)
    assert [bounds.alternation_floor(K, K) for K in range(2, 13)] == [2, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6]
    assert (bounds.alternation_floor(4, 8), bounds.alternation_floor(5, 11)) == (5, 6)
    assert all(bounds.alternation_floor(K, K) <= max(bounds.any_depth_floor(K), 6) for K in range(2, 400))


def test_no_widths_allow_more_alternations_than_kinks_and_more_neurons_allow_no_fewer():
    for d1 in range(1, 20):
        for d2 in range(1, 20):
            count = bounds.alternations(d1, d2)
            assert 0 <= count < (d1 + 1) * (d2 + 1)
            assert count <= min(bounds.alternations(d1 + 1, d2), bounds.alternations(d1, d2 + 1))


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


def test_the_edges_of_the_papers_capacities():
    """At K = m + 2 >= 4 Corollary 4.2 is too small; Corollary 5.2 is not, though Theorem 5.1 does not show it there."""
    assert [m for m in range(200) if bounds.capacity_two_layer(m, m + 2).lower <= m // 3] == [0, 1]
    assert bounds.capacity_two_layer(2, 4).lower == 1
    for m in range(1, 200):
        K = (m * m + m + 4) // 2
        assert bounds.three_layer(K, K).paper_lower <= m  # so the theorem allows all K labels
        assert bounds.capacity_three_layer(m, K).upper <= (m * m + m) // 6


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


def test_the_printed_second_root_only_loosens_proposition_6_1():
    """4 sqrt(3N / sqrt(B) + 5) + 2, as the main text has it, is never below what the proof gives."""
    for N, K in PAIRS[::7]:
        for layers in range(4, 12):
            printed = root(Decimal(3 * N) / root((layers - 1) // 2) + 5)
            assert bounds.deep_width(N, K, layers) <= up(4 * min(printed, root(K))) + 2


def test_deep_bounds_enclose_one_another():
    for N, K in PAIRS[::3] + [(10, 1000), (500, 1000), (1000, 1000)]:
        for layers in (4, 5, 6, 7, 9, 16, 33):
            b = bounds.deep(N, K, layers)
            assert b.paper_lower is None and b.lower <= b.upper <= b.paper_upper


def test_memorisation_takes_the_root_of_K_over_L_minus_2_up_to_4():
    """sqrt((N-1)/(L-2)) - 1/2 <= lower, and upper is at most sqrt(K/(L-2)) + 4, or sqrt(4N/(L-2)) + 8."""
    for N, K in PAIRS[::3] + [(10, 5000), (400, 5000), (5000, 5000)]:
        for layers in (4, 5, 6, 9, 16):
            if N and K >= 3:
                b = bounds.deep(N, K, layers)
                assert b.lower >= root(Decimal(N - 1) / (layers - 2)) - Decimal("0.5")
                assert b.upper <= root(Decimal(K) / (layers - 2)) + 4
                assert b.upper <= root(Decimal(4 * N) / (layers - 2)) + 8


def test_deep_blocks_stay_within_their_closed_forms():
    for n in range(1, 700, 3):
        for layers in range(4, 14):
            blocks = (layers - 1) // 2
            assert bounds.deep_zigzag(n, layers) <= up(root(Decimal(n) / blocks)) + 2
            assert bounds.deep_windows(n, layers) <= 2 * root(Decimal(n) / blocks + 1) + 4


@pytest.mark.parametrize("method, cost", [("windows", 4), ("zigzag", 1)])
def test_deep_grids_have_room_and_fit_the_width(method, cost):
    """Neurons of every hidden layer, counted from the grids; and one neuron less in width is too narrow."""
    for n in range(1, 300):
        for layers in (4, 5, 6, 9, 14):
            width, grids = bounds.deep_grids(n, layers, method)
            assert sum(G * D for G, D in grids) >= n and len(grids) <= (layers - 1) // 2
            last = len(grids) - 1
            for j, (G, D) in enumerate(grids):
                assert max(G + (j > 0), cost * D + (j > 0) + (j < last)) <= width
                assert method == "windows" or j == last or G % 2 == 0


@pytest.mark.parametrize("method", ["windows", "zigzag"])
def test_relay_grids_have_room_and_fit_the_width(method):
    for n in range(1, 300):
        for layers in (4, 5, 6, 9, 14):
            width, grids = bounds.relay_grids(n, layers, method)
            assert sum(G * D for G, D in grids) >= n and len(grids) <= layers - 2
            kinks = width  # neurons of the layer that makes the groups
            for j, (G, D) in enumerate(grids):
                last = j == len(grids) - 1
                assert G + (0 if last else 2) <= kinks
                kinks = D if method == "zigzag" else 4 * D + (not last)
                assert kinks + (j > 0) * (1 if method == "zigzag" else 2 - last) <= width


def test_deep_floor_is_the_least_width_that_the_counts_allow():
    for N, K in PAIRS[::5]:
        for layers in (4, 5, 8):
            allowed = [
                w
                for w in range(60)
                if (layers - 2) * w * w + 2 * w + 1 >= N and (w + 1) ** (layers - 1) >= min(3 * N + 1, K - 1)
            ]
            monotone = 0 if N == 0 or K == 1 else 1 if K == 2 else 2
            expected = max(allowed[0], monotone) if monotone else 0
            assert bounds.deep_floor(N, K, layers) == expected


def test_no_depth_has_more_parameters_than_the_floor_for_any_depth_allows():
    """All ways to put up to 9 neurons into two hidden layers or more: (m + 2)^2 / 4 parameters matter at most."""

    def widths(m):
        return [[m], *([w, *rest] for w in range(1, m) for rest in widths(m - w))]

    for m in range(2, 10):
        several = [w for w in widths(m) if len(w) > 1]
        most = max(w[0] + sum(a * b for a, b in zip(w, w[1:])) + w[-1] + 1 for w in several)
        assert most == (m + 2) ** 2 // 4
        assert bounds.any_depth_floor(most) <= m < bounds.any_depth_floor(most + 1)
    for K in range(1, 300):
        assert bounds.any_depth_floor(K) <= bounds.two_layer(K, K).lower
        assert bounds.any_depth_floor(K) <= bounds.three_layer(K, K).lower
        assert K == 1 or bounds.zigzag(K) == bounds.any_depth_floor(K) + 2
    assert bounds.any_depth_floor(0) == bounds.any_depth_floor(1) == 0


@pytest.mark.parametrize("n, d", [(1, 1), (7, 2), (8, 2), (403, 20), (442, 10), (5, 9)])
def test_general_position_counts(n, d):
    def groups(k, size):
        return len(range(0, k, size))

    assert bounds.baum_threshold(n, d) == 2 * groups(n, 2 * d)
    assert bounds.baum_relu(n, d) == 4 * groups(n, d)
    assert bounds.slices(n, d) == 2 * groups(n, d + 1) - 1 - (n % (d + 1) == 1) and bounds.slices(n, 1) == n - 1
    floor = bounds.parameter_floor(n, d)
    assert floor * (d + 1) + 1 >= n > (floor - 1) * (d + 1) + 1 and floor <= bounds.slices(n, d) <= 2 * floor


def test_general_position_is_the_cheapest_cover_by_groups():
    """3 a group of d of one sign, 4 a group of d of any signs: the least cost, counted out."""
    for d in range(1, 7):
        for positive in range(14):
            for negative in range(14):
                least = min(
                    4 * any_sign + 3 * (ceil(max(positive - a, 0) / d) + ceil(max(negative - any_sign * d + a, 0) / d))
                    for any_sign in range(6)
                    for a in range(any_sign * d + 1)
                )
                assert bounds.general_position(positive, negative, d) == least


def test_the_worst_signs_cost_one_neuron_more_than_one_sign():
    for d in range(1, 9):
        for N in range(60):
            counts = [bounds.general_position(positive, N - positive, d) for positive in range(N + 1)]
            assert bounds.general_position_worst(N, d) == max(counts) and min(counts) == 3 * ceil(Fraction(N, d))
            assert max(counts) <= max(bounds.baum_relu(max(N, 1), d), 3 * ceil(Fraction(N, d)))


def test_three_layer_parameter_floor_is_the_least_that_the_count_of_parameters_allows():
    for d in range(1, 12):
        for n in range(2, 150):
            enough = {
                d1 + d2 for d1 in range(1, n + 2) for d2 in range(1, n + 2) if d1 * d + d1 * d2 + d2 + 1 >= n
            }  # fmt: skip
            floor = bounds.three_layer_parameter_floor(n, d)
            assert floor == min(enough) and (floor + d + 1) ** 2 >= 4 * (n + d - 1)
        assert bounds.three_layer_parameter_floor(1, d) == 0


@pytest.mark.parametrize(
    "call, culprit",
    [
        (lambda: bounds.two_layer(1, 0), "K is 0"),
        (lambda: bounds.two_layer(4, 3), "N is 4"),
        (lambda: bounds.three_layer(-1, 3), "N is -1"),
        (lambda: bounds.one_sign(4, 3), "N is 4"),
        (lambda: bounds.alternation_floor(4, 3), "N is 4"),
        (lambda: bounds.alternations(0, 2), "at least one neuron"),
        (lambda: bounds.capacity_two_layer(-1, 3), "m is -1"),
        (lambda: bounds.capacity_three_layer(2, 0), "K is 0"),
        (lambda: bounds.deep_width(1, 3, 3), "layers is 3"),
        (lambda: bounds.deep(1, 3, 3), "layers is 3"),
        (lambda: bounds.deep_floor(4, 3, 5), "N is 4"),
        (lambda: bounds.deep_grids(-1, 5, "zigzag"), "n is -1"),
        (lambda: bounds.relay_grids(1, 2, "zigzag"), "layers is 2"),
        (lambda: bounds.any_depth_floor(-1), "N is -1"),
        (lambda: bounds.baum_relu(0, 2), "n is 0"),
        (lambda: bounds.baum_threshold(2, 0), "d is 0"),
        (lambda: bounds.general_position(-1, 0, 2), "positive is -1"),
        (lambda: bounds.general_position_worst(-1, 2), "N is -1"),
        (lambda: bounds.three_layer_parameter_floor(3, 0), "d is 0"),
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


def test_slices_behind_one_neuron_beat_the_zigzag_up_to_d_squared_plus_d_plus_1_samples():
    for d in range(1, 12):
        for n in range(2, 300):
            assert (bounds.slices(n, d) + 1 < bounds.zigzag(n)) == (n <= d * d + d + 1)
