"""The checks of chapter 5 at other sizes: they hold, and say False of a wrong network or a wrong count."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest

from ftc_lib import bounds, general_position, training, two_layer
from ftc_lib.book import look
from ftc_lib.book.checks import general_position as checks
from ftc_lib.book.pictures import general_position as pictures
from ftc_lib.core import to_fractions
from ftc_lib.core.certify import certify

SEED = 5
CHAPTER = Path(__file__).parent.parent / "book" / "05_general_position.ipynb"


@pytest.fixture(autouse=True)
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("FTC_OUT", str(tmp_path))
    monkeypatch.setenv("FTC_FORMATS", "svg")
    monkeypatch.setattr(look, "VARIANTS", look.VARIANTS[:1])  # the chapter draws them all
    return tmp_path / "figures"


def wrong(g):
    """The network, twice as large everywhere."""
    *hidden, last = g.layers
    return replace(g, layers=(*hidden, replace(last, W=2 * last.W)))


def one_more(count):
    return lambda *sizes: count(*sizes) + 1


@pytest.fixture(scope="module")
def on_the_curve():
    """Three targets of R^2 on the parabola, and exact networks by every method of the chapter."""
    t = to_fractions(range(-3, 4))
    X, z = np.stack([t, t**2], axis=1), to_fractions([0, 1, 0, 2, 0, -1, 0])
    return X, z, {m: general_position.fit(X, z, m, rng=SEED) for m in ("slabs", "signs", "mixed", "slices")}


@pytest.fixture(scope="module")
def ring():
    """Seven zeros on a circle, and around them targets of depth 0 to 3 with their networks."""
    t = to_fractions([round(1000 * np.tan(np.pi * k / 7)) for k in range(7)]) / 1000
    zeros, z = np.stack([(1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)], axis=1), to_fractions([0] * 7 + [1])
    scenes = [np.concatenate([zeros, to_fractions([place]) / 10]) for place in ([14, 8], [-9, 2], [-1, 6], [0, 2])]
    return [(X, general_position.depth(X, 7), general_position.fit_one(X, z)) for X in scenes], z


def test_groups(on_the_curve):
    X, z, built = on_the_curve
    assert checks.groups(X, z, built, [2, 3], 9, SEED)[0] is True
    assert checks.groups(X, z, built | {"signs": wrong(built["signs"])}, [2], 9, SEED)[0] is False
    assert checks.groups(X, z, built | {"mixed": built["slices"]}, [2], 9, SEED)[0] is False


def test_bundles_and_covers():
    assert checks.bundles(SEED, draws=12)[0] is True
    assert checks.bundles(SEED, draws=12, count=one_more(bounds.general_position))[0] is False
    assert checks.worst_signs(12, 5)[0] is True
    assert checks.worst_signs(12, 5, count=one_more(bounds.general_position))[0] is False


def test_depth(ring):
    priced, z = ring
    assert checks.price(priced, z, SEED, K=6)[0] is True
    X, deep, g = priced[3]
    assert checks.price([*priced[:3], (X, deep, wrong(g))], z, SEED, K=6)[0] is False
    assert checks.price([*priced[:3], (X, deep, general_position.fit(X, z, "slabs"))], z, SEED, K=6)[0] is False
    assert checks.price(priced[:3], z, SEED, K=6)[0] is False


def test_slices():
    assert checks.slices([2, 4], 20, SEED)[0] is True
    assert checks.slices([2, 4], 20, SEED, count=one_more(bounds.slices))[0] is False


def test_faces():
    t = to_fractions(range(-4, 5))
    X, z = np.stack([t**power for power in range(1, 5)], axis=1), to_fractions([1, 0, 4, 0, 2, 0, 3, 0, 0])
    by_faces, by_groups = (general_position.fit(X, z, method) for method in ("faces", "mixed"))
    assert checks.faces(X, z, by_faces, by_groups)[0] is True
    assert checks.faces(X, z, by_groups, by_groups)[0] is False
    assert checks.faces(X, z, wrong(by_faces), by_groups)[0] is False


def test_vertices():
    seen = [checks.vertices(40, d, 5, SEED) for d in (2, 20)]
    assert checks.exposed(seen, 40, 5)[0] is True
    assert checks.exposed(seen[:1], 40, 5)[0] is None  # too small to tell
    assert checks.exposed([seen[0] | {"exposed": 0.5}, seen[1]], 40, 5)[0] is False
    assert checks.exposed([seen[0], seen[1] | {"share": 0.5}], 40, 5)[0] is False
    assert "from $d = 20$ on" in checks.vertices_in_words(seen, 40)
    assert "vertices at $d = 2$" in checks.vertices_in_words(seen[:1], 40)


def test_two_hidden():
    assert checks.two_hidden([bounds.zigzag(50)], 50, SEED)[0] is True
    assert checks.two_hidden([bounds.zigzag(50) + 1], 50, SEED)[0] is False
    assert checks.two_hidden([bounds.zigzag(50)], 50, SEED, floor=lambda n, d: 0)[0] is False


def test_collinear():
    z = np.array([0, 1, 0, -1, 0, 0.0])
    holds, evidence = checks.collinear([2, 3], z)
    assert holds is True and f"with {bounds.two_layer(2, 6).upper} neurons" in evidence
    assert checks.collinear([2], np.array([0, 1.0]))[0] is False  # two samples are in general position


def test_real_data():
    frozen = training.diabetes()
    X, z = frozen.X, frozen.worst(3)
    normal, _ = checks.gaussian(442, 10, 0, SEED)
    patients, gaussian = (general_position.check(x, rng=SEED) for x in (X, normal))
    assert checks.position(patients, gaussian)[0] is True
    assert checks.position(gaussian, patients)[0] is False
    proofs = {
        "mixed": certify(general_position.fit(X, z, "mixed"), X, z),
        "slices": certify(general_position.fit(X, frozen.residual, "slices"), X, frozen.residual),
    }
    assert checks.repaired(proofs, z)[0] is True
    assert checks.repaired(proofs | {"mixed": certify(two_layer.fit(X, z), X, z)}, z)[0] is False
    table = checks.repair_table(proofs, dict.fromkeys(proofs, 0.001))
    assert "439 of 439" in table and "none left" in table and "$1.0 \\cdot 10^{-3}$" in table


def test_patients_on_a_curved_surface():
    every, off = np.full(100, True), np.zeros(100)
    few = np.arange(100) < 80
    assert checks.convex(every, few, off)[0] is True
    assert checks.convex(every, every, off)[0] is False and checks.convex(few, few, off)[0] is False
    assert checks.convex(every, few, off + 1)[0] is False


def test_gaussian_labels():
    X, z = checks.gaussian(9, 3, 5, SEED, positive=2)
    assert X.shape == (9, 3) and ((z > 0).sum(), (z < 0).sum()) == (2, 3) and not z[5:].any()
    assert (checks.gaussian(9, 3, 5, SEED)[0] == X).all()


@pytest.mark.parametrize("name, signs", [("3 lines: one sign", {1}), ("4 lines: both signs", {-1, 1})])
def test_the_drawn_bundles_do_what_they_say(name, signs):
    g = pictures.bundle(pictures.BUNDLES[name])
    places = np.random.default_rng(SEED).uniform([-1, -0.5], [1, 0.5], (5000, 2))
    values = g(places)
    assert set(np.sign(values[np.abs(values) > pictures.ZERO])) == signs
    assert not values[np.abs(places[:, 1]) > 0.45].round(9).any()


def test_the_plane_has_targets_of_every_kind(run):
    X, labels = pictures.plane_scene(SEED)
    networks = {method: general_position.fit(X, z, method, rng=SEED) for method, z in labels.items()}
    assert [networks[m].n_neurons for m in ("slabs", "signs", "slices", "exposed")] == [4, 3, 7, 2]
    pictures.constructions(X, labels, networks)
    assert (run / "fig-general-pictures.svg").is_file()


def test_pictures(run, ring):
    pictures.bundles(SEED)
    pictures.depth(ring[0])
    counts = {method: [20, 14, 11] for method in ("slabs", "signs", "mixed", "slices")}
    pictures.dimension([48, 49, 50], counts, 6, 40)
    pictures.two_hidden([2, 3, 4], [33, 25, 20], [15, 15, 15], 50)
    pictures.exposed([checks.vertices(40, d, 5, SEED) for d in (2, 3, 4)], 40, 5)
    assert len(list(run.glob("*.json"))) == 5


def solutions():
    """The code in the solutions of the chapter's exercises: label -> source."""
    text = "\n".join(c.source for c in nbformat.read(CHAPTER, as_version=4).cells if c.cell_type == "markdown")
    found = re.findall(r"^````\{solution\} ([\w-]+)\n.*?^```python\n(.*?)^```$", text, re.M | re.S)
    return dict(found)


def test_solutions_run(capsys):
    spaces = {label: {} for label in solutions()}
    for label, source in solutions().items():
        exec(source, spaces[label])
    assert set(spaces) == {"ex-general-signs", "ex-general-slices"}
    assert spaces["ex-general-signs"]["neurons"] == [13 if plus % 3 == 1 else 12 for plus in range(12)]
    rng = np.random.default_rng(SEED)
    X, y = rng.normal(size=(17, 3)), rng.normal(size=17)
    assert np.abs(spaces["ex-general-slices"]["slices"](X, y)(X) - y).max() < 1e-6
    assert float(capsys.readouterr().out.splitlines()[-1]) < 1e-6
