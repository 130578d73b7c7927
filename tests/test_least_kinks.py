"""Fewest kinks and fewest neurons on a line: exactly right, never narrower or wider than the theory says."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib import two_layer
from ftc_lib.core.network import Layer, Network, to_fractions
from ftc_lib.core.samples import project, validate
from ftc_lib.two_layer import instances, least_kinks
from tests.strategies import exact_samples, thorough


def points(samples):
    return project(validate(*samples)).points()


def value(t, y, breaks, slopes, at):
    """The function of these breaks and slopes that is y[0] at t[0], by walking along it."""
    here, result = t[0], y[0]
    for end, slope in zip([*breaks, at], slopes):
        step = min(max(end, here), at)
        result += slope * (step - here)
        here = step
    return result


def interpolates(t, y, breaks, slopes):
    return all(value(t, y, breaks, slopes, x) == v for x, v in zip(t, y)) and (np.diff(breaks) > 0).all()


def alternating_sums(slopes):
    """All s_i - s_j + s_k - .. over an odd number of slopes, by brute force."""
    chosen = (c for size in range(1, len(slopes) + 1, 2) for c in itertools.combinations(slopes, size))
    return {sum(s if i % 2 == 0 else -s for i, s in enumerate(c)) for c in chosen}


# ---------------------------------------------------------------- fewest kinks


@given(samples=exact_samples())
@thorough
def test_as_many_kinks_as_are_forced(samples):
    """The fewest kinks that an interpolant has are the most that its labels force."""
    t, y = points(samples)
    breaks, slopes = least_kinks.fewest(t, y)
    assert interpolates(t, y, breaks, slopes) and (np.diff(slopes) != 0).all()
    assert len(breaks) == len(slopes) - 1 == sum(instances.forced_kinks(t, y))


def test_a_run_of_r_turns_takes_half_as_many_kinks():
    for r in range(1, 9):
        t = to_fractions(range(r + 2))
        breaks, slopes = least_kinks.fewest(t, t * t)
        assert len(breaks) == -(-r // 2) and interpolates(t, t * t, breaks, slopes)


def test_floats_take_the_same_kinks():
    rng = np.random.default_rng(0)
    for n in (2, 3, 50, 400):
        t, y = np.cumsum(rng.uniform(0.1, 1, n)), rng.normal(size=n)
        breaks, slopes = least_kinks.fewest(t, y)
        exact, _ = least_kinks.fewest(to_fractions(t), to_fractions(y))
        assert np.allclose(breaks, exact.astype(float), rtol=0, atol=1e-9) and len(slopes) == len(breaks) + 1


@given(labels=st.lists(st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1, 3]), min_size=1, max_size=30))
@thorough
def test_a_least_interpolant_is_straight_along_four_points_in_line(labels):
    """So two samples at each end of an untouched run are enough."""
    t, y = to_fractions(np.arange(len(labels)) ** 2), to_fractions(labels)
    some_t, some_y = two_layer.kept_points(project(validate(t[:, None], y)), ends=2)
    found, some = least_kinks.least(t, y), least_kinks.least(some_t, some_y)
    assert len(found.breaks) == len(some.breaks)
    assert interpolates(t, y, some.breaks, some.slopes)


# ---------------------------------------------------------------- fewest neurons


@given(samples=exact_samples())
@thorough
def test_least_is_a_network_with_the_forced_kinks_or_one_neuron_more(samples):
    t, y = points(samples)
    found = least_kinks.least(t, y)
    forced = sum(instances.forced_kinks(t, y))
    assert interpolates(t, y, found.breaks, found.slopes)
    assert found.slopes[0] + np.diff(found.slopes)[found.left].sum() == 0
    assert forced <= len(found.breaks) <= forced + 1 and found.proved


@given(slopes=st.lists(st.integers(-6, 6), min_size=1, max_size=7), facing=st.integers(0, 2**6 - 1))
@thorough
def test_alternating_sums_are_the_same_as_left_facing_sets(slopes, facing):
    """s_0 + the kinks of S, over all S, are the alternating sums of an odd number of slopes."""
    kinks = np.diff(slopes)
    sets = itertools.product([0, 1], repeat=len(kinks))
    assert {slopes[0] + int(np.dot(kinks, S)) for S in sets} == alternating_sums(slopes)


@given(
    breaks=st.lists(st.fractions(0, 20, max_denominator=6), max_size=4),
    sizes=st.lists(st.integers(-4, 4), min_size=4, max_size=4),
    facing=st.lists(st.sampled_from([-1, 1]), min_size=4, max_size=4),
    places=st.lists(st.fractions(0, 20, max_denominator=3), min_size=1, max_size=9, unique=True),
)
@thorough
def test_no_wider_than_a_network_that_is_there(breaks, sizes, facing, places):
    """Labels read off a random network of m neurons need at most m."""
    m = len(breaks)
    sides = to_fractions(facing[:m])
    layers = (
        Layer(sides[:, None], -sides * to_fractions(breaks)),
        Layer(to_fractions(sizes[:m]), np.asarray(Fraction(1))),
    )
    t = np.sort(to_fractions(places))
    assert len(least_kinks.least(t, Network(layers)(t[:, None])).breaks) <= m


@pytest.mark.parametrize("seed", range(8))
def test_subset_sum_decides_the_last_neuron(seed):
    """First slope -b, kinks a_1 .. a_m, four points on every piece: m neurons exactly if some a_i add up to b."""
    rng = np.random.default_rng(seed)
    a = rng.integers(1, 30, 6).tolist()
    b = int(rng.integers(1, sum(a)))
    slopes = np.repeat(-b + np.cumsum([0, *a]), 3)
    t, y = to_fractions(range(len(slopes) + 1)), to_fractions([0, *np.cumsum(slopes).tolist()])
    some = any(sum(c) == b for size in range(1, 7) for c in itertools.combinations(a, size))
    found = least_kinks.least(t, y)
    assert found.proved and len(found.breaks) == (6 if some else 7)
    if some:
        assert (found.breaks == t[3:-1:3]).all()  # the only function with six kinks


def test_a_search_that_is_given_up_costs_one_neuron_at_most_and_says_so():
    a = [3, 5, 9, 17, 33, 65]
    slopes = np.repeat(-(9 + 33) + np.cumsum([0, *a]), 3)
    t, y = to_fractions(range(len(slopes) + 1)), to_fractions([0, *np.cumsum(slopes).tolist()])
    whole, given_up = least_kinks.least(t, y), least_kinks.least(t, y, sums=0)
    assert whole.proved and len(whole.breaks) == 6
    assert not given_up.proved and len(given_up.breaks) == 7
    assert interpolates(t, y, given_up.breaks, given_up.slopes)


def test_figure_3_takes_five_neurons():
    t, z = instances.figure_3()
    found = least_kinks.least(t, z)
    assert len(found.breaks) == 5 and interpolates(t, z, found.breaks, found.slopes)


def test_slopes_stay_moderate_and_kinks_apart():
    """Where slopes are free, they are of the size of the secants."""
    t = to_fractions(range(9))
    y = to_fractions([0, 5, 1, 4, -2, 6, 3, 3, 9])
    found = least_kinks.least(t, y)
    secants = np.diff(y)
    assert max(abs(found.slopes)) <= 4 * max(abs(secants))
    assert min(np.diff(found.breaks)) >= Fraction(1, 20)


# ---------------------------------------------------------------- input


@pytest.mark.parametrize("method", [least_kinks.fewest, least_kinks.least])
@pytest.mark.parametrize(
    ("t", "y", "words"),
    [
        ([0, 2, 1], [0, 1, 0], "t does not increase: sort the points"),
        ([0, 1, 1], [0, 1, 1], "t does not increase.*keep one"),
        ([0, 1], [0, 1, 2], r"t has shape \(2,\) and y has shape \(3,\)"),
        ([], [], "n >= 1"),
    ],
)
def test_points_that_do_not_increase_are_refused(method, t, y, words):
    with pytest.raises(ValueError, match=words):
        method(t, y)


def test_whole_numbers_are_numbers():
    breaks, slopes = least_kinks.fewest([0, 1, 2, 3], [0, 1, 1, 0])
    assert breaks.tolist() == [1.5] and slopes.tolist() == [1, -1]


def test_one_point_takes_nothing():
    breaks, slopes = least_kinks.fewest([3], [7])
    assert len(breaks) == 0 and slopes.tolist() == [0]
    assert len(least_kinks.least([3], [7]).breaks) == 0
