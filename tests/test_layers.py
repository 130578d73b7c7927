"""The library is built in floors: a room imports from the rooms below it, and inside a room there is no circle."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "ftc_lib"

# From the top; what is on one floor does not know of its neighbours.
FLOORS = (
    ({"book": "figures, ledger, what a reader may set", "training": "what training finds; the model that is repaired"}),
    ({"deep": "chapter 4"}),
    ({"three_layer": "chapter 3", "general_position": "chapter 5"}),
    ({"baum": "chapter 1", "two_layer": "chapter 2", "weights": "chapter 6"}),
    ({"core": "networks, samples, bounds, certificates: the language that all rooms speak"}),
)
FLOOR = {room: len(FLOORS) - number for number, floor in enumerate(FLOORS) for room in floor}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(LIBRARY.rglob("*.py"))
}
AT_THE_DOOR = {"ftc_lib", "ftc_lib.certify"}  # the map of the rooms, and the one short name that is a file


def plan() -> str:
    """The floor plan, as CONTRIBUTING shows it."""
    rows = []
    for number, floor in zip(range(len(FLOORS), 0, -1), FLOORS):
        rows += [
            f"{f'floor {number}' if room == next(iter(floor)) else '':9}{room:18}{what}" for room, what in floor.items()
        ]
    return "\n".join(rows)


def imports(module):
    """The modules of the library that one of them imports."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively; write from ftc_lib.room import ..."
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("ftc_lib."):
                found.add(name if name in MODULES else name.rpartition(".")[0])
    unknown = found - set(MODULES)
    assert not unknown, f"{module} imports {', '.join(sorted(unknown))}, which is no module: write its full address"
    return found


def room(module):
    return module.split(".")[1]


def test_every_room_has_a_floor():
    assert {room(module) for module in MODULES if module not in AT_THE_DOOR} == set(FLOOR)


@pytest.mark.parametrize("module", sorted(set(MODULES) - AT_THE_DOOR))
def test_imports_point_downward(module):
    own = room(module)
    for name in imports(module):
        assert name not in AT_THE_DOOR, f"{module} imports the short name {name}; write its full address"
        below = FLOOR[room(name)] < FLOOR[own]
        assert room(name) == own or below, f"{module} imports {name}, which is not on a floor below"


def test_no_circle():
    """Among the files of a room there is a lowest one; its __init__ hands out and is imported by none of them."""
    done, open_ = set(), []

    def visit(module):
        assert module not in open_, f"imports in a circle: {' -> '.join([*open_, module])}"
        if module not in done:
            open_.append(module)
            for name in sorted(imports(module)):
                visit(name)
            done.add(open_.pop())

    for module in MODULES:
        visit(module)


def test_contributing_shows_the_floor_plan():
    assert plan() in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_rooms_of_the_library_are_those_of_the_plan():
    import ftc_lib

    assert set(ftc_lib.ROOMS) == set(FLOOR)
    for name, place in ftc_lib.SHORT_NAMES.items():
        assert f"ftc_lib.{place}" in MODULES, name
        assert getattr(ftc_lib, name).__name__ == f"ftc_lib.{place}"


def test_each_room_says_what_its_files_are():
    """The docstring of a room, or of a folder in it, is its map: it names every file."""
    for module, path in MODULES.items():
        if path.name == "__init__.py" and module != "ftc_lib":
            words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
            missing = [
                file.stem
                for file in path.parent.glob("[!_]*.py")
                if not re.search(rf"(^|  ){file.stem}  ", words, re.M)
            ]
            assert not missing, f"{module} does not name {', '.join(missing)} in its docstring"


def test_a_room_is_loaded_when_it_is_first_named():
    import subprocess
    import sys

    script = "import sys, ftc_lib; assert not [m for m in sys.modules if m.startswith('ftc_lib.')]; ftc_lib.deep.fit"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
