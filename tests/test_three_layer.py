"""Three layers: right with ``==`` on Fractions, never more neurons than claimed, never silently wrong on floats."""

import numpy as np
import pytest
from hypothesis import given, settings

from ftc_lib import three_layer, two_layer
from ftc_lib.core import bounds, certify
from ftc_lib.core.network import ConditioningError, to_fractions
from ftc_lib.core.samples import project, validate
from ftc_lib.three_layer import slots
from tests.strategies import counts, exact_samples, float_samples, random_samples, thorough

fewer = settings(thorough, max_examples=30)
CLAIMED = {name: construction.count for name, construction in three_layer.CONSTRUCTIONS.items()}
CLAIMED["auto"] = lambda N, K: bounds.three_layer(N, K).upper


@pytest.mark.parametrize("method", three_layer.METHODS)
@given(samples=exact_samples())
@thorough
def test_exact_on_fractions_with_the_neurons_claimed(method, samples):
    X, z = samples
    g = three_layer.fit(X, z, method)
    assert (g(X) == z).all() and g.error == 0
    assert g.n_neurons <= CLAIMED[method](*counts(X, z))


@pytest.mark.parametrize("method", three_layer.METHODS)
@given(samples=exact_samples(outputs=2, most=8))
@fewer
def test_exact_on_fractions_with_two_outputs(method, samples):
    g = three_layer.fit(*samples, method)
    assert g(samples[0]).shape == samples[1].shape and (g(samples[0]) == samples[1]).all()
    assert method == "auto" or g.n_neurons <= CLAIMED[method](*counts(*samples), 2)


@pytest.mark.parametrize("method", ["yun", "windows", "zigzag", "auto"])
@pytest.mark.parametrize("N", [25, 200])
def test_exact_at_200_samples_with_that_many_neurons(method, N):
    X, z = random_samples(200, N)
    g = three_layer.fit(X, z, method)
    assert (g(X) == z).all()
    assert g.n_neurons == CLAIMED[method](N, 200)


@pytest.mark.parametrize("method", ["bumps", "appendix", "pairs", "through"])
@pytest.mark.parametrize("N", [1, 2, 9, 30])
def test_exact_at_60_samples_with_that_many_neurons(method, N):
    X, z = random_samples(60, N)
    g = three_layer.fit(X, z, method)
    assert (g(X) == z).all()
    if method == "through":  # the two-layer network behind it saves kinks where targets are neighbours
        assert g.n_neurons <= CLAIMED[method](N, 60)
    else:
        assert g.n_neurons == CLAIMED[method](N, 60)


@given(samples=exact_samples(most=30))
@fewer
def test_kept_serves_the_points_that_an_interpolation_follows(samples):
    """And is right at the samples inside long untouched runs, which it does not serve."""
    X, z = samples
    g = three_layer.fit(X, z, "kept")
    assert (g(X) == z).all()
    p = len(two_layer.kept_points(project(validate(X, z)))[0])
    assert g.n_neurons == (0 if (z == z[0]).all() else bounds.three_layer_kept(p))


@pytest.mark.parametrize("K", [2, 3, 5, 10, 17, 26])
def test_bumps_look_at_the_hard_tanh_of_their_own_group(K):
    X, z = random_samples(K, K - 1)
    g = three_layer.fit(X, z, "bumps")
    assert g.widths == (2 * bounds.ceil_sqrt(K), 3 * (K - 1))
    assert ((g.layers[1].W != 0).sum(axis=1) == 2).all()


@pytest.mark.parametrize("outputs", [None, 3])
def test_auto_takes_the_fewest_neurons(outputs):
    @given(samples=exact_samples(outputs=outputs, most=8))
    @fewer
    def of_all_but_through(samples):  # that one may find a narrower two-layer network than it has to
        others = [three_layer.fit(*samples, m).n_neurons for m in three_layer.METHODS if m != "through"]
        assert three_layer.fit(*samples).n_neurons <= min(others)

    of_all_but_through()


@pytest.mark.parametrize(
    "N, K, neurons", [(1, 2, 2), (1, 3, 3), (1, 4, 3), (1, 500, 3), (2, 4, 4), (2, 500, 4), (5, 5, 4)]
)
def test_few_labels_take_the_least_that_is_possible(N, K, neurons):
    X, z = random_samples(K, N)
    assert three_layer.fit(X, z).n_neurons <= neurons == bounds.three_layer_floor(N, K)


def test_a_pair_needs_no_room_between_its_targets():
    """Neighbours, equal or opposite, at any distance to the next sample: always four neurons."""
    for t in ([0, 1, 2, 3], [0, 1000, 1001, 1002], [0, 1, 1000, 1001], [0, 1, 2, 1000]):
        for z in ([0, 5, 1, 0], [0, 5, -1, 0], [0, -1, -5, 0], [3, -3, 0, 0], [1, 0, 0, 1]):
            X, labels = to_fractions(t)[:, None], to_fractions(z)
            g = three_layer.fit(X, labels, "pairs")
            assert g.widths == (2, 2) and (g(X) == labels).all()


def test_auto_prefers_windows_to_a_zigzag_of_the_same_width():
    X, z = random_samples(42, 9)
    windows, zigzag = (three_layer.fit(X, z, method) for method in ("windows", "zigzag"))
    assert windows.n_neurons == zigzag.n_neurons == 13 and windows.widths != zigzag.widths
    assert three_layer.fit(X, z).widths == windows.widths


def test_repeated_rows_do_not_count():
    """Found by search: with the changed row written four times, auto thought that four labels change."""
    X, z = to_fractions([[i] for i in [*range(12), 3, 3, 3]]), to_fractions([0] * 15)
    z[[3, 12, 13, 14]] = 2
    assert three_layer.fit(X, z).n_neurons == bounds.three_layer(1, 12).upper == 3


@pytest.mark.parametrize("N, K, neurons", [(9, 50, 13), (25, 200, 21), (100, 400, 40)])
def test_windows_take_the_neurons_printed_in_the_book(N, K, neurons):
    X, z = random_samples(K, N)
    assert three_layer.fit(X.astype(float), z.astype(float), "windows", tol=np.inf).n_neurons == neurons
    assert bounds.windows(N) == neurons


def test_windows_bend_between_groups_of_targets_and_on_no_sample():
    """Layer 1's kinks: the first left of all targets, each other one between two groups of D targets."""
    for N, K in [(1, 4), (9, 50), (30, 30)]:
        X, z = random_samples(K, N, d=2)
        g = three_layer.fit(X, z, "windows")
        first = g.layers[0]
        kinks = -first.b / first.W.scale
        t = X @ first.W.direction
        G, neurons = bounds.grid(N, 4)
        sizes = np.histogram(np.searchsorted(kinks, t[z != 0]), np.arange(1, G + 2))[0]
        assert len(kinks) == G and not set(kinks) & set(t)
        assert (sizes[:-1] == neurons // 4).all() and 0 < sizes[-1] <= neurons // 4


@pytest.mark.parametrize("method", ["windows", "pairs", "appendix"])
def test_local_networks_leave_untouched_samples_at_exactly_zero(method):
    """In exact arithmetic the float network is 0 at every untouched sample, not just small.

    Seeds 26, 120 and 450 have a start just below a power of two, where start + 2 used to be rounded.
    """
    for seed in (0, 1, 2, 3, 26, 120, 450):
        rng = np.random.default_rng(seed)
        X, z = rng.normal(size=(60, 2)), np.where(rng.random(60) < 0.3, rng.normal(size=60), 0)
        c = certify.certify(three_layer.fit(X, z, method, rng=seed), X, z)
        assert c.kept_zero == c.K - c.N and c.max_error_kept == 0


def test_windows_start_at_whole_numbers():
    """So they cancel; v + 1 rounds where it passes a power of two, and took the fraction that was left with it."""
    rng = np.random.default_rng(0)
    for _ in range(5000):
        t = np.cumsum(rng.random(3) + 0.01)
        v, _ = slots.steep_zigzag(
            t, np.array([0.0, rng.uniform(-1, 1), 0.0]), np.array([t[0] - 1, t[2] + 1]), [1], reach=2
        )
        assert v % 1 == 0


@pytest.mark.parametrize("method", three_layer.METHODS)
@pytest.mark.parametrize("labels", [[0, 0, 0], [2, 2, 2], [2]])
def test_equal_labels_take_no_neuron(method, labels):
    X = to_fractions(range(len(labels)))[:, None]
    g = three_layer.fit(X, to_fractions(labels), method)
    assert g.n_neurons == 0 and (g(X) == labels).all()


@pytest.mark.parametrize("n, cost", [(n, cost) for n in (1, 2, 7, 30, 100) for cost in (1, 2, 4, 8)])
def test_grid_is_the_cheapest_split(n, cost):
    G, neurons = bounds.grid(n, cost)
    assert G * (neurons // cost) >= n and neurons % cost == 0
    assert G + neurons == min(G + cost * -(-n // G) for G in range(1, n + 1))


# ---------------------------------------------------------------- floats


@pytest.mark.parametrize("method", three_layer.METHODS)
@given(samples=float_samples())
@thorough
def test_floats_are_right_or_refused(method, samples):
    X, z = samples
    try:
        g = three_layer.fit(X, z, method)
    except ValueError:
        return
    with np.errstate(all="ignore"):
        error = np.abs(g(X) - z).max()
    assert error <= g.error <= 1e-4 * np.abs(z).max()
    if np.isfinite(g.total_weight):
        assert certify.certify(g, X, z).max_error <= 2 * g.error + 1e-12 * np.abs(z).max()


@pytest.mark.parametrize("method", ["yun", "bumps", "kept", "windows", "zigzag"])
def test_one_ulp_between_samples_is_refused(method):
    X = 1e6 + np.spacing(1e6) * np.array([[0.0], [1.0], [2.0], [3e6], [4e9]])
    with pytest.raises(ConditioningError, match=r"[Uu]se .*Fractions"):
        three_layer.fit(X, np.array([0.1, 1e5, -1e5, 1.0, 3.3]), method)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_labels_of_any_size_are_fitted(scale):
    X = np.arange(7.0)[:, None]
    z = scale * np.array([0, 1, 0, 0, 0.5, -1, 0])
    for method in three_layer.METHODS:
        assert three_layer.fit(X, z, method).error <= 1e-9 * scale


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="method is 'best', expected one of yun"):
        three_layer.fit(np.ones((1, 1)), np.ones(1), "best")


def test_the_refusal_says_how_near_the_best_attempt_came():
    """A tolerance of the size that it names is met."""
    rng = np.random.default_rng(0)
    X, z = rng.normal(size=(400, 3)), rng.normal(size=400)
    with pytest.raises(ConditioningError) as refused:
        three_layer.fit(X, z, "zigzag", tol=1e-12)
    error = refused.value.error
    assert f"may miss a sample by {error:.3g}" in str(refused.value)
    assert three_layer.fit(X, z, "zigzag", tol=1.001 * error / np.abs(z).max()).error <= 1.001 * error


def test_sparse_targets_at_even_distances_take_no_steep_slopes():
    """Borders half-way: beside the targets they would let slopes grow from group to group, to a total weight of 1e8."""
    X, z = np.arange(400.0)[:, None], (np.arange(400) % 40 == 7) * 1.0
    g = three_layer.fit(X, z, "windows")
    assert g.total_weight < 1e5 and g.error < 1e-9
