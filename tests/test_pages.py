"""The checks printed on the pages of text are so: every prompt is run, every answer compared."""

import doctest
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parent.parent / "book"


def words(path):
    """The text of a page; of a notebook its Markdown, with the solutions of exercises."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


WITH_PROMPTS = [path for path in sorted([*BOOK.glob("*.md"), *BOOK.glob("*.ipynb")]) if "\n>>> " in words(path)]


def test_the_errata_are_checked():
    assert BOOK / "errata.md" in WITH_PROMPTS


@pytest.mark.parametrize("path", WITH_PROMPTS, ids=lambda path: path.stem)
def test_what_a_page_prints_is_so(path):
    text = words(path).replace("```", "\n")  # a fence would count as part of the answer
    test = doctest.DocTestParser().get_doctest(text, {}, path.stem, str(path), 0)
    output = []
    doctest.DocTestRunner().run(test, out=output.append)
    assert test.examples and not output, "".join(output)
