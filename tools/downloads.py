"""What a reader takes home: the library as a wheel, and notebooks that install it where it is missing."""

import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat

from tools import files

SOURCES = ("pyproject.toml", "README.md", "LICENSE")

FIRST_CELL = """\
# Where the book's library is missing, install it from the wheel that the site offers beside this notebook.
import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

WHEEL = "{wheel}"
if importlib.util.find_spec("ftc_lib") is None:
    if not Path(WHEEL).is_file():
        raise FileNotFoundError(f"put {{WHEEL}} into {{Path.cwd()}}; this chapter's page on the site offers it")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", WHEEL], check=True)
    importlib.invalidate_caches()
"""


def wheel(build: Path) -> tuple[str, bytes]:
    """The library's wheel, name and bytes, built anew when its sources changed. Equal sources give equal bytes."""
    sources = {name: Path(name).read_bytes() for name in SOURCES if Path(name).is_file()}
    sources |= {f"ftc_lib/{name}": content for name, content in files.read_tree(Path("ftc_lib")).items()}
    kept = build / "wheel" / files.digest(sources)[:16]
    if not list(kept.glob("*.whl")):
        shutil.rmtree(build / "wheel", ignore_errors=True)
        with tempfile.TemporaryDirectory() as place:  # setuptools leaves its own folders beside the sources
            files.sync(Path(place) / "sources", sources)
            command = [sys.executable, "-m", "pip", "wheel", "-qq", "--disable-pip-version-check", "--no-deps"]
            command += ["--no-build-isolation", "--wheel-dir", f"{place}/made", f"{place}/sources"]
            subprocess.run(command, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": "315532800"})
            made = next(Path(place, "made").glob("*.whl"))
            files.write_if_changed(kept / made.name, in_order(made.read_bytes()))
    made = next(kept.glob("*.whl"))
    return made.name, made.read_bytes()


def in_order(archive: bytes) -> bytes:
    """The archive again, without what the folder and the user that made it leave in it."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (".dist-info/" in name, name)):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            new.writestr(entry, old.read(name))
    return content.getvalue()


def to_take_home(notebook, wheel_name: str):
    """The notebook with a first code cell that installs the library where there is none."""
    cell = nbformat.v4.new_code_cell(FIRST_CELL.format(wheel=wheel_name), id="install")
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), len(notebook.cells))
    notebook.cells.insert(first, cell)
    return notebook
