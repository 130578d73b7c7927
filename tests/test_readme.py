"""What the README shows is so."""

import re
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_library_example_says_what_it_says():
    code = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    names: dict = {}
    exec(code, names)
    assert names["g"].n_neurons == 75 and "# 75 neurons" in code
    assert names["h"].n_neurons == 21 and "# 21 neurons" in code
    assert names["proof"].max_error_kept == Fraction(0, 1)


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
