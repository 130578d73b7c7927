"""The sweep: which runs it tries, and how it judges them."""

import ast
import json
from pathlib import Path

import nbformat
import pytest

from ftc_lib.book.parameters import SEED, whole, wholes
from tools import sweep
from tools.execute import assignments, parameters_cell

CHAPTERS = sorted(Path("book").glob("[0-9]*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_announces_a_range_for_each_parameter(path):
    notebook = nbformat.read(path, as_version=4)
    announced = sweep.announced(notebook)
    values = {name: ast.literal_eval(node) for name, node in assignments(parameters_cell(notebook).source).items()}
    assert set(announced.ranges) == set(values)
    assert all(announced.ranges[name].admits(value) for name, value in values.items())


def test_seeds_both_ends_of_each_and_all_at_their_least():
    tried = sweep.cases({"K": whole(5, 40), "n": wholes(2, 9, least=2), "seed": SEED}, seeds=3)
    assert tried == [
        {"seed": 0}, {"seed": 1}, {"seed": 2}, {"K": 5}, {"K": 40}, {"n": [2, 3]}, {"n": [8, 9]},
        {"K": 5, "n": [2, 3], "seed": 0},
    ]  # fmt: skip


REASON = "N = 9: at most K = 5"


@pytest.mark.parametrize(
    ("error", "cell", "verdict"),
    [
        (f"ValueError: {REASON}", 3, ("refused", REASON)),
        (f"ValueError: {REASON}", 4, "FAILED"),
        ("ZeroDivisionError: 0/0", 3, "FAILED"),
    ],
)
def test_only_the_cell_that_checks_may_refuse(tmp_path, error, cell, verdict):
    printed = f"01_demo  cell 1/9\n\nFAILED  01_demo: {error}\n    in cell {cell}: import numpy as np\n"
    found = sweep.judged(1, printed, tmp_path, "01_demo", 3)
    assert found == verdict if isinstance(verdict, tuple) else found[0] == verdict


@pytest.mark.parametrize(
    ("holds", "stderr", "verdict"),
    [([True, True], "", "good"), ([True, None], "", "open"), ([True, False], "", "FAILED"), ([True], "0/0", "FAILED")],
)
def test_claims_and_the_error_stream_decide(tmp_path, holds, stderr, verdict):
    (tmp_path / "claims").mkdir()
    (tmp_path / "notebooks").mkdir()
    checks = [{"id": f"c{i}", "holds": value, "evidence": "seen"} for i, value in enumerate(holds)]
    (tmp_path / "claims" / "01_demo.json").write_text(json.dumps({"checks": checks}))
    outputs = [nbformat.v4.new_output("stream", name="stderr", text=stderr)] if stderr else []
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=outputs)])
    nbformat.write(notebook, tmp_path / "notebooks" / "01_demo.ipynb")
    assert sweep.judged(0, "", tmp_path, "01_demo", 3)[0] == verdict
