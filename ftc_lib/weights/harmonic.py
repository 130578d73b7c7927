"""Harmonic networks: complex weights cancel the even orders, so the steps may be large and the weights small.

A ReLU that is turned through all angles and weighted by e^{i m theta} is a multiple of z^m / |z|^(m-1), for even
m: a function of modulus |z| whose phase turns m times. A complex neuron of that kind follows the residual like
a derivative neuron, but at a step that does not have to be small. Every complex neuron is a bundle of ANGLES
real ReLUs. 2006.02855 announces such networks; the construction here is this book's reconstruction.
Chapters: book/06_size_vs_weights and, in full, book/06_size_vs_weights_in_full.
"""

from __future__ import annotations

import math

import numpy as np

from ftc_lib.core.types import Data, Seed
from ftc_lib.weights.ntk import Fit, boost, omega

_TERMS = 400  # of the power series of the kernel
ANGLES = 16  # real ReLUs a complex neuron; fewer let other harmonics in (see the chapter)


def fit(
    X: Data,
    y: Data,
    *,
    error: float = 0.1,
    step: str | None = None,
    m: int = 4,
    s: float = 0.5,
    frozen: bool = False,
    max_steps: int = 10_000,
    rng: Seed = 0,
) -> Fit:
    """Bundles of ReLUs until |f - y|^2 <= error |y|^2 on the samples.

    X (n, d), y (n,); rows of like norms. ``step``: None for 1 / (n / (s^2 d) + 2 omega), or "line search".
    ``m``: the harmonic, even. ``s``: delta = s sqrt(d) / |r| for the residual r; ``frozen`` keeps its first
    value, for r = y. Raises ValueError for bad input and ConditioningError when ``max_steps`` do not suffice.

    >>> X = np.random.default_rng(0).normal(size=(40, 20))
    >>> found = fit(X, np.sign(X[:, 0]))
    >>> found.network.n_neurons == ANGLES * found.steps, bool(found.errors[-1] <= 0.1)
    (True, True)
    """
    coefficient(m)  # refuses a bad m before anything is drawn
    if not s > 0:
        raise ValueError(f"s is {s}: expected a positive number, the size of a step")
    lengths = []  # of the residuals so far

    def draw(X, r, rng):
        lengths.append(np.linalg.norm(r))
        u = (rng.standard_normal(X.shape[1]) + 1j * rng.standard_normal(X.shape[1])) / np.sqrt(2)
        delta = s * np.sqrt(X.shape[1]) / lengths[0 if frozen else -1]
        return bundle(X, r, u, delta, m, turn=rng.uniform(0, 2 * np.pi))

    def fixed_step(X):
        n, d = X.shape
        return 1 / (n / (s**2 * d) + 2 * omega(X))

    return boost(X, y, draw, fixed_step, error=error, step=step, max_steps=max_steps, rng=rng)


def phi(z: Data, m: int) -> np.ndarray:
    """z^m / |z|^(m-1): modulus |z|, m times the phase of z; 0 at 0."""
    z = np.asarray(z, dtype=complex)
    return np.abs(z) * np.exp(1j * m * np.angle(z))


def coefficient(m: int) -> float:
    """The mean over theta of e^{i m theta} [Re(e^{-i theta} z)]+ is this number times phi(z, m), for even m."""
    if m != int(m) or m < 2 or m % 2:
        raise ValueError(f"m is {m}: expected an even whole number, 2 or more; ReLUs have no other harmonics")
    return (-1) ** (m // 2 + 1) / (np.pi * (m * m - 1))


def angular_mean(z: Data, m: int, angles: int = ANGLES, turn: float = 0.0) -> np.ndarray:
    """That mean over ``angles`` equally spaced theta, starting at ``turn``; z any shape."""
    theta = turn + 2 * np.pi * np.arange(angles) / angles
    z = np.asarray(z, dtype=complex)[..., None]
    return (np.exp(1j * m * theta) * np.maximum((np.exp(-1j * theta) * z).real, 0)).mean(axis=-1)


def direction(X: np.ndarray, r: np.ndarray, u: np.ndarray, m: int) -> np.ndarray:
    """v (d,), complex: the sum of r_i e^{-i (m-1) arg(u . x_i)} x_i."""
    return (r * np.exp(-1j * (m - 1) * np.angle(X @ u))) @ X


def bundle(
    X: np.ndarray, r: np.ndarray, u: np.ndarray, delta: float, m: int = 4, turn: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """ANGLES real ReLUs that are nearly Re phi((u + delta v) . x) / delta: outgoing weights, and rows (ANGLES, d).

    v = ``direction(X, r, u, m)``; u (d,) complex.
    """
    w = u + delta * direction(X, r, u, m)
    theta = turn + 2 * np.pi * np.arange(ANGLES) / ANGLES
    outgoing = np.cos(m * theta) / (coefficient(m) * ANGLES * delta)
    return outgoing, np.multiply.outer(np.cos(theta), w.real) + np.multiply.outer(np.sin(theta), w.imag)


def response(t: Data, m: int) -> np.ndarray:
    """g_m(t), the mean over chi of e^{-i chi} phi(1 + t e^{i chi}, m) / t: how a step of size t is answered.

    t >= 0, any shape; g_m(0) = (m + 1)/2. A trapezoidal rule, to about 1e-12 away from t = 1.
    """
    chi = 2 * np.pi * np.arange(4096) / 4096
    t = np.asarray(t, dtype=float)[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.exp(-1j * chi) * phi(1 + t * np.exp(1j * chi), m)).real.mean(axis=-1) / t[..., 0]
    return np.where(t[..., 0] == 0, (m + 1) / 2, mean)


def coherence(rho: Data, p: int) -> np.ndarray:
    """kappa_p(rho) = E e^{i p (arg z - arg z')} for standard complex Gaussians z, z' with real correlation rho.

    rho^p times a power series in rho^2 with coefficients >= 0 that sum to 1: so |kappa_p(rho)| <= |rho|^p.
    """
    rho = np.asarray(rho, dtype=float)
    # Gamma(k + p/2 + 1)^2 / (k! (k + p)!) rises to 1 with k; what the last term leaves is put behind it
    k = np.arange(1, _TERMS)
    sums = math.gamma(p / 2 + 1) ** 2 / math.factorial(p) * np.cumprod(np.append(1, (k + p / 2) ** 2 / (k * (k + p))))
    coefficients = np.diff(sums, prepend=0, append=1)
    return rho**p * np.polynomial.polynomial.polyval(rho**2, coefficients)


def kernel(X: np.ndarray, m: int = 4) -> np.ndarray:
    """K (n, n) with E |v|^2 = r^T K r for v = ``direction``: x . x' kappa_{m-1}(cosine of x and x')."""
    length = np.linalg.norm(X, axis=1)
    G = X @ X.T
    return G * coherence(np.clip(G / np.multiply.outer(length, length), -1, 1), m - 1)
