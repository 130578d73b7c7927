"""Where a run writes what it publishes, and under which name.

The book's runner hands each notebook an empty folder and says, through the environment, which chapter it runs
and with which parameters. Without the runner (a reader in Jupyter, a papermill call of their own) everything
goes to `_build/reader` under the current folder, so that a reader's run never overwrites the book's own
files.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

DIRECTIVE = "application/vnd.ftc.directive+json"  # tells the site which directive stands for an output


@dataclass(frozen=True)
class Run:
    """One run of one notebook: where it writes, and what a published file says about its origin."""

    folder: Path
    chapter: str
    profile: str
    parameters: dict | None  # None: a reader's run, which does not say
    by_runner: bool
    as_published: bool  # with the profile's own parameters: what the site shows
    formats: tuple[str, ...]  # of its figures


def current() -> Run:
    """The run this process belongs to, read from the environment."""
    folder = os.environ.get("FTC_OUT")
    return Run(
        folder=Path(folder) if folder else Path.cwd() / "_build" / "reader",
        # Each kernel of a reader records its checks in a file of its own.
        chapter=os.environ.get("FTC_CHAPTER", f"reader-{os.getpid()}"),
        profile=os.environ.get("FTC_PROFILE", "reader"),
        parameters=json.loads(os.environ.get("FTC_PARAMETERS", "null")),
        by_runner=bool(folder),
        as_published=bool(folder) and not os.environ.get("FTC_CHANGED"),
        formats=tuple(os.environ.get("FTC_FORMATS", "svg pdf png").split()),
    )
