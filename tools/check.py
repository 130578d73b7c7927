"""Everything that is checked before a change is accepted, stage by stage; the first failing stage ends it.

python -m tools.check        (from the project's folder; make test calls it)
"""

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2"]
# The arithmetic farthest from the one that make book ran in.
FAR = "own" if "OPENBLAS_CORETYPE" in os.environ else "oldest"
STAGES = (
    ("style of code and notebooks", [sys.executable, "-m", "ruff", "check", "."]),
    ("formatting of code", [sys.executable, "-m", "ruff", "format", "--check", "."]),
    ("types of the library", [sys.executable, "-m", "mypy"]),
    ("spelling", [sys.executable, "-m", "codespell_lib"]),
    ("unit and property tests", [*PYTEST, "tests", "--ignore=tests/site"]),
    ("the book", ["make", "--no-print-directory", "-j2", "book"]),
    (
        f"chapters and fast tests in other arithmetic: {FAR}",
        [sys.executable, "-m", "tools.portability", FAR, "--against", os.environ.get("FTC_BUILD", "_build")],
    ),
    ("the site in a browser, and the same bytes twice", [*PYTEST, "tests/site"]),
)


def main() -> int:
    """Run the stages; the last line of a good run is that of the last pytest."""
    if not any(map(shutil.which, BROWSERS)):
        print("no Chromium found, the site's tests need it; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    # The calling make's own flags and job slots are not for the make that builds the book.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    for number, (title, command) in enumerate(STAGES, start=1):
        print(f"\n=== {number}/{len(STAGES)}  {title}", flush=True)
        if subprocess.run(command, env=environment).returncode:
            print(f"\nFAILED  at stage {number}/{len(STAGES)}: {title}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
