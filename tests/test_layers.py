"""The library is built in floors: a module imports from its own floor or from below, never from above."""

import ast
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent.parent / "ftc_lib"

# From the top. `output` says where a run writes; it knows nothing of mathematics.
FLOORS = (
    {"figures", "ledger", "drawing"},
    {"side_training", "flexibility", "linear_teachers", "single_neuron"},
    {"certify", "least_width", "least_three_layer", "weights"},
    {
        "baum",
        "two_layer",
        "least_kinks",
        "three_layer",
        "three_layer_paper",
        "slots",
        "one_sign",
        "deep",
        "general_position",
        "ntk",
        "harmonic",
    },
    {"bounds", "instances"},
    {"network", "samples", "rounding"},
    {"network_file", "summation", "exact"},
    {"output", "parameters"},
)
FLOOR = {module: len(FLOORS) - number for number, floor in enumerate(FLOORS) for module in floor}
MODULES = sorted(path.stem for path in LIBRARY.glob("*.py") if path.stem != "__init__")


def imports(module):
    """The modules of the library that one of them imports."""
    found = set()
    for node in ast.walk(ast.parse((LIBRARY / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("ftc_lib.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "ftc_lib":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ftc_lib."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively; write from ftc_lib import ..."
    return found


def test_every_module_has_a_floor():
    assert set(MODULES) <= set(FLOOR)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downward(module):
    upward = {name for name in imports(module) if FLOOR[name] > FLOOR[module]}
    assert not upward, f"{module} imports {', '.join(sorted(upward))} from a floor above"


def test_no_circle():
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
