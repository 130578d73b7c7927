"""2 sqrt(K), for any labels: every neuron makes one kink in each group, and none is wasted.

This book; chapter: book/03_three_layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftc_lib.core.network import ConditioningError, Network
from ftc_lib.core.samples import Line
from ftc_lib.core.types import Rows
from ftc_lib.three_layer import slots
from ftc_lib.three_layer.slots import ramps


def zigzag(line: Line, tol: float) -> Network:
    """g = base + sum of sigma_k (beta_k)+ with sigma = +, -, +, ..: each neuron makes one kink in each group.

    In even groups the neurons switch on one after the other, each just before its sample and with the slope
    that puts g on the label; in odd groups they switch off in the opposite order. The further below zero a
    neuron starts, the steeper it gets in every group.
    """
    t, y, unit = slots.unit_labels(line)
    groups, D = slots.split(np.arange(len(t)), y.shape[1])
    b = slots.boundaries(t, groups)
    blocks, bases = [], []
    for labels in y.T:
        base = labels.min() - 1
        starts, slopes = switch_in_turn(t, labels - base, b, groups, D)
        sigma = np.where(np.arange(D) % 2, -1, 1)
        blocks.append((np.array([slots.on_ramps(s) for s in slopes]), starts, unit * sigma))
        bases.append(unit * base)
    return slots.assemble(line, ramps(line, b), blocks, np.array(bases), tol)


def switch_in_turn(
    t: np.ndarray, heights: np.ndarray, b: np.ndarray, groups: Sequence[Rows], D: int
) -> tuple[np.ndarray, np.ndarray]:
    """Start values (D,) and slopes (D, G) of the zigzags, for positive heights above the base.

    Neuron k starts at -w with the first w of a doubling sequence that lets it switch next to its sample in
    every group and leaves residuals of the right sign to neuron k + 1. As w grows it only gets steeper, so
    some w does, and no earlier neuron is disturbed. Raises ConditioningError for floats beyond 1e150.
    """
    height = [heights[members if g % 2 == 0 else members[::-1]] for g, members in enumerate(groups)]
    at = [t[members if g % 2 == 0 else members[::-1]] for g, members in enumerate(groups)]
    starts, slopes = [], []
    residual = height
    w = 1 + 0 * t[0]
    for k in range(D):
        while True:
            neuron = _one_zigzag(b, at, residual, k, w)
            if neuron is not None:
                break
            w = 2 * w
            if t.dtype != object and not w <= 1e150:  # also catches NaN, of a line that is too long
                raise ConditioningError(
                    "the samples on the line are too unevenly spaced for float64: neurons would have to start beyond "
                    '1e150. Use method "windows", another rng, or Fractions'
                )
        slope, residual = neuron
        starts.append(-w)
        slopes.append(slope)
    return np.array(starts), np.array(slopes)


def _one_zigzag(b, at, residual, k, w):
    """Neuron k with start value -w: its slopes (G,) and the residuals it leaves; None if w is too small.

    ``at[g]`` lists the samples of group g in the order in which the neurons serve them, ``residual[g]`` what
    is missing there in the direction of neuron k: positive at its own sample. What it leaves is counted in
    the direction of neuron k + 1, and has to be positive at the next one.
    """
    value, slopes, left_over = -w, [], []
    for g, (t, r) in enumerate(zip(at, residual)):
        left, right, sign = b[g], b[g + 1], 1 if g % 2 == 0 else -1
        w = abs(value)
        if k >= len(t):  # a last group with room to spare: switch where there are no data
            switch = right if sign == 1 else (left + t[-1]) / 2
        elif r[k] >= w:
            return None
        else:
            switch = (w * t[k] + sign * r[k] * left) / (w + sign * r[k])
            before = t[k - 1] if k else (left if sign == 1 else right)
            if sign * (switch - before) <= 0:
                return None
        slopes.append(-value / (switch - left))
        r = -(r - np.maximum(slopes[-1] * (t - switch), 0))
        if k + 1 < len(t) and not r[k + 1] > 0:
            return None
        left_over.append(r)
        value = value + slopes[-1] * (right - left)
    return np.array(slopes), left_over
