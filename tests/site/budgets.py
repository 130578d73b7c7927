"""How long the built pages are for their readers. ``python -m tests.site.budgets`` prints the table."""

import re
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup

from tests.site.conftest import built

WORDS, FIGURES = 2200, 6  # of a main chapter
# What nobody reads from the top to the bottom: what opens on demand, code, badges, rows of links.
LEFT_OUT = "details, .cell_input, .ftc-badges, .ftc-files, .ftc-notebook, .headerlink, script, style"


@dataclass(frozen=True)
class Length:
    """Words that stand open on a page, captions and what cells print included, a formula one word; and figures."""

    page: str
    words: int
    figures: int

    @property
    def over(self) -> bool:
        """Whether this is more than a main chapter may have."""
        return self.words > WORDS or self.figures > FIGURES


def length(path: Path) -> Length:
    """The length of one page of HTML."""
    (article,) = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select("article.bd-article")
    figures = len(article.select("figure.ftc-figure, .ftc-copy"))
    for formula in article.select(".math"):
        formula.replace_with(" formula ")
    for part in article.select(LEFT_OUT):
        part.decompose()
    return Length(path.stem, len(re.findall(r"[^\W_][\w'’.-]*", article.get_text(" "))), figures)


def pages() -> list[Length]:
    """All pages of the book, in the order of their names."""
    return [length(path) for path in sorted((built() / "book").glob("*.html"))]


def chapters(found: list[Length]) -> list[Length]:
    """The main chapters; other pages, and a chapter's page "in full", have no budget."""
    return [page for page in found if page.page[0].isdigit() and not page.page.endswith("_in_full")]


def table(found: list[Length]) -> str:
    """The lengths as text; a chapter over the budget has a mark."""
    over = [page for page in chapters(found) if page.over]
    rows = [f"{'page':34}{'words':>9}{'figures':>9}"]
    rows += [f"{page.page:34}{page.words:>9}{page.figures:>9}{'  over' * (page in over)}" for page in found]
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(pages()))
