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

    Neuron k starts at -w with the first w of a doubling sequence that gives it the four properties of the proof in
    every group. As w grows it only gets steeper, so some w does, and no earlier neuron is disturbed. Raises
    ConditioningError for floats beyond 1e150.
    """
    in_turn = [members if g % 2 == 0 else members[::-1] for g, members in enumerate(groups)]
    samples, missing = [t[members] for members in in_turn], [heights[members] for members in in_turn]
    starts, slopes = [], []
    w = 1 + 0 * t[0]
    for k in range(D):
        found, left_over = _one_zigzag(b, samples, missing, k, w)
        while len(found) < len(groups):  # the next group needs it steeper
            w = 2 * w
            if t.dtype != object and not w <= 1e150:  # also catches NaN, of a line that is too long
                raise ConditioningError(
                    "the samples on the line are too unevenly spaced for float64: neurons would have to start beyond "
                    '1e150. Use method "windows", another rng, or Fractions'
                )
            found, left_over = _one_zigzag(b, samples, missing, k, w)
        starts.append(-w)
        slopes.append(found)
        missing = left_over
    return np.array(starts), np.array(slopes)


def _one_zigzag(b, samples, missing, k, w):
    """Neuron k with start value -w: its slopes, and what it leaves, in all groups before the first that it gets wrong.

    ``samples[g]``: s_0, s_1, .. of group g in the order in which they are served. ``missing[g]``: what the neurons
    before k leave there, counted in the direction of neuron k, and so positive at s_k. What k leaves is counted in
    the direction of neuron k + 1. A group is wrong when one of the four properties of the proof fails there.
    """
    value, slopes, left_over = -w, [], []
    for g, (s, r) in enumerate(zip(samples, missing)):
        left, right, sign = b[g], b[g + 1], 1 if g % 2 == 0 else -1  # it rises or falls
        W = abs(value)
        if k >= len(s):  # a last group with room to spare: cross zero where there are no data
            c = right if sign == 1 else (left + s[-1]) / 2
        elif r[k] >= W:
            break
        else:  # property 3: the line through (left, -W) or (left, W) and (s_k, r) crosses zero at c
            c = (W * s[k] + sign * r[k] * left) / (W + sign * r[k])
            off = s[k - 1] if k else (left if sign == 1 else right)
            if sign * (c - off) <= 0:  # properties 1 and 2: c lies in the group, and behind the samples served before
                break
        slope = -value / (c - left)
        r = np.maximum(slope * (s - c), 0) - r
        if k + 1 < len(s) and not r[k + 1] > 0:  # property 4
            break
        slopes.append(slope)
        left_over.append(r)
        value = value + slope * (right - left)
    return np.array(slopes), left_over
