"""A two-layer network behind one neuron: for few labels, or few samples.

This book; chapter: book/03_three_layer.
"""

from __future__ import annotations

import numpy as np

from ftc_lib import two_layer
from ftc_lib.core.network import Layer, Network, RankOne
from ftc_lib.core.rounding import checked_on_a_line
from ftc_lib.core.samples import Line


def through(line: Line, tol: float) -> Network:
    """Layer 1 is one neuron, on at all samples, that passes t - b_0 on; layer 2 is a two-layer network of t."""
    inner, outer = two_layer.fit(line.t[:, None], line.samples.z, tol=np.inf).layers
    assert isinstance(inner.W, RankOne)
    b_0 = line.t.min() - (line.t.max() - line.t.min())
    first = Layer(RankOne(np.ones(1, dtype=line.t.dtype), line.direction), np.array([-b_0]))
    second = Layer(inner.W.scale[:, None], inner.b + inner.W.scale * b_0)
    return checked_on_a_line(Network((first, second, outer)), line, tol=tol)
