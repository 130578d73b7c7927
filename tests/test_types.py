"""Every public function of the library says what it takes and what it gives; `make test` has mypy look at the rest."""

import ast
from pathlib import Path

import pytest

from tests.test_layers import LIBRARY, MODULES


def public(body):
    """The functions of a module and the methods of its classes, but for those that begin with an underscore."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public(node.body)
        special = isinstance(node, ast.FunctionDef) and node.name.endswith("__")
        if isinstance(node, ast.FunctionDef) and (special or not node.name.startswith("_")):
            yield node


def untyped(node):
    """The parameters without a type, and "return" when the result has none."""
    given = node.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    found = [p.arg for p in parameters if p and not p.annotation and p.arg not in ("self", "cls")]
    return found + ["return"] * (node.returns is None)


@pytest.mark.parametrize("path", MODULES.values(), ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_public_functions_are_typed(path: Path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    missing = {node.name: untyped(node) for node in public(body) if untyped(node)}
    assert not missing, f"{path.relative_to(LIBRARY)}: types are missing: {missing}"
