"""The examples in the library's docstrings say what comes out."""

import doctest
import importlib
from pathlib import Path

import pytest

import ftc_lib

MODULES = sorted(path.stem for path in Path(ftc_lib.__file__).parent.glob("*.py") if path.stem != "__init__")
FITS = ("baum", "deep", "general_position", "harmonic", "ntk", "one_sign", "three_layer", "two_layer")


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    found = doctest.testmod(importlib.import_module(f"ftc_lib.{module}"))
    assert found.failed == 0 and (found.attempted > 0 or module not in FITS)
