"""The checks of chapter 1 say True for what the library builds, and False for something else."""

from dataclasses import replace

import numpy as np
import pytest

from ftc_lib import baum, certify
from ftc_lib.book.checks import baum as checks
from ftc_lib.core import Layer, Network, bounds, to_fractions
from ftc_lib.training import diabetes


def spoiled(network):
    """The same network with an output bias that is a little off."""
    *hidden, last = network.layers
    return Network((*hidden, Layer(last.W, last.b + last.b.dtype.type(1) / 7)), activation=network.activation)


@pytest.fixture(scope="module")
def exact():
    X = to_fractions([[0, 0], [3, 1], [1, 4], [5, 2], [2, 9]])
    y = to_fractions([2, -1, 5, 3, -4])
    return X, y, baum.fit_relu(X, y, rng=4)


def test_an_exact_network_is_told_from_one_that_is_not(exact):
    X, y, g = exact
    assert checks.relu_exact(g, X, y)[0] is True
    assert checks.relu_exact(g, X, y + 1)[0] is False
    two = baum.fit_relu(X[:2], y[:2], rng=4)  # too few neurons for five labels
    assert checks.relu_exact(two, X, two(X))[0] is False


@pytest.mark.parametrize(("seed", "n"), [(1, 12), (2, 5)])
def test_the_largest_step_is_the_largest(seed, n):
    holds, evidence = checks.finite_delta(seed, n)
    assert holds and f"{n} Fraction samples" in evidence


def test_the_largest_step_is_refused_where_a_neuron_is_missing(monkeypatch):
    whole = checks.four_relus
    monkeypatch.setattr(checks, "four_relus", lambda group, value, delta: whole(group, value, delta) + 1)
    assert checks.finite_delta(1)[0] is False


def test_labels_move_in_as_many_directions_as_counted(monkeypatch):
    assert checks.relu_floor([(2, 3), (5, 2)], seed=7, n=60)[0]
    assert checks.labels_rank(2, 3, n=60, seed=7) == 2 * 4 + 1
    monkeypatch.setattr(checks, "labels_rank", lambda m, d, n, seed: m * (d + 2) + 1)
    assert checks.relu_floor([(2, 3)], seed=7)[0] is False


def test_alternating_labels_take_the_floor_or_one_more(monkeypatch):
    assert checks.threshold_floor(9, 2, seed=5, hyperplanes=500)[0]
    fit = baum.fit_threshold
    monkeypatch.setattr(baum, "fit_threshold", lambda X, labels, rng: fit(X, 1 - labels, rng=rng))
    assert not checks.threshold_floor(9, 2, seed=5, hyperplanes=500)[0]


def test_counts_are_judged_row_by_row():
    rows = checks.counts([7, 12], [2, 5], seed=6)
    assert checks.threshold_count(rows)[0] and checks.relu_count(rows)[0]
    for column, judge in (
        ("threshold units built", checks.threshold_count),
        ("largest error, threshold units", checks.threshold_count),
        ("ReLUs built", checks.relu_count),
        ("ReLUs built, n // 4 labels", checks.relu_count),
        ("largest error, ReLUs", checks.relu_count),
    ):
        assert judge([*rows[:-1], rows[-1] | {column: rows[-1][column] + 1}])[0] is False, column


def test_a_repair_that_is_wrong_at_one_sample_is_seen(exact):
    X, y, g = exact
    labels = np.array([0, 1, 0, 0, 1])
    h = baum.fit_threshold(X.astype(float), labels, rng=4)
    floats = baum.fit_relu(X.astype(float), y.astype(float), rng=4)
    cases = (floats, X.astype(float), y.astype(float)), (g, X, y), (h, X.astype(float), labels)
    assert checks.repaired(*cases)[0]
    for number, (network, at, wanted) in enumerate(cases):
        wrong = [*cases[:number], (spoiled(network), at, wanted), *cases[number + 1 :]]
        assert not checks.repaired(*wrong)[0]


def test_crowded_hyperplanes_are_seen(exact):
    X, _, g = exact
    assert checks.clean_hyperplanes(g, X, shared=3)[0]
    assert not checks.clean_hyperplanes(g, X, shared=2)[0]  # as many as general position allows
    assert not checks.clean_hyperplanes(g, X + 1, shared=3)[0]  # samples beside the hyperplanes


def test_a_line_through_the_origin():
    X, y = to_fractions([[2, 1], [6, 3], [0, 5]]), to_fractions([1, 2, 0])
    g = baum.fit_relu(X, y, rng=1)
    assert checks.through_origin(g, X, y)[0]
    assert not checks.through_origin(g, X, to_fractions([1, 3, 0]))[0]  # linear after all, and other labels
    assert not checks.through_origin(spoiled(g), X, y)[0]


def test_classes_by_threshold_units():
    X, labels = np.random.default_rng(8).standard_normal((20, 3)), np.repeat([5, -1, 2], [10, 6, 4])
    nets = {v: baum.fit_threshold(X, labels == v, rng=1) for v in (-1, 2)}
    assert checks.classes(nets, 5, X, labels)[0]
    assert not checks.classes(nets, 4, X, labels)[0]


def test_the_tables_say_what_the_networks_are(exact):
    X, y, g = exact
    table = checks.exact_table(X, y, g)
    assert all(f"| $({x[0]}, {x[1]})$ | {label} | {label} |" in table for x, label in zip(X, y))
    wrong = replace(g, layers=spoiled(g).layers)
    lines = checks.repair_table({"right": (g, X, y), "wrong": (wrong, X, y)}).splitlines()
    assert f"| right | {g.n_neurons} | {bounds.baum_relu(5, 2)} | 0 | 5 of 5 |" in lines[2]
    assert "| 1.4e-01 | 0 of 5 |" in lines[3]


def test_the_patients_table_holds_for_fewer_patients():
    frozen = diabetes()
    X, z = frozen.X[:30], frozen.residual[:30]
    g = baum.fit_relu(X, z, rng=2)
    assert f"| {g.n_neurons} | {bounds.baum_relu(30, 10)} |" in checks.repair_table({"few": (g, X, z)})
    assert certify.certify(g, X, z).max_error <= g.error
