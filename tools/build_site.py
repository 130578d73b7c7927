"""Build the website from executed notebooks.

    python -m tools.build_site        (from the project's folder; make site calls it)

The ledger is checked first. Jupyter Book builds beside the last good site, which is replaced only when there
was no warning.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat

from tools import downloads, files
from tools.stage import stage

# Files of the theme that no page asks for.
UNUSED = (".map", ".buildinfo", "webpack-macros.html", "js/all.min.js", "js/all.min.js.LICENSE.txt")

INDEX = b"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>To the book</title>
<meta http-equiv="refresh" content="0; url=book/intro.html">
<link rel="icon" href="_static/favicon.svg">
</head>
<body><p><a href="book/intro.html">To the book</a></p></body>
</html>
"""


def jupyter_book(build: Path) -> bool:
    """Run Jupyter Book on the staged sources, if they changed; whether it came through without a warning."""
    output = build / "sphinx"
    stamp = output / "built-from"
    versions = {name: Path(name).read_bytes() for name in ("requirements.txt", "constraints.txt")}
    now = files.digest(files.read_tree(build / "source") | versions).encode()
    if stamp.is_file() and stamp.read_bytes() == now:
        return True
    # From nothing: on a second run Sphinx repeats no warning of a page it has read, and leaves old titles in the
    # side bars of pages that did not change.
    shutil.rmtree(output, ignore_errors=True)
    command = [Path(sys.executable).parent / "jupyter-book", "build", build / "source", "--path-output", output]
    strict = ["-W", "-n", "--keep-going", "-q"]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "0"}
    good = not subprocess.run([*command, *strict], env=environment, stdout=subprocess.DEVNULL).returncode
    if good:
        files.write_if_changed(stamp, now)
    return good


def site_files(build: Path) -> dict[str, bytes]:
    """The whole site, as relative name -> content."""
    pages = files.read_tree(build / "sphinx" / "_build" / "html")
    site = {name: content for name, content in pages.items() if not name.endswith(UNUSED)}
    site["index.html"] = INDEX
    site["claims.json"] = (build / "source" / "_data" / "claims.json").read_bytes()
    for name, content in files.read_tree(build / "figures", "fig-*").items():
        site[f"figures/{name}"] = content
    name, content = downloads.wheel(build)
    site |= {f"notebooks/{folder}/{name}": content for folder in ("source", "executed")}
    for path in sorted((build / "notebooks").glob("*.ipynb")):
        for folder, version in (("source", Path("book") / path.name), ("executed", path)):
            notebook = downloads.to_take_home(nbformat.read(version, as_version=4), name)
            site[f"notebooks/{folder}/{path.name}"] = nbformat.writes(notebook).encode() + b"\n"
    return site


def remove_outputs_of_gone_chapters(build: Path) -> None:
    """Forget what a chapter produced that is no longer part of the book."""
    for path in (build / "notebooks").glob("*.ipynb"):
        if not (Path("book") / path.name).exists():
            for record in (build / "figures").glob("fig-*.json"):
                if json.loads(record.read_text(encoding="utf-8"))["chapter"] == path.stem:
                    files.remove_figure(record)
            (build / "claims" / f"{path.stem}.json").unlink(missing_ok=True)
            path.with_suffix(".d").unlink(missing_ok=True)
            path.unlink()


def main() -> int:
    """Check the ledger, stage, build, publish."""
    build = Path(os.environ.get("FTC_BUILD", "_build"))
    began = time.monotonic()
    build.mkdir(parents=True, exist_ok=True)
    remove_outputs_of_gone_chapters(build)
    if subprocess.run([sys.executable, "-m", "ftc_lib.book.ledger"]).returncode:
        print("\nFAILED  the ledger (above); the last good site is untouched", file=sys.stderr)
        return 1
    stage(build)
    if not jupyter_book(build):
        print("\nFAILED  the site has warnings (above); the last good one is untouched", file=sys.stderr)
        return 1
    files.sync(build / "html", site_files(build))
    print(f"site  done in {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nFAILED  the site: interrupted; the last good one is untouched")
    except OSError as error:
        sys.exit(f"\nFAILED  the site: {files.unwritable(error, Path(os.environ.get('FTC_BUILD', '_build')))}")
