"""From a piecewise-linear function on a line to the two-layer network that is this function.

Chapter: book/02_two_layer.
"""

from __future__ import annotations

import numpy as np

from ftc_lib.core.network import Layer, Network, RankOne, in_order
from ftc_lib.core.rounding import checked_on_a_line
from ftc_lib.core.samples import Line
from ftc_lib.core.types import Number


def piecewise(
    line: Line,
    breaks: np.ndarray,
    slopes: np.ndarray,
    left: np.ndarray,
    value: Number | np.ndarray,
    tol: float,
    start: Number | None = None,
) -> Network:
    """The network of a piecewise-linear function: one neuron a kink, facing left where ``left`` says so.

    ``value``: the function at ``start`` (default: at the first break). A kink of size zero gets no neuron.
    """
    kinks = np.diff(slopes, axis=0)
    real = _nonzero(kinks)
    breaks, kinks, left = breaks[real], kinks[real], left[real]
    facing = np.where(left, -1, 1) * np.ones(len(left), dtype=breaks.dtype)
    b2 = value
    if start is not None and len(breaks):
        b2 = value - in_order(np.maximum(facing * (start - breaks), 0), kinks)
    W1 = RankOne(facing, line.direction)
    return network_of(line, W1, -facing * breaks, kinks.T, np.asarray(b2), tol)


def _nonzero(changes):
    return (changes != 0) if changes.ndim == 1 else (changes != 0).any(axis=1)


def network_of(
    line: Line, W1: np.ndarray | RankOne, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray, tol: float
) -> Network:
    return checked_on_a_line(Network((Layer(W1, b1), Layer(W2, b2))), line, tol=tol)


def one_output(line: Line, method: str) -> Line:
    if line.samples.z.ndim != 1:
        raise ValueError(f'method "{method}" is for one output, z of shape (K,): use "interpolate" or "bumps"')
    return line
