"""Put together what Sphinx reads: the book's sources, the executed notebooks and what they recorded.

    _build/source/   _config.yml  _toc.yml  book/*.md  book/*.ipynb (executed)  book/_ext ...
                     _data/       figures/*.json  chapters/*.json  claims.json  library.json   for our directives
                     _katex/      fonts and style sheet of the formulas (their renderer is in _data)

When nothing in it changed, the site is not built again.
"""

import json
import os
from pathlib import Path

import nbformat
import yaml

from ftc_lib.book import ledger
from ftc_lib.book.output import DIRECTIVE
from tools import api, downloads, files, katex

COPIED = ("*.md", "*.bib", "_ext/**/*.py", "_static/**/*", "_templates/**/*")


def stage(build: Path) -> None:
    """Bring `build`/source up to date for the project in the current folder."""
    book = {f"book/{k}": v for pattern in COPIED for k, v in files.read_tree(Path("book"), pattern).items()}
    fonts = {f"_katex/{name}": content for name, content in katex.assets().items()}
    chapters = {path.stem: nbformat.read(path, as_version=4) for path in sorted((build / "notebooks").glob("*.ipynb"))}
    ledger_data = ledger.merged(
        ledger.load(Path("book/claims.yml")),
        ledger.load_records(build / "claims"),
        ledger.load(Path("book/statements.yml")),
    )

    wanted = book | fonts
    wanted["_config.yml"] = configuration()
    wanted["_data/katex.min.js"] = katex.script()
    wanted["_toc.yml"] = Path("_toc.yml").read_bytes()
    for chapter, notebook in chapters.items():
        wanted[f"_data/chapters/{chapter}.json"] = as_json(notebook.metadata.ftc)
        wanted[f"book/{chapter}.ipynb"] = nbformat.writes(for_site(notebook)).encode() + b"\n"
    for name, content in files.read_tree(build / "figures", "fig-*.json").items():
        wanted[f"_data/figures/{name}"] = content
    wanted["_data/claims.json"] = as_json(ledger_data)
    wanted["_data/library.json"] = as_json(api.library(repository()))
    wanted["_data/wheel.json"] = as_json(downloads.wheel(build)[0])
    files.sync(build / "source", wanted)


def as_json(value) -> bytes:
    """Readable JSON with a final newline."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


# ---------------------------------------------------------------- notebooks


def for_site(notebook):
    """The notebook as the site shows it: outputs that stand for a directive become that directive."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        if "parameters" in cell.metadata.get("tags", []):
            cell.metadata.tags.append("hide-input")
        directives = [output.data[DIRECTIVE] for output in cell.outputs if stands_for(output)]
        cell.outputs = [output for output in cell.outputs if not stands_for(output)]
        for number, found in enumerate(directives, start=1):
            content = f"{found['content']}\n" if "content" in found else ""
            text = f"```{{{found['directive']}}} {found['argument']}\n{content}```"
            cells.append(nbformat.v4.new_markdown_cell(text, id=f"{cell.id}-{number}"))
    notebook.cells = cells
    return notebook


def stands_for(output) -> bool:
    """Whether a directive takes the place of an output."""
    return DIRECTIVE in output.get("data", {})


# ---------------------------------------------------------------- configuration


def repository() -> str:
    """The repository's address, empty when it is not known."""
    return os.environ.get("FTC_REPOSITORY_URL", "").rstrip("/")


def configuration() -> bytes:
    """_config.yml; links and launch buttons only when the repository's address is known."""
    config = yaml.safe_load(Path("_config.yml").read_text(encoding="utf-8"))
    if address := repository():
        config["repository"] = {"url": address, "path_to_book": "", "branch": "main"}
        config["html"]["use_repository_button"] = True
        launch = {"notebook_interface": "jupyterlab"}
        if os.environ.get("FTC_BINDER_URL"):
            launch["binderhub_url"] = os.environ["FTC_BINDER_URL"].rstrip("/")
        if address.startswith("https://github.com/"):
            launch["colab_url"] = "https://colab.research.google.com"
        config["launch_buttons"] = launch
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode()
