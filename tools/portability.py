"""Run every chapter and the fast tests in other arithmetic, and compare what the pages say.

    python -m tools.portability            (from the project's folder; make portability calls it)
    python -m tools.portability oldest     only some settings; --against _build takes what make book ran

A processor sums in an order of its own, so floats differ in their last digits from machine to machine. The book's
promise is: every chapter runs, every claim is true, nothing is written to the error stream, the pages say the same
words, and figures show the same numbers up to TOLERANCE of the largest in their column. What is itself rounding
(a column named so) only has to stay rounding.
"""

import argparse
import csv
import difflib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from ftc_lib.book.output import DIRECTIVE

TOLERANCE = 1e-6
ROUNDING = "rounding"  # a CSV column with this word in its name holds rounding errors
FINE = 1e-3  # how large, in the column's unit, these may become
# Of the library, where floats are; what is integers, files or the search for exact least widths is the same anywhere.
FAST_TESTS = [
    f"tests/test_{name}.py"
    for name in (
        "bad_input", "baum", "certify", "deep", "figures", "general_position", "harmonic", "network", "ntk", "readme",
        "rounding", "samples", "three_layer", "training", "two_layer", "weights",
    )
]  # fmt: skip
ABSENT = "not on this processor"
SHARED = {"Zen": "Haswell", "Prescott": "Katmai"}  # kernels that OpenBLAS knows under another name, too
ADDRESS = re.compile(r"<.* object at 0x[0-9a-f]+>")
OURS = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "ATEN_CPU_CAPABILITY", "MKL_CBWR", "FTC_THREADS", "FTC_OUT")


@dataclass(frozen=True)
class Setting:
    """An arithmetic: environment variables, and the OpenBLAS kernel that they should bring (None: any)."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    kernel: str | None = None


def dispatched() -> str:
    """The features beyond its baseline that numpy uses on this processor."""
    from numpy._core import _multiarray_umath as umath

    return " ".join(name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name])


def settings() -> list[Setting]:
    """Every setting, the processor's own first."""
    plain = {"NPY_DISABLE_CPU_FEATURES": dispatched()}
    torch = {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"}
    return [
        Setting("own"),
        *(Setting(core, {"OPENBLAS_CORETYPE": core}, core) for core in ("Prescott", "Haswell", "Zen", "SkylakeX")),
        Setting("numpy plain", plain),
        Setting("torch plain", torch),
        *(Setting(f"{n} threads", {"FTC_THREADS": str(n)} | threads(n)) for n in (2, 4)),
        Setting("another hash seed", {"PYTHONHASHSEED": "271828"}),
        Setting("oldest", {"OPENBLAS_CORETYPE": "Prescott", "PYTHONHASHSEED": "271828"} | plain | torch, "Prescott"),
    ]


def threads(n: int) -> dict[str, str]:
    return {f"{library}_NUM_THREADS": str(n) for library in ("OMP", "OPENBLAS", "MKL")}


def environment(setting: Setting, build: Path) -> dict[str, str]:
    """This process's environment with one arithmetic in place of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("MAKE")}
    return kept | {"FTC_BUILD": str(build)} | dict(setting.environment)


def kernel(setting: Setting) -> str | None:
    """The OpenBLAS kernel that a setting brings; None where this processor cannot run it."""
    probe = (
        "import numpy as np, threadpoolctl as t; np.ones((99, 99)) @ np.ones((99, 99));"
        "print(*{i['architecture'] for i in t.threadpool_info() if i['internal_api'] == 'openblas'})"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", probe], env=environment(setting, Path()), capture_output=True, text=True
    )
    found = outcome.stdout.strip()
    wanted = SHARED.get(setting.kernel, setting.kernel)
    return found if outcome.returncode == 0 and wanted in (None, found) else None


# ---------------------------------------------------------------- what a page says


def words(build: Path, chapter: str) -> list[str]:
    """All text that a chapter's run puts on a page: outputs, captions, alt texts, evidence, numbers in prose."""
    notebook = nbformat.read(build / "notebooks" / f"{chapter}.ipynb", as_version=4)
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                text = output.text if output.name == "stdout" else ""  # the error stream is looked at by itself
            else:  # a figure or a table of checks says its words in its record
                text = output.data.get("text/markdown", "" if DIRECTIVE in output.data else output.data["text/plain"])
            found += [f"cell {number}: {line}" for line in text.splitlines() if not ADDRESS.search(line)]
    for record in records(build, chapter):
        found += [f"{record['id']} {part}: {record[part]}" for part in ("caption", "alt", "columns")]
    claims = json.loads((build / "claims" / f"{chapter}.json").read_text(encoding="utf-8"))
    found += [f"{check['id']} {check['holds']}: {check['evidence']}" for check in claims["checks"]]
    return found + [f"{name}: {number['text']}" for name, number in claims["numbers"].items()]


def records(build: Path, chapter: str) -> list[dict]:
    """The records of a chapter's figures."""
    read = (json.loads(path.read_text(encoding="utf-8")) for path in sorted((build / "figures").glob("fig-*.json")))
    return [record for record in read if record["chapter"] == chapter]


def numbers_differ(name: str, ours: Path, theirs: Path) -> list[str]:
    """The columns of a figure's CSV that differ by more than they may."""
    with open(ours, newline="", encoding="utf-8") as a, open(theirs, newline="", encoding="utf-8") as b:
        left, right = list(csv.DictReader(a)), list(csv.DictReader(b))
    if len(left) != len(right) or (left and left[0].keys() != right[0].keys()):
        return [f"{name}: other rows or columns"]
    found = []
    for column in left[0]:
        pairs = [(x[column], y[column]) for x, y in zip(left, right, strict=True) if x[column] != y[column]]
        if not pairs:
            continue
        try:
            pairs = [(float(x), float(y)) for x, y in pairs]
            size = max((abs(float(row[column])) for row in left if row[column]), default=0.0)
        except ValueError:
            found.append(f"{name}, {column}: {pairs[0][0]} and {pairs[0][1]}")
            continue
        rounding = ROUNDING in column
        for x, y in pairs:
            if max(abs(x), abs(y)) > FINE if rounding else not abs(x - y) <= TOLERANCE * size:
                found.append(f"{name}, {column}: {x} and {y}")
                break
    return found


# ---------------------------------------------------------------- running


def run_chapter(setting: Setting, build: Path, chapter: str, profile: str) -> bool:
    """Execute one chapter under a setting; whether it ran. What it prints is kept in a log."""
    command = [sys.executable, "-m", "tools.execute", chapter, "--profile", profile]
    with open(build / f"{chapter}.log", "w", encoding="utf-8") as log:
        one_format = environment(setting, build) | {"FTC_FORMATS": "svg"}
        return not subprocess.run(command, env=one_format, stdout=log, stderr=log).returncode


def faults(build: Path, reference: Path | None, chapter: str) -> list[str]:
    """What is wrong with a chapter that ran: a line for each difference."""
    notebook = nbformat.read(build / "notebooks" / f"{chapter}.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    found = [f"error stream: {o.text.splitlines()[0]}" for o in outputs if o.get("name") == "stderr"]
    claims = json.loads((build / "claims" / f"{chapter}.json").read_text(encoding="utf-8"))
    found += [f"claim: {c['id']} ({c['evidence']})" for c in claims["checks"] if c["holds"] is not True]
    if reference is None:
        return found
    here, there = words(build, chapter), words(reference, chapter)
    for kind, *place in difflib.SequenceMatcher(None, there, here, autojunk=False).get_opcodes():
        if kind != "equal":
            old, new = there[place[0] : place[1]], here[place[2] : place[3]]
            found.append("words: " + " / ".join(old) + "\n      here: " + " / ".join(new))
    for record in records(build, chapter):
        name = f"{record['id']}.csv"
        if (reference / "figures" / name).is_file():
            found += [
                f"numbers: {text}"
                for text in numbers_differ(name, build / "figures" / name, reference / "figures" / name)
            ]
    return found


def run_tests(setting: Setting, build: Path) -> str:
    """The fast tests under a setting: "ok" or what pytest says last."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "2", "-p", "no:cacheprovider", *FAST_TESTS]
    with open(build / "tests.log", "w", encoding="utf-8") as log:
        code = subprocess.run(command, env=environment(setting, build), stdout=log, stderr=log).returncode
    return "ok" if code == 0 else (build / "tests.log").read_text(encoding="utf-8").splitlines()[-1]


def main() -> int:
    """Run the settings, print a table, list the differences; 0 if there are none."""
    parser = argparse.ArgumentParser(description="Run the book in other arithmetic and compare what it says.")
    parser.add_argument("names", nargs="*", help="settings, all by default: " + ", ".join(s.name for s in settings()))
    parser.add_argument("--chapters", nargs="*", help="some chapters only")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--against", type=Path, help="the build folder to compare with (default: the setting own)")
    parser.add_argument("--no-tests", action="store_true", help="chapters only")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {s.name for s in settings()}
    if unknown:
        parser.error(f"no setting {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in settings())}")
    chapters = arguments.chapters or sorted(path.stem for path in Path("book").glob("[0-9]*.ipynb"))
    root = Path(os.environ.get("FTC_BUILD", "_build")).resolve()
    wanted = [s for s in settings() if not arguments.names or s.name in arguments.names]
    if arguments.against is None and "own" not in {s.name for s in wanted}:
        wanted.insert(0, settings()[0])
    reference = arguments.against.resolve() if arguments.against else root / "portability" / "own"
    rows, details, done = [], [], {}
    for setting in wanted:
        found = kernel(setting)
        others = {name: value for name, value in setting.environment.items() if name != "OPENBLAS_CORETYPE"}
        same = done.setdefault(json.dumps([found, others]), setting.name)
        if found is None or same != setting.name:
            rows.append([setting.name, *[f"as {same}" if found else ABSENT] * (len(chapters) + 1)])
            continue
        began = time.monotonic()
        build = root / "portability" / re.sub(r"\W+", "-", setting.name)
        build.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(run_chapter, setting, build, chapter, arguments.profile) for chapter in chapters]
            ran = [job.result() for job in jobs]
        row = [setting.name]
        for chapter, good in zip(chapters, ran, strict=True):
            found = (
                faults(build, None if build == reference else reference, chapter) if good else ["failed: see its log"]
            )
            kinds = dict.fromkeys(text.split(":")[0] for text in found)
            row.append("ok" if not found else ", ".join(kinds))
            details += [f"{setting.name}, {chapter}: {text}" for text in found]
            details += [f"    {build / chapter}.log"] * (not good)
        row.append("" if arguments.no_tests else run_tests(setting, build))
        rows.append(row)
        print(f"{' | '.join(row)}    ({time.monotonic() - began:.0f} s)", flush=True)
    table = [["setting", *chapters, "fast tests"], ["---"] * (len(chapters) + 2), *rows]
    text = "\n".join("| " + " | ".join(row) + " |" for row in table) + "\n"
    (root / "portability" / "table.md").write_text(text, encoding="utf-8")
    print("\n" + text)
    print("\n".join(details))
    bad = details or [row for row in rows if row[-1] not in ("", "ok", ABSENT) and not row[-1].startswith("as ")]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
