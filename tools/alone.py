"""Run the site's notebooks as a reader does who has nothing else: a fresh environment, an empty folder, the wheel.

    python -m tools.alone                (from the project's folder, after make book; make alone calls it)
    python -m tools.alone 07_open

The environment has Jupyter's kernel and nothing of the book. Each notebook is copied from the site with the wheel
beside it; its first cell installs the library and, from the usual index, what the library needs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

JUPYTER = ("nbclient", "ipykernel")


RUN = "from nbclient.cli import main; main()"  # what the script jupyter-execute does


def alone(notebook: Path, wheel: Path, python: Path) -> str:
    """Execute a copy of the notebook in an empty folder with the wheel beside it; what went wrong, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (notebook, wheel):
            shutil.copy2(path, folder)
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("FTC_", "PYTHON", "MAKE", "VIRTUAL_ENV"))}
        command = [python, "-c", RUN, "--timeout=1200", notebook.name]
        outcome = subprocess.run(command, cwd=folder, env=keep, capture_output=True, text=True)
        if outcome.returncode:
            return outcome.stderr
        records = list(Path(folder, "_build", "reader", "claims").glob("*.json"))
        checks = [check for path in records for check in json.loads(path.read_text(encoding="utf-8"))["checks"]]
        false = [check["id"] for check in checks if check["holds"] is False]
        return f"false: {', '.join(false)}" if false else "" if checks else "it ran, but checked nothing"


def main() -> int:
    """Make the environment, run the notebooks one by one, say what happened; 0 if all ran."""
    parser = argparse.ArgumentParser(description="Run the site's notebooks in a fresh environment.")
    parser.add_argument("chapters", nargs="*", help="all by default")
    arguments = parser.parse_args()
    site = Path(os.environ.get("FTC_BUILD", "_build")).resolve() / "html" / "notebooks" / "source"
    (wheel,) = site.glob("*.whl")
    chapters = arguments.chapters or sorted(path.stem for path in site.glob("*.ipynb"))
    failed = []
    with tempfile.TemporaryDirectory() as home:
        venv.create(home, with_pip=True)
        python = Path(home) / ("Scripts" if os.name == "nt" else "bin") / "python"
        pip = [python, "-m", "pip", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", *JUPYTER], check=True)
        for chapter in chapters:
            began = time.monotonic()
            wrong = alone(site / f"{chapter}.ipynb", wheel, python)
            print(f"{chapter}  {'FAILED' if wrong else 'ran'}, {time.monotonic() - began:.0f} s", flush=True)
            if wrong:
                failed.append(chapter)
                print(wrong[-3000:])
            subprocess.run([*pip, "uninstall", "-y", "ftc-lib"], check=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
