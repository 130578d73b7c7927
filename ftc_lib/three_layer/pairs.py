"""2N neurons that stay local: two neighbouring targets share four.

This book; chapter: book/03_three_layer.
"""

from __future__ import annotations

import numpy as np

from ftc_lib.core.network import ConditioningError, Layer, Network, RankOne
from ftc_lib.core.samples import Line, half_width
from ftc_lib.three_layer import slots

DENSE = 2**27  # weights of a dense layer that are built: a gigabyte


def pairs(line: Line, tol: float) -> Network:
    """Two neighbouring targets are the difference of two trapezoids, a lone last one is a tent.

    The two neurons of layer 1 look outward from kinks just inside the pair. The trapezoids fall from 1 on both
    sides: over the distance h, to zero at the target, or over a longer one, so that the difference is a tent on
    the target. Between the kinks they cancel, further out both are off.
    """
    samples = line.samples
    weights = samples.N * samples.z[samples.changed].size
    if weights > DENSE:
        raise ConditioningError(
            f'method "pairs" needs a dense layer of {weights:.2g} weights for {samples.N} changed samples, '
            f'{8 * weights / 2**30:.1f} GiB. Use "windows" or "through"'
        )
    order = np.argsort(line.t[samples.changed])
    t, h = line.t[samples.changed][order], half_width(line.gaps[order] / 2)
    labels = samples.z[samples.changed][order].reshape(len(t), -1)
    inset, lone = h.copy(), len(t) % 2
    if lone:  # a pair with itself, both kinks at the target
        inset[-1] = 0 * h[0]
        t, h, inset = (np.append(a, a[-1]) for a in (t, h, inset))
    outward = np.resize([-1, 1], len(t))
    kinks = t - outward * inset
    first = Layer(RankOne(outward / h, line.direction), -outward * kinks / h)
    blocks = []
    for y in labels.T:
        rows, out = np.zeros((len(y), len(t)), dtype=h.dtype), y.copy()
        for i in range(0, len(y) - lone, 2):
            pair = slice(i, i + 2)
            unit = 2 * np.abs(labels[pair]).max()
            rows[i, pair] = np.maximum(y[pair], 0) / unit - 1
            rows[i + 1, pair] = np.maximum(-y[pair], 0) / unit - 1
            out[pair] = unit, -unit
        if lone:
            rows[-1, -2:] = -1
        blocks.append((rows, np.ones(len(y), dtype=int), out))
    return slots.assemble(line, first, blocks, np.zeros(len(blocks)), tol)
