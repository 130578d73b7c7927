"""Four layers and more: right with ``==`` on Fractions, as wide as claimed at most, refused where floats fail."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib import deep
from ftc_lib.core import bounds, certify
from ftc_lib.core.network import ConditioningError, to_fractions
from ftc_lib.three_layer import zigzag
from ftc_lib.two_layer import instances
from tests.strategies import counts, exact_samples, float_samples, random_samples, thorough

CLAIMED = {name: construction.count for name, construction in deep.CONSTRUCTIONS.items()}
CLAIMED["auto"] = lambda N, K, layers: bounds.deep(N, K, layers).upper
DEPTHS = (4, 5, 6, 7, 9)


@pytest.mark.parametrize("method", deep.METHODS)
@given(samples=exact_samples(), layers=st.sampled_from(DEPTHS))
@thorough
def test_exact_on_fractions_with_the_width_claimed(method, samples, layers):
    X, z = samples
    g = deep.fit(X, z, layers, method)
    assert (g(X) == z).all() and g.error == 0
    assert len(g.widths) == layers - 1
    assert max(g.widths) <= CLAIMED[method](*counts(X, z), layers)


@pytest.mark.parametrize("method", deep.METHODS)
@pytest.mark.parametrize("N, layers", [(30, 4), (7, 5), (90, 6), (30, 9), (90, 9)])
def test_exact_at_90_samples(method, N, layers):
    X, z = random_samples(90, N, d=2)
    g = deep.fit(X, z, layers, method)
    assert (g(X) == z).all()
    assert max(g.widths) <= CLAIMED[method](N, 90, layers)


@pytest.mark.parametrize("method", deep.METHODS)
@pytest.mark.parametrize("K, layers", [(2, 4), (3, 9), (7, 9), (3, 40), (40, 41)])
def test_fewer_labels_than_blocks(method, K, layers):
    X = to_fractions(range(K))[:, None]
    z = instances.alternating(K, K)
    g = deep.fit(X, z, layers, method)
    assert (g(X) == z).all() and len(g.widths) == layers - 1


@pytest.mark.parametrize("method", ["windows", "zigzag", "relay", "auto"])
@given(order=st.permutations(range(9)), zeros=st.sets(st.integers(0, 8)))
@thorough
def test_every_width_is_met_with_room_to_spare(method, order, zeros):
    """Labels in any order of sizes, at depths where runs are full, partly filled and missing."""
    z = to_fractions([0 if i in zeros else v - 4 for i, v in enumerate(order)])
    X = to_fractions(np.cumsum([1, 2, 1, 5, 1, 1, 3, 1, 2]))[:, None]
    for layers in (4, 7, 11):
        assert (deep.fit(X, z, layers, method)(X) == z).all()


@pytest.mark.parametrize("method", ["windows", "zigzag"])
@given(samples=exact_samples(most=30), layers=st.sampled_from((4, 5, 6, 8, 12)))
@thorough
def test_both_relays_are_exact_however_few_samples(method, samples, layers):
    """Whichever of the two ``fit`` would choose: gaps of all sizes, several runs, runs that are missing."""
    X, z = samples
    N, K = counts(X, z)
    width = bounds.relay_grids(N if method == "windows" else K, layers, method)[0]
    other = {"windows": "zigzag", "zigzag": "windows"}[method]
    relay_grids = bounds.relay_grids
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "relay_grids", lambda n, L, m: (10**6, []) if m == other else relay_grids(n, L, m))
        g = deep.fit(X, z, layers, "relay")
    assert (g(X) == z).all() and len(g.widths) == layers - 1 and max(g.widths) <= width


def sums(g, X, behind):
    """The sum that goes along, where it arrives at the layers ``behind`` (numbered from 1); one output column."""
    return [g.pre_activations(X)[layer - 1][:, -1] for layer in behind]


def test_each_zigzag_block_is_zero_outside_its_run():
    X, z = random_samples(60, 60)
    g = deep.fit(X, z, 9, "zigzag")
    order = np.argsort(X[:, 0])
    unit, base = max(abs(z)), min(z) / max(abs(z)) - 1
    _, grids = bounds.deep_grids(60, 9, "zigzag")
    ends = np.minimum(np.cumsum([G * D for G, D in grids]), 60)
    for end, total in zip(ends, sums(g, X, (3, 5, 7))):
        heights = z[order] / unit - base
        assert (total[order][:end] == heights[:end]).all() and (total[order][end:] == 0).all()


def test_each_windows_block_is_zero_outside_its_targets():
    X, z = random_samples(60, 25)
    g = deep.fit(X, z, 9, "windows")
    order = np.argsort(X[:, 0])
    labels = z[order] / max(abs(z))
    _, grids = bounds.deep_grids(25, 9, "windows")
    served = np.cumsum(labels != 0)
    for end, total in zip(np.cumsum([G * D for G, D in grids]), sums(g, X, (3, 5, 7))):
        assert (total[order] - 1 == np.where(served <= end, labels, 0)).all()


def test_blocks_hand_t_on():
    """The neuron before the sum in a second layer is t less a constant, and positive at all samples."""
    X, z = random_samples(40, 40)
    g = deep.fit(X, z, 7, "zigzag")
    carried = g.pre_activations(X)[3][:, -2]
    assert (carried > 0).all() and len(set(carried - X[:, 0])) == 1


@pytest.mark.parametrize("method, K, N", [("zigzag", 60, 60), ("windows", 500, 40)])
def test_a_relay_is_silent_before_its_run_and_clipped_behind(method, K, N):
    """Behind leg i the sums are right at the samples served so far, and zero at all others."""
    X, z = random_samples(K, N)
    g = deep.fit(X, z, 6, "relay")
    order = np.argsort(X[:, 0])
    labels = z[order] / max(abs(z))
    served = np.cumsum(labels != 0)
    wanted = [labels - min(labels) + 1] if method == "zigzag" else [np.maximum(labels, 0), np.maximum(-labels, 0)]
    width, grids = bounds.relay_grids(N, 6, method)
    assert max(g.widths) == width and len(grids) > 2
    for layer, end in enumerate(np.cumsum([G * D for G, D in grids[:-1]]), start=2):
        arriving = g.pre_activations(X)[layer][order, -len(wanted) :]
        for total, right in zip(np.maximum(arriving, 0).T, wanted):
            assert (total == np.where(served <= end, right, 0)).all()


def test_a_relay_has_hardly_more_weights_than_labels():
    """Real numbers that matter, against the K that are needed: what blocks leave idle, a relay uses."""
    X, z = random_samples(300, 300)
    numbers = {}
    for method in ("zigzag", "relay"):
        widths = deep.fit(X, z, 9, method).widths
        numbers[method] = widths[0] + sum(a * b for a, b in zip(widths, widths[1:])) + widths[-1] + 1
    assert 300 <= numbers["relay"] < 1.7 * 300 < 2.5 * 300 < numbers["zigzag"]


@pytest.mark.parametrize("method", deep.METHODS)
@pytest.mark.parametrize("labels", [[0, 0, 0], [2, 2, 2], [2]])
def test_equal_labels_take_layers_without_neurons(method, labels):
    X = to_fractions(range(len(labels)))[:, None]
    g = deep.fit(X, to_fractions(labels), 6, method)
    assert g.widths == (0, 0, 0, 0, 0) and (g(X) == labels).all()


def test_repeated_rows_do_not_count():
    X, z = to_fractions([[i] for i in [*range(12), 3, 3, 3]]), to_fractions([0] * 15)
    z[[3, 12, 13, 14]] = 2
    assert max(deep.fit(X, z, 5).widths) == bounds.deep(1, 12, 5).upper


# ---------------------------------------------------------------- floats


@pytest.mark.parametrize("method", deep.METHODS)
@given(samples=float_samples(), layers=st.sampled_from((4, 7)))
@thorough
def test_floats_are_right_or_refused(method, samples, layers):
    X, z = samples
    try:
        g = deep.fit(X, z, layers, method)
    except ValueError:
        return
    with np.errstate(all="ignore"):
        error = np.abs(g(X) - z).max()
    assert error <= g.error <= 1e-4 * np.abs(z).max()
    if np.isfinite(g.total_weight):
        assert certify.certify(g, X, z).max_error <= 2 * g.error + 1e-12 * np.abs(z).max()


@pytest.mark.parametrize("layers", [5, 9])
def test_float_windows_leave_kept_samples_at_exactly_zero(layers):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        X, z = rng.normal(size=(60, 2)), np.where(rng.random(60) < 0.3, rng.normal(size=60), 0)
        c = certify.certify(deep.fit(X, z, layers, "windows", rng=seed), X, z)
        assert c.kept_zero == c.K - c.N and c.max_error < 1e-4


def test_floats_carry_blocks_further_than_a_relay():
    X, z = random_samples(200, 200)
    X, z = X.astype(float), z.astype(float)
    with pytest.raises(ConditioningError, match=r"[Uu]se .*Fractions"):
        deep.fit(X, z, 9, "relay")
    g = deep.fit(X, z, 9)
    assert max(g.widths) == bounds.deep_zigzag(200, 9) and g.error < 1e-3


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("layers", [3, 0, -4, 4.0, "4", True, None])
def test_a_depth_that_is_no_whole_number_from_4_on_is_named(layers):
    with pytest.raises(ValueError, match=f"layers is {layers!r}: expected a whole number L >= 4"):
        deep.fit(np.ones((2, 1)), np.ones(2), layers)


def test_several_outputs_are_refused():
    with pytest.raises(ValueError, match=r"z has shape \(3, 2\): deep networks have one output"):
        deep.fit(np.arange(3.0)[:, None], np.ones((3, 2)), 4)


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="method is 'best', expected one of paper"):
        deep.fit(np.ones((1, 1)), np.ones(1), 4, "best")


def test_a_line_beyond_float64_is_refused_and_not_searched_for_ever(monkeypatch):
    """Positions are measured from the left of all samples, which may be further off than floats go."""
    tries = iter(range(10_000))
    one = zigzag._one_zigzag
    monkeypatch.setattr(zigzag, "_one_zigzag", lambda *a: (next(tries), one(*a))[1])
    with pytest.raises(ConditioningError):
        deep.fit([[-1.7e308], [0.0], [1.7e308]], [0.0, 1.0, 0.0], 4, "zigzag")
