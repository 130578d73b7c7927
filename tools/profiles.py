"""Keep one small file per chapter with the parameters its profile asks for.

    python -m tools.profiles quick        (from the project's folder; make calls it)

An executed notebook depends on its file here. A file is rewritten only when its content changes, so another
profile runs every chapter again, and an edit of one chapter's parameters runs that chapter.
"""

import json
import os
import sys
from pathlib import Path

import yaml

from tools.files import write_if_changed


def main(profile: str) -> int:
    """Write the files for every chapter of the project in the current folder."""
    source = Path("book/profiles") / f"{profile}.yml"
    if not source.is_file():
        known = ", ".join(sorted(path.stem for path in source.parent.glob("*.yml")))
        print(f"there is no profile {profile!r}; book/profiles has {known}", file=sys.stderr)
        return 1
    chapters = {path.stem for path in Path("book").glob("[0-9]*.ipynb")}
    try:
        wanted = yaml.safe_load(source.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        print(f"{source} is no YAML: {error}", file=sys.stderr)
        return 1
    if not isinstance(wanted, dict):
        print(f"{source}: expected chapters with their parameters, found a {type(wanted).__name__}", file=sys.stderr)
        return 1
    unknown = sorted(set(wanted) - chapters)
    if unknown:
        print(f"{source} sets parameters for {', '.join(unknown)}, which is no chapter", file=sys.stderr)
        return 1
    folder = Path(os.environ.get("FTC_BUILD", "_build")) / "profiles"
    for chapter in sorted(chapters):
        content = {"profile": profile, "parameters": wanted.get(chapter) or {}}
        write_if_changed(folder / f"{chapter}.json", json.dumps(content, sort_keys=True).encode() + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
