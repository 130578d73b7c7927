"""How long the pages of the book are: words, figures, lines of code. ``python -m tests.budgets`` prints the table."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

BOOK = Path(__file__).parent.parent / "book"
FENCE = re.compile(r"^\s*(`{3,}|:{3,})(\{([\w:-]+)\})?(.*)$")
FOLDED = ("prf:proof", "solution", "dropdown")  # with :class: dropdown, or by themselves


@dataclass(frozen=True)
class Page:
    """What one notebook asks of its reader. Words: outside of folds, a formula is one word."""

    name: str
    words: int
    figures: int
    shown: int  # lines of code that stand open on the page
    hidden: int
    longest_cell: int
    longest_line: int


def folds(lines: list[str]) -> list[bool]:
    """For each line of Markdown, whether it stands in something that opens on demand only."""
    open_, inside = [], []
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if fence and fence[2]:
            folded = fence[3] in FOLDED and (
                fence[3] == "dropdown" or "dropdown" in " ".join(lines[number + 1 : number + 4])
            )
            open_.append((fence[1], folded))
        elif fence and not fence[4].strip() and open_ and fence[1] == open_[-1][0]:
            inside.append(any(folded for _, folded in open_))
            open_.pop()
            continue
        inside.append(any(folded for _, folded in open_))
    return inside


def words(text: str) -> int:
    """Words that a reader sees outside of folds."""
    lines = text.splitlines()
    seen = "\n".join(line for line, folded in zip(lines, folds(lines)) if not folded)
    seen = re.sub(r"\$\$.*?\$\$(\s*\([\w-]+\))?", " formula ", seen, flags=re.S)
    seen = re.sub(r"\$[^$]*\$", " formula ", seen)
    seen = re.sub(r"^\s*(`{3,}|:{3,}).*$|^\s*:\w+:.*$|^\s*\([\w-]+\)=\s*$", "", seen, flags=re.M)
    seen = re.sub(r"\{[\w:]+\}`([^`<]*)(<[^`]*>)?`", r"\1", seen)
    seen = re.sub(r"\]\([^)]*\)", "]", seen)
    return len(re.findall(r"[^\W_][\w'’-]*", seen))


def measured(path: Path) -> Page:
    """The page of one notebook."""
    cells = nbformat.read(path, as_version=4).cells
    code = [
        (cell, [line for line in cell.source.splitlines() if line.strip()])
        for cell in cells
        if cell.cell_type == "code"
    ]
    hides = [
        any(tag.startswith(("hide", "remove-cell", "remove-input")) for tag in cell.metadata.get("tags", []))
        for cell, _ in code
    ]
    lines = [len(line) for cell, _ in code for line in cell.source.splitlines()]
    return Page(
        path.stem,
        sum(words(cell.source) for cell in cells if cell.cell_type == "markdown"),
        len(re.findall(r"\bfigures\.publish\(|\bpictures\.\w+\(", "\n".join(cell.source for cell, _ in code))),
        sum(len(own) for (_, own), hidden in zip(code, hides) if not hidden),
        sum(len(own) for (_, own), hidden in zip(code, hides) if hidden),
        max(len(own) for _, own in code),
        max(lines),
    )


def pages() -> list[Page]:
    """Every notebook, in reading order."""
    return [measured(path) for path in sorted(BOOK.glob("*.ipynb"))]


def table(found: list[Page]) -> str:
    """The measures of all pages as text."""
    rows = [("page", "words", "figures", "open", "hidden", "cell", "line")]
    rows += [(p.name, p.words, p.figures, p.shown, p.hidden, p.longest_cell, p.longest_line) for p in found]
    rows.append(("all", *(sum(row[i] for row in rows[1:]) for i in range(1, 5)), "", ""))
    return "\n".join(f"{name:34}" + "".join(f"{value:>9}" for value in values) for name, *values in rows)


if __name__ == "__main__":
    print(table(pages()))
