"""What the README shows is so."""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np

from ftc_lib import two_layer

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_library_example_says_what_it_says():
    code = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    names: dict = {}
    exec(code, names)
    assert names["g"].n_neurons == 75 and "# 75 neurons" in code
    assert names["h"].n_neurons == 21 and "# 21 neurons" in code
    assert names["proof"].max_error_kept == Fraction(0, 1)
    g, X, z = (names[name] for name in ("g", "X", "z"))
    assert f"# {g.error:.0e}: as run in float64" in code
    moved = np.abs(g.in_order(X)[z == 0])
    assert f"move {(moved > 0).sum()} of the {(z == 0).sum()} untouched samples" in README
    assert f"by up to {moved.max():.0e} in float64" in README
    single = two_layer.fit(X, z, method="bumps", dtype=np.float32, tol=np.inf)
    moved = np.abs(single.in_order(X.astype(np.float32))[z == 0])
    assert "by some thousandths in float32" in README and 1e-3 < moved.max() < 1e-2


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
