"""The error that a network states binds in every order of summation: bounds against exact values and torch."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib import baum, deep, general_position, three_layer, two_layer, weights
from ftc_lib.core import rounding, samples
from ftc_lib.core.certify import certify, exact_values
from ftc_lib.core.network import ConditioningError, Layer, Network, RankOne, to_fractions
from ftc_lib.three_layer import one_sign
from tests.strategies import float_samples, thorough

DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def gaussian(K, N, d, seed=0, shift=0.0):
    """K samples in R^d, N of them changed by at most 1."""
    rng = np.random.default_rng(seed)
    X, z = shift + rng.normal(size=(K, d)), np.zeros(K)
    z[rng.choice(K, N, replace=False)] = rng.uniform(-1, 1, N)
    return X, z


FITS = (
    {f"two layers, {m}": partial(two_layer.fit, method=m) for m in two_layer.METHODS}
    | {f"three layers, {m}": partial(three_layer.fit, method=m) for m in three_layer.METHODS}
    | {f"{L} layers, {m}": partial(deep.fit, layers=L, method=m) for L in (4, 6) for m in deep.METHODS}
    | {f"general position, {m}": partial(general_position.fit, method=m) for m in ("slabs", "signs", "mixed", "slices")}
    | {"Baum, ReLU": baum.fit_relu}
)
every_fit = pytest.mark.parametrize("fit", FITS.values(), ids=FITS)


# ---------------------------------------------------------------- other orders of summation


def added(terms, rng):
    """The sum of terms (.., n) along the last axis in an order of its own: one by one, or as a random tree."""
    terms = terms[..., rng.permutation(terms.shape[-1])]
    if rng.integers(2):
        total = terms[..., 0]
        for j in range(1, terms.shape[-1]):
            total = total + terms[..., j]
        return total
    while terms.shape[-1] > 1:
        cut = rng.integers(1, terms.shape[-1])
        joined = terms[..., cut - 1] + terms[..., cut]
        terms = np.concatenate([terms[..., : cut - 1], joined[..., None], terms[..., cut + 1 :]], axis=-1)
    return terms[..., 0]


def fused(H, W, b):
    """float32 with fused multiply-add: products and sums in float64, rounded once to float32 a step."""
    total = b + np.zeros((len(H), len(W)), dtype=np.float32)
    for j in range(W.shape[1]):
        exact = np.multiply.outer(H[:, j].astype(float), W[:, j].astype(float))
        total = (exact + total).astype(np.float32)
    return total


def somehow(network, X, rng, fuse=False):
    """The network, dense, in its own float type, every layer added in some order of its own."""
    H = X
    for layer in network.layers:
        W, b = np.atleast_2d(layer.dense()), np.atleast_1d(layer.b)
        if fuse:
            P = fused(H, W, b)
        else:
            terms = H[:, None, :] * W[None]
            P = added(np.concatenate([terms, np.broadcast_to(b[:, None], (*terms.shape[:2], 1))], axis=-1), rng)
        H = np.maximum(P, 0) if network.activation == "relu" else (P >= 0).astype(P.dtype)
    return P if network.layers[-1].W.ndim == 2 else P[:, 0]


def evaluations(network, X, seed=0, orders=4):
    """Values (orders, K, ..) of a float network in its own type: as it is, row by row, in orders, in torch."""
    rng, X = np.random.default_rng(seed), X.astype(network.layers[0].b.dtype)
    values = [network(X), np.concatenate([network(X[i : i + 1]) for i in range(len(X))]), network.in_order(X)]
    values += [somehow(network, X, rng) for _ in range(orders)]
    if X.dtype == np.float32:
        values.append(somehow(network, X, rng, fuse=True))
    torch = pytest.importorskip("torch")
    with torch.no_grad():
        module = network.to_torch()
        values.append(module(torch.from_numpy(np.ascontiguousarray(X))).numpy())
    assert all(v.dtype == X.dtype for v in values)
    return np.array(values)


def furthest(values, exact):
    """The largest distance at each sample of float values (orders, K, ..) from exact ones, as Fractions."""
    return np.abs(to_fractions(values) - exact).max(axis=0)


def random_network(rng, dtype=np.float64, activation="relu"):
    """Weights of all sizes, in a network with one to three hidden layers, of rank one or not, one output or two."""
    d, widths = rng.integers(1, 6), rng.integers(1, 9, rng.integers(1, 4))
    sizes = [d, *widths, rng.integers(1, 3)]
    layers = []
    for n, m in zip(sizes, sizes[1:]):
        W = rng.normal(size=(m, n)) * 10.0 ** rng.integers(-3, 4, (m, 1)) * (rng.random((m, n)) < 0.8)
        layers.append(Layer(W, rng.normal(size=m) * 10.0 ** rng.integers(-2, 3)))
    if rng.integers(2):
        scale = rng.choice([1.0, 0.5, 3.7, -1.0], widths[0]) * 2.0 ** rng.integers(-3, 9)
        direction = rng.normal(size=d) * (np.arange(d) == 0 if rng.integers(2) else 1)
        layers[0] = Layer(RankOne(scale, np.round(direction) if rng.integers(2) else direction), layers[0].b)
    return Network(tuple(layers), activation).astype(dtype)


@DTYPES
@pytest.mark.parametrize("activation", ["relu", "threshold"])
def test_no_order_of_summation_leaves_the_bound(dtype, activation):
    """Two thousand networks in all, and what they compute in seven ways or more, against exact values."""
    ratios = []
    for seed in range(500):
        rng = np.random.default_rng(seed)
        g = random_network(rng, dtype, activation)
        X = (rng.normal(size=(6, g.dim)) * 10.0 ** rng.integers(-2, 3) + rng.choice([0, 100])).astype(dtype)
        bound = g.rounding_bound(X, dtype)
        assert bound.shape == g(X).shape and bound.dtype == np.float64
        seen = furthest(evaluations(g, X, seed, orders=3), exact_values(g, X))
        assert (seen <= to_fractions(bound)).all()
        if seen.max() > 0:
            ratios.append(bound.max() / float(seen.max()))
    assert np.median(ratios) < 1000


@DTYPES
@every_fit
def test_no_evaluation_misses_by_more_than_the_stated_error(fit, dtype):
    """Of what every construction hands out: numpy, torch, any order, row by row."""
    for seed, (K, N, d) in enumerate([(30, 4, 3), (40, 40, 2), (12, 1, 5), (25, 6, 1)]):
        X, z = gaussian(K, N, d, seed)
        try:
            g = fit(X, z, dtype=dtype, rng=seed, tol=1e-4 if dtype == np.float64 else 0.5)
        except ConditioningError:
            continue
        assert {a.dtype for layer in g.layers for a in layer.arrays().values()} == {np.dtype(dtype)}
        X = X.astype(dtype)
        missed = furthest(evaluations(g, X, orders=2), to_fractions(z)).max()
        assert missed <= Fraction(g.error) and certify(g, X, z).max_error <= Fraction(g.error)
        assert g.error <= (1e-4 if dtype == np.float64 else 0.5) * np.abs(z).max()


@given(samples=float_samples(), method=st.sampled_from(sorted(FITS)))
@thorough
def test_the_stated_error_binds_on_samples_that_are_hard(samples, method):
    X, z = samples
    try:
        with np.errstate(all="ignore"):
            g = FITS[method](X, z)
    except ValueError:
        return
    with np.errstate(all="ignore"):
        values = evaluations(g, X, orders=2)
    assert furthest(values, to_fractions(z)).max() <= Fraction(g.error)


def test_the_network_that_moved_a_sample_by_73():
    """Six layers on 50 samples that lie 1e6 from the origin: refused, and what helps is said."""
    X, z = gaussian(50, 10, 6, seed=3, shift=1e6)
    with pytest.raises(ConditioningError, match=r"lie 1e\+06 from 0 and spread over .*subtract their mean"):
        deep.fit(X, z, 6, "relay")
    g = deep.fit(X - X.mean(axis=0), z, 6)
    assert furthest(evaluations(g, X - X.mean(axis=0)), to_fractions(z)).max() <= Fraction(g.error) <= Fraction(1e-4)


@pytest.mark.parametrize("shift", [1e3, 1e6, 1e9, 1e12])
@every_fit
def test_far_from_the_origin_it_binds_or_is_refused(fit, shift):
    X, z = gaussian(50, 10, 6, seed=1, shift=shift)
    try:
        g = fit(X, z)
    except ValueError as error:
        assert "mean" in str(error) or "general position" in str(error) or "relay" in str(error)
        return
    assert furthest(evaluations(g, X, orders=2), to_fractions(z)).max() <= Fraction(g.error) <= Fraction(1e-4)


@every_fit
def test_columns_of_other_scales_bind_or_are_refused(fit):
    X, z = gaussian(40, 8, 5, seed=2)
    X *= 10.0 ** np.array([-8, -4, 0, 4, 8])
    try:
        g = fit(X, z)
    except ValueError:
        return
    assert furthest(evaluations(g, X, orders=2), to_fractions(z)).max() <= Fraction(g.error) <= Fraction(1e-4)


# ---------------------------------------------------------------- the bound by hand, and its edges


def test_a_sum_of_two_by_hand():
    """1 + x in float32: one product and one addition, so |error| <= gamma_2 (|x| + 1), and never 10 times less."""
    g = Network((Layer(np.ones((1, 1)), np.ones(1)), Layer(np.ones(1), np.zeros(())))).astype(np.float32)
    u = np.finfo(np.float32).eps / 2
    hidden = 2 * u * 1001
    bound = g.rounding_bound(np.array([[1000.0]]), np.float32)
    assert hidden <= bound[0] <= 1.01 * (hidden + 2 * u * 1001)


def test_a_neuron_that_is_surely_off_hands_on_no_error():
    g = Network((Layer(np.ones((1, 1)), np.array([-5.0])), Layer(np.full(1, 1e9), np.zeros(()))))
    bound = g.rounding_bound(np.array([[4.0], [5.0], [6.0]]))
    assert bound[0] < 1e-300 and bound[1] > 1e-7 and bound[2] > bound[1]


def test_a_unit_that_may_be_on_either_side_counts_whole():
    g = Network((Layer(np.array([[0.1, 0.2]]), np.array([-0.3])), Layer(np.array([7.0]), np.zeros(()))), "threshold")
    bound = g.rounding_bound(np.array([[1.0, 1.0], [1.1, 1.0], [0.9, 1.0]]))
    assert bound.tolist() == [7, 0, 0]


def test_a_coordinate_that_is_only_shifted_is_off_by_its_last_digit():
    """One input, scaled by a power of two: one addition. So samples far out keep their distances."""
    g = Network((Layer(RankOne(np.array([2.0**30]), np.array([0.0, 1.0])), np.array([-(2.0**30) * 1e6])),))
    bound = g.rounding_bound(np.array([[3.3, 1e6 + 2.0**-30]]))
    assert bound[0, 0] <= 2e-16


@pytest.mark.parametrize("size", [1e160, 1e308])
def test_what_may_overflow_has_no_bound(size):
    g = Network((Layer(np.full((2, 1), size), np.zeros(2)), Layer(np.array([size, -size]), np.zeros(()))))
    assert g.rounding_bound(np.array([[1e160]])).tolist() == [np.inf]
    dense = Network(
        (Layer(RankOne(np.array([1e200]), np.array([1e200, 1.0])), np.zeros(1)), Layer(np.ones(1), np.zeros(())))
    )
    assert dense.rounding_bound(np.array([[0.0, 1.0]])).tolist() == [np.inf]


def test_an_overflow_on_the_way_has_no_bound():
    """a . h in another order, a product of two powers of two, a neuron behind a weight of 0, a constant."""
    out = Layer(np.ones(1), np.zeros(()))
    g = Network((Layer(RankOne(np.array([1e-38]), np.ones(4)), np.zeros(1)), out))
    assert g.rounding_bound(np.array([[2e38, 2e38, -2e38, -2e38]]), np.float32).tolist() == [np.inf]
    g = Network((Layer(RankOne(np.array([2.0**100]), np.array([2.0**100])), np.zeros(1)), out))
    assert g.rounding_bound(np.array([[2.0**-110]]), np.float32).tolist() == [np.inf]
    W = np.zeros((300, 300))
    W[0, 0] = 1
    g = Network(
        (Layer(np.full((300, 1), 1e300), np.zeros(300)), Layer(W, np.zeros(300)), Layer(np.ones(300), np.zeros(())))
    )
    assert g.rounding_bound(np.array([[1e300]])).tolist() == [np.inf]
    g = Network((Layer(np.zeros((1, 1)), np.array([1e300])), out))
    assert g.rounding_bound(np.ones((1, 1)), np.float32).tolist() == [np.inf]


@pytest.mark.parametrize("method", ["bumps", "interpolate", "tight", "auto"])
@pytest.mark.parametrize("few", [0, 2**20])
def test_samples_at_the_end_of_float32_bind_or_are_refused(method, few, monkeypatch):
    monkeypatch.setattr(rounding, "_ALL_ROWS", few)
    X, z = np.array([[-3e38], [-1e38], [1e38], [3e38]]), np.array([0, 1.0, 0, 0])
    for fit in (two_layer.fit, three_layer.fit):
        try:
            g = fit(X, z, "auto" if fit is three_layer.fit else method, dtype=np.float32, tol=1e-2)
        except ConditioningError:
            continue
        with np.errstate(all="ignore"):
            values = evaluations(g, X)
        assert np.isfinite(values).all() and furthest(values, to_fractions(z)).max() <= Fraction(g.error)


def test_products_that_underflow_before_a_large_weight_are_bounded():
    """Two inputs of 2e-39, weights of 2e38 that cancel: the rounding of a product counts although it is subnormal."""
    for seed in range(200):
        rng = np.random.default_rng(seed)
        W = rng.uniform(1, 2, (1, 2)) * [[1e38, -1e38]]
        g = Network((Layer(W, np.zeros(1)), Layer(np.ones(1), np.zeros(())))).astype(np.float32)
        X = np.full((1, 2), rng.uniform(1, 2) * 1e-39, np.float32) * (1 + rng.random((1, 2)).astype(np.float32))
        seen = furthest(evaluations(g, X, seed), exact_values(g, X))
        assert (seen <= to_fractions(g.rounding_bound(X, np.float32))).all()


def test_samples_near_the_smallest_floats_bind_or_are_refused():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        u = rng.normal(size=2)
        u /= np.hypot(*u)
        v, h = np.array([-u[1], u[0]]), 10.0 ** rng.uniform(-6, -1)
        members = [v * rng.uniform(0.5, 1), -v * rng.uniform(0.5, 1)]
        others = [v * rng.uniform(-1, 1) + h * u, v * rng.uniform(-1, 1) - h * u * 2, u * rng.uniform(0.5, 1)]
        X, z = np.array(members + others) * 7e-309, np.array([1, rng.uniform(0.1, 1), 0, 0, 0])
        try:
            g = general_position.fit(X, z, "slabs", rng=seed)
        except ValueError:
            continue
        assert furthest(evaluations(g, X, seed), to_fractions(z)).max() <= Fraction(g.error)


def test_a_factor_that_only_rounds_to_one_is_no_shift():
    g = Network(
        (Layer(RankOne(np.array([1 / 5.0]), np.array([5.0])), np.array([-0.7])), Layer(np.ones(1), np.zeros(())))
    )
    X = 0.7 + np.arange(40)[:, None] * 1e-3
    assert (furthest(evaluations(g, X), exact_values(g, X)) <= to_fractions(g.rounding_bound(X))).all()


def test_underflow_is_bounded():
    """Products below the smallest float are lost; the bound says so."""
    for seed in range(50):
        rng = np.random.default_rng(seed)
        g = random_network(rng)
        X = rng.normal(size=(8, g.dim)) * 1e-310
        g = Network(tuple(Layer(layer.W, layer.b * 1e-312) for layer in g.layers))
        seen = furthest(evaluations(g, X, seed), exact_values(g, X))
        assert (seen <= to_fractions(g.rounding_bound(X))).all()


def test_a_bound_is_for_floats_and_for_samples_of_its_dimension():
    g = two_layer.fit(*gaussian(10, 2, 3))
    for dtype in (int, np.longdouble):
        with pytest.raises(ValueError, match="expected float64, float32 or float16"):
            g.rounding_bound(np.ones((1, 3)), dtype)
    with pytest.raises(ValueError, match="X has dtype complex128, expected real numbers"):
        g.rounding_bound(np.ones((1, 3)) * 1j)
    assert g.rounding_bound(to_fractions([[10**400, 1, 1]])).tolist() == [np.inf]
    with pytest.raises(ValueError, match=r"X has shape \(1, 2\), expected \(K, 3\)"):
        g.rounding_bound(np.ones((1, 2)))


# ---------------------------------------------------------------- on a line, for any number of samples


@DTYPES
@pytest.mark.parametrize("fit", [*(FITS[f"two layers, {m}"] for m in two_layer.METHODS), FITS["three layers, through"]])
def test_the_pieces_of_a_line_show_what_all_rows_show(fit, dtype, monkeypatch):
    """The error from the ends of the pieces is at least what the rows say one by one, and at most twice it."""
    monkeypatch.setattr(rounding, "_ALL_ROWS", 0)
    for seed, (K, N, d) in enumerate([(60, 9, 3), (200, 5, 1), (50, 50, 2), (300, 40, 8), (7, 1, 1)]):
        X, z = gaussian(K, N, d, seed)
        g = fit(X, z, rng=seed, tol=np.inf, dtype=dtype)
        values, bound = g.values_and_bound(X, dtype)
        each = (np.abs(values - z) + 2 * bound).max()
        assert np.abs(values - z).max() <= g.error
        assert (np.abs(values - z) + bound).max() <= g.error <= 2.5 * each + 1e-15


def test_many_samples_are_all_looked_at():
    """100 000 samples, the worst of them untouched and in the middle of a long run."""
    X, z = gaussian(100_000, 20, 1)
    g = two_layer.fit(X, z, "bumps")
    values, bound = g.values_and_bound(X)
    assert (np.abs(values - z) + bound).max() <= g.error
    wrong = Network((g.layers[0], Layer(g.layers[1].W, g.layers[1].b + 1e-3)))
    line = samples.Line(samples.validate(X, z), np.ones(1), X[:, 0], np.sort(X[:, 0]), np.ones(20))
    with pytest.raises(ConditioningError, match=r"may miss a sample by 0\.001"):
        rounding.checked_on_a_line(wrong, line, tol=1e-4)


# ---------------------------------------------------------------- float32


def test_float32_is_asked_for():
    X, z = gaussian(60, 5, 3)
    g = two_layer.fit(X, z, dtype=np.float32, tol=0.05)
    small = X.astype(np.float32)
    assert g(small).dtype == np.float32 and np.abs(g(small) - z).max() <= g.error <= 0.05
    assert g.error > 1e-7  # honest: float32 has seven digits
    with pytest.raises(ValueError, match="dtype is int64, expected float64 or float32"):
        two_layer.fit(X, z, dtype=int)


def test_rows_that_coincide_in_float32_are_refused_by_name():
    X = np.array([[1.0], [1.0 + 1e-9], [2.0]])
    assert two_layer.fit(X, np.array([0, 1.0, 0])).error <= 1e-4
    with pytest.raises(ValueError, match="rows 0 and 1 of X are equal but have different targets"):
        two_layer.fit(X, np.array([0, 1.0, 0]), dtype=np.float32)
    with pytest.raises(ValueError, match=r"X is 1e\+300 in row 2, column 0: beyond float32"):
        two_layer.fit(np.array([[1.0], [2.0], [1e300]]), np.array([0, 1.0, 0]), dtype=np.float32)


def test_the_other_fits_know_their_type():
    X, z = gaussian(30, 5, 3)
    assert one_sign.fit(X, np.abs(z), dtype=np.float32, tol=0.5).layers[1].W.dtype == np.float32
    g = baum.fit_threshold(X, z != 0, dtype=np.float32)
    assert g.error == 0 and (evaluations(g, X) == (z != 0)).all()
    assert weights.deep_bump(np.arange(1.0, 6), np.array([0, 0, 1.0, 0, 0]), 3).error <= 1e-6
