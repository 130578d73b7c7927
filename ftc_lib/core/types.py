"""The types that signatures name, beside NumPy's own: one code path serves floats and Fractions.

Data      what a caller hands in: lists, arrays or frames of floats, integers or Fractions; checked when it arrives
Number    a float or a Fraction
Rows      numbers of rows of X
Seed      what random choices are drawn from: a number, or a generator that goes on
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

Data = Any
Number = float | Fraction
Rows = Sequence | np.ndarray
Seed = int | np.random.Generator
