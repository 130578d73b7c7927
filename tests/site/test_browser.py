"""The site in a real browser, at two sizes, light and dark, served and opened as files."""

import json
import re
import shutil
import sys

import pytest

from tests.site.conftest import ROOT, built, pages

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
each_page = pytest.mark.parametrize("name", [name for name in pages() if name != "index.html"])
each_size = pytest.mark.parametrize("size", SIZES)
each_mode = pytest.mark.parametrize("mode", ["light", "dark"])


def failed(tab, request):
    """Note a request that failed. What a page no longer wants, since it leads on to another one, has not failed."""
    if request.failure != "net::ERR_ABORTED":
        tab.wrong.append(f"failed: {request.url}")


@pytest.fixture
def open_page(browser):
    """Opens an address and gathers everything that goes wrong while it loads."""
    contexts = []

    def opener(url, size="desktop", mode="light", **options):
        context = browser.new_context(viewport=SIZES[size], color_scheme=mode, **options)
        contexts.append(context)
        context.add_init_script(f"localStorage.setItem('mode', '{mode}'); localStorage.setItem('theme', '{mode}')")
        tab = context.new_page()
        tab.wrong = []
        own = url.split("/book/")[0].rsplit("/", 1)[0] if url.startswith("file:") else "/".join(url.split("/")[:3])
        tab.on("console", lambda m: m.type in ("error", "warning") and tab.wrong.append(f"console: {m.text}"))
        tab.on("pageerror", lambda error: tab.wrong.append(f"script: {error}"))
        tab.on("requestfailed", lambda request: failed(tab, request))
        tab.on("response", lambda r: r.status >= 400 and tab.wrong.append(f"{r.status}: {r.url}"))
        tab.on("request", lambda r: r.url.startswith((own, "data:")) or tab.wrong.append(f"elsewhere: {r.url}"))
        tab.goto(url)
        # Pictures further down load when they come near; ask for all of them now.
        tab.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        tab.wait_for_load_state("networkidle")
        tab.wait_for_function("[...document.images].every(image => image.complete)")
        return tab

    yield opener
    for context in contexts:
        context.close()


@each_page
@each_size
@each_mode
def test_page(open_page, address, name, size, mode):
    tab = open_page(address + name, size, mode)
    assert tab.wrong == []
    assert tab.evaluate("document.documentElement.dataset.theme") == mode
    assert tab.evaluate("document.documentElement.lang") == "en"
    assert tab.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)") == []
    unseen = "[...document.querySelectorAll('figure figcaption')].filter(c => !c.offsetHeight).map(c => c.innerText)"
    assert tab.evaluate(unseen) == []
    too_wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0, f"the page is {too_wide} px wider than the screen because of {widest(tab)}"


def widest(tab):
    """What reaches beyond the right edge, for the message of a failure."""
    return tab.evaluate(
        """[...document.querySelectorAll('.bd-article *')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .filter(e => !e.closest('pre, table, .formula'))
            .slice(0, 3).map(e => e.outerHTML.slice(0, 120))"""
    )


@each_page
def test_page_opened_as_a_file(open_page, name):
    tab = open_page((built() / name).as_uri())
    assert tab.wrong == []
    assert tab.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)") == []


def test_index_leads_to_the_book(browser, address):
    tab = browser.new_page()
    tab.goto(address)
    tab.wait_for_url("**/book/intro.html")
    tab.close()


@each_page
def test_formulas_are_rendered_without_script(open_page, address, name):
    tab = open_page(address + name, java_script_enabled=False)
    formulas = tab.locator(".bd-article .math")
    assert formulas.count() == tab.locator(".bd-article .math:has(.katex)").count()
    if formulas.count():
        assert formulas.locator(".katex").first.evaluate("e => getComputedStyle(e).fontFamily").startswith("KaTeX")


def test_search_finds_words_of_the_book(open_page, address):
    tab = open_page(f"{address}search.html?q=neurons")
    tab.wait_for_selector("#search-results li a")
    assert tab.locator("#search-results li").count() >= 2
    assert tab.wrong == []


def test_search_from_the_side_bar(open_page, address):
    tab = open_page(f"{address}book/intro.html")
    tab.locator(".search-button__button").first.click()
    tab.locator(".search-button__search-container input").fill("ledger")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results li a")
    assert tab.wrong == []


def test_claim_anchor_is_scrolled_to(open_page, address):
    tab = open_page(f"{address}book/ledger.html", "phone")
    name = tab.locator(".ftc-claim").last.get_attribute("id")
    tab.goto(f"{address}book/ledger.html#{name}")
    tab.wait_for_function(f"document.getElementById('{name}').getBoundingClientRect().top < innerHeight")


@each_size
def test_function_of_the_library_is_scrolled_to_and_fits(open_page, address, size):
    name = "ftc_lib.two_layer.fit"
    tab = open_page(f"{address}book/api.html#{name}", size)
    tab.wait_for_function(f"document.getElementById('{name}').getBoundingClientRect().top < innerHeight / 2")
    assert tab.wrong == []
    assert widest(tab) == []
    small = "e => parseFloat(getComputedStyle(e).fontSize)"
    for part, least in ((".ftc-signature code", 13), (".ftc-entry > p", 14), (".ftc-entry pre", 12)):
        assert tab.locator(part).first.evaluate(small) >= least


def test_theme_switch(open_page, address):
    tab = open_page(f"{address}book/intro.html")
    before = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    for _ in range(3):
        tab.locator(".theme-switch-button").first.click()
        if tab.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_folded_text_opens_with_the_keyboard(open_page, address):
    for name in pages():
        tab = open_page(address + name)
        folds = tab.locator("details.ftc-fold > summary")
        if folds.count():
            folds.first.focus()
            tab.keyboard.press("Enter")
            assert tab.locator("details.ftc-fold").first.evaluate("e => e.open")
            return
    pytest.fail("no page folds anything")


# ---------------------------------------------------------------- what appears when one points at it


def hover_box(tab):
    return tab.locator("#ftc-hover")


@each_mode
def test_a_word_is_explained_by_pointing_focus_and_escape(open_page, address, mode):
    tab = open_page(f"{address}book/ten_minutes.html", mode=mode)
    word = tab.locator("a.ftc-term", has_text="kink").first
    word.hover()
    hover_box(tab).wait_for()
    assert "slope" in hover_box(tab).inner_text()
    ink, paper = (
        hover_box(tab).evaluate(f"e => getComputedStyle(e).{name}.match(/[0-9]+/g).slice(0, 3).map(Number)")
        for name in ("color", "backgroundColor")
    )
    assert (sum(ink) > sum(paper) + 300) if mode == "dark" else (sum(paper) > sum(ink) + 300)
    tab.keyboard.press("Escape")
    assert hover_box(tab).is_hidden()
    tab.mouse.move(0, 0)
    word.focus()
    hover_box(tab).wait_for()
    assert word.get_attribute("aria-describedby") == hover_box(tab).get_attribute("id")
    tab.keyboard.press("Tab")
    tab.wait_for_function(
        "document.activeElement.getAttribute('aria-describedby') || document.getElementById('ftc-hover').hidden"
    )
    assert word.get_attribute("aria-describedby") is None
    assert tab.wrong == []


def test_a_word_is_explained_by_a_tap_and_the_next_tap_follows_it(open_page, address):
    tab = open_page(f"{address}book/ten_minutes.html", "phone", has_touch=True)
    word = tab.locator("a.ftc-term", has_text="kink").first
    word.tap()
    hover_box(tab).wait_for()
    box = hover_box(tab).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= SIZES["phone"]["width"]
    assert tab.url.endswith("ten_minutes.html") and "slope" in hover_box(tab).inner_text()
    tab.locator(".bd-article h1").tap()
    assert hover_box(tab).is_hidden()
    word.tap()
    hover_box(tab).wait_for()
    word.tap()
    tab.wait_for_url("**/glossary.html#term-kink")


def test_references_show_what_they_lead_to(open_page):
    """A theorem and a formula, of another page and of the same, on pages that are opened as files."""
    tab = open_page((built() / "book" / "ten_minutes.html").as_uri())
    tab.locator("a[href$='#thm-two-exact']").first.hover()
    hover_box(tab).wait_for()
    assert "Two layers, exactly" in hover_box(tab).inner_text()
    assert hover_box(tab).locator(".katex").count() and not hover_box(tab).locator("[id], a").count()
    assert tab.wrong == []
    for page, link, shown in (
        ("glossary", "a[href$='#equation-eq-three-window']", ".math .katex"),
        ("02_two_layer", "a.reference[href^='#thm-'], a.reference[href^='#prop-']", ".proof .admonition-title"),
    ):
        tab = open_page((built() / "book" / f"{page}.html").as_uri())
        tab.locator(".bd-article").locator(link).first.hover()
        hover_box(tab).locator(shown).first.wait_for()
        assert tab.wrong == []


def test_a_badge_shows_what_was_seen_and_leads_to_the_ledger(open_page, address):
    tab = open_page(f"{address}book/02_two_layer.html")
    badge = tab.locator("#thm-two-exact + .ftc-badges a").first
    assert "holds" in badge.text_content()
    badge.hover()
    hover_box(tab).wait_for()
    assert hover_box(tab).inner_text() == badge.get_attribute("aria-description")
    badge.click()
    tab.wait_for_url("**/ledger.html#claim-two-layer-exact-*")
    assert tab.wrong == []


# ---------------------------------------------------------------- old addresses


def companions():
    """Pages that stand "in full" behind a chapter, with a statement that the chapter itself does not have."""
    text = (built() / "_static" / "labels.js").read_text(encoding="utf-8")
    labels = json.loads(re.fullmatch(r"ftcLabels\((.*)\);\s*", text, re.DOTALL)[1])
    found = {pages[0]: label for label, pages in labels.items() if len(pages) == 1 and label[:4] in ("thm-", "prop")}
    return {page: label for page, label in found.items() if page.endswith("_in_full")}


def test_a_part_that_has_moved_is_found_under_its_old_address(open_page, address):
    moved = {"book/02_two_layer": ("thm-two-exact", "book/intro")}
    moved |= {page: (label, page.removesuffix("_in_full")) for page, label in companions().items()}
    for page, (label, old) in moved.items():
        tab = open_page(f"{address}{old}.html#{label}")
        tab.wait_for_url(f"**/{page}.html#{label}")
        assert tab.wrong == []
    tab = open_page((built() / "book" / "intro.html").as_uri() + "#thm-two-exact")
    tab.wait_for_url("**/book/02_two_layer.html#thm-two-exact")


def test_a_chapter_and_its_companion(browser, tmp_path, monkeypatch):
    """Small pages: what only the companion has, what both have, what two others have, what nobody has."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "book" / "_ext")])
    import ftc_moved

    ids = {
        "02_two": ["thm-here", "part"],
        "02_two_in_full": ["thm-moved", "both", "id7"],
        "03_three": ["thm-far", "both", "common"],
        "04_more": ["common"],
    }
    (tmp_path / "book").mkdir()
    (tmp_path / "_static").mkdir()
    pages = {}
    for name, found in ids.items():
        parts = "".join(f'<p id="{part}">text</p>' for part in found)
        article = f'<article class="bd-article">{parts}</article><script src="../_static/moved.js"></script>'
        pages[f"book/{name}"] = f'<!DOCTYPE html><html data-content_root="../"><body>{article}</body></html>'
        (tmp_path / "book" / f"{name}.html").write_text(pages[f"book/{name}"])
    assert ftc_moved.labels(pages)["both"] == ["book/02_two_in_full", "book/03_three"]
    assert "id7" not in ftc_moved.labels(pages)
    (tmp_path / "_static" / "labels.js").write_text(ftc_moved.script(pages))
    shutil.copy(ROOT / "book" / "_static" / "moved.js", tmp_path / "_static")
    tab = browser.new_page()
    for old, new in (
        ("02_two.html#thm-moved", "02_two_in_full.html#thm-moved"),
        ("02_two_in_full.html#part", "02_two.html#part"),
        ("02_two.html#both", "02_two_in_full.html#both"),
        ("02_two.html#thm-far", "03_three.html#thm-far"),
        ("02_two.html#common", "02_two.html#common"),
        ("02_two.html#nothing", "02_two.html#nothing"),
        ("02_two.html#thm-here", "02_two.html#thm-here"),
    ):
        tab.goto("about:blank")
        tab.goto((tmp_path / "book").as_uri() + f"/{old}")
        tab.wait_for_load_state("networkidle")
        tab.wait_for_url(f"**/{new}")
    tab.close()


def test_serve_refuses_to_start_without_a_site(tmp_path, monkeypatch, capsys):
    from tools import serve

    monkeypatch.setenv("FTC_BUILD", str(tmp_path))
    assert serve.main(0) == 1
    assert "run make book first" in capsys.readouterr().err
