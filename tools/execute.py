"""Run one chapter's notebook with papermill and publish what it produced.

    python -m tools.execute 02_two_layer --profile quick        (from the project's folder)

The notebook writes into a temporary folder. Only when its last cell has run are its figures, its record for
the ledger and last the executed notebook renamed into place, so an interrupted or failed run leaves what was
there before.
"""

import argparse
import ast
import contextlib
import json
import logging
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import nbformat
import papermill
from nbclient.exceptions import CellExecutionError, DeadKernelError
from papermill.engines import Engine, NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError

from tools import profiles
from tools.files import remove_figure, unwritable

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
TRACEBACK_LINES = 12
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Failure(Exception):
    """A run that did not succeed, said in words for the person at the terminal."""


def first_line(source: str) -> str:
    """The line that names a cell in messages: its first one with code in it."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith("#")), lines[0] if lines else "(empty)")[:70]


# ---------------------------------------------------------------- parameters


def parameters_cell(notebook):
    """The cell tagged `parameters`, or None."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            return cell
    return None


def assignments(source: str) -> dict:
    """The top-level `name = value` statements of a parameters cell: name -> syntax node of the value."""
    statements = ast.parse(source).body
    return {
        statement.targets[0].id: statement.value
        for statement in statements
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }


def set_parameters(notebook, wanted: dict, chapter: str) -> dict:
    """Write the profile's values into the parameters cell and return all parameters of this run.

    papermill would add a second cell with the changed values. Writing them where they are declared keeps the
    page and the downloaded notebook honest: they show what was run, in one place.
    """
    cell = parameters_cell(notebook)
    declared = assignments(cell.source) if cell else {}
    for name in wanted:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise Failure(
                f"{chapter}: the profile sets {name!r}, which is no parameter of the notebook (it has: {known})"
            )
    lines = cell.source.encode().splitlines(keepends=True) if cell else []
    # From the last to the first, so that earlier positions (ast counts bytes) stay right.
    for name in sorted(wanted, key=lambda n: (declared[n].lineno, declared[n].col_offset), reverse=True):
        node = declared[name]
        before = lines[node.lineno - 1][: node.col_offset]
        after = lines[node.end_lineno - 1][node.end_col_offset :]
        lines[node.lineno - 1 : node.end_lineno] = [before + repr(wanted[name]).encode() + after]
    if cell:
        cell.source = b"".join(lines).decode()
    return {name: literal(node) for name, node in assignments(cell.source).items()} if cell else {}


def literal(node):
    """A parameter's value as JSON can keep it; an expression is kept as its source."""
    try:
        value = ast.literal_eval(node)
        json.dumps(value)
        return value
    except (ValueError, TypeError):
        return ast.unparse(node)


# ---------------------------------------------------------------- running


class Progress(NotebookExecutionManager):
    """Prints a line per code cell, and keeps which cell is running for the message of a failure."""

    chapter = ""
    running = None

    def cell_start(self, cell, cell_index=None, **kwargs):
        super().cell_start(cell, cell_index, **kwargs)
        Progress.running = (cell_index + 1, first_line(cell.source))
        self.began = time.monotonic()

    def cell_complete(self, cell, cell_index=None, **kwargs):
        super().cell_complete(cell, cell_index, **kwargs)
        if cell.cell_type == "code" and cell.source.strip():
            seconds = time.monotonic() - self.began
            count = f"{cell_index + 1}/{len(self.nb.cells)}"
            print(f"{self.chapter}  cell {count:>7}  {seconds:6.1f} s  {first_line(cell.source)}", flush=True)


class BookEngine(Engine):
    """papermill's own engine, with our progress lines in place of its bar and its saving after each cell."""

    @classmethod
    def execute_notebook(cls, nb, kernel_name, **kwargs):
        manager = Progress(nb, progress_bar=False)
        manager.notebook_start()
        NBClientEngine.execute_managed_notebook(manager, kernel_name)
        manager.notebook_complete()
        return manager.nb


def run_notebook(notebook, chapter: str, folder: Path):
    """Execute a notebook in `folder`; however it fails, the Failure names chapter, cell and error."""
    papermill_engines.register("book", BookEngine)
    Progress.chapter = chapter
    Progress.running = None
    try:
        return papermill.execute_notebook(
            notebook, None, engine_name="book", kernel_name="python3", cwd=folder, progress_bar=False
        )
    except PapermillExecutionError as error:
        trace = ANSI.sub("", "\n".join(error.traceback)).splitlines()[-TRACEBACK_LINES:]
        what = f"{error.ename}: {ANSI.sub('', str(error.evalue))}"
        raise Failure(message(chapter, what) + "\n" + "\n".join(f"    {line}" for line in trace)) from None
    except (DeadKernelError, CellExecutionError) as error:
        raise Failure(message(chapter, f"{type(error).__name__}: {error}")) from None
    except KeyboardInterrupt:
        # The cell's own KeyboardInterrupt arrives at a task that nobody awaits any more; asyncio would print
        # it.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        raise Failure(message(chapter, "interrupted")) from None


def message(chapter, what):
    """The sentence that says where a run stopped."""
    if Progress.running is None:
        return f"{chapter}: {what} (before the first cell)"
    number, line = Progress.running
    return f"{chapter}: {what}\n    in cell {number}: {line}"


# ---------------------------------------------------------------- what is published


def cleaned(notebook, chapter: str, profile: str, parameters: dict):
    """The executed notebook without what changes from run to run, and with what it was run with."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
            "ftc": {"chapter": chapter, "profile": profile, "parameters": parameters},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:04d}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        # papermill gives every cell an empty list of tags.
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)
        if cell.cell_type == "code":
            cell.outputs = joined_streams(cell.outputs)
    return notebook


def joined_streams(outputs):
    """Neighbouring pieces of one stream as one output; where a kernel flushes is a matter of chance."""
    joined = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream" and output.name == joined[-1].name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def stale(chapter: str, build: Path) -> bool:
    """Whether a chapter has changed since it ran, or is gone: then a figure may have moved to another one."""
    source, ran = Path("book", f"{chapter}.ipynb"), build / "notebooks" / f"{chapter}.ipynb"
    if not source.exists() or not ran.exists():
        return True
    files = [source, *library_files(nbformat.read(source, as_version=4), Path("ftc_lib"))]
    return max(path.stat().st_mtime for path in files) > ran.stat().st_mtime


def publish(folder: Path, build: Path, chapter: str) -> None:
    """Rename a run's files into place, the notebook last: make takes it as the sign that all is there."""
    for place in ("figures", "claims", "notebooks"):
        (build / place).mkdir(parents=True, exist_ok=True)
        (folder / place).mkdir(exist_ok=True)
    for record in (build / "figures").glob("fig-*.json"):
        before = json.loads(record.read_text(encoding="utf-8"))
        again = folder / "figures" / record.name
        if before["chapter"] == chapter and not again.exists():
            remove_figure(record)
        if before["chapter"] != chapter and again.exists() and not stale(before["chapter"], build):
            raise Failure(f"{chapter}: figure {record.stem} is already published by {before['chapter']}")
    if not (folder / "claims" / f"{chapter}.json").exists():
        (build / "claims" / f"{chapter}.json").unlink(missing_ok=True)
    for path in sorted((folder / "figures").iterdir()) + sorted((folder / "claims").iterdir()):
        os.replace(path, build / path.parent.name / path.name)
    for suffix in ("d", "ipynb"):
        os.replace(folder / "notebooks" / f"{chapter}.{suffix}", build / "notebooks" / f"{chapter}.{suffix}")


# ---------------------------------------------------------------- what a notebook depends on


def imported_names(source: str, package: str) -> set[str]:
    """What Python source imports from the package `package` (dotted), or from one around it, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            around = package.split(".")[: len(package.split(".")) - (node.level - 1)] if node.level else []
            module = ".".join([*around, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == package.split(".")[0]}


def short_names(library: Path) -> dict[str, str]:
    """The names that the library itself hands out for modules deep inside it: its table SHORT_NAMES."""
    for node in ast.parse((library / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SHORT_NAMES":
            return ast.literal_eval(node.value)
    return {}


def modules_on_the_way(name: str, library: Path, short: dict[str, str]) -> list[Path]:
    """The files that Python runs for `from library.a.b import c`, name = "library.a.b.c": packages, and a module.

    The last part may be a function; what hands it on is a file on the way, whose own imports are followed.
    """
    parts = name.split(".")[1:]
    if parts and parts[0] in short and not (library / f"{parts[0]}.py").exists():
        parts[:1] = short[parts[0]].split(".")
    found, folder = [library / "__init__.py"], library
    for part in parts:
        if (folder / part / "__init__.py").is_file():
            folder = folder / part
            found.append(folder / "__init__.py")
        else:
            return [*found, folder / f"{part}.py"] if (folder / f"{part}.py").is_file() else found
    return found


def library_files(notebook, library: Path) -> list[Path]:
    """Every file of the library that the notebook imports, directly or through another one, and the data they name."""
    waiting = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # Lines of IPython's own syntax (%matplotlib) are no Python; what else is none, the kernel will say.
            python = "\n".join(line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!")))
            with contextlib.suppress(SyntaxError):
                waiting |= imported_names(python, library.name)
    if library.name in waiting:  # "import ftc_lib": whatever it uses of it, it reaches by a dot
        return sorted(path for kind in ("*.py", "*.json") for path in library.rglob(kind))
    files, short = set(), short_names(library)
    while waiting:
        for path in modules_on_the_way(waiting.pop(), library, short):
            if path not in files:
                source = path.read_text(encoding="utf-8")
                files |= {path} | {data for data in path.parent.glob("*.json") if data.name in source}
                package = ".".join([library.name, *path.parent.relative_to(library).parts])
                waiting |= imported_names(source, package)
    return sorted(files)


def depfile(target: Path, files: list[Path]) -> str:
    """A make rule for the executed notebook; the empty rules let a library file disappear."""
    names = [str(path) for path in files]
    return f"{target}: {' '.join(names)}\n" + "".join(f"{name}:\n" for name in names)


# ---------------------------------------------------------------- the command


def alive(process: int) -> bool:
    """Whether a process of that number exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def execute(chapter: str, profile: str, build: Path, changed: dict | None = None) -> None:
    """Run one chapter of the project in the current folder, with the profile's parameters but for the ``changed``."""
    root = Path.cwd()
    try:
        notebook = nbformat.read(root / "book" / f"{chapter}.ipynb", as_version=4)
    except Exception as error:  # nbformat raises many kinds for a file that is no notebook
        raise Failure(f"book/{chapter}.ipynb cannot be read as a notebook: {str(error)[:200]}") from None
    try:
        wanted = profiles.read(profile)
    except ValueError as error:
        raise Failure(f"{chapter}: {error}") from None
    files = library_files(notebook, Path("ftc_lib"))
    parameters = set_parameters(notebook, wanted.get(chapter, {}) | (changed or {}), chapter)

    (build / "tmp").mkdir(parents=True, exist_ok=True)
    for left_over in (build / "tmp").glob(f"{chapter}.*"):
        if not alive(int(left_over.suffix[1:])):  # of a run that was killed outright
            shutil.rmtree(left_over)
    folder = (build / "tmp" / f"{chapter}.{os.getpid()}").resolve()
    (folder / "notebooks").mkdir(parents=True)
    os.environ.update(
        FTC_OUT=str(folder),
        FTC_CHAPTER=chapter,
        FTC_PROFILE=profile,
        FTC_CHANGED="yes" if changed else "",
        FTC_PARAMETERS=json.dumps(parameters),
        SOURCE_DATE_EPOCH="0",
        PYTHONPATH=str(root),  # this tree's library, wherever the kernel runs
        **dict.fromkeys(ONE_THREAD, os.environ.get("FTC_THREADS", "1")),
    )
    os.environ.setdefault("PYTHONHASHSEED", "0")
    began = time.monotonic()
    try:
        executed = cleaned(run_notebook(notebook, chapter, folder), chapter, profile, parameters)
        target = folder / "notebooks" / f"{chapter}.ipynb"
        nbformat.write(executed, target)
        target.with_suffix(".d").write_text(depfile(build / "notebooks" / f"{chapter}.ipynb", files), encoding="utf-8")
        publish(folder, build, chapter)
    finally:
        shutil.rmtree(folder)
    print(f"{chapter}  done in {time.monotonic() - began:.1f} s", flush=True)


def main() -> int:
    """Run the chapter named on the command line."""
    parser = argparse.ArgumentParser(description="Run one chapter's notebook and publish what it produced.")
    parser.add_argument("chapter", help="name of the notebook without .ipynb, such as 02_two_layer")
    parser.add_argument("--profile", required=True, help="a file of book/profiles, such as quick")
    parser.add_argument("--change", type=json.loads, default={}, help="other parameters, such as '{\"K\": 60}'")
    arguments = parser.parse_args()
    # make ends its children with SIGTERM; treat it like Ctrl-C so that the kernel is shut down and nothing is
    # left.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    build = Path(os.environ.get("FTC_BUILD", "_build"))
    try:
        execute(arguments.chapter, arguments.profile, build, arguments.change)
    except (Failure, KeyboardInterrupt) as failure:
        print(f"\nFAILED  {failure or 'interrupted'}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"\nFAILED  {arguments.chapter}: {unwritable(error, build)}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
