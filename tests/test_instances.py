"""Hard instances: what their labels force, counted independently of the library's bounds."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest

from ftc_lib.core.network import to_fractions
from ftc_lib.two_layer import instances


def brute_force_disjoint(intervals):
    """The most pairwise disjoint open intervals (j, j + 2), by trying every subset."""
    best = 0
    for chosen in product([0, 1], repeat=len(intervals)):
        picked = [j for j, c in zip(intervals, chosen) if c]
        if all(b - a >= 2 for a, b in zip(picked, picked[1:])):
            best = max(best, len(picked))
    return best


@pytest.mark.parametrize("number", [float, Fraction])
def test_each_forced_interval_holds_a_kink_of_its_sign(number):
    t = np.array([number(i) for i in (0, 1, 3, 4, 5, 8, 9)])
    z = np.array([number(v) for v in (0, 2, -1, 0, 3, 3, -4)])
    turns = np.diff(np.diff(z) / np.diff(t))
    found = instances.forced_intervals(t, z)
    assert [(left, right, sign) for left, right, sign in found] == [
        (t[j], t[j + 2], 1 if turns[j] > 0 else -1) for j in (0, 1, 3)
    ]
    for one, other in combinations(found, 2):
        assert one[2] != other[2] or one[1] <= other[0]


@pytest.mark.parametrize("first", [-1, 0, 2])
def test_forced_kinks_are_the_most_disjoint_intervals(first):
    """All labels of six points with values -1, 0, 2."""
    for rest in product([-1, 0, 2], repeat=5):
        labels = (first, *rest)
        turns = np.diff(labels, 2)
        expected = tuple(brute_force_disjoint(np.flatnonzero(sign * turns > 0).tolist()) for sign in (1, -1))
        assert instances.forced_kinks(np.arange(len(labels)), to_fractions(labels)) == expected


@pytest.mark.parametrize("K", range(3, 30))
def test_alternating_labels_force_every_kink(K):
    """min{3N, K-2} kinks for every N, in one unbroken run of alternating signs."""
    for N in range(1, K + 1):
        z = instances.alternating(N, K)
        assert len(z) == K and np.count_nonzero(z) == N
        signs = [turn > 0 for turn in np.diff(z, 2) if turn != 0]
        assert all(a != b for a, b in zip(signs, signs[1:]))
        assert len(signs) == min(3 * N, K - 2)
        assert sum(instances.forced_kinks(np.arange(K), z)) == len(signs)


@pytest.mark.parametrize(("positive", "negative"), [(1, 0), (0, 1), (1, 1), (3, 2), (7, 8)])
def test_two_sided_labels_force_three_kinks_a_target(positive, negative):
    z = instances.two_sided(positive, negative)
    assert len(z) == 4 * (positive + negative) + 1
    forced = instances.forced_kinks(np.arange(len(z)), z)
    assert forced == (2 * positive + negative, positive + 2 * negative)


def test_figure_3_has_an_interpolant_of_six_pieces():
    """Its seven vertices carry all nine points exactly."""
    t, z = instances.figure_3()
    vertex_t, vertex_z = instances.figure_3_shortcut()
    assert len(vertex_t) - 1 == 6
    for x, y in zip(t, z):
        i = max(j for j in range(6) if vertex_t[j] <= x)
        slope = (vertex_z[i + 1] - vertex_z[i]) / (vertex_t[i + 1] - vertex_t[i])
        assert vertex_z[i] + slope * (x - vertex_t[i]) == y
    assert sum(instances.forced_kinks(t, z)) == 5
    assert sum(instances.forced_kinks(t, to_fractions([0, 2] * 4 + [0]))) == 7


def test_kinks_do_not_depend_on_the_spacing_of_points_in_line():
    t = to_fractions([0, 1, Fraction(5, 2), 10])
    assert instances.forced_kinks(t, 3 * t - 1) == (0, 0)


@pytest.mark.parametrize("counts", [(-1, 4), (5, 4)])
def test_impossible_counts_are_named(counts):
    with pytest.raises(ValueError, match=f"N is {counts[0]}"):
        instances.alternating(*counts)


def test_no_target_is_refused():
    with pytest.raises(ValueError, match="there must be a target"):
        instances.two_sided(0, 0)
