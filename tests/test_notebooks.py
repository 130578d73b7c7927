"""The notebooks as they are kept: without outputs, with one cell of parameters, ready to open anywhere."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

from tests.budgets import pages
from tools.execute import assignments, parameters_cell

BOOK = Path(__file__).parent.parent / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert NOTEBOOKS


@each_notebook
def test_name(path):
    assert re.fullmatch(r"[0-9]{2}_[a-z0-9_]+", path.stem)


@each_notebook
def test_no_outputs(path):
    for number, cell in enumerate(code_cells(nbformat.read(path, as_version=4)), start=1):
        assert not cell.outputs and cell.execution_count is None, f"code cell {number} keeps an output; clear it"


@each_notebook
def test_valid_and_without_traces_of_a_run(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "papermill" not in notebook.metadata
    assert not any("papermill" in cell.metadata for cell in notebook.cells)


@each_notebook
def test_one_parameters_cell_of_plain_assignments(path):
    notebook = nbformat.read(path, as_version=4)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1, "exactly one cell is tagged parameters"
    cell = parameters_cell(notebook)
    statements = [line for line in cell.source.splitlines() if line and not line.startswith(("#", " ", ")", "]", "}"))]
    assert len(assignments(cell.source)) == len(statements), "the parameters cell holds only name = value"


@pytest.mark.parametrize("profile", sorted(BOOK.glob("profiles/*.yml")), ids=lambda path: path.stem)
def test_profiles_name_existing_parameters(profile):
    for chapter, values in (yaml.safe_load(profile.read_text(encoding="utf-8")) or {}).items():
        cell = parameters_cell(nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4))
        assert set(values) <= set(assignments(cell.source)), chapter


def test_budgets_of_code_and_figures():
    """A notebook is prose and short code, most of it open, and a main chapter has few figures.

    The words that a reader sees are counted on the built page, by tests/site/test_budgets.py.
    """
    found = pages()
    for page in found:
        assert page.longest_cell <= 25, f"{page.name}: a cell of {page.longest_cell} lines"
        assert page.longest_line <= 100, f"{page.name}: a line of {page.longest_line} characters"
        assert page.shown >= page.hidden, f"{page.name}: more code hidden than open"
        assert page.figures <= 6 or page.name.endswith("_in_full"), f"{page.name}: {page.figures} figures"
    assert sum(page.shown + page.hidden for page in found) <= 1800
