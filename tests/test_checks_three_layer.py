"""The checks of chapter 3 and of its companion page at other sizes, and that they say no to what is wrong."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from ftc_lib import bounds, three_layer
from ftc_lib.book.checks import three_layer as checks
from ftc_lib.certify import certify
from ftc_lib.core import Layer, Network, to_fractions


@pytest.fixture(autouse=True)
def smaller(monkeypatch):
    """Bounds are compared up to fewer samples than in the book."""
    for name, size in (("K_COMPARED", 40), ("K_PRINTED", 60), ("P_KEPT", 300)):
        monkeypatch.setattr(checks, name, size)


PAIRS = [(1, 4), (3, 7), (7, 7), (5, 12)]


def counted(method, seed=11):
    return checks.built(method, PAIRS, np.random.default_rng(seed))


def test_the_cases_reach_memorisation():
    cases = checks.cases(12)
    assert {k for _, k in cases} == {2, 7, 12} and all((k, k) in cases for _, k in cases)


@pytest.mark.parametrize(("n", "k"), PAIRS)
def test_an_instance_has_n_labels_that_differ(n, k):
    x, z = checks.instance(n, k, np.random.default_rng(1))
    assert x.shape == (k, 1) and len(set(x.ravel())) == k and (z != 0).sum() == n
    assert len(set(z)) > 1 and isinstance(z[0], Fraction)


@pytest.mark.parametrize("method", three_layer.METHODS)
def test_counts_are_those_of_the_construction(method):
    counts = counted(method)
    if method == "auto":
        assert all(m <= bounds.three_layer(*pair).upper for pair, m in counts.items())
    else:
        record = three_layer.CONSTRUCTIONS[method]
        assert all(m <= record.count(*pair) for pair, m in counts.items())


def test_a_network_that_misses_a_label_counts_as_infinite(monkeypatch):
    fit = three_layer.fit
    monkeypatch.setattr(checks.three_layer, "fit", lambda x, z, method: fit(x, -z, method))
    counts = counted("zigzag")
    assert set(counts.values()) == {math.inf}


WITHIN = {  # check of a table of counts -> the method whose networks it counts
    "windows": "windows",
    "through": "through",
    "bumps": "bumps",
    "appendix": "appendix",
}


@pytest.mark.parametrize("name", WITHIN)
def test_a_table_of_counts_is_accepted_and_a_wider_network_is_not(name):
    check, counts = getattr(checks, name), counted(WITHIN[name])
    holds, evidence = check(counts, 12)
    assert holds is True and evidence.startswith("4 pairs (N, K) with K <= 12")
    assert check(counts | {(3, 7): counts[3, 7] + 20}, 12)[0] is False
    assert check(counts | {(3, 7): math.inf}, 12)[0] is False


def test_zigzag():
    memory = three_layer.fit(
        to_fractions(range(9))[:, None], to_fractions([i * i % 5 for i in range(9)]), method="zigzag"
    )
    assert checks.zigzag(counted("zigzag"), 12, memory, 9)[0] is True
    assert checks.zigzag(counted("zigzag"), 12, memory, 6)[0] is False
    assert checks.zigzag(counted("yun"), 12, memory, 9)[0] is False


def test_sparse_forced():
    holds, evidence = checks.sparse_forced(5)
    assert holds is True and evidence.startswith("24 two-sided instances")


def test_sparse_forced_refuses_another_instance():
    def with_two_zeros(q, r):
        z = np.zeros(4 * (q + r) + 1, dtype=int)
        z[2 : 2 + 3 * (q + r) : 3] = [1] * q + [-1] * r
        return to_fractions(z)

    assert checks.sparse_forced(4, with_two_zeros)[0] is False


def test_the_theorem_and_the_printed_bounds():
    counts = counted("auto")
    wide = counts | {(1, 4): 40}
    assert checks.theorem(counts)[0] is True and checks.theorem(wide)[0] is False
    assert checks.printed_upper(counts)[0] is True and checks.printed_upper(wide)[0] is False
    assert checks.printed_lower()[0] is True


def test_the_lower_bound_is_compared_with_the_papers(monkeypatch):
    bound = bounds.three_layer
    monkeypatch.setattr(checks.bounds, "three_layer", lambda n, k: replace(bound(n, k), lower=1))
    assert checks.printed_lower()[0] is False and checks.theorem({})[0] is False


@pytest.fixture(scope="module")
def repaired():
    """Certificates of windows on 2 of 20 floats and of the zigzag on all."""
    t, z = np.arange(20.0)[:, None], np.zeros(20)
    z[[3, 11]] = 1, -2
    y = np.sin(np.arange(20.0))
    return certify(three_layer.fit(t, z, "windows"), t, z), certify(three_layer.fit(t, y, "zigzag"), t, y)


def test_real_data(repaired):
    windowed, memorised = repaired
    holds, evidence = checks.real_data(windowed, memorised, 20)
    assert holds is True and "the other 18 exactly untouched" in evidence
    assert checks.real_data(replace(windowed, kept_zero=17), memorised, 20)[0] is False
    assert checks.real_data(windowed, replace(memorised, max_error=Fraction(1, 2)), 20)[0] is False


def test_pairs():
    x = to_fractions(range(9))[:, None]
    tent = three_layer.fit(x, to_fractions([0, 0, 3, 0, 0, 0, 0, 0, 0]))
    pair = three_layer.fit(x, to_fractions([0, 0, 3, 0, 0, 0, 1, 0, 0]))
    t, z = np.arange(8.0), np.array([0, 1.0, 0, 0, -2, 0, 0, 3])
    counts = counted("pairs")
    holds, evidence = checks.pairs(counts, 12, tent, pair, t, z)
    assert holds is True and "5 of 5 untouched samples" in evidence
    assert checks.pairs(counts, 12, pair, pair, t, z)[0] is False
    assert checks.pairs(counted("through"), 12, tent, pair, t, z)[0] is False


def test_small(monkeypatch):
    holds, evidence = checks.small(9)
    assert holds is True and evidence.startswith("22 pairs")
    assert [int(z) for z in checks.zigzag_labels(3, 5)] == [-1, 1, 0, 1, 0]
    fit = three_layer.fit
    monkeypatch.setattr(checks.three_layer, "fit", lambda x, z: fit(x, z, "appendix"))
    assert checks.small(9)[0] is False


def test_parameters():
    holds, evidence = checks.parameters(seed=3, draws=2)
    assert holds is True and evidence.startswith("2 random networks of each of 16 shapes")
    assert checks.parameters(3, 2, rank=lambda D, rtol: D.shape[1])[0] is False


def test_kept():
    x, z = to_fractions(range(7))[:, None], to_fractions([0, 0, 0, 2, 0, 0, 0])
    g, counts = three_layer.fit(x, z, "kept"), counted("kept")
    assert checks.kept(counts, 12, g, x, z, 5)[0] is True
    assert checks.kept(counts, 12, g, x, -z, 5)[0] is False
    assert checks.kept(counts, 12, g, x, z, 4)[0] is False


def test_ceilings():
    late, counts = checks.late(), counted("yun")
    x, y = to_fractions(range(5))[:, None], to_fractions([3, 1, 4, 1, 5])
    five = three_layer.fit(x, y, "yun")
    assert checks.yun_ceilings(counts, five, late)[0] is True and checks.ceilings(late)[0] is True
    assert checks.yun_ceilings(counts, three_layer.fit(x, y), late)[0] is False
    assert checks.ceilings(late | {"kept": [7]})[0] is False
    assert checks.ceilings(late | {"bumps": late["yun"]})[0] is False
    assert checks.ceilings(late | {"best": late["best"] | {(9, 40): 2}})[0] is False
    table = checks.ceilings_table(late)
    assert f"{len(late['yun'])} of the 58" in table and table.count("\n") == 5


def test_capacity():
    held = [bounds.capacity_three_layer(8, k) for k in range(1, 60)]
    assert checks.capacity(8, held)[0] is True
    assert checks.capacity(8, [*held, replace(held[-1], upper=held[-1].paper_upper + 1)])[0] is False


def test_window_ramps():
    def network(*out):
        offsets, ones = to_fractions([2, 1, -1, -2]), to_fractions(np.ones((4, 1), int))
        return Network((Layer(ones, offsets), Layer(to_fractions(out), to_fractions(0))))

    assert checks.window_ramps(network(-1, 2, -2, 1))[0] is True
    assert checks.window_ramps(network(-1, 2, -1, 0))[0] is False


def test_tables(repaired):
    rows = checks.bounds_table([(50, 9)]).splitlines()
    b = bounds.three_layer(9, 50)
    assert len(rows) == 3 and rows[2] == f"| 50 | 9 | 27 | {b.paper_lower} | {b.lower} | {b.upper} | {b.paper_upper} |"
    windowed, memorised = repaired
    few, everything = checks.repair_table({("windows", 2, 2): windowed, ("Baum", 1, 20): memorised}).splitlines()[2:]
    assert few.startswith("| 2 | windows | 2 | 6 | distinct samples |") and "| exactly 0 |" in few
    assert "| clean hyperplanes |" in everything and "| none left |" in everything and "10^{" in everything
