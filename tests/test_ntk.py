"""Derivative neurons: identities that hold on every path, real ReLUs that equal them, and errors that fall."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib.core.network import ConditioningError
from ftc_lib.weights import ntk
from tests.strategies import thorough


def cloud(n, d, seed=0):
    rng = np.random.default_rng([seed, n, d])
    X = rng.standard_normal((n, d))
    return X / np.linalg.norm(X, axis=1, keepdims=True), rng.choice([-1.0, 1.0], n)


draws = given(st.integers(1, 30), st.integers(1, 8), st.integers(0, 10**6), st.sampled_from([1e-3, 1.0, 1e3]))


@draws
@thorough
def test_the_neuron_is_as_correlated_as_it_is_long(n, d, seed, scale):
    rng = np.random.default_rng(seed)
    X, r, u = rng.standard_normal((n, d)) * scale, rng.standard_normal(n), rng.standard_normal(d)
    v, f = ntk.neuron(X, r, u)
    assert np.isclose(f @ r, v @ v, rtol=1e-9, atol=1e-12 * scale**2)
    assert f @ f <= ntk.omega(X) * (v @ v) * (1 + 1e-9)


@draws
@thorough
def test_two_relus_equal_the_neuron_on_the_samples(n, d, seed, scale):
    rng = np.random.default_rng(seed)
    X, r, u = rng.standard_normal((n, d)) * scale, rng.standard_normal(n), rng.standard_normal(d)
    v, f = ntk.neuron(X, r, u)
    a, W = ntk.pair(X, r, u)
    assert len(a) == (2 if v.any() else 0)
    rounding = 1e-13 * np.abs(a).sum() * (1 + np.linalg.norm(W) * scale)
    assert np.abs(np.maximum(X @ W.T, 0) @ a - f).max() <= rounding


def test_no_larger_step_equals_the_neuron():
    X, r = cloud(40, 5)
    u = np.random.default_rng(1).standard_normal(5)
    a, W = ntk.pair(X, r, u)
    delta, v = a[0] ** -1, (W[0] - W[1]) * a[0]
    _, f = ntk.neuron(X, r, u)
    for factor, equal in ((0.5, True), (1, True), (1.01, False)):
        step = delta * factor
        moved = (np.maximum(X @ (u + step * v), 0) - np.maximum(X @ u, 0)) / step
        assert np.allclose(moved, f, atol=1e-9) == equal


@pytest.mark.parametrize("n, d", [(20, 20), (60, 12), (150, 30)])
def test_the_error_never_grows_and_falls_as_the_identity_says(n, d):
    X, y = cloud(n, d)
    fit = ntk.fit(X, y, error=0.05)
    assert (np.diff(fit.errors) <= 0).all() and fit.errors[0] == 1 and fit.errors[-1] <= 0.05
    r, rng = y.copy(), np.random.default_rng(0)
    for before, after in zip(fit.errors, fit.errors[1:]):
        v, f = ntk.neuron(X, r, rng.standard_normal(d))
        r = r - f / ntk.omega(X)
        assert after * n <= before * n - v @ v / ntk.omega(X) + 1e-9
        assert np.isclose(r @ r, after * n)


@pytest.mark.parametrize("step", [None, "line search"])
@pytest.mark.parametrize("s", [None, 0.25])
def test_the_network_has_the_error_and_the_weight_it_says(step, s):
    X, y = cloud(80, 16)
    fit = ntk.fit(X, y, step=step, s=s, rng=3)
    missing = fit.network(X) - y
    assert np.isclose(missing @ missing / 80, fit.errors[-1], atol=1e-9) and fit.errors[-1] <= 0.1 < fit.errors[-2]
    assert np.abs(missing).max() <= fit.network.error <= 1.001 * np.abs(missing).max()
    assert np.isclose(fit.network.total_weight, fit.weights[-1])
    assert fit.network.n_neurons == 2 * fit.steps and (np.diff(fit.weights) > 0).all()


def test_the_kernel_is_the_mean_square_of_v():
    X, r = cloud(30, 10)
    U = np.random.default_rng(0).standard_normal((20000, 10))
    V = ((U @ X.T > 0) * r) @ X
    assert np.isclose((V**2).sum(axis=1).mean(), r @ ntk.kernel(X) @ r, rtol=0.02)


@pytest.mark.parametrize("n, d", [(20, 20), (100, 20), (200, 60)])
def test_the_least_eigenvalue_of_the_kernel(n, d):
    """At least 1 / (4 sqrt(2) pi sqrt(p + 1)) with p = log(2n) / log(1/gamma): this book."""
    X, _ = cloud(n, d)
    gamma = np.abs(X @ X.T - np.eye(n)).max()
    p = np.log(2 * n) / np.log(1 / gamma)
    assert np.linalg.eigvalsh(ntk.kernel(X))[0] >= 1 / (4 * np.sqrt(2) * np.pi * np.sqrt(p + 1))


@pytest.mark.parametrize("x_scale", [1e-150, 1e-3, 1e150])
@pytest.mark.parametrize("y_scale", [1e-200, 1e200])
def test_scales_of_samples_and_labels_do_not_matter(x_scale, y_scale):
    X, y = cloud(30, 10)
    fit, plain = ntk.fit(X * x_scale, y * y_scale), ntk.fit(X, y)
    assert fit.steps == plain.steps and np.allclose(fit.errors, plain.errors)
    assert fit.network.error <= 1.1 * plain.network.error * y_scale


def test_nothing_to_fit_takes_no_neuron():
    fit = ntk.fit(np.eye(4), np.zeros(4))
    assert (
        fit.steps == fit.network.n_neurons == 0 and fit.errors.tolist() == [0] and (fit.network(np.eye(4)) == 0).all()
    )


def test_one_sample():
    assert ntk.fit([[3.0]], [-2.0], error=1e-6, rng=1).errors[-1] <= 1e-6


def test_large_steps_fail_where_the_labels_have_one_sign():
    """[. + .]+ is convex: at a large delta the second order has a sign, and pulls down labels of -1 too little."""
    X, _ = cloud(200, 10)
    with pytest.raises(ConditioningError, match=r"squared error is .* more than error"):
        ntk.fit(X, -np.ones(200), s=2.0, max_steps=400)
    assert ntk.fit(X, np.ones(200), s=0.5, max_steps=400).errors[-1] <= 0.1


def test_rows_in_one_direction_are_reported_after_max_steps():
    with pytest.raises(ConditioningError, match=r"after 50 steps .* same direction .* column of ones"):
        ntk.fit([[1.0, 2.0], [2.0, 4.0]], [1.0, -1.0], max_steps=50)


@pytest.mark.parametrize(
    "X, y, options, message",
    [
        (np.eye(3), np.ones((3, 1)), {}, r"y has shape \(3, 1\)"),
        (np.eye(3), np.ones(3), {"error": 0}, "error is 0"),
        (np.eye(3), np.ones(3), {"error": 1.5}, "error is 1.5"),
        (np.eye(3), np.ones(3), {"step": 0.1}, "step is 0.1"),
        (np.eye(3), np.ones(3), {"max_steps": 0}, "max_steps is 0"),
        (np.eye(3), np.ones(3), {"s": -1}, "s is -1"),
        (np.diag([1.0, 0, 1]), np.ones(3), {}, "row 1 of X is zero .* column of ones"),
        ([[1.0], [np.nan]], np.ones(2), {}, "X is nan in row 1"),
        ([[1.0], [1.0]], [1, 2], {}, "rows 0 and 1 of X are equal"),
    ],
)
def test_bad_input_is_named(X, y, options, message):
    with pytest.raises(ValueError, match=message):
        ntk.fit(X, y, **options)
