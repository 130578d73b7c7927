"""The exhaustive search: it hands out networks, and a linear program and the other method agree with its refusals."""

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import linprog

from ftc_lib import least_width
from ftc_lib.core import bounds
from ftc_lib.core.network import to_fractions
from ftc_lib.core.samples import project, validate
from ftc_lib.two_layer import instances, least_kinks
from tests.strategies import exact_samples, thorough

EVEN = to_fractions(range(10))
UNEVEN = to_fractions([0, 1, 5, 6, 6 + Fraction(1, 7), 20, 23, 24, 40, 41])


def widths_agree(x, z):
    """The search and the dynamic program on one instance; returns the width."""
    found = least_width.two_layer(x, z)
    assert found.width == found.network.n_neurons == len(least_kinks.least(x, z).breaks)
    assert (found.network(x[:, None]) == z).all()
    return found.width


@given(samples=exact_samples(most=6))
@thorough
def test_agrees_with_the_dynamic_program(samples):
    widths_agree(*project(validate(*samples)).points())


@given(samples=exact_samples(most=8))
@thorough
def test_agrees_with_the_dynamic_program_up_to_eight_points(samples):
    widths_agree(*project(validate(*samples)).points())


@pytest.mark.parametrize("x", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize(("K", "values"), [(1, 3), (2, 3), (3, 5), (4, 4), (5, 3)])
def test_agrees_on_every_small_pattern(x, K, values):
    for z in itertools.product(range(-1, values - 1), repeat=K):
        widths_agree(x[:K], to_fractions(z))


def test_figure_3_takes_five_neurons():
    t, z = instances.figure_3()
    found = least_width.two_layer(t, z)
    assert found.width == 5 and found.refuted == found.untouched + found.off_slope > 0


@pytest.mark.parametrize("K", range(1, 9))
def test_alternating_labels_need_the_worst_case(K):
    for N in range(1, K + 1):
        least = bounds.two_layer(N, K).lower
        if K >= 5:
            assert widths_agree(EVEN[:K], instances.alternating(N, K)) == least
        else:
            widest = max(
                widths_agree(EVEN[:K], to_fractions(z))
                for z in itertools.product((-1, 0, 1), repeat=K)
                if np.count_nonzero(z) == N
            )
            assert widest == least


def test_a_true_zigzag_of_four_points_fails_at_its_first_slope():
    """Two kinks are reached by two neurons, and still no two neurons fit."""
    found = least_width.two_layer(range(4), [0, 1, -1, 0])
    assert found.width == 3 and found.off_slope > 0


# ---------------------------------------------------------------- the decision, against a linear program


def solvable(x, z, kinds, affine):
    """Whether neurons of these kinds fit, by a linear program: a neuron is lambda and mu >= 0 at two points."""
    columns = [np.ones(len(x))] + [x] * affine
    for gap, sign, facing in kinds:
        columns += [sign * np.maximum(facing * (x - x[p]), 0) for p in (gap, gap + 1)]
    free = 1 + affine
    limits = [(None, None)] * free + [(0, None)] * (len(columns) - free)
    return linprog(np.zeros(len(columns)), A_eq=np.stack(columns, axis=1), b_eq=z, bounds=limits).status == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_program_decides_each_choice_the_same_way(seed):
    rng = np.random.default_rng(seed)
    K = 5
    x, z = EVEN[:K], to_fractions(rng.integers(-2, 3, K))
    turns = [Fraction(0), *np.diff(z, 2), Fraction(0)]
    cells = list(itertools.product(range(K - 1), (1, -1), (1, -1)))
    for _ in range(60):
        picked = {(g, s): (g, s, f) for g, s, f in (cells[i] for i in rng.choice(len(cells), 3, replace=False))}
        kinds = tuple(sorted(picked.values()))
        touched = all(
            turns[p] == 0 or any(g in (p - 1, p) and s * turns[p] > 0 for g, s, _ in kinds) for p in range(1, K - 1)
        )
        fits = touched and least_width._shares(turns, kinds, z[1] - z[0]) is not None
        assert fits == solvable(x.astype(float), z.astype(float), kinds, 0)
        assert touched == solvable(x.astype(float), z.astype(float), kinds, 1)


def test_every_choice_that_touches_all_turns_is_looked_at():
    """Against a plain list of all sets of kinds, at most one a gap and sign."""
    signs = [0, 1, -1, 0, 1, 0]  # of the turns
    cells = [(g, s) for g in range(5) for s in (1, -1)]
    plain = 0
    for size in range(5):
        for chosen in itertools.combinations(cells, size):
            if size == 4 and all(
                any(g in (p - 1, p) and s == signs[p] for g, s in chosen) for p in range(1, 5) if signs[p]
            ):
                plain += 2**size
    assert len(set(least_width._choices(signs, 4, (1, -1), Counter()))) == plain


# ---------------------------------------------------------------- input


def test_order_and_repeated_points_do_not_matter():
    x, z = [3, 0, 2, 1, 3, 0], [0, 0, -1, 1, 0, 0]
    assert least_width.two_layer(x, z).width == 3
    assert least_width.two_layer(np.array([0.5]), np.array([7.0])).width == 0


def test_contradictory_points_are_named():
    with pytest.raises(ValueError, match="rows 0 and 2 of X are equal but have different targets"):
        least_width.two_layer([1, 2, 1], [0, 1, 1])


def test_too_many_points_name_the_way_out():
    with pytest.raises(ValueError, match=r'there are 11 points.*method="least"'):
        least_width.two_layer(range(11), [0] * 11)


def test_one_label_a_point():
    with pytest.raises(ValueError, match="one label a point"):
        least_width.two_layer(range(3), np.zeros((3, 2)))
