"""The comparison of two builds: what counts as the same words and the same numbers."""

import json
from pathlib import Path

import nbformat
import pytest

from tools import portability

CHAPTER = "01_demo"


def build(
    folder, *, text="error 1e-9\n", evidence="3 of 3", holds=True, csv="t,y,y (rounding)\n0,1,1e-12\n1,2,\n", stderr=""
):
    """A build folder with one executed chapter."""
    for name in ("notebooks", "claims", "figures"):
        (folder / name).mkdir(parents=True)
    outputs = [
        nbformat.v4.new_output("stream", text=text),
        nbformat.v4.new_output("execute_result", {"text/plain": "<Thing object at 0x7f>"}),
    ]
    outputs += [nbformat.v4.new_output("stream", name="stderr", text=stderr)] if stderr else []
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=outputs)]),
        folder / "notebooks" / f"{CHAPTER}.ipynb",
    )
    checks = [{"id": "claim", "holds": holds, "evidence": evidence}]
    (folder / "claims" / f"{CHAPTER}.json").write_text(json.dumps({"checks": checks, "numbers": {"n": {"text": "7"}}}))
    record = {"id": "fig-x", "chapter": CHAPTER, "caption": "A line.", "alt": "It rises.", "columns": ["t", "y"]}
    (folder / "figures" / "fig-x.json").write_text(json.dumps(record))
    (folder / "figures" / "fig-x.csv").write_text(csv)
    return folder


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, []),
        ({"csv": "t,y,y (rounding)\n0,1.0000001,3e-11\n1,2,\n"}, []),
        ({"text": "error 2e-9\n"}, ["words"]),
        ({"evidence": "4 of 4"}, ["words"]),
        ({"holds": False}, ["claim", "words"]),
        ({"holds": None}, ["claim", "words"]),
        ({"stderr": "RuntimeWarning: 0/0"}, ["error stream"]),
        ({"csv": "t,y,y (rounding)\n0,1.001,1e-12\n1,2,\n"}, ["numbers"]),
        ({"csv": "t,y,y (rounding)\n0,1,0.1\n1,2,\n"}, ["numbers"]),
        ({"csv": "t,y,y (rounding)\n0,1,1e-12\n"}, ["numbers"]),
        ({"csv": "t,y,y (rounding)\n0,much,1e-12\n1,2,\n"}, ["numbers"]),
    ],
)
def test_what_differs_is_named(tmp_path, other, found):
    reference, here = build(tmp_path / "there"), build(tmp_path / "here", **other)
    assert [text.split(":")[0] for text in portability.faults(here, reference, CHAPTER)] == found


def test_settings_leave_nothing_of_another_one(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    monkeypatch.setenv("FTC_OUT", "elsewhere")
    by_name = {setting.name: setting for setting in portability.settings()}
    own = portability.environment(by_name["own"], tmp_path)
    assert "OPENBLAS_CORETYPE" not in own and "FTC_OUT" not in own and own["FTC_BUILD"] == str(tmp_path)
    assert portability.environment(by_name["oldest"], tmp_path)["OPENBLAS_CORETYPE"] == "Prescott"


def test_a_kernel_that_is_not_there_is_not_run():
    assert portability.kernel(portability.Setting("own"))
    assert portability.kernel(portability.Setting("no such", {"OPENBLAS_CORETYPE": "Haswell"}, "Penryn")) is None


def test_the_fast_tests_exist():
    assert all(Path(name).is_file() for name in portability.FAST_TESTS)
