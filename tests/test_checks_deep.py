"""The checks of chapter 4 at other sizes, and that each of them can fail."""

import numpy as np
import pytest

from ftc_lib import deep, training
from ftc_lib.book.checks import deep as checks
from ftc_lib.core import bounds
from ftc_lib.core.certify import certify
from ftc_lib.core.network import part, to_fractions
from ftc_lib.three_layer import fit as three_layers
from ftc_lib.two_layer import instances


@pytest.fixture(scope="module")
def table():
    return checks.widths(10, np.random.default_rng(11))


@pytest.fixture(scope="module")
def made():
    X, z = to_fractions(range(30))[:, None], instances.alternating(30, 30)
    return {m: {L: deep.fit(X, z, L, m) for L in (4, 9)} for m in ("paper", "zigzag", "relay")}


@pytest.fixture(scope="module")
def stack():
    """A stack of two blocks on 20 samples: sums, x, y, ends, base."""
    x = to_fractions(range(1, 21))
    y = to_fractions(np.random.default_rng(5).permutation(20) - 8)
    g = deep.fit(x[:, None], y, 5, "zigzag")
    base = min(y) - max(abs(y))
    out = max(abs(y)) * (np.arange(g.widths[2]) == g.widths[2] - 1)
    ends = np.minimum(np.cumsum([G * D for G, D in bounds.deep_grids(20, 5, "zigzag")[1]]), 20)
    return [part(g, 3, out, base), g], x, y, ends, base


def wrong(table, method):
    """The table with one network wrong, which has no width."""
    case = next(iter(table[method]))
    return table | {method: table[method] | {case: np.inf}}


@pytest.mark.parametrize("check, method", [(checks.paper, "paper"), (checks.relay, "relay"), (checks.theorem, "auto")])
def test_widths_are_within_the_bounds_and_a_wrong_network_is_seen(table, check, method):
    arguments = (50,) if check is checks.relay else ()
    assert check(table, *arguments)[0] is True
    assert check(wrong(table, method), *arguments)[0] is False


def test_blocks_are_zero_outside_their_runs_and_others_are_seen(table, stack):
    sums, x, y, ends, base = stack
    assert checks.blocks(table, sums, x, y, ends, base)[0]
    assert not checks.blocks(table, sums[::-1], x, y, ends, base)[0]
    assert not checks.blocks(table, sums, x, y + 1, ends, base)[0]
    for method in ("windows", "zigzag"):
        assert not checks.blocks(wrong(table, method), sums, x, y, ends, base)[0]


def test_a_wrong_network_has_no_width(monkeypatch):
    monkeypatch.setattr(deep, "fit", lambda X, z, L, method: three_layers(X, z, "zigzag"))
    assert checks._width("zigzag", 4, 4, 4, np.random.default_rng(0)) == np.inf


def test_numbers_that_matter_are_counted_and_too_few_are_seen(made):
    assert (
        checks.numbers(made["zigzag"][4])
        == sum(a * b for a, b in zip((1, *made["zigzag"][4].widths), (*made["zigzag"][4].widths, 1))) + 1
    )
    assert checks.lower(made, 30)[0]
    assert not checks.lower(made, 1000)[0]


def test_no_depth_has_more_numbers(monkeypatch):
    assert checks.most_numbers(4).tolist() == [0, 0, 4, 6, 9]
    assert checks.any_depth(12, 300)[0]
    monkeypatch.setattr(bounds, "zigzag", lambda k: 10)
    assert not checks.any_depth(12, 300)[0]


@pytest.fixture(scope="module")
def repairs():
    frozen, found = training.diabetes(), {}
    for method, z in (("windows", frozen.worst(3)), ("zigzag", frozen.residual)):
        found[method, 3] = certify(three_layers(frozen.X, z, method), frozen.X, z)
        for L in (5, 9, 13):
            found[method, L] = certify(deep.fit(frozen.X, z, L, method), frozen.X, z)
    return found


def test_repairs_of_the_patients(repairs):
    assert checks.real_data(repairs)[0]
    assert not checks.real_data(repairs | {("zigzag", 13): repairs["zigzag", 5]})[0]
    rows = checks.repair_table(repairs).splitlines()
    assert len(rows) == 2 + len(repairs) and len({row.count("|") for row in rows}) == 1
    assert "none left" in rows[-1] and "exactly 0" in rows[2]


def test_the_price_of_depth_in_floats():
    X, z = np.arange(48.0)[:, None], np.random.default_rng(1).integers(-8, 9, 48) / 8
    measured = checks.floats(X, z, (4, 9))
    assert checks.price_of_depth(measured, True)[0]
    assert not checks.price_of_depth(measured, False)[0]
    assert not checks.refused(X, z)
    swapped = {(method, L): measured["zigzag", L] for method, L in measured}
    assert not checks.price_of_depth(swapped, True)[0]
    rows = checks.price_table(measured).splitlines()
    assert len(rows) == 4 and len({row.count("|") for row in rows}) == 1


def test_the_printed_root_only_loosens(made, monkeypatch):
    assert checks.second_root(30, made["paper"][9])[0]
    monkeypatch.setattr(checks, "_printed", lambda n, k, L: 2)
    assert not checks.second_root(30, made["paper"][9])[0]
