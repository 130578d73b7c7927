"""The site as files: addresses, figures, downloads, ledger, weight. No browser needed."""

import csv
import gzip
import hashlib
import json
import re
import subprocess
import sysconfig
import venv
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import numpy as np
import pytest

from ftc_lib.core.network import Layer, Network
from tests.site.conftest import ROOT, built, pages
from tools import alone, api

CHAPTERS = sorted(path.stem for path in (ROOT / "book").glob("[0-9]*.ipynb"))
PAGE_BUDGET = 150_000  # bytes of one page's HTML as it travels, compressed; most of it is formulas and folded proofs
LOAD_BUDGET = 450_000  # the same for HTML, scripts and styles of one page, without figures and fonts


class Page(HTMLParser):
    """The parts of a page that tests ask for."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads, self.images, self.text = [], [], [], [], []
        self.skipped = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
        if tag == "script" and "src" in values:
            self.loads.append(values["src"])
        if tag == "link" and values.get("rel") in ("stylesheet", "icon"):
            self.loads.append(values["href"])
        self.skipped += tag in ("script", "style", "pre", "code", "annotation")

    def handle_endtag(self, tag):
        self.skipped -= tag in ("script", "style", "pre", "code", "annotation")

    def handle_data(self, data):
        if not self.skipped:
            self.text.append(data)


@cache
def page(name):
    return Page((built() / name).read_text(encoding="utf-8"))


each_page = pytest.mark.parametrize("name", pages())
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


def target(name, link):
    """The file and fragment of an internal link, or None for one that leaves the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    file = (built() / name).parent / unquote(parts.path) if parts.path else built() / name
    return file.resolve(), unquote(parts.fragment)


def test_there_are_pages(site):
    assert {"index.html", "search.html", "book/intro.html", "book/ledger.html"} <= set(pages())
    assert {f"book/{chapter}.html" for chapter in CHAPTERS} <= set(pages())


@each_page
def test_links_lead_somewhere(name):
    for link in page(name).links:
        found = target(name, link)
        if found is None:
            assert link.startswith(("https://", "mailto:")), f"{name}: {link}"
            continue
        file, fragment = found
        assert file.is_file(), f"{name} links to {link}, which is not there"
        if fragment and file.suffix == ".html":
            ids = page(file.relative_to(built()).as_posix()).ids
            assert fragment in ids, f"{name} links to {link}, whose anchor is not there"


@each_page
def test_nothing_is_loaded_from_elsewhere(name):
    for address in page(name).loads + [image["src"] for image in page(name).images]:
        found = target(name, address)
        assert found is not None, f"{name} loads {address}"
        assert found[0].is_file(), f"{name} loads {address}, which is not there"


@each_page
def test_identifiers_are_unique(name):
    ids = page(name).ids
    if name == "search.html":
        ids.remove("search-input")  # the theme has its search field twice on this page
    assert len(ids) == len(set(ids)), sorted({x for x in ids if ids.count(x) > 1})


@each_page
def test_images_say_what_they_show(name):
    for image in page(name).images:
        # The logo stands beside the book's name, so its own text is empty.
        assert image.get("alt") or "logo__image" in image.get("class", ""), image
        assert image.get("alt") != image["src"]


@each_page
def test_text_is_finished(name):
    text = " ".join(" ".join(page(name).text).split())
    for wrong in (r"\$[^$]+\$", r"\\\(", r"\\\[", r"\bNone\b", r"\bnan\b", r"\{[a-z:]+\}`", r"\bTODO\b"):
        assert not re.search(wrong, text), f"{name}: {re.search(f'.{{0,40}}{wrong}.{{0,40}}', text).group()}"
    assert "katex-error" not in (built() / name).read_text(encoding="utf-8")


def loaded_by(name):
    """Scripts and styles of a page."""
    return [target(name, link)[0] for link in page(name).loads]


@each_page
def test_weight(name):
    html, *loaded = (len(gzip.compress(file.read_bytes())) for file in [built() / name, *loaded_by(name)])
    assert html <= PAGE_BUDGET
    assert html + sum(loaded) <= LOAD_BUDGET


@each_chapter
def test_notebooks_for_download(chapter):
    source = nbformat.read(built() / "notebooks" / "source" / f"{chapter}.ipynb", as_version=4)
    executed = nbformat.read(built() / "notebooks" / "executed" / f"{chapter}.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in source.cells)
    assert any(cell.get("outputs") for cell in executed.cells)
    assert executed.metadata.ftc.chapter == chapter
    links = page(f"book/{chapter}.html").links
    for kind in ("source", "executed"):
        assert links.count(f"../notebooks/{kind}/{chapter}.ipynb") >= 2  # under the title and in the menu


VARIANTS = {"svg", "pdf", "png", "dark.svg", "narrow.svg", "narrow-dark.svg", "talk.svg", "talk.pdf", "talk.png", "csv"}


def records():
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(built().glob("figures/fig-*.json"))]


def test_every_figure_is_complete_and_shown():
    assert records()
    for record in records():
        assert set(record["files"]) == VARIANTS
        for entry in record["files"].values():
            content = (built() / "figures" / entry["name"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["name"]
        home = page(f"book/{record['chapter']}.html")
        assert record["id"] in home.ids, f"{record['id']} is published but not shown in its chapter"
        shown = (built() / "book" / f"{record['chapter']}.html").read_text(encoding="utf-8")
        for name in [f"{record['id']}.json", *(entry["name"] for entry in record["files"].values())]:
            if name.endswith(("-dark.svg", "-narrow.svg")):  # the twins that the page shows by itself
                assert f'="../figures/{name}"' in shown
            else:
                assert f"../figures/{name}" in home.links


def test_no_file_without_a_record():
    names = {entry["name"] for record in records() for entry in record["files"].values()}
    names |= {f"{record['id']}.json" for record in records()}
    assert {path.name for path in (built() / "figures").iterdir()} == names


def test_ledger_lists_every_claim():
    claims = json.loads((built() / "claims.json").read_text(encoding="utf-8"))["claims"]
    assert claims and all(claim["holds"] for claim in claims)
    ids = page("book/ledger.html").ids
    assert {f"claim-{claim['id'].replace('.', '-')}" for claim in claims} <= set(ids)


def test_every_claim_leads_to_its_function():
    claims = json.loads((built() / "claims.json").read_text(encoding="utf-8"))["claims"]
    for claim in claims:
        place = f"ftc_lib.{claim['function']}"
        assert f"api.html#{place}" in page("book/ledger.html").links, claim["id"]
        assert place in page("book/api.html").ids, claim["id"]


def test_the_library_shows_every_fit_with_its_example():
    text = (built() / "book" / "api.html").read_text(encoding="utf-8")
    places = dict(re.findall(r'id="(ftc_lib\.[^"]*)">(.*?)(?=id="ftc_lib\.|$)', text, re.S))
    groups = [group for room in api.library() for group in (room, *room["modules"])]
    names = [entry["names"][0] for group in groups for entry in group["entries"]]
    doors = [name for name in names if re.search(r"\.fit(_threshold|_relu|_one)?$", name)]
    assert len(doors) >= 9
    for name in doors:
        assert "&gt;&gt;&gt;" in places[f"ftc_lib.{name}"], f"{name} has no example on the page of the library"


@each_chapter
def test_functions_that_prose_names_are_links(chapter):
    groups = [group for room in api.library() for group in (room, *room["modules"])]
    public = {name for group in groups for entry in group["entries"] for name in entry["names"]}
    cells = nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for name in public & set(re.findall(r"(?<!`)`([\w.]+)`(?!`)", prose)):
        assert f"api.html#ftc_lib.{name}" in page(f"book/{chapter}.html").links


def test_the_library_names_files_that_exist():
    text = (built() / "book" / "api.html").read_text(encoding="utf-8")
    named = re.findall(r'<p class="ftc-path ftc-source">(.*?)</p>', text)
    assert len(named) >= 40
    for file in named:
        assert (ROOT / re.sub("<[^>]*>", "", file)).is_file()


def test_nothing_of_this_machine_in_the_site():
    for path in built().rglob("*"):
        if path.suffix in (".html", ".js", ".json", ".ipynb", ".csv"):
            assert str(ROOT) not in path.read_text(encoding="utf-8"), path
    assert not list(Path(built()).rglob("*.map"))


def test_the_readme_shows_the_headline_figure():
    """Its picture is a copy of the quick profile's; copy it again when the figure has changed."""
    record = json.loads((built() / "figures" / "fig-headline.json").read_text(encoding="utf-8"))
    assert record["profile"] == "quick"
    shown = (ROOT / "book" / "_static" / "headline.svg").read_bytes()
    assert shown == (built() / "figures" / "fig-headline.svg").read_bytes()


def test_curves_of_networks_are_those_networks():
    """Each curve in a CSV that is said to be a network, against the weights in the figure's record."""
    looked_at = 0
    for record in records():
        with open(built() / "figures" / f"{record['id']}.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for shown in record["networks"]:
            t, y = (
                np.array([row[shown[key]] for row in rows if row[shown[key]]], float) for key in ("places", "column")
            )
            layers = tuple(Layer(np.array(layer["W"]), np.array(layer["b"])) for layer in shown["layers"])
            true = Network(layers, shown["activation"])(t[:, None])
            assert np.abs(true - y).max() <= 1e-6 * np.abs(true).max(), record["id"]
            looked_at += 1
    assert looked_at >= 5


# ---------------------------------------------------------------- what a reader takes home


def test_the_wheel_lies_beside_the_notebooks_and_is_linked():
    for folder in ("source", "executed"):
        (wheel,) = (built() / "notebooks" / folder).glob("ftc_lib-*.whl")
        for chapter in CHAPTERS:
            notebook = nbformat.read(wheel.parent / f"{chapter}.ipynb", as_version=4)
            nbformat.validate(notebook)
            first = next(cell for cell in notebook.cells if cell.cell_type == "code")
            assert wheel.name in first.source
            assert f"../notebooks/source/{wheel.name}" in page(f"book/{chapter}.html").links


def test_a_notebook_runs_where_the_library_is_not(tmp_path):
    """In an environment with the book's packages but not its library, so no index is asked. make alone asks one."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    (site_packages,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (site_packages / "packages_of_the_book.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    missing = subprocess.run(
        [python, "-c", "import numpy, nbclient, ftc_lib"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "No module named 'ftc_lib'" in missing.stderr
    source = built() / "notebooks" / "source"
    (wheel,) = source.glob("ftc_lib-*.whl")
    assert alone.alone(source / "07_open.ipynb", wheel, python) == ""


def test_a_notebook_without_its_wheel_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = nbformat.read(built() / "notebooks" / "source" / "07_open.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    with pytest.raises(
        FileNotFoundError, match=r"put ftc_lib-.*\.whl into .*; this chapter's page on the site offers it"
    ):
        exec(first.replace('find_spec("ftc_lib")', 'find_spec("ftc_lib_that_is_not_there")'), {})
