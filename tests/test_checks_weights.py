"""The checks of chapter 6 say True for what the library builds, and False for a wrong network or table."""

import numpy as np
import pytest

from ftc_lib import baum, weights
from ftc_lib.book.checks import weights as checks
from ftc_lib.core import Layer, Network, to_fractions
from ftc_lib.weights import harmonic, ntk


def scaled(network, factor):
    """The network with its output weights times a factor: as much lighter, and wrong."""
    *hidden, last = network.layers
    return Network((*hidden, Layer(last.W * factor, last.b)), error=network.error)


def test_the_weights_of_baums_networks_grow():
    built = checks.baum_weights([12, 20], 3, draws=2, seed=3)
    assert built.shape == (2, 2, 2) and (built > 0).all()
    assert checks.baum_growth([12, 20], 3, built)[0] is None
    assert "too close" in checks.baum_growth_words([12, 20], 3, built)
    ns, power = [64, 128, 512], np.array([2.5, 1.8])
    measured = np.array(ns)[:, None, None] ** np.broadcast_to(power, (3, 9, 2))
    assert checks.baum_slopes(ns, measured) == pytest.approx(power)
    assert checks.baum_growth(ns, 2, measured)[0] is True
    assert "n^{1.8}" in checks.baum_growth_words(ns, 2, measured)
    assert checks.baum_growth(ns, 2, measured**0.7)[0] is False


@pytest.fixture(scope="module")
def signs():
    return checks.sphere(40, 5, 6)


def test_no_network_is_below_the_floor(signs, monkeypatch):
    X, y, _ = signs
    assert checks.weight_floor(X, y, seed=2, trials=5)[0]
    fit = baum.fit_relu
    monkeypatch.setattr(baum, "fit_relu", lambda X, y, rng: scaled(fit(X, y, rng=rng), 1e-6))
    assert not checks.weight_floor(X, y, seed=2, trials=5)[0]


def test_random_labels_correlate_no_more_than_allowed(signs, monkeypatch):
    X, _, _ = signs
    assert checks.random_labels(X, seed=2, draws=3)[0]
    monkeypatch.setattr(weights, "observed", lambda X, y, **more: 3 * np.sqrt(len(X)))
    assert not checks.random_labels(X, seed=2, draws=3)[0]


def test_derivative_neurons():
    shapes = [(30, 6), (40, 8)]
    found = checks.ntk_runs(shapes, runs=3, seed=4)
    assert checks.ntk_monotone(found, seed=4, draws=10)[0] and checks.ntk_steps(found, shapes, seed=4)[0]
    paths, rate = found[30, 6]
    rising = found | {(30, 6): ([paths[0][::-1], *paths[1:]], rate)}
    assert not checks.ntk_monotone(rising, seed=4, draws=10)[0]
    assert not checks.ntk_steps(found | {(30, 6): (paths, 0.9)}, shapes, seed=4)[0]


def test_angles_and_aliases(monkeypatch):
    assert checks.angular(14)[0]
    sixteen, counts, spread = checks.turned((10, 16))
    assert counts.tolist() == [10, 16] and (np.diff(list(spread.values())) < 0).all()
    assert np.abs(sixteen - np.cos(np.linspace(0, 8 * np.pi, 361))).max() < spread[4][1] + 1e-9
    monkeypatch.setattr(harmonic, "coefficient", lambda m: 1 / (np.pi * (m**2 - 1)))  # without its sign
    assert not checks.angular(14)[0]


def test_harmonic_orders(signs, monkeypatch):
    X, _, _ = signs
    assert checks.harmonic_orders(X, seed=2, draws=3)[0]
    response = harmonic.response
    monkeypatch.setattr(harmonic, "response", lambda t, m: response(t, m) + 0.01)
    assert not checks.harmonic_orders(X, seed=2, draws=3)[0]


def test_why_complex():
    X, y, _ = checks.sphere(60, 12, 3)
    residuals = {"all +1": np.ones(60), "all -1": -np.ones(60), "random": y}
    mean, error = checks.correlations(X, residuals, draws=20, seed=3)
    assert all(values.shape == (len(checks.STEPS),) for values in (*mean.values(), *error.values()))
    assert checks.why_complex(X, mean, error, draws=20)[0] is None  # too few draws to tell
    wrong = mean | {("real", "all -1"): mean["real", "all +1"]}
    assert checks.why_complex(X, wrong, error, draws=60)[0] is False


def test_labels_of_one_sign():
    assert checks.one_sign(100, 10, seed=1)[0]


def test_labels_of_one_sign_need_pairs_that_run_away(monkeypatch):
    fit = ntk.fit
    monkeypatch.setattr(ntk, "fit", lambda X, y, s, max_steps, rng: fit(X, y, s=0.01, rng=rng))
    assert not checks.one_sign(60, 30, seed=1)[0]


def test_steps_against_the_error():
    taken = checks.steps_taken(40, 8, seed=1, runs=2)
    assert checks.steps(40, 8, taken, runs=2)[0] is None
    line, curve = np.array([10.0, 20, 30, 40, 50]), np.array([10.0, 20, 40, 80, 160])
    assert checks.steps(200, 20, {False: line, True: curve})[0]
    assert checks.steps(200, 20, {False: curve, True: line})[0] is False


def test_growth_is_judged_by_floor_and_exponents():
    ns = [40, 60, 80]
    measured = checks.growth(ns, 5, draws=3, seed=2)
    assert checks.growth_holds(ns, 5, measured)[0] is None
    assert checks.growth_holds(ns, 5, measured | {"floor": 1e9 * np.ones(3)})[0] is False
    n, slopes = np.array([100, 200, 400]), dict(zip(checks.BUILT, (2, 2, 0.5, 0.5, 1.5)))
    table = {name: np.outer(n**slope, np.ones(5)) for name, slope in slopes.items()}
    table |= {"floor": np.ones(3), "most this test could show": np.full(3, 2.0)}
    assert checks.exponents(n, table) == pytest.approx(slopes)
    assert checks.growth_holds([100, 200, 400], 5, table)[0]
    assert checks.growth_holds([100, 200, 400], 5, table | {"harmonic": table["Baum"]})[0] is False
    assert "exponents 2.0 for Baum" in checks.growth_words(n, table)


def test_the_ladder_has_a_row_for_each_network():
    rows = checks.ladder_table(40, 8, seed=5).splitlines()[4:]
    assert len(rows) == 6 and rows[1].startswith("| Baum | 20 |") and "below 1e-6" in rows[1]


@pytest.fixture(scope="module")
def rows():
    return checks.weighed(40, 4, seed=2, draws=1)


def test_weights_on_a_line(rows):
    assert checks.line(rows)[0] and checks.depth(rows, seed=2, trials=5)[0]
    i = next(i for i, row in enumerate(rows) if row["construction"] == "2: interpolate")
    for factor in (0.5, 1.5):
        wrong = rows[i] | {"weight": factor * rows[i]["weight"]}
        assert not checks.line([*rows[:i], wrong, *rows[i + 1 :]])[0]
    assert not checks.depth([rows[i] | {"weight": 0.9 * rows[i]["depth floor"]}, *rows], seed=2, trials=5)[0]


def test_the_picture_of_the_line_has_the_floors(rows):
    over, floors = checks.over_floors(rows)
    assert set(over) == set(floors) == {"N", "K", "gap"}
    for axis, found in over.items():
        assert set(found) == {*checks.DRAWN, "floor, any depth"}
        assert all(list(values) == list(floors[axis]) for values in found.values())
        assert max(found["floor, any depth"].values()) < 1 < 1.001 + max(found["2: interpolate"].values())
    assert "**Three layers.**" in checks.weighed_words(40, 4, rows)


def test_the_price_of_a_label(monkeypatch):
    assert checks.price(gaps=5)[0]
    floor = weights.line_floor
    monkeypatch.setattr(weights, "line_floor", lambda t, z: 3 * floor(t, z))
    assert not checks.price(gaps=5)[0]


def test_few_neurons_are_heavy():
    points, floor, depth_floor = checks.tradeoff(40, 4, seed=1, draws=1)
    assert {p["construction"] for p in points} == {*checks.PAPERS, *checks.BOOKS} and depth_floor < floor
    holds, evidence = checks.fine_tuning(40, 4, points)
    bumps = next(p for p in points if p["construction"] == "2: bumps")
    assert holds and f"bumps of two layers take {bumps['neurons']} neurons" in evidence
    assert checks.fine_tuning(40, 3, points)[0] is None
    light = [p | {"path weight": 1.0} if p["construction"] == "3: windows" else p for p in points]
    assert checks.fine_tuning(40, 4, light)[0] is False


def test_walking_far():
    t, y = to_fractions(range(23)) / 2, to_fractions(np.arange(23) == 18)
    walk, far = weights.deep_bump(t, y, 4), [0.5, 20.0]
    saved, allowed = checks.savings(far, (1, 512))
    instances = checks.deep_instances(seed=3)
    assert checks.depth_reached(walk, t, y, far, saved, allowed, instances)[0]
    assert not checks.depth_reached(scaled(walk, 2), t, y, far, saved, allowed, instances)[0]
    assert not checks.depth_reached(walk, t, y, far, saved, 2 * allowed, instances)[0]
    heavy = [row | {"built": 2 * row["built"]} for row in instances]
    assert not checks.depth_reached(walk, t, y, far, saved, allowed, heavy)[0]
    assert checks.deep_table(instances).count("\n") == 1 + len(instances)


def test_real_data(signs):
    X, y, _ = signs
    exact, soft = {"Baum": baum.fit_relu(X, y, rng=1)}, {"pairs": ntk.fit(X, y, s=0.5, rng=1).network}
    floors = weights.weight_floor(X, y), weights.weight_floor(X, y, 0.1)
    assert checks.real_data(exact, soft, y, *floors)[0]
    assert not checks.real_data(soft, exact, y, *floors)[0]
    assert f"| Baum | {exact['Baum'].n_neurons} |" in checks.patients_table(exact | soft, y, *floors)
