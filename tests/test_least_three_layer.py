"""Tiny three-layer networks: what is found is right with ``==``, what is refuted is refuted by the lemma too."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib import three_layer, two_layer
from ftc_lib.core import bounds
from ftc_lib.core.linear_program import Program
from ftc_lib.core.network import ConditioningError, Layer, Network, RankOne, kinks, to_fractions
from ftc_lib.three_layer import one_sign, search
from ftc_lib.two_layer import instances
from tests.strategies import exact_samples, float_samples, random_samples, thorough


def zigzag(K):
    """Labels that go up and down, further each time."""
    return [(-1) ** i * (i + 1) for i in range(K)]


# ---------------------------------------------------------------- the alternation lemma


def slopes_of(network):
    """The slopes of a network on the line, left to right, exact."""
    at = kinks(network)
    ends = np.array([at[0] - 2, at[0] - 1, *((at[1:] + at[:-1]) / 2), at[-1] + 1]) if len(at) else to_fractions([0, 1])
    ends = np.sort(np.concatenate([ends, at]))
    values = network(ends[:, None])
    return np.diff(values) / np.diff(ends)


@given(st.data())
@thorough
def test_no_network_alternates_more_often_than_the_lemma_allows(data):
    d1, d2 = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    numbers = st.lists(st.integers(-9, 9), min_size=(d1 + 1) * (d2 + 2) + d2, max_size=(d1 + 1) * (d2 + 2) + d2)
    w = iter(to_fractions(data.draw(numbers)))
    take = lambda n: np.array([next(w) for _ in range(n)], dtype=object)  # noqa: E731
    facing = to_fractions(data.draw(st.lists(st.sampled_from([-1, 1]), min_size=d1, max_size=d1)))
    first = Layer(RankOne(facing, to_fractions([1])), take(d1))
    g = Network((first, Layer(take(d1 * d2).reshape(d2, d1), take(d2)), Layer(take(d2), np.array(Fraction(0)))))
    signs = [s > 0 for s in slopes_of(g) if s != 0]
    assert sum(a != b for a, b in zip(signs, signs[1:])) <= bounds.alternations(d1, d2)


@pytest.mark.parametrize("D", [1, 2, 3, 4, 5])
def test_one_group_alternates_as_often_as_two_layers_do(D):
    """D neurons of two layers fit D + 2 zigzag points for D >= 3, and D + 1 for less: the lemma's count is reached."""
    K = bounds.alternations(1, D) + 2
    z = to_fractions([i % 2 for i in range(K)])
    assert two_layer.fit(to_fractions(range(K))[:, None], z, method="tight").n_neurons <= D


def test_two_and_two_neurons_alternate_as_often_as_the_lemma_allows():
    x, z = [5, 10, 11, 12, 14, 15, 23], [0, 21, -5, 6, -19, 11, -4]
    assert (np.diff(z)[1:] * np.diff(z)[:-1] < 0).sum() == bounds.alternations(2, 2) == 5
    assert search.find(x, z, (2, 2), rng=4).widths == (2, 2)


# ---------------------------------------------------------------- find and refute


@pytest.mark.parametrize("K, widths", [(3, (2, 1)), (4, (2, 2)), (5, (2, 2)), (6, (2, 2)), (8, (3, 2))])
def test_a_network_that_is_found_is_right_and_as_narrow_as_asked(K, widths):
    x, z = to_fractions(range(K)), to_fractions(zigzag(K))
    g = search.find(x, z, widths, tries=400)
    assert g.widths == widths and (g(x[:, None]) == z).all() and g.error == 0


@pytest.mark.parametrize("z", [zigzag(6), [0, 1, 0, 1, 0, 1], [0, 5, 1, 4, 2, 3]])
def test_six_labels_take_four_neurons_where_the_constructions_take_five(z):
    x = to_fractions([0, 1, 3, 4, 8, 9])
    g = search.find(x, z, (2, 2), tries=400)
    assert g is not None and g.n_neurons == 4 < bounds.three_layer(6, 6).upper
    assert sum(instances.forced_kinks(x, to_fractions(z))) == 4


@pytest.mark.parametrize("K, widths", [(3, (1, 1)), (4, (1, 1)), (4, (2, 1)), (5, (2, 1)), (5, (1, 2))])
def test_refuted_widths_are_those_below_the_lemma(K, widths):
    assert bounds.alternations(*widths) < K - 2
    refutation = search.refute(range(K), zigzag(K), widths)
    assert refutation.widths == widths and refutation.programs > refutation.choices > 0
    assert search.find(range(K), zigzag(K), widths, tries=20) is None


@given(st.lists(st.integers(-2, 2), min_size=3, max_size=3))
@thorough
def test_what_is_refuted_is_never_found(z):
    for widths in [(1, 1), (2, 1)]:
        if search.refute(range(len(z)), z, widths) is not None:
            assert search.find(range(len(z)), z, widths, tries=10) is None


@given(st.data())
@thorough
def test_labels_of_a_network_are_not_refuted(data):
    """Its kinks may lie anywhere, outside of the samples too, coincide, or not be there at all."""
    d1, d2 = data.draw(st.sampled_from([(1, 1), (2, 1), (1, 2)]))
    few = lambda n: to_fractions(data.draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n)))  # noqa: E731
    x = to_fractions(sorted(data.draw(st.sets(st.integers(-4, 4), min_size=2, max_size=4))))
    first = Layer(RankOne(few(d1), to_fractions([1])), few(d1))
    g = Network((first, Layer(few(d1 * d2).reshape(d2, d1), few(d2)), Layer(few(d2), np.array(Fraction(0)))))
    assert search.refute(x, g(x[:, None]), (d1, d2)) is None


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="not increasing"):
        search.find([0, 0, 1], [0, 1, 0], (1, 1))
    with pytest.raises(ValueError, match="with K >= 2"):
        search.refute([0], [0], (1, 1))
    with pytest.raises(ValueError, match="2 gaps"):
        search.find([0, 1, 2], [0, 1, 0], (3, 1))
    for look in (search.find, search.refute):
        for widths in [(2, 0), (2,), (2.0, 1)]:
            with pytest.raises(ValueError, match="at least one neuron in each"):
                look([0, 1, 2], [0, 1, 0], widths)


# ---------------------------------------------------------------- the programs


@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(-3, 3), min_size=4, max_size=4)), max_size=9))
@thorough
def test_programs_are_solved_or_contradict_the_whole_numbers(rows):
    """What is taken in is satisfied; what is refused has no solution among small numbers either."""
    program, taken = Program(3), []
    for equation, form in rows:
        trial = program.copy()
        if trial.equal_0(form) if equation else trial.at_least_0(form):
            program = trial
            taken.append((equation, form))
            value = [f[0] + sum(a * b for a, b in zip(f[1:], program.solution())) for _, f in taken]
            assert all(v == 0 if e else v >= 0 for (e, _), v in zip(taken, value))
        else:
            for point in product(range(-3, 4), repeat=3):
                value = [f[0] + sum(a * b for a, b in zip(f[1:], point)) for _, f in [*taken, (equation, form)]]
                assert not all(v == 0 if e else v >= 0 for (e, _), v in zip([*taken, (equation, form)], value))


# ---------------------------------------------------------------- residuals of one sign


@given(samples=exact_samples(), flip=st.sampled_from([-1, 1]))
@thorough
def test_one_sign_is_exact_with_the_neurons_claimed(samples, flip):
    X, z = samples
    z = flip * abs(z)
    g = one_sign.fit(X, z)
    N = len({tuple(row) for row in X[z != 0]})
    assert (g(X) == z).all() and g.error == 0
    assert g.n_neurons <= min((G + 3 * -(-N // G) for G in range(1, N + 1)), default=0) == bounds.ceil_sqrt(12 * N)


@pytest.mark.parametrize("K, N", [(50, 9), (200, 48), (48, 48)])
def test_one_sign_takes_fewer_neurons_than_windows(K, N):
    X, z = random_samples(K, N, d=2)
    g, windows = one_sign.fit(X, abs(z)), three_layer.fit(X, abs(z), "windows")
    assert (g(X) == abs(z)).all() and g.n_neurons == min(G + 3 * -(-N // G) for G in range(1, N + 1))
    assert g.n_neurons < windows.n_neurons


@given(samples=float_samples())
@thorough
def test_one_sign_on_floats_is_right_or_refused(samples):
    X, z = samples[0], np.abs(samples[1])
    try:
        g = one_sign.fit(X, z)
    except (ValueError, ConditioningError):
        return
    with np.errstate(all="ignore"):
        assert np.abs(g(X) - z).max() <= g.error <= 1e-4 * z.max()


def test_both_signs_are_refused():
    with pytest.raises(ValueError, match="residuals of both signs"):
        one_sign.fit(np.arange(3.0)[:, None], [1.0, 0.0, -1.0])
    with pytest.raises(ValueError, match="one output"):
        one_sign.fit(np.arange(3.0)[:, None], np.ones((3, 2)))


# ---------------------------------------------------------------- the last neuron and the slopes


def secant_ratio(t, y):
    """Largest slope, largest kink and growth of all kinks in the K - 2 construction, by the largest secant."""
    secants = np.diff(y) / np.diff(t)
    _, slopes, _ = two_layer.bend(t, y)
    kinks = abs(np.diff(slopes))
    grew = kinks.sum() - abs(np.diff(secants)).sum()
    return [value / max(abs(secants)) for value in (max(abs(slopes)), max(kinks, default=0), grew)]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-9, 9)), min_size=5, max_size=9))
@thorough
def test_bending_at_most_doubles_the_largest_slope(steps):
    t, y = to_fractions(np.cumsum([s for s, _ in steps])), to_fractions([v for _, v in steps])
    if (y == y[0]).all():
        return
    slope, kink, grew = secant_ratio(t, y)
    assert slope <= 2 and kink <= 3 and grew <= 3


def test_a_factor_of_two_is_reached():
    y = to_fractions(np.cumsum([0, 1, -1, 4, -4]))
    assert secant_ratio(to_fractions(range(5)), y)[0] == 2


def test_the_zigzag_gets_heavier_like_a_power_of_K():
    """On even places four times the samples weigh more than 4 and less than 4^3 times as much."""
    rng = np.random.default_rng(0)
    weights = []
    for K in (16, 64, 256):
        g = three_layer.fit(np.arange(K)[:, None], rng.choice([-1.0, 1.0], K), "zigzag")
        weights.append(g.total_weight)
    assert all(4 < b / a < 64 for a, b in zip(weights, weights[1:]))
