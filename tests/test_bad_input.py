"""Every public fit on input that breaks things: it is refused by name, or what comes out is right."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.sparse import csr_array

from ftc_lib import baum, deep, general_position, three_layer, two_layer, weights
from ftc_lib.core.network import ConditioningError, Network, to_fractions
from ftc_lib.three_layer import one_sign
from ftc_lib.weights import harmonic, ntk

WITH_TOL = {
    "two_layer": two_layer.fit,
    "three_layer": three_layer.fit,
    "deep": lambda X, z, **options: deep.fit(X, z, 5, **options),
    "relay": lambda X, z, **options: deep.fit(X, z, 6, "relay", **options),
    "one_sign": one_sign.fit,
    "baum": baum.fit_relu,
    "general_position": general_position.fit,
    "slices": lambda X, z, **options: general_position.fit(X, z, "slices", **options),
    "mixed": lambda X, z, **options: general_position.fit(X, z, "mixed", **options),
}
APPROXIMATE = {
    "ntk": lambda X, z: ntk.fit(X, z, error=0.5, step="line search", max_steps=20),
    "harmonic": lambda X, z: harmonic.fit(X, z, error=0.9, step="line search", max_steps=20),
}
FITS = WITH_TOL | APPROXIMATE | {"threshold": baum.fit_threshold, "fit_one": general_position.fit_one}
FLOORS = {
    "weight_floor": weights.weight_floor,
    "observed": lambda X, z: weights.observed(X, z, starts=2, steps=2),
}
ON_A_LINE = {
    "line_floor": weights.line_floor,
    "depth_floor": weights.depth_floor,
    "deep_bump": lambda t, y: weights.deep_bump(t, y, 3),
    "deep_interpolant": lambda t, y: weights.deep_interpolant(t, y, 3),
}
OF_PLACES = {
    "margins": general_position.margins,
    "check": general_position.check,
    "depth": lambda X: general_position.depth(X, 0),
}

X4 = np.array([[0.0, 1.0], [2.0, 5.0], [3.0, 3.0], [7.0, 4.0]])
Z4 = np.array([1.0, 0.0, 0.0, 0.0])


class Frame:
    """What a data frame is to numpy."""

    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.a, dtype=dtype)


def put(a, where, value):
    a = np.array(a, dtype=type(value) if isinstance(value, (np.integer, Fraction, str)) else float)
    a[where] = value
    return a


UNREADABLE = {
    "masked": (np.ma.masked_equal(X4, 5.0), r" is masked in row 1, column 1: drop the row"),
    "whole numbers": (put(X4, (2, 0), np.int64(2**53 + 1)), r" is 9007199254740993 in row 2, column 0, .* Fractions"),
    "unsigned": (put(X4, (2, 0), np.uint64(2**64 - 1)), r" is 18446744073709551615 in row 2, column 0"),
    "negative": (put(X4, (2, 0), np.int64(-(2**60) - 1)), r" is -1152921504606846977 in row 2, column 0"),
    "complex": (X4 * 1j, " has dtype complex128"),
    "dates": (X4.astype(int).astype("datetime64[s]"), " has dtype datetime64"),
    "text": (X4.astype(str), " has dtype <U"),
    "text among objects": (np.array([["1/3", 1]] * 4, dtype=object), " holds .* Fraction, '1/3' in row 0, column 0"),
    "none": (np.array([[Fraction(1), 1], [2, None]] * 2, dtype=object), " holds .* Fraction, None in row 1, column 1"),
    "ragged": ([[0, 1], [2], [3, 3], [7, 4]], " is no array, are its rows of different lengths"),
    "sparse": (csr_array(X4), r" is a sparse matrix: pass \w\.toarray\(\)"),
    "no columns": (X4[:, :0], r" has shape \(4, 0\)"),
    "nan": (put(X4, (2, 1), np.nan), " is nan in row 2, column 1"),
    "infinite": (put(X4, (2, 1), -np.inf), " is -inf in row 2, column 1"),
}


@pytest.mark.parametrize("bad", UNREADABLE)
@pytest.mark.parametrize("fit", FITS | FLOORS)
def test_what_cannot_be_read_is_named(fit, bad):
    X, message = UNREADABLE[bad]
    with pytest.raises(ValueError, match="^X" + message):
        (FITS | FLOORS)[fit](X, Z4)


@pytest.mark.parametrize("bad", UNREADABLE)
@pytest.mark.parametrize("function", OF_PLACES)
def test_places_that_cannot_be_read_are_named(function, bad):
    X, message = UNREADABLE[bad]
    with pytest.raises(ValueError, match=message):
        OF_PLACES[function](X)


@pytest.mark.parametrize(
    "bad, message",
    [
        (np.ma.masked_equal([0, 5, 3, 1], 5), "is masked in row 1"),
        (np.array([0, 1, 2**53 + 1, 3]), "is 9007199254740993 in row 2"),
        (np.arange(4) * 1j, "has dtype complex128"),
        (list("abcd"), "has dtype <U1"),
        ([0, 1, [2], 3], "is no array"),
        ([0, 1, np.nan, 3], "is nan in row 2"),
        ([0, 1, 2, -np.inf], "is -inf in row 3"),
        (1.0, r"has shape \(\)"),
        (np.zeros((4, 1, 1)), r"has shape \(4, 1, 1\)"),
    ],
)
@pytest.mark.parametrize("function", ON_A_LINE)
def test_positions_and_labels_that_cannot_be_read_are_named(function, bad, message):
    with pytest.raises(ValueError, match="t " + message):
        ON_A_LINE[function](bad, Z4)
    with pytest.raises(ValueError, match="y " + message):
        ON_A_LINE[function](np.arange(4.0), bad)


@pytest.mark.parametrize(
    ("fit", "name"),
    [(baum.fit_threshold, "labels"), *((fit, "y") for fit in (baum.fit_relu, ntk.fit, harmonic.fit, weights.observed))],
)
def test_labels_are_called_what_the_argument_is_called(fit, name):
    with pytest.raises(ValueError, match=f"^{name} has 3 targets for the 4 rows of X"):
        fit(X4, Z4[:3])
    with pytest.raises(ValueError, match=f"^{name} is nan in row 0"):
        fit(X4, np.array([np.nan, 0, 0, 0]))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_the_nearest_point_of_nothing_finite_is_refused(value):
    with pytest.raises(ValueError, match=f"P is {value} in row 2, column 1"):
        general_position.nearest(put(X4, (2, 1), value))


@pytest.mark.parametrize("fit", FITS)
def test_tensors_are_read_and_those_of_a_graph_refused_with_the_remedy(fit):
    torch = pytest.importorskip("torch")
    FITS[fit](torch.tensor(X4), torch.tensor(Z4))
    with pytest.raises(ValueError, match=r"X is no array: .*pass X\.detach\(\)"):
        FITS[fit](torch.tensor(X4, requires_grad=True), Z4)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(
    "read",
    [
        np.ma.array,
        np.ndarray.tolist,
        Frame,
        lambda a: a.astype(np.float16),
        lambda a: a.astype(np.longdouble),
        lambda a: a.astype(int),
        lambda a: a.astype(int) * 2**56,
        lambda a: a.astype(np.uint64) << np.uint64(61),
        lambda a: a.astype(object),
        lambda a: np.array([[np.float32(v) for v in row] for row in a], dtype=object),
    ],
)
def test_other_spellings_of_numbers_are_read(fit, read):
    assert isinstance(getattr(FITS[fit](read(X4), Z4), "network", Network(())), Network)


@pytest.mark.parametrize("fit", FITS)
def test_booleans_are_numbers(fit):
    FITS[fit](np.eye(3, dtype=bool), [True, False, False])


@pytest.mark.parametrize("tol", ["x", None, np.nan, -1e-9, 1j, [1e-4]])
@pytest.mark.parametrize("fit", WITH_TOL)
def test_a_tolerance_that_is_none_is_named_before_anything_else(fit, tol):
    with pytest.raises(ValueError, match=r"^tol is .*: expected a number >= 0"):
        WITH_TOL[fit]([[1.0], [1.0]], [1.0, 2.0], tol=tol)


@pytest.mark.parametrize(
    "fit", [name for name in WITH_TOL if name != "general_position"]
)  # its exposed targets draw nothing
@pytest.mark.parametrize("rng", ["x", -1])
def test_numpy_says_what_is_wrong_with_a_seed(fit, rng):
    with pytest.raises((TypeError, ValueError), match=r"SeedSequence|non-negative"):
        WITH_TOL[fit](X4, [1.0, 2.0, 0.0, 3.0], rng=rng)


@pytest.mark.parametrize("error", ["x", None, np.nan, 0, 1])
@pytest.mark.parametrize("fit", [ntk.fit, harmonic.fit])
def test_an_error_that_is_no_part_is_named(fit, error):
    with pytest.raises(ValueError, match=r"error is .*: expected a number between 0 and 1"):
        fit(X4, Z4, error=error)


# ---------------------------------------------------------------- numbers at the ends of what there is


def cloud(K, d, seed=1):
    return np.random.default_rng(seed).normal(size=(K, d))


X, Z = cloud(8, 3), np.array([0, 1, 0, 0.5, 2, 0, 0, 0])
BOTH = np.array([0, 1, 0, -0.5, 2, 0, 0, 0])
GRID, ON_GRID = np.array([[i, j] for i in range(3) for j in range(3)]), np.eye(9)[4]
NASTY = {
    **{f"labels {s:g}": (X, Z * s) for s in (5e-324, 1e-320, 1e-310, 1e-200, 1e200, 1e300, 8e307)},
    **{f"labels of both signs {s:g}": (X, BOTH * s) for s in (1e-320, 1e-310, 1e300, 8e307)},
    "tiny beside huge labels": (X, Z * np.array([1, 1e-310, 1, 1e300, 1, 1, 1, 1])),
    **{f"X {s:g}": (X * s, Z) for s in (5e-324, 1e-310, 1e-300, 1e-160, 1e160, 1e300, 5e307)},
    **{f"X + {s:g}": (X + s, BOTH) for s in (1e3, 1e6, 1e12, 1e13, 1e14, 1e16, 1e300)},
    "columns of all sizes": (X * [1e-8, 1, 1e8], Z),
    "columns of wild sizes": (X * [1e-200, 1, 1e200], Z),
    "one sample": (X[:1], [3.0]),
    "one sample that stays": (X[:1], [0.0]),
    "one sample at zero": (np.zeros((1, 2)), [1.0]),
    "equal rows": (X[[0, 0, 0]], np.ones(3)),
    "collinear": (np.outer(np.arange(8.0), [1, 2, 3]), BOTH),
    "nearly collinear": (np.outer(np.arange(8.0), [0.1, 0.2, 0.3]), Z),
    "coplanar": (cloud(8, 2) @ cloud(2, 3, 2), BOTH),
    "grid": (GRID, ON_GRID),
    "grid that rounds": (GRID * 0.1, ON_GRID),
    "constant column": (np.column_stack([X, np.full(8, 1e12)]), Z),
    "none changes": (X, 0 * Z),
    "all change": (X, np.arange(8.0) - 3.5),
    "all the same": (X, np.ones(8)),
    "few in high dimension": (cloud(3, 7), np.array([1.0, 0, -1])),
    "next to each other": (np.array([[0.0], [5e-324], [1.0]]), np.array([0, 1.0, 0])),
    "powers of 1e50": (10.0 ** np.arange(-300, 301, 50)[:, None], np.arange(13.0) % 2),
    "as long as floats go": (np.array([[-1.7e308], [0], [1.7e308]]), np.array([0, 1.0, 0])),
    "as wide as floats go": (np.array([[-1.7e308, 0], [0, 0], [1.7e308, 1.7e308]]), np.array([0, 1.0, 0])),
}
FX, FZ, TEN = to_fractions(np.rint(X * 100)), to_fractions(Z), Fraction(10)
HUGE = {
    "X": (FX * TEN**160, FZ),
    "larger X": (FX * TEN**400, FZ),
    "small X": (FX / TEN**400, FZ),
    "labels": (FX, FZ * TEN**400),
    "small labels": (FX, FZ / TEN**400),
    "both": (FX * TEN**400, FZ * TEN**400),
    "far out": (FX + TEN**400, FZ),
    "columns": (FX * to_fractions([1 / TEN**400, 1, TEN**400]), FZ),
    "one sample": (FX[:1] * TEN**400, FZ[1:2] * TEN**400),
}


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("fit", WITH_TOL)
def test_floats_are_fitted_or_refused(fit, name):
    X, z = NASTY[name]
    try:
        g = WITH_TOL[fit](X, z)
    except ValueError:
        return
    largest = np.abs(z).max()
    assert np.abs(g(X) - z).max() <= g.error <= 1e-4 * largest
    assert g.total_weight >= 0 and weights.path_weight(g) >= 0


@pytest.mark.parametrize("name", NASTY)
def test_other_functions_of_floats_are_right_or_refused(name):
    X, z = map(np.asarray, NASTY[name])
    calls = [
        *(lambda f=f: f(X, z).network.error / np.abs(z).max(initial=1e-300) for f in APPROXIMATE.values()),
        *(lambda f=f: f(X[:, 0], z) for f in (weights.line_floor, weights.depth_floor)),
        lambda: weights.deep_interpolant(X[:, 0], z, 3).error / max(np.abs(z).max(), 1e-300),
        lambda: weights.deep_bump(X[:, 0], z * (np.arange(len(z)) == 1), 3).error / max(np.abs(z).max(), 1e-300),
        lambda: weights.weight_floor(X, z).floor,
        lambda: weights.observed(X, z, starts=2, steps=2),
        lambda: general_position.margins(X).min(),
        lambda: general_position.check(X).margin,
        lambda: general_position.depth(X, 0),
        lambda: general_position.fit_one(X, z * (np.arange(len(z)) == 1)).error,
        lambda: baum.fit_threshold(X, z != 0).error,
    ]
    for call in calls:
        try:
            value = float(call())
        except ValueError:
            continue
        assert value >= 0


@pytest.mark.parametrize("name", HUGE)
@pytest.mark.parametrize("fit", WITH_TOL)
def test_fractions_work_at_any_size(fit, name):
    X, z = HUGE[name]
    g = WITH_TOL[fit](X, z)
    assert g.error == 0 and (g(X) == z).all()
    assert not np.isnan([g.total_weight, weights.path_weight(g)]).any() and repr(g)


@pytest.mark.parametrize("name", [name for name in HUGE if name != "one sample"])
def test_functions_of_places_take_fractions_of_any_size(name):
    X, _ = HUGE[name]
    seen, margins = general_position.check(X), general_position.margins(X)
    assert seen.general and seen.margin >= 0 and (margins >= 0).all()
    g = general_position.fit_one(X, to_fractions(np.arange(8) == 1))
    assert g.error == 0 and general_position.depth(X, 1) >= 0 and g.total_weight >= 0
    assert baum.fit_threshold(X, to_fractions(np.arange(8) == 1)).error == 0


@pytest.mark.parametrize("name", ["larger X", "small X", "labels", "small labels"])
@pytest.mark.parametrize("function", APPROXIMATE | FLOORS)
def test_what_is_made_in_floats_refuses_fractions_beyond_them(function, name):
    with pytest.raises(
        ValueError, match=r"^[Xz] is (beyond float64 in row|0 in float64, and not by itself).*: rescale"
    ):
        (APPROXIMATE | FLOORS)[function](*HUGE[name])


@pytest.mark.parametrize("tol", [10**400, True, "x"])
def test_a_tolerance_beyond_floats_or_no_number_is_named(tol):
    with pytest.raises(ValueError, match="tol is"):
        two_layer.fit(np.arange(4.0)[:, None], np.array([0, 1.0, 0, 0]), tol=tol)


def test_a_tolerance_may_be_a_fraction():
    with pytest.raises(ConditioningError, match="tol = 1e-30 times"):
        two_layer.fit(np.arange(9.0)[:, None] / 7, np.arange(9.0) % 2 / 3, "tight", tol=Fraction(1, 10**30))


def test_a_masked_number_in_a_list_is_named():
    with pytest.raises(ValueError, match="z holds a masked number"):
        two_layer.fit(np.arange(3.0)[:, None], [0, np.ma.masked, 1])
