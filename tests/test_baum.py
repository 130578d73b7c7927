"""Baum's networks: slabs hold exactly their members, counts hold, and bad positions are refused by name."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_iris

from ftc_lib import baum
from ftc_lib.baum.affine import step
from ftc_lib.core import bounds, certify
from ftc_lib.core.network import ConditioningError, to_fractions
from ftc_lib.core.samples import validate
from tests.strategies import thorough

SIZES = [(1, 1), (1, 4), (3, 5), (5, 5), (6, 5), (20, 1), (23, 3), (40, 10)]  # n > d, n = d and d > n


@st.composite
def in_general_position(draw):
    """Points of the moment curve (t, t^2, .., t^d): general position by Vandermonde; sometimes moved so that a
    hyperplane through samples also runs through 0."""
    n, d = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    t = to_fractions(draw(st.lists(st.integers(-20, 20), min_size=n, max_size=n, unique=True)))
    X = np.stack([t**k for k in range(1, d + 1)], axis=1)
    X = X - draw(st.sampled_from([0, 1])) * X[: min(n, d)].sum(axis=0) / min(n, d)
    return X, to_fractions(draw(st.lists(st.integers(-2, 2), min_size=n, max_size=n)))


def cloud(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.integers(0, 2, n)


@given(samples=in_general_position(), seed=st.integers(0, 5))
@thorough
def test_relu_is_exact_on_fractions(samples, seed):
    X, y = samples
    g = baum.fit_relu(X, y, rng=seed)
    assert (g(X) == y).all() and g.n_neurons <= bounds.baum_relu(*X.shape)


@given(samples=in_general_position(), seed=st.integers(0, 5))
@thorough
def test_threshold_is_exact_on_fractions(samples, seed):
    X, y = samples
    labels = to_fractions((y > 0).astype(int))
    g = baum.fit_threshold(X, labels, rng=seed)
    assert (g(X) == labels).all() and g.n_neurons <= bounds.baum_threshold(*X.shape)


def test_a_hyperplane_through_the_origin_needs_an_affine_function():
    """(1, 1) and (2, 2) span a line through 0, where no linear function takes the labels 1 and 0."""
    X, y = to_fractions([[1, 1], [2, 2], [5, 3], [0, 7]]), to_fractions([1, 5, 0, 0])
    pair = baum.slab(validate(X, y), [0, 1])
    assert pair.b == 0 and pair.u[0] == -pair.u[1] != 0
    assert (baum.fit_relu(X, y)(X) == y).all()


@given(samples=in_general_position(), data=st.data())
@thorough
def test_slabs_contain_exactly_their_members(samples, data):
    X, y = samples
    size = data.draw(st.integers(1, min(X.shape)))
    members = data.draw(st.permutations(range(len(X))))[:size]
    slab = baum.slab(validate(X, y), members)
    heights = X @ slab.u - slab.b
    assert set(np.flatnonzero(np.abs(heights) < slab.tau)) == set(members)
    assert (heights[members] == 0).all() and (heights == slab.heights).all() and slab.tau > 0


@pytest.mark.parametrize("n, d", SIZES)
def test_float_threshold_equals_the_labels_exactly(n, d):
    X, labels = cloud(n, d)
    g = baum.fit_threshold(X, labels)
    assert (g(X) == labels).all() and g.n_neurons <= bounds.baum_threshold(n, d)
    assert g.activation == "threshold" and certify.certify(g, X, labels).max_error == 0


@pytest.mark.parametrize("n, d", SIZES)
def test_float_relu_fits_real_labels(n, d):
    X, _ = cloud(n, d)
    y = np.random.default_rng(1).normal(size=n)
    g = baum.fit_relu(X, y)
    assert np.abs(g(X) - y).max() <= g.error <= 1e-4 * np.abs(y).max()
    assert g.n_neurons == bounds.baum_relu(n, d)


def test_relu_leaves_kept_samples_at_exactly_zero():
    """In exact arithmetic the four ReLUs of a slab cancel behind it, rounding of their biases included."""
    for seed in range(10):
        X, labels = cloud(200, 5, seed)
        y = np.where(np.arange(200) % 7 == 0, 0.3 + labels, 0)
        c = certify.certify(baum.fit_relu(X, y), X, y)
        assert c.kept_zero == c.K - c.N == 171


@pytest.mark.parametrize("ones, slabs", [(0, 0), (2, 1), (9, 2), (10, 2), (11, 2), (18, 1), (20, 0)])
def test_only_the_rarer_label_takes_slabs(ones, slabs):
    """20 points in R^5: the majority label costs nothing."""
    X, _ = cloud(20, 5)
    labels = (np.arange(20) < ones).astype(int)
    g = baum.fit_threshold(X, labels)
    assert g.n_neurons == 2 * slabs and (g(X) == labels).all()


def test_untouched_labels_take_no_relu():
    X, _ = cloud(20, 5)
    y = np.where(np.arange(20) < 6, 1.5, 0)
    assert baum.fit_relu(X, y).n_neurons == 4 * 2


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("fit", [baum.fit_threshold, baum.fit_relu])
@pytest.mark.parametrize(
    "X",
    [
        [[0, 0], [1, 1], [2, 2], [3, 3]],  # on one line
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [2, 3, 0], [5, 2, 0]],  # on one plane
    ],
)
def test_points_not_in_general_position_are_refused_with_their_rows(fit, X, exact):
    labels = np.arange(len(X)) % 2
    X, labels = (to_fractions(X), to_fractions(labels)) if exact else (np.array(X, dtype=float), labels)
    with pytest.raises(ValueError, match=r"rows? \d.* general position"):
        fit(X, labels)


@pytest.mark.parametrize(
    "labels, row", [([0, 1, 2, 1], 2), ([0.5, 0, 1, 1], 0), ([0, 1, 1, -1], 3), ([Fraction(1, 3), 0, 0, 0], 0)]
)
def test_labels_other_than_0_and_1_are_refused(labels, row):
    with pytest.raises(ValueError, match=f"labels must be 0 or 1.*row {row}"):
        baum.fit_threshold(np.eye(4), labels)


def test_several_outputs_are_refused():
    with pytest.raises(ValueError, match=r"y has shape \(3, 2\)"):
        baum.fit_relu(np.eye(3), np.ones((3, 2)))
    with pytest.raises(ValueError, match="one a sample"):
        baum.fit_threshold(np.eye(3), np.ones((3, 2)))


@pytest.mark.parametrize("fit", [baum.fit_threshold, baum.fit_relu])
def test_equal_rows_are_one_sample_or_refused(fit):
    X = np.array([[0.0, 1.0], [2.0, 5.0], [3.0, 3.0], [0.0, 1.0]])
    g = fit(X, [1, 0, 0, 1])
    assert np.abs(g(X) - [1, 0, 0, 1]).max() <= g.error < 1e-12
    with pytest.raises(ValueError, match="rows 0 and 3 of X are equal"):
        fit(X, [1, 0, 0, 0])


@given(
    seed=st.integers(0, 10**6),
    shift=st.sampled_from([0, 1e3, 1e6]),
    scale=st.sampled_from([1e-300, 1.0, 1e300]),
    shape=st.tuples(st.integers(1, 14), st.integers(1, 4)),
)
@thorough
def test_floats_are_right_or_refused(seed, shift, scale, shape):
    """Far from 0 a single row used to be called affinely dependent: the system is now solved around a member."""
    X, labels = cloud(*shape, seed)
    y = labels * scale
    try:
        g = baum.fit_relu(X + shift, y)
    except ValueError as error:
        assert "affinely dependent" not in str(error)
        return
    assert np.abs(g(X + shift) - y).max() <= g.error <= 1e-4 * scale


@given(seed=st.integers(0, 10**6), n=st.integers(1, 6))
@thorough
def test_solve_solves_or_says_that_it_cannot(seed, n):
    A = to_fractions(np.random.default_rng(seed).integers(-2, 3, (n, n)))
    right = to_fractions(range(n))
    x = baum.solve(A, right)
    if x is None:
        assert round(np.linalg.det(A.astype(float))) == 0
    else:
        assert (A @ x == right).all()


@pytest.mark.parametrize(("n", "d"), [(2, 1), (7, 2), (13, 3), (20, 3), (25, 4)])
def test_alternating_labels_on_the_moment_curve_take_the_floor_or_one_more(n, d):
    """ceil((n-1)/d) threshold units are needed there, since a hyperplane meets the curve d times at most."""
    t = to_fractions(range(1, n + 1))
    X, labels = np.stack([t**power for power in range(1, d + 1)], axis=1), to_fractions(np.arange(n) % 2)
    h = baum.fit_threshold(X, labels)
    assert (h(X) == labels).all()
    assert bounds.ceil_div(n - 1, d) <= h.n_neurons <= bounds.ceil_div(n - 1, d) + 1


@pytest.mark.parametrize("seed", range(5))
def test_a_slab_is_exact_up_to_the_largest_step_and_not_beyond(seed):
    """delta |l| <= tau in the group, and no other sample may be pulled into the slab."""
    rng = np.random.default_rng(seed)
    X = to_fractions(rng.integers(-500, 500, (9, 2)))
    group = baum.slab(validate(X, to_fractions(np.ones(9))), [0, 1])
    inside = np.arange(9) < 2
    value = X @ to_fractions([3, -2]) + 1
    pull = np.where(inside, abs(value), -np.sign(group.heights) * value)
    room = np.where(inside, group.tau, abs(group.heights) - group.tau)
    largest = min(r / p for r, p in zip(room, pull) if p > 0)

    def relu(t):
        return np.maximum(t, Fraction(0))

    def derivative_slab(delta):
        s, tau = group.heights, group.tau
        return (relu(s + tau + delta * value) - relu(s + tau) - relu(s - tau + delta * value) + relu(s - tau)) / delta

    wanted = np.where(inside, value, 0)
    assert (derivative_slab(largest) == wanted).all() and (derivative_slab(largest / 1000) == wanted).all()
    assert not (derivative_slab(largest * Fraction(1000001, 1000000)) == wanted).all()


def test_total_weight_grows_faster_than_n_to_the_three_halves():
    def weight(n):
        clouds = [cloud(n, 10, seed)[0] for seed in range(5)]
        signs = np.random.default_rng(0).choice([-1.0, 1.0], n)
        return np.median([baum.fit_relu(X, signs).total_weight for X in clouds])

    assert weight(320) > 8 * weight(80)


@pytest.mark.parametrize("scale", [1e-150, 1e-14, 1.0, 1e12, 1e150])
def test_the_scale_of_the_samples_does_not_matter(scale):
    X, labels = cloud(40, 5)
    y = np.random.default_rng(2).normal(size=40)
    assert baum.fit_relu(X * scale, y).error <= 1e-6
    assert (baum.fit_threshold(X * scale, labels)(X * scale) == labels).all()


@pytest.mark.parametrize("values", [[5e-324, 0], [1e-310, 1e-310], [0, 1e-300]])
def test_a_step_for_labels_that_vanish_is_a_power_of_two_with_an_inverse(values):
    with np.errstate(over="ignore"):
        delta = step(np.array([1.0, 0.5]), np.array(values))
    assert np.frexp(delta)[0] == 0.5 and 0 < 1 / delta < delta < np.inf


@pytest.mark.parametrize("room, value", [(0.0, 1.0), (1.0, np.inf), (1.0, np.nan)])
def test_without_room_for_a_step_floats_are_refused(room, value):
    with pytest.raises(ConditioningError, match=r"lies on it in float64\. Rescale or centre X, or use Fractions"):
        step(np.array([room, 1.0]), np.array([value, 1.0]))


@pytest.mark.parametrize("scale", [1e-310, 1e-305, 1e300, 2.0**1000])
def test_the_scale_of_the_labels_does_not_matter(scale):
    X, y = cloud(12, 3)
    y = np.where(np.arange(12) % 2, y + 1.0, 0)
    g = baum.fit_relu(X, y * scale)
    assert g.n_neurons == 8 and g.error <= 1e-4 * scale and np.abs(g(X) / scale - y).max() <= 1e-4


def test_the_irises_are_refused_by_the_row_that_is_in_special_position():
    iris = load_iris()
    with pytest.raises(ValueError, match="of X lies on the hyperplane through rows"):
        baum.fit_relu(iris.data, iris.target + 1)
