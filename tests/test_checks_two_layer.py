"""What chapter 2 and its companion page are checked by: at other sizes and seeds, and against what is wrong."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from ftc_lib import two_layer
from ftc_lib.book.checks import two_layer as checks
from ftc_lib.core import Layer, Network, to_fractions
from ftc_lib.core.certify import certify
from ftc_lib.two_layer import instances, least_kinks

PAIRS = [(n, k) for k in range(1, 8) for n in range(1, k + 1)]


def holds(result):
    """The verdict; the evidence is a sentence."""
    verdict, evidence = result
    assert isinstance(verdict, bool) and len(evidence) > 20
    return verdict


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def repair(N=4):
    """Samples, targets, a float network of bumps and its certificate."""
    rng = np.random.default_rng(7)
    X, z = rng.standard_normal((20, 3)), np.zeros(20)
    z[:N] = 1 + rng.random(N)
    g = two_layer.fit(X, z, method="bumps")
    return X, z, g, certify(g, X, z)


def test_bumps_are_local():
    proof = repair()[-1]
    assert holds(checks.bumps_local(proof))
    assert not holds(checks.bumps_local(replace(proof, kept_zero=proof.kept_zero - 1)))
    assert not holds(checks.bumps_local(replace(proof, n_neurons=proof.n_neurons + 1)))


def test_the_real_data():
    proof = replace(repair()[-1], K=442, kept_zero=438)
    assert holds(checks.real_data(proof))
    assert not holds(checks.real_data(replace(proof, kept_zero=437)))
    assert not holds(checks.real_data(replace(proof, max_error=Fraction(1, 1000))))


def test_the_lower_bound():
    forced = {(n, k): sum(instances.forced_kinks(range(k), instances.alternating(n, k))) for n, k in PAIRS if k >= 3}
    assert holds(checks.exact_lower(forced))
    assert not holds(checks.exact_lower(forced | {(2, 6): 3}))


def test_the_upper_bounds():
    built = {
        (n, k): two_layer.fit(to_fractions(range(k))[:, None], instances.alternating(n, k), method="tight").n_neurons
        for n, k in PAIRS
    }
    wider = built | {(7, 7): 6}
    assert holds(checks.exact_upper(built)) and holds(checks.paper_upper(built)) and holds(checks.capacity_edge(built))
    assert not holds(checks.exact_upper(wider)) and not holds(checks.capacity_edge(wider))
    assert holds(checks.paper_upper(wider)), "the paper allows one neuron more"
    assert not holds(checks.paper_upper(built | {(7, 7): 7}))
    assert not holds(checks.capacity_edge(built | {(1, 4): 3}))


def test_the_capacity(monkeypatch):
    assert holds(checks.capacity(12))
    right = checks.bounds.capacity_two_layer
    monkeypatch.setattr(checks.bounds, "capacity_two_layer", lambda m, k: replace(right(m, k), lower=m // 4))
    assert not holds(checks.capacity(12))


def off_by_one(fit):
    """The same door, through which every network comes out one too high."""

    def wrong(*arguments, **keywords):
        *hidden, output = fit(*arguments, **keywords).layers
        return Network((*hidden, Layer(output.W, output.b + 1)))

    return wrong


@pytest.mark.parametrize("check", [checks.interpolation, checks.four_in_line])
def test_networks_of_random_patterns(check, rng, monkeypatch):
    assert holds(check(20, rng))
    monkeypatch.setattr(two_layer, "fit", off_by_one(two_layer.fit))
    assert not holds(check(20, rng))


def test_the_points_that_are_followed(rng, monkeypatch):
    assert holds(checks.kept_points(30, rng))
    monkeypatch.setattr(two_layer, "kept_points", lambda line: (np.arange(100), None))
    assert not holds(checks.kept_points(30, rng))


def test_the_fewest_kinks(rng, monkeypatch):
    assert holds(checks.fewest_kinks(30, rng))

    def along_the_secants(t, y):
        return t[1:-1], np.diff(y) / np.diff(t)

    monkeypatch.setattr(least_kinks, "fewest", along_the_secants)
    assert not holds(checks.fewest_kinks(30, rng))


def test_paying_the_first_slope(rng, monkeypatch):
    zigzag = to_fractions(range(4)), to_fractions([0, 2, 1, 3])
    assert holds(checks.facing(20, rng, [zigzag]))
    right = two_layer.bend

    def facing_right(t, y):
        breaks, slopes, left = right(t, y)
        return breaks, slopes, left & False

    monkeypatch.setattr(two_layer, "bend", facing_right)
    assert not holds(checks.facing(20, rng))


def test_sums_of_slopes(rng):
    assert holds(checks.alternating_sums(20, rng))


def test_subset_sum(rng, monkeypatch):
    assert holds(checks.subset_sum(8, rng))
    right = least_kinks.least
    monkeypatch.setattr(least_kinks, "least", lambda t, y: replace(right(t, y), proved=False))
    assert not holds(checks.subset_sum(8, rng))


def test_the_table_of_small_patterns():
    rows = [(1, 2, 2, 5, 0), (2, 3, 3, 9, 1)]  # N, least width, by search, refuted, above the forced kinks
    assert holds(checks.two_methods({5: rows})) and holds(checks.within_one({5: rows}, [0, 1], 30))
    assert not holds(checks.two_methods({5: [*rows, (1, 2, 3, 5, 0)]}))
    assert not holds(checks.within_one({5: rows}, [0, 2], 30))
    assert not holds(checks.within_one({5: [*rows, (1, 3, 3, 5, -1)]}, [0], 30))
    worst = {(0, 5): 0, (1, 5): 3, (2, 5): 3}
    assert holds(checks.worst_patterns(worst)) and not holds(checks.worst_patterns(worst | {(2, 5): 4}))


def test_the_least_network_of_figure_3():
    assert holds(checks.least_on_figure_3([True, True]))
    assert not holds(checks.least_on_figure_3([True, False]))


def test_rounding():
    X, z, g, proof = repair()
    stated = {"bumps": g}
    assert holds(checks.rounding(stated, {"bumps": proof}, X, z, 3, np.random.default_rng(2)))
    bold = {"bumps": replace(g, error=0.0)}
    assert not holds(checks.rounding(bold, {"bumps": proof}, X, z, 3, np.random.default_rng(2)))


def test_figure_3():
    t, z = instances.figure_3()
    shortcut = two_layer.fit(t[:, None], z, method="least")
    repaired = to_fractions([0, 2] * 4 + [0])
    assert holds(checks.figure_3(shortcut, repaired))
    assert not holds(checks.figure_3(shortcut, z)), "the printed labels do not force seven kinks"
    assert not holds(checks.figure_3(two_layer.fit(t[:, None], z, method="interpolate"), repaired))


def test_quantifiers():
    x = to_fractions(range(5))[:, None]
    assert holds(checks.quantifiers(two_layer.fit(x, to_fractions([7] * 5)), 5))
    assert not holds(checks.quantifiers(two_layer.fit(x, to_fractions([7, 7, 7, 7, 8])), 5))
