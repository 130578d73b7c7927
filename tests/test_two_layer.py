"""Two layers: right with ``==`` on Fractions, never more neurons than claimed, never silently wrong on floats."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from ftc_lib import two_layer
from ftc_lib.core import bounds
from ftc_lib.core.certify import certify
from ftc_lib.core.network import ConditioningError, Layer, Network, kinks, to_fractions
from ftc_lib.core.samples import project, validate
from tests.strategies import counts, exact_samples, float_samples, random_samples, thorough

FIGURE_3 = [0, -1, 0, 2, 0, -1, 0, 2, 0]
REPAIRED = [0, 2, 0, 2, 0, 2, 0, 2, 0]
SINGLE = [m for m in two_layer.METHODS if m not in ("tight", "least")]  # that take several outputs


def line(labels):
    """Labels at 1, 2, .., K, exactly."""
    return to_fractions(range(1, len(labels) + 1))[:, None], to_fractions(labels)


def forced_kinks(t, y):
    """Kinks that every piecewise-linear interpolant has, counted independently of the library.

    A second difference of one sign at a point forces a kink of that sign strictly between its neighbours; for
    each sign, take as many disjoint such intervals as there are.
    """
    slopes = np.diff(y) / np.diff(t)
    total = 0
    for sign in (1, -1):
        end = t[0]
        for i in range(1, len(t) - 1):
            if sign * (slopes[i] - slopes[i - 1]) > 0 and t[i - 1] >= end:
                total, end = total + 1, t[i + 1]
    return total


def alternating_instance(N, K):
    """The labels of the lower bound: kinks of alternating sign (theory 2.1), 3N or K - 2 of them."""
    if K >= 3 * N + 2:
        z = np.zeros(K, dtype=int)
        z[2 : 3 * N : 3] = (-1) ** np.arange(N)
        return z.tolist()
    runs = [1 + (i < K - N - (N + 1)) if K - N > N else int(i < K - N) for i in range(N + 1)]
    labels, sign = [0] * runs[0], 1
    for run in runs[1:]:
        labels += [sign] + [0] * run
        sign *= 1 if run == 1 else -1
    return labels


# ---------------------------------------------------------------- exactly right, with the neurons claimed


@pytest.mark.parametrize("method", two_layer.METHODS)
@given(samples=exact_samples())
@thorough
def test_exact_on_fractions(method, samples):
    g = two_layer.fit(*samples, method)
    assert (g(samples[0]) == samples[1]).all() and g.error == 0


@pytest.mark.parametrize("method", SINGLE)
@given(samples=exact_samples(outputs=2))
@thorough
def test_exact_on_fractions_with_two_outputs(method, samples):
    g = two_layer.fit(*samples, method)
    assert g(samples[0]).shape == samples[1].shape and (g(samples[0]) == samples[1]).all()


@given(samples=exact_samples())
@thorough
def test_bumps_take_3N_neurons(samples):
    N, _ = counts(*samples)
    assert two_layer.fit(*samples, "bumps").n_neurons == 3 * N


@given(samples=exact_samples())
@thorough
def test_interpolate_stays_within_theorem_4_4(samples):
    X, z = samples
    _, y = project(validate(X, z)).points()
    g = two_layer.fit(X, z, "interpolate")
    assert g.n_neurons <= bounds.interpolation(y != 0)
    assert g.n_neurons <= 3 * counts(X, z)[0]


@given(samples=exact_samples())
@thorough
def test_tight_takes_the_exact_worst_case_at_most(samples):
    """min{3N, K-2} for K >= 5 and the exceptions at K = 3 and 4, on every instance."""
    assert two_layer.fit(*samples, "tight").n_neurons <= bounds.two_layer(*counts(*samples)).upper


@given(samples=exact_samples())
@thorough
def test_auto_takes_the_fewest_neurons(samples):
    others = [two_layer.fit(*samples, m).n_neurons for m in ("bumps", "interpolate", "tight", "least")]
    assert two_layer.fit(*samples).n_neurons == min(others)


@given(samples=exact_samples())
@thorough
def test_least_takes_no_more_than_any_other_and_tight_one_more_at_most(samples):
    widths = {m: two_layer.fit(*samples, m).n_neurons for m in two_layer.METHODS}
    assert widths["least"] == min(widths.values()) and widths["tight"] <= widths["least"] + 1


def test_auto_leaves_the_last_neuron_where_there_are_many_samples():
    rng = np.random.default_rng(2)
    for N, method in ((40, "least"), (1100, "tight")):
        X, z = np.cumsum(rng.uniform(1, 2, N))[:, None], rng.normal(size=N)
        assert two_layer.fit(X, z).n_neurons == two_layer.fit(X, z, method).n_neurons


@given(samples=exact_samples())
@thorough
def test_bend_pays_the_first_slope_with_its_left_facing_neurons(samples):
    """s_0 + the sum of the left-facing kinks is 0: the identity on which the proof of K - 2 turns."""
    t, y = two_layer.kept_points(project(validate(*samples)), ends=2)
    breaks, slopes, left = two_layer.bend(t, y)
    assert slopes[0] + np.diff(slopes)[left].sum() == 0
    assert (np.diff(breaks) > 0).all()
    assert len(breaks) <= max(len(t) - 2 if len(t) >= 5 else len(t) - 1, 0)


@pytest.mark.parametrize("K", [4, 5])
def test_tight_on_every_small_shape(K):
    """All sequences of these slopes: every case of the proof and its mirror image."""
    for slopes in itertools.product([-5, -2, 1, 3, 4], repeat=K - 1):
        X, z = line([7, *(7 + np.cumsum(slopes)).tolist()])
        g = two_layer.fit(X, z, "tight")
        assert (g(X) == z).all() and g.n_neurons <= 3


@pytest.mark.parametrize("method", two_layer.METHODS)
def test_exact_at_200_samples(method):
    for N in (20, 200):
        X, z = random_samples(200, N)
        g = two_layer.fit(X, z, method)
        assert (g(X) == z).all()
        assert g.n_neurons <= (3 * N if method == "bumps" else min(3 * N, 199))


# ---------------------------------------------------------------- fewer do not do


def test_alternating_instances_force_min_3N_K_minus_2_kinks():
    """The lower bound, counted by an independent checker, and attained by ``tight``."""
    for K in range(5, 20):
        for N in range(1, K + 1):
            labels = alternating_instance(N, K)
            X, z = line(labels)
            assert np.count_nonzero(labels) == N and len(labels) == K
            assert forced_kinks(X[:, 0], z) == min(3 * N, K - 2) == bounds.two_layer(N, K).lower
            assert two_layer.fit(X, z, "tight").n_neurons == min(3 * N, K - 2)


@given(samples=exact_samples())
@thorough
def test_no_network_has_fewer_neurons_than_forced_kinks(samples):
    """The checker and the constructions, one against the other."""
    t, y = project(validate(*samples)).points()
    assert forced_kinks(t, y) <= two_layer.fit(*samples, "tight").n_neurons


@pytest.mark.parametrize("method", ["tight", "auto"])
def test_four_points_in_a_true_zigzag_take_three_neurons(method):
    assert two_layer.fit(*line([-4, 9, 6, 19]), method).n_neurons == 3


def test_figure_3_has_an_interpolant_with_six_pieces():
    """Erratum: labels 0,-1,0,2,0,-1,0,2,0 need no 8 pieces; kinks at 7/3, 4, 5, 19/3, 8 do."""
    X, z = line(FIGURE_3)
    t = X[:, 0]
    at = [Fraction(7, 3), Fraction(4), Fraction(5), Fraction(19, 3), Fraction(8)]
    slopes = [(z[b] - z[a]) / (t[b] - t[a]) for a, b in [(0, 1), (2, 3), (3, 4), (4, 5), (6, 7), (7, 8)]]

    def g(x):
        steps = [s * (min(x, right) - left) for s, left, right in zip(slopes, [t[0], *at], [*at, t[-1]]) if x > left]
        return sum(steps, Fraction(0))

    assert [g(x) for x in t] == list(z)
    assert forced_kinks(t, z) == 5  # and not with fewer
    ramps = Layer(to_fractions([1] * 6)[:, None], -to_fractions([t[0], *at]))
    network = Network((ramps, Layer(np.diff(to_fractions([0, *slopes])), np.asarray(to_fractions(0)))))
    assert (network(X) == z).all() and network.n_neurons == 6
    assert [x for x in kinks(network) if x > t[0]] == at


def test_figure_3_takes_five_neurons():
    X, z = line(FIGURE_3)
    assert [two_layer.fit(X, z, m).n_neurons for m in ("interpolate", "tight", "least", "auto")] == [8, 6, 5, 5]


def test_the_repaired_figure_3_needs_K_minus_2():
    X, z = line(REPAIRED)
    assert (np.sign(np.diff(np.diff(z))) == [-1, 1, -1, 1, -1, 1, -1]).all()
    assert forced_kinks(X[:, 0], z) == two_layer.fit(X, z, "tight").n_neurons == 7


# ---------------------------------------------------------------- floats


@pytest.mark.parametrize("method", two_layer.METHODS)
@given(samples=float_samples())
@thorough
def test_floats_are_right_or_refused(method, samples):
    X, z = samples
    try:
        g = two_layer.fit(X, z, method)
    except ValueError:
        return
    with np.errstate(all="ignore"):
        error = np.abs(g(X) - z).max()
    assert error <= g.error <= 1e-4 * np.abs(z).max()
    if np.isfinite(g.total_weight):
        assert certify(g, X, z).max_error <= 2 * g.error + 1e-12 * np.abs(z).max()


ONE_ULP = 1e6 + np.spacing(1e6) * np.array([[0.0], [1.0], [2.0], [3e6], [4e9]])
LARGE = np.array([0.1, 1e5, -1e5, 1.0, 3.3])


@pytest.mark.parametrize("method", ["bumps", "tight"])
def test_one_ulp_between_samples_is_refused_with_gap_error_and_remedy(method):
    with pytest.raises(ConditioningError, match=r"may miss a sample by .* 1.16e-10.* use .*Fractions"):
        two_layer.fit(ONE_ULP, LARGE, method)


def test_auto_finds_the_one_method_that_floats_carry():
    """Kinks at the samples themselves need no room between them, so "interpolate" works at one ulp."""
    g = two_layer.fit(ONE_ULP, LARGE)
    assert g.n_neurons == two_layer.fit(ONE_ULP, LARGE, "interpolate").n_neurons
    assert np.abs(g(ONE_ULP) - LARGE).max() <= g.error <= 10


def test_every_sample_is_measured_at_a_thousand():
    """Unevenly spaced: 128 spot checks missed half of this error, and a network above tol was handed out."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        X, z = np.cumsum(10.0 ** rng.integers(-7, 2, (1200, 1)), axis=0), rng.normal(size=1200)
        try:
            g = two_layer.fit(X, z, "interpolate")
        except ConditioningError:
            continue
        assert np.abs(g(X) - z).max() <= g.error <= 1e-4 * np.abs(z).max()


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_labels_of_any_size_are_fitted(scale):
    X = np.arange(7.0)[:, None]
    z = scale * np.array([0, 1, 0, 0, 0.5, -1, 0])
    for method in two_layer.METHODS:
        assert two_layer.fit(X, z, method).error <= 1e-12 * scale


# ---------------------------------------------------------------- input


@pytest.mark.parametrize("method", ["interpolate", "tight", "auto"])
@pytest.mark.parametrize("label", [0, 7])
def test_equal_labels_take_no_neuron(method, label):
    X, z = to_fractions(range(9))[:, None], to_fractions([label] * 9)
    g = two_layer.fit(X, z, method)
    assert g.n_neurons == 0 and (g(X) == z).all()


@thorough
@given(exact_samples())
def test_at_most_3N_plus_2_points_are_kept(samples):
    """Lemma 4.7 of 2408.00359, and the same with two samples at each end of a run."""
    line = project(validate(*samples))
    for ends, most in ((1, 3 * line.samples.N + 2), (2, 5 * line.samples.N + 4)):
        t, y = two_layer.kept_points(line, ends)
        assert len(t) == len(y) <= min(most, line.samples.K)
        assert (np.diff(t) > 0).all() and np.count_nonzero(y) == line.samples.N


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="method is 'best', expected one of bumps"):
        two_layer.fit(np.ones((1, 1)), np.ones(1), "best")


@pytest.mark.parametrize("method", ["tight", "least"])
def test_methods_for_one_output_refuse_several(method):
    with pytest.raises(ValueError, match=rf'"{method}" is for one output, z of shape \(K,\)'):
        two_layer.fit(np.arange(3.0)[:, None], np.ones((3, 2)), method)


@pytest.mark.parametrize("tol", [-1, float("nan")])
def test_a_tolerance_that_is_none_is_refused(tol):
    with pytest.raises(ValueError, match="tol is"):
        two_layer.fit(np.arange(6.0)[:, None], np.array([0, 0, 1.0, 0, 0, 0]), tol=tol)
