"""The checks of chapter 7 at other sizes, and that each of them can fail."""

import numpy as np
import pytest

from ftc_lib import three_layer, two_layer
from ftc_lib.book.checks import open_questions as checks
from ftc_lib.core import bounds
from ftc_lib.core.network import to_fractions
from ftc_lib.three_layer import one_sign, search
from ftc_lib.two_layer import instances

SEVEN = [5, 10, 11, 12, 14, 15, 23], [0, 21, -5, 6, -19, 11, -4]


def rng(seed=7):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def searched():
    """Zigzags of six and of eight samples, networks that pass them, and one for seven."""
    labels = {(K, "growing"): [(-1) ** i * (i + 1) for i in range(K)] for K in (6, 8)}
    shapes = {6: (2, 2), 8: (3, 2)}
    found = {(K, kind): search.find(range(K), z, shapes[K], tries=400) for (K, kind), z in labels.items()}
    return found, labels, search.find(*SEVEN, (2, 2), rng=4)


def test_networks_stay_within_the_alternation_lemma_and_one_that_does_not_is_seen(monkeypatch):
    holds, evidence = checks.alternation(rng(), 5)
    assert holds is True and "5 random networks" in evidence
    monkeypatch.setattr(checks, "sign_changes", lambda d1, d2, rng: bounds.alternations(d1, d2) + 1)
    assert checks.alternation(rng(), 5)[0] is False


def test_a_case_that_stays_open_is_seen(monkeypatch):
    monkeypatch.setattr(search, "refute", lambda *case: None)
    assert checks.alternation(rng(), 1)[0] is False


def test_networks_that_were_found_are_right_and_wrong_labels_are_seen(searched):
    found, labels, seven = searched
    assert checks.small(found, labels, seven, *SEVEN)[0] is True
    assert checks.small(found, labels | {(6, "growing"): [1, -2, 3, -4, 5, -7]}, seven, *SEVEN)[0] is False
    assert checks.small(found, labels, seven, SEVEN[0], [0, 21, -5, 6, -19, 11, -3])[0] is False
    wide = three_layer.fit(to_fractions(range(8))[:, None], to_fractions(labels[8, "growing"]), "zigzag")
    assert checks.small(found | {(8, "growing"): wide}, labels, seven, *SEVEN)[0] is False


def test_the_table_of_what_was_found(searched):
    rows = checks.small_table(searched[0]).splitlines()
    assert rows[2] == "| 6 | 4 | 4 | 5 | least for these labels; open for others |"
    assert len(rows) == 4 and len({row.count("|") for row in rows}) == 1


def test_triangles_serve_one_sign_and_a_wrong_network_is_seen(monkeypatch):
    x, z = to_fractions(range(9))[:, None], to_fractions([0, 0, 1, 0, 0, 0, 2, 0, 0])
    pair = one_sign.fit(x, z), three_layer.fit(x, z, "windows")
    assert checks.triangles(rng(), pair, 9)[0] is True
    assert checks.crowded(rng(), 30, 20)[0] is True
    fit = one_sign.fit
    monkeypatch.setattr(one_sign, "fit", lambda x, z: fit(x, 2 * z))
    assert checks.triangles(rng(), pair, 9)[0] is False
    assert checks.crowded(rng(), 30, 20)[0] is False


def test_more_triangles_than_the_theorem_says_are_seen(monkeypatch):
    monkeypatch.setattr(one_sign, "fit", lambda x, z: three_layer.fit(x, z, "bumps"))
    assert checks.triangles(rng(), (three_layer.fit([[0.0]], [1.0]),) * 2, 20)[0] is False


def test_three_kinks_a_target_are_forced(monkeypatch):
    assert checks.one_sign_lower(6)[0] is True
    monkeypatch.setattr(instances, "two_sided", lambda n, other: to_fractions([0] * (4 * n + 1)))
    assert checks.one_sign_lower(6)[0] is False


def test_bending_doubles_at_most_and_more_is_seen(monkeypatch):
    assert checks.bend(rng(), 30)[0] is True
    bend = two_layer.bend
    monkeypatch.setattr(two_layer, "bend", lambda t, y: (None, 2 * bend(t, y)[1], None))
    assert checks.bend(rng(), 30)[0] is False


def test_what_the_failed_attempts_cost():
    assert "takes 8 neurons with triangles and 6 with a window" in checks.failures()


def test_the_table_of_weights():
    rows = checks.weights_table(rng(), 8).splitlines()
    assert len(rows) == 8 and len({row.count("|") for row in rows[2:]}) == 1


def test_weights_grow_like_a_power_or_it_is_too_small_to_tell():
    K = [9, 30, 90]
    curves = {
        "zigzag, random": [np.median([checks.weight("zigzag", k, 3, draw) for draw in range(15)]) for k in K],
        "windows, random": [np.median([checks.weight("windows", k, 3, draw) for draw in range(15)]) for k in K],
        "zigzag, even": [checks.weight("zigzag", k, 3) for k in K],
    }
    powers = {name: np.polyfit(np.log(K), np.log(values), 1)[0] for name, values in curves.items()}
    assert checks.weight_growth(K, powers, 15)[0] is True
    assert checks.weight_growth(K, powers, 3)[0] is None
    assert checks.weight_growth(K, powers | {"zigzag, even": 7.0}, 15)[0] is False
