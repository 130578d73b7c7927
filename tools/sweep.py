"""Run every chapter at the corners of what its parameters may be.

    python -m tools.sweep                   (from the project's folder; make sweep calls it)
    python -m tools.sweep 05_general_position --seeds 3

A range that a chapter announces is a promise: seeds 0 to 20, each parameter alone at both ends of its range, and all at
their least. A run is good when it ends, its claims are true (or it says that it is too small to tell) and nothing is on
its error stream; or when it is refused in the cell that checks the parameters. What has been run is remembered under
_build/sweep until the chapter or the library changes, so an interrupted sweep goes on where it stopped.
"""

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat

from ftc_lib.book import parameters
from tools import execute, profiles

SLOW = 60  # seconds of the processor after which a run should have said that it takes minutes
LIMIT = 1800  # seconds of the clock after which a run is ended
CHECK = "parameters.check("


@dataclass(frozen=True)
class Announced:
    """What a chapter announces: a range for each parameter, and the number of the cell that says so."""

    ranges: dict
    cell: int


def announced(notebook) -> Announced:
    """Read a notebook's call of `parameters.check`; ValueError if it has none."""
    names = {name: getattr(parameters, name) for name in ("whole", "wholes", "SEED")}
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and CHECK in cell.source:
            python = "\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!")))
            for node in ast.walk(ast.parse(python)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == CHECK[:-1]:
                    found = {
                        k.arg: eval(ast.unparse(k.value), {"parameters": parameters}, names) for k in node.keywords
                    }
                    return Announced(found, number)
    raise ValueError(f"no cell calls {CHECK[:-1]}")


def cases(ranges: dict, seeds: int) -> list[dict]:
    """The changes of parameters to try."""
    found = [{"seed": seed} for seed in range(seeds)] if "seed" in ranges else []
    for name, allowed in ranges.items():
        if name != "seed":
            found += [{name: value} for value in allowed.ends()]
    return [*found, {name: allowed.ends()[0] for name, allowed in ranges.items()}]


def fingerprint(notebook, chapter: str) -> str:
    """A hash of all that a run of the chapter depends on but for its parameters."""
    files = [Path("book") / f"{chapter}.ipynb", *execute.library_files(notebook, Path("ftc_lib"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def run(chapter: str, change: dict, profile: str, check_cell: int, build: Path) -> dict:
    """One run of a chapter: what came of it, and the processor's seconds, which do not hang on what else it does."""
    name = hashlib.sha256(json.dumps([chapter, change]).encode()).hexdigest()[:12]
    folder = build / name
    command = [sys.executable, "-m", "tools.execute", chapter, "--profile", profile, "--change", json.dumps(change)]
    with open(build / f"{name}.log", "w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env=os.environ | {"FTC_BUILD": str(folder), "FTC_FORMATS": "svg"}, stdout=log, stderr=log
        )
        timer = threading.Timer(LIMIT, process.terminate)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        log.seek(0)
        verdict, detail = judged(process.returncode, log.read(), folder, chapter, check_cell)
    seconds = used.ru_utime + used.ru_stime
    Path(log.name).unlink()
    if verdict in ("good", "open") and seconds > SLOW and "takes minutes" not in detail:
        verdict = "SLOW"
    shutil.rmtree(folder, ignore_errors=True)
    return {"verdict": verdict, "detail": detail, "seconds": round(seconds, 1)}


def judged(code: int, printed: str, folder: Path, chapter: str, check_cell: int) -> tuple[str, str]:
    """The verdict on a run that ended with an exit code, and the words for it."""
    if code:
        error = printed[printed.find("FAILED") :].strip()
        refused = re.search(rf"ValueError: (.*)\n    in cell {check_cell}: ", error)
        return ("refused", refused[1]) if refused else ("FAILED", error[:1500])
    claims = json.loads((folder / "claims" / f"{chapter}.json").read_text(encoding="utf-8"))["checks"]
    outputs = [
        output
        for cell in nbformat.read(folder / "notebooks" / f"{chapter}.ipynb", as_version=4).cells
        for output in cell.get("outputs", [])
    ]
    said = "; ".join(o.text.strip() for o in outputs if "this run takes minutes" in o.get("text", ""))
    noise = [output.text for output in outputs if output.get("name") == "stderr"]
    false = [f"{claim['id']}: {claim['evidence']}" for claim in claims if claim["holds"] is False]
    if noise or false:
        return "FAILED", "\n".join(
            [*(f"error stream: {text}" for text in noise), *(f"false: {text}" for text in false)]
        )
    undecided = ", ".join(claim["id"] for claim in claims if claim["holds"] is None)
    return ("open", f"too small to tell: {undecided}; {said}") if undecided else ("good", said)


def main() -> int:
    """Run what has not been run yet, print each outcome, list what fails; 0 if nothing does."""
    parser = argparse.ArgumentParser(description="Run the chapters at the corners of their parameters.")
    parser.add_argument("chapters", nargs="*", help="all by default")
    parser.add_argument("--seeds", type=int, default=21, help="seeds 0 to SEEDS - 1")
    parser.add_argument("--profile", default="quick", help="what is not changed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs side by side")
    arguments = parser.parse_args()
    chapters = arguments.chapters or sorted(path.stem for path in Path("book").glob("[0-9]*.ipynb"))
    build = Path(os.environ.get("FTC_BUILD", "_build")).resolve() / "sweep"
    build.mkdir(parents=True, exist_ok=True)
    memory = build / f"{arguments.profile}.jsonl"
    known = [json.loads(line) for line in memory.read_text().splitlines()] if memory.is_file() else []
    done = {record["key"]: record for record in known}
    try:
        profile = profiles.read(arguments.profile)
    except ValueError as error:
        parser.error(str(error))
    waiting = []
    for chapter in chapters:
        notebook = nbformat.read(Path("book") / f"{chapter}.ipynb", as_version=4)
        said, mark = announced(notebook), fingerprint(notebook, chapter)
        for change in cases(said.ranges, arguments.seeds):
            key = json.dumps([chapter, mark, profile.get(chapter), change])
            waiting.append((chapter, change, said.cell, key))
    fresh = [job for job in waiting if job[-1] not in done]
    print(f"{len(waiting)} runs, {len(waiting) - len(fresh)} of them known", flush=True)

    def work(job):
        chapter, change, cell, key = job
        record = {"key": key, "chapter": chapter, "change": change} | run(
            chapter, change, arguments.profile, cell, build
        )
        print(
            f"{record['verdict']:8}{record['seconds']:7.1f} s  {chapter}  {change}  {record['detail'][:300]}",
            flush=True,
        )
        with open(memory, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        return key, record

    with ThreadPoolExecutor(arguments.jobs) as pool:
        done |= dict(pool.map(work, fresh))
    results = [done[key] for *_, key in waiting]
    counts = {
        verdict: sum(r["verdict"] == verdict for r in results)
        for verdict in ("good", "open", "refused", "SLOW", "FAILED")
    }
    bad = [record for record in results if record["verdict"] in ("SLOW", "FAILED")]
    print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    for record in bad:
        print(
            f"\n{record['verdict']}  {record['chapter']}  {record['change']}  {record['seconds']} s\n{record['detail']}"
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
