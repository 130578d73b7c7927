"""Writing files only when their content changes, so that make and Sphinx see what is new."""

import hashlib
import json
from pathlib import Path

from ftc_lib.core import files


def unwritable(error: OSError, build: Path) -> str:
    """One line for the person at the terminal, where a system call failed: mostly the build folder is the culprit."""
    return f"{error}; files go to the build folder {build}, which BUILD=... changes: it must be writable and have room"


def write_if_changed(path: Path, content: bytes) -> None:
    """Give `path` this content in one step, leaving its date alone when it has it already."""
    if path.is_file() and path.read_bytes() == content:
        return
    files.write(path, content)


def sync(folder: Path, wanted: dict[str, bytes]) -> None:
    """Make `folder` hold exactly these files (relative name -> content); equal ones are not touched."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name, content in wanted.items():
        write_if_changed(folder / name, content)


def read_tree(folder: Path, pattern: str = "**/*") -> dict[str, bytes]:
    """Every file under `folder` that matches, as relative name -> content, in a stable order."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.glob(pattern))
        if path.is_file() and "__pycache__" not in path.parts
    }


def remove_figure(record: Path) -> None:
    """Remove a published figure, given its JSON record: all files that this names, and the record last."""
    for entry in json.loads(record.read_text(encoding="utf-8"))["files"].values():
        (record.parent / entry["name"]).unlink(missing_ok=True)
    record.unlink()


def digest(tree: dict[str, bytes]) -> str:
    """One hash for several files."""
    total = hashlib.sha256()
    for name in sorted(tree):
        total.update(name.encode() + b"\0" + hashlib.sha256(tree[name]).digest())
    return total.hexdigest()
