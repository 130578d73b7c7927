"""Linear algebra on Fractions: what FLINT finds is what Fractions say."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib.core import exact
from ftc_lib.core.network import to_fractions
from tests.strategies import thorough

SHAPES = [((3, 4), (4, 2)), ((3, 4), (4,)), ((4,), (4, 2)), ((4,), (4,)), ((1, 1), (1,))]
EMPTY = [((0, 3), (3,)), ((2, 0), (0,)), ((2, 0), (0, 3)), ((0,), (0,)), ((2, 3), (3, 0)), ((0, 0), (0, 0))]


@given(seed=st.integers(0, 10**6), shapes=st.sampled_from(SHAPES), floats=st.booleans())
@thorough
def test_products_equal_products_of_fractions(seed, shapes, floats):
    rng = np.random.default_rng(seed)
    A, B = (to_fractions(rng.normal(size=s) if floats else rng.integers(-9, 9, s)) / 7 for s in shapes)
    C = exact.product(A, B)
    assert np.all(C == A @ B)
    assert all(isinstance(value, Fraction) for value in np.ravel(C))


@pytest.mark.parametrize("shapes", EMPTY)
def test_empty_sums_are_zero(shapes):
    A, B = (to_fractions(np.ones(s)) for s in shapes)
    C = exact.product(A, B)
    assert np.shape(C) == np.shape(np.ones(shapes[0]) @ np.ones(shapes[1]))
    assert np.all(C == 0)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 7), floats=st.booleans())
@thorough
def test_a_system_is_solved_or_singular(seed, n, floats):
    rng = np.random.default_rng(seed)
    A = to_fractions(rng.normal(size=(n, n)) if floats else rng.integers(-1, 2, (n, n)))
    right = to_fractions(rng.integers(-9, 9, n)) / 7
    x = exact.solve(A, right)
    assert (x is None) == (exact.rank(A) < n)
    if x is not None:
        assert (A @ x == right).all()


@pytest.mark.parametrize("A", [[[0]], [[1, 2], [2, 4]], [[0, 0], [0, 1]]])
def test_a_singular_matrix_has_no_solution(A):
    assert exact.solve(to_fractions(A), to_fractions([1] * len(A))) is None


def test_numpy_integers_within_fractions_are_taken():
    third = np.array([[Fraction(np.int64(1), np.int64(3))]], dtype=object)
    assert exact.product(third, third) == Fraction(1, 9)


def test_single_numbers_go_there_and_back():
    values = [Fraction(-3, 7), 0, 2**80, 0.1]
    assert exact.fractions(exact.rationals(values)).tolist() == [Fraction(value) for value in values]
