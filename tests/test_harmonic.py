"""Harmonic networks: the angular identity, what cancels, and networks that are what their formula says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import hyp2f1

from ftc_lib.weights import harmonic, ntk
from tests.strategies import thorough
from tests.test_ntk import cloud


def gauss(d, rng):
    return (rng.standard_normal(d) + 1j * rng.standard_normal(d)) / np.sqrt(2)


@pytest.mark.parametrize("m", [2, 4, 6, 8])
def test_turned_relus_make_a_harmonic(m):
    rng = np.random.default_rng(m)
    z = gauss(20, rng)
    wanted = harmonic.coefficient(m) * harmonic.phi(z, m)
    assert np.allclose(harmonic.angular_mean(z, m, angles=2**14), wanted, atol=1e-7)


@given(
    st.integers(1, 4),
    st.integers(5, 40),
    st.complex_numbers(min_magnitude=0.1, max_magnitude=9),
    st.floats(0, 6),
)
@thorough
def test_few_angles_add_exactly_the_aliases(half, angles, z, turn):
    """Harmonics k = m + j angles come along, with the coefficients of the rectified cosine."""
    m, size = 2 * half, abs(z)
    k = m + angles * np.arange(-4000, 4001)
    even = np.where(k % 2 == 0, k, 0)
    c = np.where(k % 2 == 0, (-1.0) ** (k // 2 + 1) / (np.pi * (even**2 - 1.0)), (np.abs(k) == 1) / 4)
    expected = size * np.sum(c * np.exp(1j * k * np.angle(z)) * np.exp(1j * (m - k) * turn))
    assert abs(harmonic.angular_mean(z, m, angles, turn) - expected) <= 1e-5 * size


@given(st.integers(1, 20), st.integers(1, 8), st.sampled_from([2, 4, 6]), st.integers(0, 10**6))
@thorough
def test_the_first_order_is_the_length_of_v(n, d, m, seed):
    rng = np.random.default_rng(seed)
    X, r, u = rng.standard_normal((n, d)), rng.standard_normal(n), gauss(d, rng)
    z, v = X @ u, harmonic.direction(X, r, u, m)
    derivative = (m + 1) / 2 * (z / np.abs(z)) ** (m - 1)  # of phi in z
    first = np.sum(r * derivative * (X @ v))
    assert np.isclose(first, (m + 1) / 2 * np.linalg.norm(v) ** 2, rtol=1e-9)
    step = 1e-7 * np.abs(z)  # and the derivative is one: its two Wirtinger parts against differences
    other = -(m - 1) / 2 * (z / np.abs(z)) ** (m + 1)
    for turn in (1, 1j):
        change = (harmonic.phi(z + step * turn, m) - harmonic.phi(z - step * turn, m)) / (2 * step)
        assert np.allclose(change, derivative * turn + other * np.conj(turn), atol=1e-6 * m**2)


@pytest.mark.parametrize("m", [2, 4, 6])
def test_the_response_is_a_hypergeometric_function(m):
    t = np.array([0, 0.1, 0.4, 0.7, 0.9])
    formula = (m + 1) / 2 * hyp2f1(-(m - 1) / 2, (m - 1) / 2, 2, t**2)
    assert np.allclose(harmonic.response(t, m), formula, atol=1e-10)
    assert (np.abs(harmonic.response(np.linspace(0, 30, 400), m)) <= m).all()


@pytest.mark.parametrize("p", [1, 3, 5])
def test_the_coherence_against_draws_and_below_the_power(p):
    rng = np.random.default_rng(p)
    rho = np.linspace(-1, 1, 41)
    kappa = harmonic.coherence(rho, p)
    assert (np.abs(kappa) <= np.abs(rho) ** p + 1e-12).all() and np.isclose(kappa[-1], 1)
    z, w = gauss(200_000, rng), gauss(200_000, rng)
    for r in (0.3, 0.8):
        drawn = np.exp(1j * p * (np.angle(z) - np.angle(r * z + np.sqrt(1 - r**2) * w))).mean()
        assert abs(drawn - harmonic.coherence(r, p)) < 0.01


def test_the_kernel_is_the_mean_square_of_v():
    X, r = cloud(30, 10)
    rng = np.random.default_rng(0)
    lengths = [np.linalg.norm(harmonic.direction(X, r, gauss(10, rng), 4)) ** 2 for _ in range(5000)]
    assert np.isclose(np.mean(lengths), r @ harmonic.kernel(X) @ r, rtol=0.05)


def test_a_bundle_is_a_harmonic_up_to_the_aliases():
    rng = np.random.default_rng(0)
    X, r = cloud(50, 10)
    u = gauss(10, rng)
    w = u + 0.3 * harmonic.direction(X, r, u, 4)
    z = X @ w
    for turn in (0.0, 1.0):
        a, W = harmonic.bundle(X, r, u, 0.3, turn=turn)
        values = np.maximum(X @ W.T, 0) @ a
        assert np.allclose(values, (harmonic.angular_mean(z, 4, turn=turn) / harmonic.coefficient(4)).real / 0.3)
        assert (np.abs(values - harmonic.phi(z, 4).real / 0.3) <= 0.25 * np.abs(z) / 0.3).all()


@pytest.mark.parametrize("step", [None, "line search"])
@pytest.mark.parametrize("frozen", [False, True])
def test_the_network_has_the_error_and_the_weight_it_says(step, frozen):
    X, y = cloud(80, 16)
    fit = harmonic.fit(X, y, step=step, frozen=frozen, rng=3)
    missing = fit.network(X) - y
    assert np.isclose(missing @ missing / 80, fit.errors[-1]) and fit.errors[-1] <= 0.1 < fit.errors[-2]
    assert np.abs(missing).max() <= fit.network.error <= 1.001 * np.abs(missing).max()
    assert np.isclose(fit.network.total_weight, fit.weights[-1])
    assert fit.network.n_neurons == harmonic.ANGLES * fit.steps
    if step == "line search":
        assert (np.diff(fit.errors) <= 1e-12).all()


def test_labels_of_one_sign_are_no_harder():
    X, y = cloud(200, 40)
    steps = [harmonic.fit(X, labels).steps for labels in (y, np.ones(200), -np.ones(200))]
    assert max(steps) <= 3 * min(steps)


def test_the_weight_hardly_depends_on_the_error():
    X, y = cloud(100, 20)
    coarse, fine = (harmonic.fit(X, y, error=e) for e in (0.1, 1e-3))
    assert fine.steps > 2 * coarse.steps and fine.weights[-1] < 2 * coarse.weights[-1]


@pytest.mark.parametrize("x_scale, y_scale", [(1e-150, 1e200), (1e150, 1e-200)])
def test_scales_of_samples_and_labels_do_not_matter(x_scale, y_scale):
    X, y = cloud(30, 10)
    assert harmonic.fit(X * x_scale, y * y_scale).steps == harmonic.fit(X, y).steps


@pytest.mark.parametrize(
    "options, message",
    [({"m": 3}, "m is 3"), ({"m": 0}, "m is 0"), ({"s": 0}, "s is 0"), ({"step": 1}, "step is 1")],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        harmonic.fit(np.eye(3), np.ones(3), **options)


@pytest.mark.parametrize(
    "fit, options", [(ntk.fit, {}), (ntk.fit, {"s": 0.5}), (harmonic.fit, {}), (harmonic.fit, {"step": "line search"})]
)
def test_rounding_does_not_grow_along_the_steps(fit, options):
    """Another processor rounds otherwise in the last digits: as many steps, and errors that agree to 9 digits."""
    X, y = cloud(200, 20, 3)
    nudged = X * (1 + 1e-15 * np.random.default_rng(0).choice([-1, 1], X.shape))
    one, other = (fit(points, y, error=0.03, rng=5, **options) for points in (X, nudged))
    assert one.steps == other.steps
    assert np.allclose(one.errors, other.errors, rtol=1e-9, atol=0)
    assert np.allclose(one.weights, other.weights, rtol=1e-9, atol=0)
