"""A second build, in another folder and with another hash seed, gives the same bytes."""

import os
import subprocess

from tests.site.conftest import ROOT, built


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_second_build_gives_the_same_bytes(tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FTC_BUILD", "MAKE", "MFLAGS"))}
    outcome = subprocess.run(
        ["make", "--no-print-directory", "book", f"BUILD={tmp_path}/again"],
        cwd=ROOT,
        env=environment | {"PYTHONHASHSEED": "20240800", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    first, second = tree(built()), tree(tmp_path / "again" / "html")
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []
