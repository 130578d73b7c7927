"""Input is checked by name, and the line is one on which every changed sample stands alone."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from ftc_lib import baum, three_layer, two_layer
from ftc_lib.core import certify, samples
from ftc_lib.core.network import ConditioningError, to_fractions
from tests.strategies import counts, exact_samples, thorough

X3 = np.arange(6.0).reshape(3, 2)
Z3 = np.array([1.0, 0.0, 2.0])
FITS = [two_layer.fit, three_layer.fit, baum.fit_relu]


def put(a, where, value):
    a = a.copy()
    a[where] = value
    return a


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(
    "X, z, message",
    [
        (X3[:, 0], Z3, r"X has shape \(3,\), expected \(K, d\)"),
        (X3[None], Z3, r"X has shape \(1, 3, 2\)"),
        (X3[:, :0], Z3, r"X has shape \(3, 0\)"),
        (X3[:0], Z3[:0], "no sample"),
        (X3, Z3[:2], "z has 2 targets for the 3 rows"),
        (X3, Z3[:, None, None], r"z has shape \(3, 1, 1\)"),
        (X3, 1.0, r"z has shape \(\)"),
        (X3, put(Z3, 1, np.nan), "z is nan in row 1"),
        (X3, put(Z3, 2, -np.inf), "z is -inf in row 2"),
        (put(X3, (2, 1), np.nan), Z3, "X is nan in row 2, column 1"),
        (put(X3, (0, 1), np.inf), Z3, "X is inf in row 0, column 1"),
        (X3.astype(complex), Z3, "X has dtype complex128"),
        (X3, ["a", "b", "c"], "z has dtype"),
        (X3, np.array([Fraction(1), None, 2], dtype=object), "z holds something that is neither"),
        (put(X3, 2, X3[0]), Z3, "rows 0 and 2 of X are equal but have different targets"),
        (to_fractions(put(X3, 2, X3[0])), to_fractions(Z3), "rows 0 and 2 of X are equal"),
        (put(X3, (1, 0), np.nan), to_fractions(Z3), "X is nan in row 1, column 0"),
    ],
)
def test_bad_input_is_refused_and_the_culprit_named(fit, X, z, message):
    labels = "y" if fit is baum.fit_relu else "z"
    with pytest.raises(ValueError, match=message.replace("z ", f"{labels} ")):
        fit(X, z)


def test_targets_with_several_outputs_name_row_and_column():
    with pytest.raises(ValueError, match="z is nan in row 1, column 1"):
        samples.validate(X3, np.array([[0, 0], [0, np.nan], [1, 1]]))


def test_projections_that_overflow_are_refused():
    with pytest.raises(ValueError, match="projections overflow: rescale X"):
        two_layer.fit(np.full((2, 3), 1.7e308) * [[1], [-1]], np.ones(2), "bumps", rng=6)


@pytest.mark.parametrize("K", [5, 2**16 + 5])
@pytest.mark.parametrize("far, repeated", [(0, 3), (1e6, 3), (1e6, -1)])
def test_equal_rows_with_different_targets_are_named_at_any_size(K, far, repeated):
    rng = np.random.default_rng(K)
    X, z = far + rng.normal(size=(K, 3)), np.zeros(K)
    X[repeated], z[1] = X[1], 1.0
    with pytest.raises(ValueError, match=f"rows 1 and {repeated % K} of X are equal"):
        two_layer.fit(X, z, "bumps")
    z[repeated] = 1.0
    g = two_layer.fit(X, z, "bumps")
    assert g.n_neurons == 3 and np.abs(g(X) - z).max() <= 1e-4


def test_equal_rows_are_found_when_their_projection_cancels():
    """Matrix products may round equal rows differently; the terms, not their small sum, say by how much."""
    d, K = 8, 2**14 + 7

    # X has 2**17 numbers or more, so one direction is drawn: look for draws that nearly cancel along (1, .., 1)
    directions = [np.random.default_rng(s) for s in range(3000)]
    sums = [abs((r.integers(1, 2**16, d) * r.choice([-1, 1], d)).sum()) / 2**16 for r in directions]
    for seed in np.argsort(sums)[:10]:
        rng = np.random.default_rng(0)
        X, z = 1e6 + rng.normal(size=(K, d)) * 1e-3, np.zeros(K)
        X[[K - 1, K - 2, K - 3]], z[0] = X[0], 1.0
        with pytest.raises(ValueError, match="rows 0 and"):
            two_layer.fit(X, z, "bumps", rng=int(seed))


@given(data=exact_samples())
@thorough
def test_repeated_samples_count_once(data):
    unique = samples.distinct(samples.validate(*data))
    assert (unique.N, unique.K) == counts(*data)


def test_minus_zero_and_zero_are_one_sample():
    X = np.array([[0.0, 1.0], [-0.0, 1.0], [1.0, 1.0]])
    assert samples.distinct(samples.validate(X, np.array([1.0, 1.0, 0.0]))).K == 2
    with pytest.raises(ValueError, match="rows 0 and 1"):
        two_layer.fit(X, np.array([1.0, 0.0, 0.0]))


@given(data=exact_samples())
@thorough
def test_every_changed_sample_stands_alone_on_the_line(data):
    """Gaps are the distances to the nearest other sample, by definition; they are positive."""
    line = samples.project(samples.validate(*data))
    for i, gap in zip(line.samples.changed, line.gaps):
        others = np.delete(np.abs(line.t - line.t[i]), i)
        assert gap == (min(others) if len(others) else abs(line.t[i]) + 1) and gap > 0
    assert (line.t == line.samples.X @ line.direction).all() and (line.ordered == sorted(line.t)).all()


def test_points_are_increasing_and_keep_every_changed_sample():
    X = np.array([[2.0], [0.0], [1.0], [0.0]])
    t, z = samples.project(samples.validate(X, np.array([5.0, 0.0, 0.0, 0.0]))).points()
    assert t.tolist() == [0, 1, 2] and z.tolist() == [0, 0, 5]


def test_several_directions_widen_the_least_gap():
    rng = np.random.default_rng(0)
    X, z = rng.normal(size=(100, 3)), np.ones(100)
    checked = samples.validate(X, z)
    best = samples.project(checked, 0)
    single = samples._line(checked, samples._direction(checked, np.random.default_rng(0)))
    assert best.gap / np.abs(best.direction).max() >= single.gap / np.abs(single.direction).max()


def test_the_same_seed_gives_the_same_line_and_a_generator_is_taken():
    data = samples.validate(X3, Z3)
    first, again = samples.project(data, 3), samples.project(data, np.random.default_rng(3))
    assert (first.direction == again.direction).all()


def test_projections_that_coincide_are_refused_with_a_remedy():
    X = np.array([[1e300, 1.0], [1e300, 2.0]])
    with pytest.raises(ConditioningError, match=r"coincide in float64\. Rescale or centre X, or use Fractions"):
        two_layer.fit(X, np.array([1.0, 0.0]))


def test_one_fraction_makes_everything_exact():
    checked = samples.validate(X3, to_fractions(Z3))
    assert checked.exact and checked.X[2, 1] == 5 and isinstance(checked.X[2, 1], Fraction)


@pytest.mark.parametrize("gap", [Fraction(1, 3), Fraction(10**40), 5e-324 * 8, 1e-300, 0.1, 1.0, 3e200])
def test_half_width_stays_clear_of_the_neighbour(gap):
    kind = object if isinstance(gap, Fraction) else float
    h = samples.half_width(np.array([gap], dtype=kind))[0]
    assert Fraction(3, 8) < Fraction(h) / Fraction(gap) <= Fraction(3, 4)
    if kind is float:
        assert np.frexp(h)[0] == 0.5  # a power of two


def test_float32_data_are_projected_without_rounding():
    """Directions are short numbers, so that float32 samples of like size give exact bumps."""
    rng = np.random.default_rng(0)
    X = rng.uniform(1, 2, (500, 10)).astype(np.float32)
    z = np.where(np.arange(500) % 7 == 0, rng.normal(size=500), 0)
    assert certify.certify(two_layer.fit(X, z, "bumps"), X, z).max_error == 0
