"""The site in a real browser, at two sizes, light and dark, served and opened as files."""

import pytest

from tests.site.conftest import built, pages

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
each_page = pytest.mark.parametrize("name", [name for name in pages() if name != "index.html"])
each_size = pytest.mark.parametrize("size", SIZES)
each_mode = pytest.mark.parametrize("mode", ["light", "dark"])


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
        tab.on("requestfailed", lambda request: tab.wrong.append(f"failed: {request.url}"))
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


def test_serve_refuses_to_start_without_a_site(tmp_path, monkeypatch, capsys):
    from tools import serve

    monkeypatch.setenv("FTC_BUILD", str(tmp_path))
    assert serve.main(0) == 1
    assert "run make book first" in capsys.readouterr().err
