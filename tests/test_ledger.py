"""The ledger: what is recorded, and what stops the site."""

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ftc_lib.book import ledger, output

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def run(tmp_path, monkeypatch):
    """A run of the book's runner, in an empty folder."""
    monkeypatch.setenv("FTC_OUT", str(tmp_path / "out"))
    monkeypatch.setenv("FTC_CHAPTER", "02_demo")
    monkeypatch.setenv("FTC_PROFILE", "quick")
    monkeypatch.setenv("FTC_PARAMETERS", '{"trials": 3}')
    monkeypatch.setattr(ledger, "_checks", [])
    monkeypatch.setattr(ledger, "_numbers", {})
    return tmp_path / "out" / "claims"


@pytest.fixture
def project(tmp_path):
    """A project with one chapter and one test."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "02_demo.ipynb").write_text("{}")
    (tmp_path / "tests").mkdir()
    text = "def test_line():\n    pass\n\n\nclass TestGroup:\n    def test_inside(self):\n        pass\n"
    (tmp_path / "tests" / "test_demo.py").write_text(text)
    return tmp_path


def claim(**changes):
    entry = {
        "id": "demo-upper",
        "statement": "A line needs $2$ numbers.",
        "source": "this book",
        "kind": "theorem",
        "chapter": "02_demo",
        "function": "ledger.check",
        "test": "tests/test_demo.py::test_line",
        "not_shown": "Curves.",
    }
    return entry | changes


def statement(**changes):
    entry = {
        "number": "Theorem 1",
        "about": "lines",
        "built": ["demo-upper"],
        "below": [],
        "status": "holds",
        "note": "as it stands",
    }
    return entry | changes


def read(run):
    return json.loads((run / "02_demo.json").read_text(encoding="utf-8"))


def test_check_records_and_shows(run):
    shown = ledger.check("demo-upper", np.bool_(True), "error 0 for 3 of 3")
    assert repr(shown) == "✓ demo-upper: error 0 for 3 of 3"
    assert "✓" in shown._repr_mimebundle_()["text/html"]
    assert read(run) == {
        "chapter": "02_demo",
        "profile": "quick",
        "parameters": {"trials": 3},
        "checks": [{"id": "demo-upper", "holds": True, "evidence": "error 0 for 3 of 3"}],
        "numbers": {},
    }


def test_a_false_check_is_shown_and_recorded_not_raised(run):
    assert repr(ledger.check("demo-upper", False, "error 1")).startswith("✗")
    assert read(run)["checks"][0]["holds"] is False


def test_a_check_that_cannot_tell_says_so_and_stops_the_build(run):
    assert ledger.if_large(True, np.bool_(False)) is False and ledger.if_large(False, True) is None
    assert repr(ledger.check("demo-upper", None, "2 seeds")) == "? demo-upper: too small to tell: 2 seeds"
    assert read(run)["checks"][0]["holds"] is None
    records = [{"chapter": "02_demo", "profile": "quick", "parameters": {}, **read(run)}]
    assert ledger._unproved(claim(), records) == ["is not decided in 02_demo (too small to tell: 2 seeds)"]
    assert ledger.merged([claim()], records)["claims"][0]["holds"] is False


@pytest.mark.parametrize("holds", [1, "yes", np.array([True])])
def test_check_wants_a_truth_value(holds):
    with pytest.raises(TypeError, match="True, False or None"):
        ledger.check("demo-upper", holds, "something")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ledger.check(object(), True, "seen"), "check <object .*: id must be a text, got object"),
        (lambda: ledger.check(None, True, "seen"), "check None: id must be a text, got NoneType"),
        (lambda: ledger.check("demo-upper", True, 3), "check 'demo-upper': evidence must be a text, got int"),
        (lambda: ledger.check("demo-upper", True, None), "check 'demo-upper': evidence must be a text, got NoneType"),
        (lambda: ledger.check("demo-upper", np.array(True), "seen"), "holds must be True, False or None, got ndarray"),
        (lambda: ledger.number(3, 4), "number 3: its name must be a text, got int"),
        (lambda: ledger.number(object(), 4), "number <object .*: its name must be a text, got object"),
    ],
)
def test_what_is_of_another_kind_is_named_and_does_not_spoil_the_record(run, call, message):
    ledger.check("demo-upper", np.bool_(True), "seen")
    before = read(run)
    with pytest.raises(TypeError, match=message):
        call()
    assert read(run) == before
    ledger.check("demo-upper", None, "again")
    assert [check["evidence"] for check in read(run)["checks"]] == ["seen", "too small to tell: again"]


def test_check_wants_evidence():
    with pytest.raises(ValueError, match="evidence is empty"):
        ledger.check("demo-upper", True, " ")


def test_a_check_tells_the_site_to_show_a_badge():
    for holds, sign in ((True, "✓"), (False, "✗")):
        told = ledger.check("demo-upper", holds, "3 of 3,\n error 0")._repr_mimebundle_()[output.DIRECTIVE]
        assert told == {"directive": "ftc-badge", "argument": "demo-upper", "content": f"{sign} 3 of 3, error 0"}


def test_labels_of_claims_stand_in_the_book():
    """A claim's badge stands under the statement with its label; a label that is nowhere would go unnoticed."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*.[im][pd]*")]
    known = {label for text in sources for label in re.findall(r":label: ([\w-]+)", text)}
    labels = {claim["label"] for claim in ledger.load(ROOT / "book" / "claims.yml") if "label" in claim}
    assert len(labels) > 30 and labels <= known


def test_evidence_is_text_not_html():
    html = ledger.check("demo-upper", True, "K < 3 & <b>bold</b>")._repr_mimebundle_()["text/html"]
    assert "K &lt; 3 &amp; &lt;b&gt;" in html


@pytest.mark.parametrize(
    ("value", "kept", "text"),
    [
        (3, 3, "3"),
        (np.int64(30000), 30000, "30000"),
        (np.float64(0.123456), 0.123456, "0.1235"),
        (Fraction(1, 3), "1/3", "1/3"),
        ("3N", "3N", "3N"),
    ],
)
def test_number(run, value, kept, text):
    assert ledger.number("width", value) is value
    assert read(run)["numbers"] == {"width": {"value": kept, "text": text}}


@pytest.mark.parametrize("value", [True, None, [1]])
def test_number_wants_a_number(value):
    with pytest.raises(TypeError, match="expected an int"):
        ledger.number("width", value)


def test_number_must_be_finite():
    with pytest.raises(ValueError, match="nan"):
        ledger.number("width", float("nan"))


def problems(project, run, *claims):
    return ledger.problems(list(claims), ledger.load_records(run), project)


def test_a_sound_ledger_has_no_problems(project, run):
    ledger.check("demo-upper", True, "seen")
    for test in ("test_line", "test_line[3]", "TestGroup::test_inside"):
        assert problems(project, run, claim(test=f"tests/test_demo.py::{test}")) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"function": "ledger.nothing"}, "demo-upper: there is no function ftc_lib.ledger.nothing"),
        ({"function": "nowhere.fit"}, "demo-upper: there is no function ftc_lib.nowhere.fit"),
        (
            {"test": "tests/test_demo.py::test_gone"},
            "demo-upper: there is no test tests/test_demo.py::test_gone",
        ),
        (
            {"test": "tests/test_gone.py::test_line"},
            "demo-upper: there is no test tests/test_gone.py::test_line",
        ),
        ({"kind": "guess"}, "demo-upper: kind 'guess' is none of"),
        ({"not_shown": ""}, "demo-upper: not_shown missing in claims.yml"),
        ({"source": None, "kind": None}, "demo-upper: source, kind missing in claims.yml"),
    ],
)
def test_dangling_entries(project, run, changes, sentence):
    ledger.check("demo-upper", True, "seen")
    (found,) = problems(project, run, claim(**changes))
    assert found.startswith(sentence)


def test_wrong_chapter(project, run):
    ledger.check("demo-upper", True, "seen")
    assert problems(project, run, claim(chapter="09_gone")) == [
        "demo-upper: there is no chapter book/09_gone.ipynb",
        "demo-upper: no check in its chapter 09_gone",
    ]


def test_false_unexercised_unknown_and_double(project, run):
    ledger.check("demo-upper", True, "first")
    ledger.check("demo-upper", False, "second")
    ledger.check("stray", True, "third")
    assert problems(project, run, claim(), claim(id="demo-lower"), claim(id="demo-lower")) == [
        "demo-upper: does not hold in 02_demo (second)",
        "demo-lower: no check in its chapter 02_demo",
        "demo-lower: no check in its chapter 02_demo",
        "demo-lower: listed 2 times in claims.yml",
        "stray: checked in 02_demo, but not listed in claims.yml",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"built": ["demo-upper", "gone"]}, "Theorem 1: names gone, which is not in claims.yml"),
        ({"below": ["gone"]}, "Theorem 1: names gone, which is not in claims.yml"),
        ({"built": []}, "Theorem 1: no claim builds it or bounds it from below"),
        ({"status": "fine"}, "Theorem 1: status 'fine' is none of definition, holds"),
    ],
)
def test_dangling_statements(changes, sentence):
    (found,) = ledger.statement_problems([statement(**changes)], [claim()])
    assert found.startswith(sentence)


def test_sound_statements_have_no_problems():
    definition = statement(status="definition", built=[], note="")
    assert ledger.statement_problems([statement(), definition], [claim()]) == []
    incomplete = {"number": "Theorem 2", "about": "curves"}
    (found,) = ledger.statement_problems([incomplete], [claim()])
    assert found == "Theorem 2: built, below, status, note missing in statements.yml"


def test_merged_needs_every_check_to_hold(run):
    ledger.check("demo-upper", True, "first")
    ledger.number("width", 3)
    records = ledger.load_records(run)
    merged = ledger.merged([claim(), claim(id="demo-lower")], records)
    assert [entry["holds"] for entry in merged["claims"]] == [True, False]
    assert merged["claims"][0]["results"][0]["evidence"] == "first"
    assert merged["numbers"] == {"02_demo": {"width": {"value": 3, "text": "3"}}}
    ledger.check("demo-upper", False, "second")
    assert not ledger.merged([claim()], ledger.load_records(run))["claims"][0]["holds"]


def test_command(project, run, monkeypatch, capsys):
    (project / "book" / "claims.yml").write_text(json.dumps([claim()]))
    (project / "book" / "statements.yml").write_text(json.dumps([statement()]))
    monkeypatch.chdir(project)
    monkeypatch.setenv("FTC_BUILD", str(project / "out"))
    assert ledger.main() == 1
    assert "ledger: demo-upper: no check in its chapter 02_demo" in capsys.readouterr().err
    ledger.check("demo-upper", True, "seen")
    assert ledger.main() == 0
