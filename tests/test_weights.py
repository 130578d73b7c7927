"""Weight floors: no network gets below them, whatever its width; and where they are nearly reached."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib import baum, three_layer, training, two_layer, weights
from ftc_lib.core.network import Layer, Network, to_fractions
from ftc_lib.weights import harmonic, ntk
from tests.strategies import thorough
from tests.test_ntk import cloud


def random_network(m, d, rng, bias):
    W, b, a = rng.standard_normal((m, d)), rng.standard_normal(m), rng.standard_normal(m)
    return Network((Layer(W, b), Layer(a, np.asarray(bias))))


@given(
    shape=st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(0, 5)),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
    bias=st.sampled_from([0.0, 1.0, -1e4]),
)
@thorough
def test_no_network_weighs_less_than_the_floor(shape, seed, scale, bias):
    """Labels that a network made: its weight is above the floor of its own labels, exact and approximate."""
    n, d, m = shape
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * scale + rng.choice([0, 5])
    g = random_network(m, d, rng, bias)
    y = g(X)
    assert weights.weight_floor(X, y).floor <= g.total_weight * (1 + 1e-9)
    near = y + rng.standard_normal(n)
    error = float(np.sum((y - near) ** 2) / np.sum(near**2))
    if error < 1:
        assert weights.weight_floor(X, near, error * (1 + 1e-12)).floor <= g.total_weight * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_every_built_network_is_above_the_floor(seed):
    X, y = cloud(100, 20, seed)
    exact, some = weights.weight_floor(X, y), weights.weight_floor(X, y, 0.1)
    assert 4 < some.floor < exact.floor
    assert exact.floor <= min(baum.fit_relu(X, y).total_weight, two_layer.fit(X, y).total_weight)
    assert some.floor <= min(ntk.fit(X, y).weights[-1], harmonic.fit(X, y).weights[-1])


@given(st.integers(2, 30), st.integers(1, 6), st.integers(0, 10**6))
@thorough
def test_what_was_observed_is_below_the_bound_that_certifies(n, d, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, d)), rng.choice([-1.0, 0.0, 1.0, 7.0], n)
    assert weights.observed(X, y, starts=8, steps=30) <= weights.weight_floor(X, y).sup


@given(st.integers(1, 6), st.integers(0, 10**6), st.sampled_from([1e-30, 1e-3, 1.0, 1e5]), st.booleans())
@thorough
def test_the_bound_holds_for_every_neuron_on_a_line(half, seed, scale, with_zero):
    """Neurons (cos, sin) at 20001 angles; rows of very different sizes, and rows that are zero. q = y / max |y|."""
    rng = np.random.default_rng(seed)
    labels = rng.choice([0.0, 0.5, 1.0], half)
    y = rng.permutation(np.concatenate([labels, -labels]))
    t = rng.standard_normal(2 * half) * scale ** rng.integers(0, 2, 2 * half)
    if with_zero:
        t[0] = 0
    angle = np.linspace(0, 2 * np.pi, 20001)
    units = np.maximum(np.multiply.outer(np.cos(angle), t) + np.sin(angle)[:, None], 0)
    largest = np.abs(units @ y).max() / (np.abs(y).max() or 1)
    assert largest <= weights.weight_floor(t[:, None], y).sup + 1e-14 * (1 + np.abs(t).max())


def test_rows_that_are_zero_are_samples_like_others():
    for y in ([1, 0], [0, 1]):
        assert 0 < weights.weight_floor([[0.0], [1.0]], y).floor <= 1
    assert weights.weight_floor([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]], [1, 0, 1]).floor > 0


def test_one_neuron_is_nearly_optimal_for_its_own_labels():
    X, _ = cloud(400, 3)
    y = np.maximum(X[:, 0], 0)
    assert 0.3 < weights.weight_floor(X, y).floor <= 1


@pytest.mark.parametrize("scale", [1e-200, 3.0, 1e200])
def test_the_floor_scales_with_the_labels(scale):
    X, y = cloud(60, 10)
    assert np.isclose(weights.weight_floor(X, y * scale).floor / scale, weights.weight_floor(X, y).floor)


def test_a_floor_beyond_float64_is_the_largest_float():
    assert weights.weight_floor([[1e-3], [2e-3]], [1e308, -1e308]).floor == np.finfo(float).max


def test_a_constant_costs_nothing():
    X, _ = cloud(10, 3)
    assert weights.weight_floor(X, np.full(10, 2.5)).floor == 0
    assert weights.weight_floor(X[:1], [3.0]).floor == 0


@pytest.mark.parametrize("n, d", [(50, 10), (200, 20)])
def test_random_labels_weigh_a_root_of_n(n, d):
    """The mean of the sup over labels is at most 3/sqrt(2) sqrt(n); what ascent finds is below it."""
    X, _ = cloud(n, d)
    rng = np.random.default_rng(0)
    u = rng.standard_normal((2000, d + 1))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    units = np.maximum(u @ np.column_stack([X, np.ones(n)]).T, 0)
    tops = [np.abs(units @ rng.choice([-1.0, 1.0], n)).max() for _ in range(50)]
    assert np.mean(tops) <= n / weights.random_labels_floor(n) == pytest.approx(3 * np.sqrt(n / 2))
    assert weights.random_labels_floor(n, 0.25) == pytest.approx(weights.random_labels_floor(n) / 2)


@given(st.integers(1, 12), st.integers(0, 5), st.integers(0, 10**6), st.sampled_from([0.01, 1.0, 100.0]))
@thorough
def test_no_network_on_a_line_weighs_less_than_the_line_floor(n, m, seed, scale):
    rng = np.random.default_rng(seed)
    t = rng.permutation(np.cumsum(rng.uniform(0.1, 1, n))) * scale - rng.choice([0, 3]) * scale
    g = random_network(m, 1, rng, bias=2.0)
    assert weights.line_floor(t, g(t[:, None])) <= g.total_weight * (1 + 1e-9)


@given(st.integers(5, 40), st.integers(0, 10**6))
@thorough
def test_the_interpolant_is_within_a_cosine_of_the_floor(K, seed):
    """It starts with two zeros, so no neuron is spent on a first slope."""
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.uniform(0.5, 1, K)) / K
    z = np.where(np.arange(K) < 2, 0, rng.choice([0, 0, 1, -2], K))
    built, floor = two_layer.fit(t[:, None], z, method="interpolate").total_weight, weights.line_floor(t, z)
    apart = np.diff(np.arctan(t)).max()
    assert floor * (1 - 1e-9) <= built <= floor / np.cos(apart / 2) * (1 + 1e-9)


def test_bumps_weigh_between_four_thirds_and_eight_thirds_of_an_isolated_label():
    for gap in (0.01, 0.013, 0.017, 0.0199):
        t = np.concatenate([np.linspace(0, 0.5, 9), 0.5 + gap * np.arange(1, 4), np.linspace(0.7, 1, 9)])
        z = (np.arange(len(t)) == 10) * 1.0
        assert np.isclose(weights.line_floor(t, z), 4 / gap * np.hypot(1, t[10]), rtol=0.01)
        ratio = two_layer.fit(t[:, None], z, method="bumps").total_weight / weights.line_floor(t, z)
        assert 4 / 3 * 0.999 <= ratio <= 8 / 3 * 1.001
        exact = two_layer.fit(to_fractions(t[:, None]), to_fractions(z), method="bumps").total_weight
        assert np.isclose(exact / weights.line_floor(t, z), 4 / 3, rtol=0.01)


@given(st.integers(3, 12), st.integers(0, 10**6))
@thorough
def test_the_floor_is_reached_up_to_a_cosine_unless_the_labels_are_strictly_monotone(n, seed):
    """Around an inner point j with slopes of opposite signs: kinks open to the right behind it, to the left before."""
    rng = np.random.default_rng(seed)
    t, y = np.cumsum(rng.uniform(0.05, 0.3, n)) - 1, rng.choice([-1.0, 0.0, 2.0], n)
    s = np.diff(y) / np.diff(t)
    j = next((j for j in range(1, n - 1) if s[j - 1] * s[j] <= 0), None)
    if j is None:
        return
    turns, inner = np.diff(s), np.arange(1, n - 1)
    kinks = np.concatenate([inner[inner != j], [j, j]])
    side = np.concatenate([np.where(inner[inner != j] > j, 1.0, -1.0), [1.0, -1.0]])
    a = np.concatenate([turns[inner[inner != j] - 1], [s[j], -s[j - 1]]])
    g = Network((Layer(side[:, None], -side * t[kinks]), Layer(a, np.asarray(y[j]))))
    assert g.n_neurons == n - 1 and np.allclose(g(t[:, None]), y, atol=1e-9)
    floor = weights.line_floor(t, y)
    assert np.isclose(g.total_weight, np.abs(turns) @ np.hypot(1, t[1:-1]))
    assert floor * (1 - 1e-9) <= g.total_weight <= floor / np.cos(np.diff(np.arctan(t)).max() / 2) * (1 + 1e-9)


@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 10**6), st.sampled_from([0.01, 1.0, 100.0]))
@thorough
def test_no_network_of_any_depth_is_below_the_depth_floor(depth, n, seed, scale):
    rng = np.random.default_rng(seed)
    sizes = [1, *rng.integers(1, 6, depth)]
    hidden = [Layer(rng.standard_normal((m, k)), rng.standard_normal(m) * scale) for k, m in zip(sizes, sizes[1:])]
    g = Network((*hidden, Layer(rng.standard_normal(sizes[-1]), np.asarray(3.0))))
    t = rng.permutation(np.cumsum(rng.uniform(0.1, 1, n))) * scale - rng.choice([0, 3]) * scale
    assert weights.depth_floor(t, g(t[:, None])) <= weights.path_weight(g) * (1 + 1e-9)
    if depth == 1:
        assert weights.path_weight(g) == pytest.approx(g.total_weight, rel=1e-12)


def test_the_path_weight_does_not_change_when_neurons_are_rescaled():
    t, z = np.arange(20.0)[:, None], np.arange(20) % 3 * 1.0
    g = three_layer.fit(t, z, "pairs")
    first, second, last = (Layer(layer.dense(), layer.b) for layer in g.layers)
    r, s = (np.exp2(np.arange(len(layer.b)) % 5 - 2) for layer in (first, second))
    first = Layer(first.W * r[:, None], first.b * r)
    second = Layer(second.W / r * s[:, None], second.b * s)
    other = Network((first, second, Layer(last.W / s, last.b)))
    assert np.allclose(other(t), z, atol=1e-6)
    assert weights.path_weight(other) == pytest.approx(weights.path_weight(g), rel=1e-12)
    assert other.total_weight != pytest.approx(g.total_weight, rel=0.1)


def test_a_bump_behind_a_fold_nearly_reaches_the_depth_floor():
    """[1 - |t|/h]+ with two hidden layers: half the weight of a bump in one."""
    for h in (0.1, 0.01):
        fold, tent = Layer(np.array([[1.0], [-1.0]]), np.zeros(2)), Layer(np.full((1, 2), -1 / h), np.ones(1))
        g = Network((fold, tent, Layer(np.ones(1), np.zeros(()))))
        t = h * np.arange(-3, 4)
        y = (t == 0) * 1.0
        assert np.allclose(g(t[:, None]), y, atol=1e-12)
        assert weights.depth_floor(t, y) == pytest.approx(2 / h)
        assert weights.path_weight(g) == pytest.approx(np.hypot(2 / h, 1))


@given(st.integers(2, 30), st.integers(1, 7), st.integers(1, 9), st.sampled_from([-3, 1, 7]))
@thorough
def test_a_deep_bump_is_exact_on_fractions_with_the_path_weight_named(at, q, k, label):
    """A label at T = at / q among zeros on the grid of step 1/q, k shifts: right at every sample."""
    t, y = to_fractions(range(at + 3)) / q, to_fractions([0] * (at + 3))
    y[at] = Fraction(label, 2)
    g = weights.deep_bump(t, y, k)
    h, T = 1 / q, at / q
    assert g.error == 0 and (g(t[:, None]) == y).all()
    assert g.widths == (1,) * k + (2, 1)
    named = abs(label) / 2 * np.sqrt(1 + 4 * (1 + (T - 2 * h) ** 2 / k + 4 * h**2) / h**2)
    assert weights.path_weight(g) == pytest.approx(named, rel=1e-12)
    assert weights.path_weight(g) >= weights.depth_floor(t, y) * (1 - 1e-12)


@pytest.mark.parametrize(
    "h, at, k, weight, floor, ratio",
    [(0.001, 998, 128, 2007.7, 5651.2, 0.3553), (0.01, 1000, 128, 266.7, 4020.0, 0.0664)],
)
def test_depth_saves_nearly_2_sqrt_1_plus_T_squared(h, at, k, weight, floor, ratio):
    """And not a factor of 2 only; 2 sqrt(1 + T^2) is what the theorem allows."""
    t = h * np.arange(at + 3)
    y = (np.arange(at + 3) == at) * 1.0
    g = weights.deep_bump(t, y, k)
    built, shallow = weights.path_weight(g), weights.line_floor(t, y)
    assert g.error < 1e-9
    assert (built, shallow, built / shallow) == (
        pytest.approx(weight, rel=1e-3),
        pytest.approx(floor, rel=1e-3),
        pytest.approx(ratio, abs=1e-4),
    )
    assert 1 <= built / shallow * 2 * np.hypot(1, at * h) <= np.sqrt(1 + (at * h) ** 2 / k) * 1.01


@given(st.integers(2, 12), st.integers(0, 10**6), st.booleans())
@thorough
def test_two_layers_weigh_at_most_2_sqrt_1_plus_T_squared_times_the_depth_floor(n, seed, monotone):
    """All kinks open to the right: this network needs no turn, so strictly monotone labels are no exception."""
    rng = np.random.default_rng(seed)
    t, y = np.cumsum(rng.uniform(0.1, 1, n)) - 3, rng.standard_normal(n)
    y = np.sort(y) if monotone else y
    a = np.diff(np.diff(y) / np.diff(t), prepend=0)
    g = Network((Layer(np.ones((n - 1, 1)), -t[:-1]), Layer(a, np.asarray(y[0]))))
    assert np.allclose(g(t[:, None]), y, atol=1e-9)
    assert g.total_weight <= 2 * np.hypot(1, abs(t).max()) * weights.depth_floor(t, y) * (1 + 1e-12)


def longest_climb(t, slopes):
    """The longest stretch on which the labels strictly rise or strictly fall."""
    longest = start = 0
    for i in range(len(slopes)):
        if i and slopes[i] * slopes[i - 1] <= 0:
            start = i
        longest = max(longest, t[i + 1] - t[start] if slopes[i] else 0)
    return longest


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-4, 4)), min_size=1, max_size=12))
@thorough
def test_a_layer_cake_is_the_step_function_with_half_its_variation(steps):
    t = to_fractions(np.cumsum([0, *(width for width, _ in steps)]))
    slopes = to_fractions([slope for _, slope in steps])
    start, end, height = weights.layer_cake(t, slopes)
    middle = (t[1:] + t[:-1]) / 2
    inside = (start <= middle[:, None]) & (middle[:, None] <= end)
    assert all(sum(height[row]) == slope for row, slope in zip(inside, slopes))
    assert 2 * sum(abs(height)) == sum(abs(np.diff(slopes, prepend=0, append=0)))
    assert len(height) <= len(slopes) and (end > start).all()


@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 4), st.integers(0, 10**6))
@thorough
def test_a_deep_interpolant_is_exact_on_fractions_and_near_the_depth_floor(n, q, k, seed):
    """Samples on both sides of 0, and constant labels, which take no neuron."""
    rng = np.random.default_rng(seed)
    t, y = to_fractions(rng.choice(60, n, replace=False) - 30) / q, to_fractions(rng.integers(-2, 3, n))
    g = weights.deep_interpolant(t, y, k)
    assert g.error == 0 and (g(t[:, None]) == y).all()
    assert len(g.widths) == k + 1 and max(g.widths) <= max(n - 1, 0)
    order = np.argsort(t)
    climb = float(longest_climb(t[order], np.diff(y[order]) / np.diff(t[order])))
    floor, far = weights.depth_floor(t, y), float(abs(t).max())
    assert floor * (1 - 1e-12) <= weights.path_weight(g)
    assert weights.path_weight(g) <= np.sqrt(1 + far**2 / k + 2 * climb**2) * floor * (1 + 1e-12)


@pytest.mark.parametrize("low, high, below", [(0, 1, 0.5), (0, 5, 0.25), (-5, 5, 0.3)])
def test_random_signs_nearly_reach_the_depth_floor(low, high, below):
    """41 even points: two layers weigh more than twice as much, and more the further they are from 0."""
    for seed in range(5):
        t, y = np.linspace(low, high, 41), np.random.default_rng(seed).choice([-1.0, 1.0], 41)
        g = weights.deep_interpolant(t, y, 1024)
        assert g.error < 1e-9
        assert 1 - 1e-12 <= weights.path_weight(g) / weights.depth_floor(t, y) < 1.05
        assert weights.path_weight(g) < below * weights.line_floor(t, y)


def test_few_neurons_in_three_layers_are_heavier():
    t, z = np.linspace(0, 1, 100), np.zeros(100)
    z[2 + np.random.default_rng(0).choice(96, 8, replace=False)] = 1
    two, three = two_layer.fit(t[:, None], z, "bumps"), three_layer.fit(t[:, None], z, "windows")
    assert three.n_neurons < two.n_neurons
    assert weights.path_weight(three) > 2 * weights.path_weight(two)


def test_the_certificate_holds_on_the_patients():
    frozen = training.diabetes()
    X, z = frozen.X, frozen.worst(40)
    floor = weights.weight_floor(X, z).floor
    assert 50 < floor < min(two_layer.fit(X, z).total_weight, baum.fit_relu(X, z).total_weight)


@pytest.mark.parametrize("power", [0, 160, 400, -400])
def test_the_path_weight_is_right_at_any_size(power):
    """The sizes on the way are beyond float64, the weight is not."""
    q = Fraction(10) ** power
    zero = to_fractions([0])
    layers = [Layer(to_fractions([[3]]) * q, to_fractions([4]) * q), Layer(to_fractions([[2]]) * q, zero)]
    g = Network((*layers, Layer(to_fractions([1]) / q**2, np.asarray(Fraction(0)))))
    assert weights.path_weight(g) == pytest.approx(10, rel=1e-15)
    if power == 160:  # 1e160 and 1e320, against 1e-320
        near = Network((*(layer.map(lambda a: a.astype(float)) for layer in layers), Layer(np.ones(1), np.zeros(()))))
        assert weights.path_weight(near) == np.inf


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: weights.weight_floor(np.eye(3), np.ones((3, 1))), r"y has shape \(3, 1\)"),
        (lambda: weights.weight_floor(np.eye(3), np.ones(3), 1), "error is 1"),
        (lambda: weights.weight_floor(np.eye(3), np.ones(3), -0.1), "error is -0.1"),
        (lambda: weights.weight_floor([[1.0], [1.0]], [1, 2]), "rows 0 and 1 of X are equal"),
        (lambda: weights.weight_floor([[1.0], [np.inf]], [1, 2]), "X is inf in row 1"),
        (lambda: weights.weight_floor([[1e200], [2e200]], [1, 2]), "rescale X"),
        (lambda: weights.line_floor([0, 1, 1], [0, 1, 1]), "distinct positions"),
        (lambda: weights.line_floor([0, 1], [[0], [1]]), "distinct positions"),
        (lambda: weights.depth_floor([2, 1, 1], [0, 1, 1]), "rows 1 and 2 of t are equal"),
        (lambda: weights.line_floor([0, 1, np.inf], [0, 1, 1]), "t is inf in row 2"),
        (lambda: weights.depth_floor([0, np.nan], [0, 1]), "t is nan in row 1"),
        (lambda: weights.depth_floor([0, 1], [0, np.inf]), "y is inf in row 1"),
        (lambda: weights.line_floor([[0], [1]], [0, 1]), r"t has shape \(2, 1\)"),
        (lambda: weights.line_floor(to_fractions([0, 10**400]), [0, 1]), "X is beyond float64 in row 1"),
        (lambda: weights.line_floor(to_fractions([10**30, 10**30 + 1]), [0, 1]), "coincide in float64"),
        (lambda: weights.line_floor([0, 5e-324, 1], [0, 1, 0]), "beyond float64"),
        (lambda: weights.depth_floor([0, 1, 2], [0, 1e308, -1e308]), "beyond float64"),
        (lambda: weights.deep_bump([0, 1, 2], [0, 1, 1], 3), "2 of 3 labels are not zero"),
        (lambda: weights.deep_bump([2], [1], 3), "1 of 1 labels are not zero: expected exactly one, and a zero"),
        (lambda: weights.deep_bump([0, 1, 2], [0, 1, 0], 3), "the label is at 1.0: expected at least twice the gap"),
        (lambda: weights.deep_bump([0, 1, 2], [0, 0, 1], 0), "steps is 0"),
        (lambda: weights.deep_interpolant([0, 1, 1], [0, 0, 1], 2), "distinct positions"),
        (lambda: weights.deep_interpolant([0, 1, 2], [0, 0, 1], 0), "steps is 0"),
        (lambda: weights.path_weight(baum.fit_threshold(np.eye(3), [0, 1, 0])), "threshold units"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_fractions_are_welcome():
    X = to_fractions(np.arange(6).reshape(3, 2))
    y = to_fractions([0, Fraction(1, 3), 0])
    assert weights.weight_floor(X, y) == weights.weight_floor(X.astype(float), y.astype(float))
