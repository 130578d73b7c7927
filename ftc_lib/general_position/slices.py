"""Slices of d + 1 samples between parallel hyperplanes: all labels, two neurons a slice.

An affine function takes d + 1 labels; where one slice meets the next, a first difference turns one affine function into
the other. Chapter: book/05_general_position.
"""

from __future__ import annotations

import numpy as np

from ftc_lib.baum.affine import flattest, on_one_grid, step
from ftc_lib.baum.neurons import Group, rows_of
from ftc_lib.core.network import in_order
from ftc_lib.core.samples import (
    Samples,
    named,
)
from ftc_lib.core.types import Number
from ftc_lib.general_position.groups import random_direction


def slices(samples: Samples, rng: np.random.Generator) -> tuple[list[Group], Number, Number]:
    """Affine on each slice of d + 1 samples between parallel hyperplanes; a pair of neurons where two slices meet.

    The first slice takes one neuron, and so does a last slice of one sample.
    """
    u = random_direction(samples, rng)
    u = u if samples.exact else u / np.sqrt(in_order(u, u))
    t = in_order(samples.X, u)
    order, size, gap = np.argsort(t, kind="stable"), samples.d + 1, np.inf
    v, c = flattest(samples, order[:size], samples.z[order[:size]])
    lift = np.abs(in_order(samples.X, v)).max()  # v . x + lift is never negative at a sample: its ReLU does nothing
    neurons: list[Group] = [([v], [lift], [1])] if v.any() else []
    bias, reached = c - lift, np.append(v, c)  # ``reached``: the affine function on the slices to come, as computed
    due = reached  # and as it should be: a slice that is right already gets no neurons to mend the last digit
    for start in range(size, samples.K, size):
        last, rows = order[start - 1], order[start : start + size]
        b = (t[last] + t[rows[0]]) / 2
        gap = min(gap, t[rows[0]] - t[last])
        if gap == 0:
            raise ValueError(f"rows {named([last, rows[0]])} of X have one height in the direction drawn")
        if not _misses(samples, rows, due).any():
            continue
        residual = _misses(samples, rows, reached)
        if len(rows) == 1:
            neurons += [([u], [-b], residual / (t[rows] - b))]
            continue
        v, c = flattest(samples, rows, residual)
        delta = step(np.abs(t - b), in_order(samples.X, v) + c)
        s, bend = on_one_grid(np.append(u, -b), delta * np.append(v, c))
        neurons.append(rows_of([s + bend, s]) + ([1 / delta, -1 / delta],))
        reached = reached + bend / delta
        if len(rows) == size:
            due = np.append(*flattest(samples, rows, samples.z[rows]))
    return neurons, bias, gap


def _misses(samples: Samples, rows, affine) -> np.ndarray:
    """What the affine function, d + 1 numbers, leaves of the targets of some rows."""
    return samples.z[rows] - (in_order(samples.X[rows], affine[:-1]) + affine[-1])
