"""The ledger: every statement of the book has an identity, a check that a chapter runs, and a result.

A notebook calls `check` for each statement it exercises and `number` for each computed value that prose
repeats. `python -m ftc_lib.ledger` compares what the notebooks recorded with `book/claims.yml` and fails when
a statement is false, unexercised, or names a function, a test or a chapter that does not exist.

`book/statements.yml` reads the main paper number by number and names the claims that build each statement and
bound it from below, so that a reader who comes from the paper finds what became of it.
"""

import ast
import contextlib
import html
import importlib
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from numbers import Integral, Real
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import numpy as np
import yaml

import ftc_lib
from ftc_lib.book import output
from ftc_lib.core import files

FIELDS = ("id", "statement", "source", "kind", "chapter", "function", "test", "not_shown")
KINDS = ("theorem", "construction", "lower-bound", "erratum", "empirical")
STATEMENT_FIELDS = ("number", "about", "built", "below", "status", "note")
STATUSES = ("definition", "holds", "made exact", "sharpened", "repaired")

Value = TypeVar("Value", int, float, Fraction, str)  # what prose repeats
Outcome = tuple[bool | None, str]  # what ``check`` takes: whether a statement held, and what was seen
MARKS = {True: "✓", False: "✗", None: "?"}

_checks: list[dict] = []
_numbers: dict[str, dict] = {}


class Check:
    """The outcome of one check; Jupyter shows it as a line with a mark, the site as a badge."""

    def __init__(self, id: str, holds: bool | None, evidence: str) -> None:
        self.id, self.holds, self.evidence = id, holds, evidence

    def __repr__(self) -> str:
        return f"{MARKS[self.holds]} {self.id}: {self.evidence}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        words = f"<code>{html.escape(self.id)}</code> {html.escape(self.evidence)}"
        return {
            "text/html": f"<p><b>{MARKS[self.holds]}</b> {words}</p>",
            "text/plain": repr(self),
            output.DIRECTIVE: {
                "directive": "ftc-badge",
                "argument": self.id,
                "content": f"{MARKS[self.holds]} {' '.join(self.evidence.split())}",
            },
        }


def check(id: str, holds: bool | None, evidence: str) -> Check:
    """Record whether the statement `id` held in this run, and what was seen (a plain sentence with numbers).

    A statement may be checked several times; it counts as true when every check held. ``holds`` is None when the
    reader's parameters are too small to tell (see ``if_large``). A check that does not hold raises nothing here: the
    notebook shows it, and the build of the site refuses it, as it does one that could not tell.
    """
    for name, text in (("id", id), ("evidence", evidence)):
        if not isinstance(text, str):
            raise TypeError(f"check {id!r}: {name} must be a text, got {type(text).__name__}")
    if holds is not None and not isinstance(holds, bool | np.bool_):
        raise TypeError(f"check {id}: holds must be True, False or None, got {type(holds).__name__}")
    if not evidence.strip():
        raise ValueError(f"check {id}: say what was seen (evidence is empty)")
    holds = None if holds is None else bool(holds)
    evidence = ("too small to tell: " if holds is None else "") + evidence.strip()
    _checks.append({"id": id, "holds": holds, "evidence": evidence})
    _save()
    return Check(id, holds, evidence)


def if_large(enough: bool, holds: bool) -> bool | None:
    """What a check says that needs parameters of some size: ``holds`` if they are large enough, else None.

    For statements about averages and growth, whose evidence is a sample. A theorem is checked at any size.
    """
    return bool(holds) if enough else None


def number(name: str, value: Value) -> Value:
    """Record a computed value that prose repeats as {number}`chapter/name`, and return it unchanged."""
    if not isinstance(name, str):
        raise TypeError(f"number {name!r}: its name must be a text, got {type(name).__name__}")
    _numbers[name] = _described(name, value)
    _save()
    return value


def _described(name, value):
    """The value as JSON keeps it, and as prose prints it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, str | Real):
        raise TypeError(f"number {name}: expected an int, float, Fraction or str, got {type(value).__name__}")
    if isinstance(value, str):
        return {"value": value, "text": value}
    if isinstance(value, Integral):
        return {"value": int(value), "text": str(value)}
    if isinstance(value, Fraction):
        return {"value": str(value), "text": str(value)}
    if not math.isfinite(value):
        raise ValueError(f"number {name} is {value}")
    return {"value": value, "text": f"{value:.4g}"}


def _save():
    run = output.current()
    record = {
        "chapter": run.chapter,
        "profile": run.profile,
        "parameters": run.parameters,
        "checks": _checks,
        "numbers": _numbers,
    }
    files.write_json(run.folder / "claims" / f"{run.chapter}.json", record)


def load(path: Path) -> list[dict]:
    """The entries of `book/claims.yml`, or of `book/statements.yml`."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8")) or []


def load_records(folder: Path) -> list[dict]:
    """What the notebooks recorded, one mapping per chapter, in reading order."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).glob("*.json"))]


def results(claim: dict, records: list[dict]) -> list[dict]:
    """Every recorded check of one statement, with its chapter, profile and parameters."""
    return [
        {key: record[key] for key in ("chapter", "profile", "parameters")} | check
        for record in records
        for check in record["checks"]
        if check["id"] == claim["id"]
    ]


def merged(claims: list[dict], records: list[dict], statements: Sequence[dict] = ()) -> dict:
    """Claims, results, numbers and the paper's statements in one mapping: what the site publishes as claims.json."""
    outcomes = [results(claim, records) for claim in claims]
    return {
        "claims": [
            claim | {"holds": bool(seen) and all(r["holds"] is True for r in seen), "results": seen}
            for claim, seen in zip(claims, outcomes, strict=True)
        ],
        "numbers": {record["chapter"]: record["numbers"] for record in records},
        "statements": list(statements),
    }


def problems(claims: list[dict], records: list[dict], root: Path) -> list[str]:
    """What is wrong with the ledger, one sentence each; an empty list lets the site be built."""
    found = []
    for position, claim in enumerate(claims, start=1):
        name = claim.get("id") or f"entry {position}"
        missing = [field for field in FIELDS if not claim.get(field)]
        if missing:
            found.append(f"{name}: {', '.join(missing)} missing in claims.yml")
        else:
            found += [f"{name}: {text}" for text in _dangling(claim, Path(root)) + _unproved(claim, records)]
    counts = Counter(claim["id"] for claim in claims if claim.get("id"))
    found += [f"{name}: listed {count} times in claims.yml" for name, count in counts.items() if count > 1]
    for record in records:
        unknown = {check["id"]: None for check in record["checks"] if check["id"] not in counts}
        found += [f"{name}: checked in {record['chapter']}, but not listed in claims.yml" for name in unknown]
    return found


def statement_problems(statements: list[dict], claims: list[dict]) -> list[str]:
    """What is wrong with the list of the paper's statements, one sentence each."""
    known, found = {claim.get("id") for claim in claims}, []
    for position, statement in enumerate(statements, start=1):
        name = statement.get("number") or f"entry {position}"
        missing = [field for field in STATEMENT_FIELDS if field not in statement]
        if missing:
            found.append(f"{name}: {', '.join(missing)} missing in statements.yml")
            continue
        if statement["status"] not in STATUSES:
            found.append(f"{name}: status {statement['status']!r} is none of {', '.join(STATUSES)}")
        named = [*statement["built"], *statement["below"]]
        if not named and statement["status"] != "definition":
            found.append(f"{name}: no claim builds it or bounds it from below")
        found += [f"{name}: names {id}, which is not in claims.yml" for id in named if id not in known]
    return found


def _unproved(claim, records):
    seen = results(claim, records)
    found = [f"does not hold in {r['chapter']} ({r['evidence']})" for r in seen if r["holds"] is False]
    found += [f"is not decided in {r['chapter']} ({r['evidence']})" for r in seen if r["holds"] is None]
    if claim["chapter"] not in {r["chapter"] for r in seen}:
        found.append(f"no check in its chapter {claim['chapter']}")
    return found


def _dangling(claim, root):
    found = []
    if claim["kind"] not in KINDS:
        found.append(f"kind {claim['kind']!r} is none of {', '.join(KINDS)}")
    if not (root / "book" / f"{claim['chapter']}.ipynb").is_file():
        found.append(f"there is no chapter book/{claim['chapter']}.ipynb")
    if not _function_exists(claim["function"]):
        found.append(f"there is no function ftc_lib.{claim['function']}")
    if not _test_exists(claim["test"], root):
        found.append(f"there is no test {claim['test']}")
    return found


def _function_exists(dotted):
    """Whether `module.name` (or `room.module.name`, or `module.Class.name`) is something in ftc_lib."""
    thing: object = ftc_lib
    for name in dotted.split("."):
        if isinstance(thing, ModuleType) and not hasattr(thing, name):
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(f"{thing.__name__}.{name}")
        thing = getattr(thing, name, None)
    return callable(thing)


def _test_exists(test, root):
    """Whether `tests/test_x.py::test_y` (or `::Class::test_y`, with or without [parameters]) is defined."""
    path, *names = test.split("[")[0].split("::")
    if not names or not (root / path).is_file():
        return False
    body = ast.parse((root / path).read_text(encoding="utf-8")).body
    for name in names:
        match = [node for node in body if getattr(node, "name", None) == name]
        if not match:
            return False
        body = match[0].body
    return True


def main() -> int:
    """Check the ledger of the project in the current folder and list every problem."""
    build = Path(os.environ.get("FTC_BUILD", "_build"))
    claims, records = load(Path("book/claims.yml")), load_records(build / "claims")
    statements = load(Path("book/statements.yml"))
    found = problems(claims, records, Path.cwd()) + statement_problems(statements, claims)
    for text in found:
        print(f"ledger: {text}", file=sys.stderr)
    if not found:
        print(f"ledger: {len(claims)} claims, all exercised, all true; {len(statements)} statements of the paper")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
