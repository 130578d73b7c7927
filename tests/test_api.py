"""What the site's page of the library is made of: public names, signatures, docstrings and where the sources stand."""

import importlib
import re

import pytest
import yaml

import ftc_lib.certify
from tests.test_layers import FLOOR, ROOT
from tools import api

ROOMS = api.library()
GROUPS = [*ROOMS, *(module for room in ROOMS for module in room["modules"])]
ENTRIES = {entry["names"][0]: entry for group in GROUPS for entry in group["entries"]}


@pytest.fixture
def page(monkeypatch):
    """The extension that writes the page."""
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    return importlib.import_module("ftc_api")


def test_every_room_and_every_short_name_has_its_place():
    assert {room["name"] for room in ROOMS} == set(FLOOR)
    assert {*ftc_lib.SHORT_NAMES, "certify"} <= {group["name"] for group in GROUPS}


@pytest.mark.parametrize("name", [name for entry in ENTRIES.values() for name in entry["names"]])
def test_a_public_name_is_what_one_writes(name):
    thing = ftc_lib
    for part in name.split("."):
        thing = getattr(thing, part)
    assert callable(thing)


def test_everything_public_says_what_it_is():
    silent = [name for name, entry in ENTRIES.items() if not entry["doc"]]
    assert not silent
    assert not [group["name"] for group in GROUPS if not group["doc"]]


def test_what_a_room_hands_out_is_there():
    for room in ROOMS:
        handed_out = importlib.import_module(f"ftc_lib.{room['name']}")
        for name in getattr(handed_out, "__all__", ()):
            if callable(getattr(handed_out, name)):
                assert f"{room['name']}.{name}" in ENTRIES


def test_every_claim_names_a_function_of_the_page():
    claims = yaml.safe_load((ROOT / "book" / "claims.yml").read_text(encoding="utf-8"))
    names = {name for entry in ENTRIES.values() for name in entry["names"]}
    assert not {claim["function"] for claim in claims} - names


def test_signatures_read_as_in_the_source(page):
    assert page.signature(ENTRIES["deep.fit"]).astext() == (
        'deep.fit(X: Data, z: Data, layers: int, method: str = "auto", *, rng: Seed = 0, tol: float = 1e-4, '
        "dtype: DTypeLike = np.float64) → Network"
    )
    network = ENTRIES["core.Network"]
    assert page.signature(network).astext().startswith("data class core.Network(layers: tuple[Layer, ...], ")
    members = {member["names"][0]: page.signature(member).astext() for member in network["members"]}
    assert members["core.Network.n_neurons"] == "Network.n_neurons → int"
    assert members["core.Network.to_torch"].startswith("Network.to_torch()")
    assert members["core.Network.load"].startswith("Network.load(path: str | Path)")


@pytest.mark.parametrize("repository", ["", "https://example.org/book"])
def test_sources_are_where_the_page_says(repository):
    for group in [module for room in api.library(repository) for module in (room, *room["modules"])]:
        for entry in group["entries"]:
            lines = (ROOT / entry["file"]).read_text(encoding="utf-8").splitlines()
            name = entry["names"][0].rpartition(".")[2]
            if repository:
                address, line = re.fullmatch(r"(.*)#L(\d+)", entry["address"]).groups()
                assert address == f"https://example.org/book/blob/main/{entry['file']}"
                assert re.match(rf"(def|class) {name}\b", lines[int(line) - 1])
            else:
                assert entry["address"] == ""
                assert any(re.match(rf"(def|class) {name}\b", text) for text in lines)


def test_tables_in_docstrings(page):
    assert page.table(["slabs      the slab", "neurons    from several", "           to one"]) == [
        ("slabs", "the slab"),
        ("neurons", "from several to one"),
    ]
    assert page.table(["A sentence that goes on", "for two lines."]) is None
