"""Keep one small file per chapter with the parameters its profile asks for.

    python -m tools.profiles quick        (from the project's folder; make calls it)

An executed notebook depends on its file here. A file is rewritten only when its content changes, so another
profile runs every chapter again, and an edit of one chapter's parameters runs that chapter.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import yaml

from tools.files import unwritable, write_if_changed


def read(profile: str) -> dict[str, dict]:
    """The parameters that a profile sets, by chapter. ValueError, in one line, for a profile that is none."""
    known = {path.stem: path for path in sorted(Path("book/profiles").glob("*.yml"))}
    if profile not in known:
        raise ValueError(f"there is no profile {profile!r}; book/profiles has {', '.join(known)}")
    source = known[profile]
    try:
        wanted = yaml.safe_load(source.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{source} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(wanted, dict):
        raise ValueError(f"{source}: expected chapters with their parameters, found a {type(wanted).__name__}")
    unknown = sorted(str(chapter) for chapter in wanted if not Path("book", f"{chapter}.ipynb").is_file())
    if unknown:
        raise ValueError(f"{source} sets parameters for {', '.join(unknown)}, which is no chapter")
    for chapter, values in wanted.items():
        if not isinstance(values or {}, dict):
            raise ValueError(f"{source}, {chapter}: expected parameters, name: value, found {values!r}")
    return {chapter: values or {} for chapter, values in wanted.items()}


def main() -> int:
    """Write the files for every chapter of the project in the current folder."""
    parser = argparse.ArgumentParser(description="Keep one small file per chapter with its profile's parameters.")
    parser.add_argument("profile", help="a file of book/profiles, such as quick")
    profile = parser.parse_args().profile
    build = Path(os.environ.get("FTC_BUILD", "_build"))
    try:
        wanted = read(profile)
        for path in sorted(Path("book").glob("[0-9]*.ipynb")):
            content = {"profile": profile, "parameters": wanted.get(path.stem, {})}
            text = json.dumps(content, sort_keys=True) + "\n"
            write_if_changed(build / "profiles" / f"{path.stem}.json", text.encode())
    except (ValueError, OSError) as error:
        print(f"FAILED  {unwritable(error, build) if isinstance(error, OSError) else error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
