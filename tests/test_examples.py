"""The examples in the library's docstrings say what comes out."""

import doctest
import importlib
from pathlib import Path

import pytest

import ftc_lib

LIBRARY = Path(ftc_lib.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in LIBRARY.rglob("*.py")
)
FITS = [f"ftc_lib.{room}.fit" for room in ("baum", "two_layer", "three_layer", "deep", "general_position")]
FITS += ["ftc_lib", "ftc_lib.three_layer.one_sign", "ftc_lib.weights.harmonic", "ftc_lib.weights.ntk"]


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    found = doctest.testmod(importlib.import_module(module))
    assert found.failed == 0 and (found.attempted > 0 or module not in FITS)
