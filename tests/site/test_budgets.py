"""A main chapter is one sitting: so many words, so many figures."""

from tests.site.budgets import chapters, length, pages, table

PAGE = """<html><article class="bd-article">
<h1>Two words<a class="headerlink">#</a></h1>
<p>One <span class="math">x + <b>y</b></span> and <code>3</code>.</p>
<div class="cell"><div class="cell_input">print(1 + 1)</div><div class="cell_output">4 5</div></div>
<details><summary>Proof</summary>Nothing here counts.</details>
<figure class="ftc-figure"><figcaption>A caption.</figcaption><div class="ftc-files">SVG</div></figure>
<div class="ftc-badges">✓ claim</div>
</article><p>outside</p></html>"""


def test_what_is_counted(tmp_path):
    path = tmp_path / "01_page.html"
    path.write_text(PAGE)
    found = length(path)
    assert (found.page, found.words, found.figures) == ("01_page", 2 + 4 + 2 + 2, 1)
    assert not found.over


def test_chapters_are_one_sitting(site):
    found = chapters(pages())
    assert found
    assert not [page.page for page in found if page.over], f"\n{table(found)}"
