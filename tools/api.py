"""What the library offers, read from its sources: the public names of each room, with signatures and docstrings.

The site's page of the library is made of this. A name is public when a room's `__init__` hands it out, or when it is
a public function or class of a module that has a short name. In `core` and `book`, which chapters call through their
modules, every module counts.
"""

import ast
import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path
from types import ModuleType

from ftc_lib import SHORT_NAMES

ROOMS = ("baum", "two_layer", "three_layer", "deep", "general_position", "weights", "training", "core", "book")
BY_MODULE = ("core", "book")
WITHOUT_SHORT_NAME = ("three_layer.paper", "three_layer.search")  # public as well: chapters call them by their address
ROOT = Path(__file__).parent.parent


def library(repository: str = "") -> list[dict]:
    """The rooms in the book's order, each with its docstring, what it hands out and its public modules.

    ``repository``: the address where the sources can be read; without one an entry names its file only.
    """
    return [_room(name, repository) for name in ROOMS]


def _room(name, repository):
    room = importlib.import_module(f"ftc_lib.{name}")
    short = {place: short for short, place in (SHORT_NAMES | {"certify": "core.certify"}).items()}
    places = [f"{name}.{found.name}" for found in pkgutil.iter_modules(room.__path__)]
    places = [p for p in places if name in BY_MODULE or p in short or p in WITHOUT_SHORT_NAME]
    called = {f"ftc_lib.{place}": short.get(place, place) for place in sorted(places, key=_position(room.__doc__))}
    handed_out = [getattr(room, member) for member in getattr(room, "__all__", ())]
    handed_out = [thing for thing in handed_out if inspect.isfunction(thing) or inspect.isclass(thing)]
    handed_out.sort(key=lambda thing: not thing.__name__.startswith("fit"))
    entries = []
    for thing in handed_out:
        public = [f"{name}.{thing.__name__}"]
        if thing.__module__ in called:
            public.append(f"{called[thing.__module__]}.{thing.__name__}")
        entries.append(_entry(thing, public, repository))
    modules = []
    for place, public in called.items():
        module = importlib.import_module(place)
        own = [thing for thing in _public(module) if thing not in handed_out]
        shown = [_entry(thing, [f"{public}.{thing.__name__}"], repository) for thing in own]
        modules.append(
            {"name": public, "doc": inspect.getdoc(module), "entries": shown} | _where(module, 1, repository)
        )
    return {
        "name": name,
        "doc": inspect.getdoc(room),
        "file": "",
        "address": "",
        "entries": entries,
        "modules": modules,
    }


def _position(docstring):
    """Where the map of a room names a module; the page keeps that order."""
    named = [line.split()[0] for line in docstring.splitlines() if line.strip()]
    return lambda place: (named + [place.rpartition(".")[2]]).index(place.rpartition(".")[2])


def _public(module: ModuleType):
    """The public functions and classes that a module defines, in the order of its source."""
    found = [vars(module)[node.name] for node in _definitions(module.__name__).body if _is_public(node)]
    return [thing for thing in found if inspect.getdoc(thing)]


def _is_public(node):
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")


@cache
def _source(module):
    return inspect.getsource(importlib.import_module(module))


@cache
def _definitions(module):
    return ast.parse(_source(module))


def _entry(thing, public, repository):
    """A function or class under its public names, with its documented methods and properties."""
    node = next(n for n in _definitions(thing.__module__).body if _is_public(n) and n.name == thing.__name__)
    module = importlib.import_module(thing.__module__)
    entry = _described(node, module, public, repository)
    if isinstance(node, ast.ClassDef):
        methods = [n for n in node.body if _is_public(n) and ast.get_docstring(n)]
        entry["members"] = [_described(n, module, [f"{name}.{n.name}" for name in public], repository) for n in methods]
    return entry


def _described(node, module, public, repository):
    kind, parameters, returns = _signature(node, _source(module.__name__))
    return {
        "names": public,
        "kind": kind,
        "parameters": parameters,
        "returns": returns,
        "doc": ast.get_docstring(node),
        "inside": isinstance(node, ast.FunctionDef) and node.col_offset > 0,  # of a class
        "members": [],
    } | _where(module, node.lineno, repository)


def _where(module, line, repository):
    """The file of a module, and its address when there is one."""
    file = Path(inspect.getfile(module)).relative_to(ROOT).as_posix()
    return {"file": file, "address": f"{repository}/blob/main/{file}#L{line}" if repository else ""}


def _signature(node, source):
    """What kind of thing it is, its parameters (None: it takes none, not even brackets) and what it returns."""

    def text(part):
        return " ".join(ast.get_source_segment(source, part).split()) if part else ""

    decorators = {text(decorator).partition("(")[0] for decorator in node.decorator_list}
    if isinstance(node, ast.ClassDef):
        if "dataclass" in decorators:
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            return "data class", [_parameter(f.target.id, text(f.annotation), text(f.value)) for f in fields], ""
        made = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
        return "class", _parameters(made[0].args, text)[1:] if made else [], ""
    parameters, returns = _parameters(node.args, text), text(node.returns)
    if "property" in decorators:
        return "property", None, returns
    if parameters and parameters[0]["name"] in ("self", "cls"):
        parameters = parameters[1:]
    return "function", parameters, returns


def _parameters(arguments, text):
    """Parameters in order, with the star before those that have to be named."""
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    found = [_parameter(a.arg, text(a.annotation), text(d)) for a, d in zip(plain, defaults)]
    if arguments.vararg:
        found.append(_parameter(f"*{arguments.vararg.arg}", text(arguments.vararg.annotation)))
    elif arguments.kwonlyargs:
        found.append(_parameter("*"))
    found += [
        _parameter(a.arg, text(a.annotation), text(d)) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults)
    ]
    if arguments.kwarg:
        found.append(_parameter(f"**{arguments.kwarg.arg}", text(arguments.kwarg.annotation)))
    return found


def _parameter(name, annotation="", default=""):
    return {"name": name, "type": annotation, "default": default}
