"""Residuals of one sign: three neurons a slot are enough where mixed signs take four.

A window must let labels of both signs through, and that takes four ReLUs. A triangle lets the labels of one sign
through on its rising side, and is made of three. For K >= 4N + 1 that is the least, up to two neurons; for K below 3N
the zigzag of ``three_layer`` takes fewer, see ``bounds.one_sign``. This book; chapter: book/07_open.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib import three_layer
from ftc_lib.core.network import Layer, Network, RankOne
from ftc_lib.core.samples import Line, check_tol, on_a_line, validate
from ftc_lib.core.types import Data, Seed
from ftc_lib.three_layer import slots

TRIANGLE = np.array([1, 0, -1]), np.array([1, -2, 1])  # 1 - |t| on [-1, 1], 0 beyond


def fit(X: Data, z: Data, *, rng: Seed = 0, tol: float = 1e-4, dtype: DTypeLike = np.float64) -> Network:
    """A three-layer network of at most min over G of G + 3 ceil(N/G) = ceil(2 sqrt(3N)) neurons with g(x_i) = z_i.

    Always triangles, also where K < 3N and ``three_layer.fit(method="zigzag")`` is narrower.
    X (K, d), z (K,): residuals that are all >= 0 or all <= 0. Exact on Fractions; on floats the network carries
    its ``error`` (see ``three_layer.fit``). Raises ValueError for bad input, in particular when both signs occur, and
    ConditioningError when the error exceeds tol * max |z| in every direction tried. ``rng`` draws directions.

    >>> X, z = np.arange(400.0)[:, None], (np.arange(400) % 40 == 7) * 1.0  # of 400 labels raise ten
    >>> g = fit(X, z)
    >>> g.widths, bool(np.abs(g(X) - z).max() <= g.error)
    ((5, 6), True)
    """
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    if samples.z.ndim != 1:
        raise ValueError(f"z has shape {samples.z.shape}, expected (K,): one output")
    if (samples.z > 0).any() and (samples.z < 0).any():
        raise ValueError("z has residuals of both signs: use three_layer.fit, whose windows let both through")
    if samples.N == 0:
        return three_layer.fit(X, z, rng=rng, tol=tol, dtype=dtype)  # no neuron
    return on_a_line(samples, rng, partial(_triangles, tol=tol))


def _triangles(line: Line, tol) -> Network:
    """Each slot is a steep zigzag seen through a triangle: a target of height y in units sits at y - 1, on its
    rising side; at all other samples the zigzag is beyond the triangle."""
    t, y, unit = slots.unit_labels(line)
    heights = np.abs(y[:, 0])
    sign = -1 if (y < 0).any() else 1
    groups, D = slots.split(np.flatnonzero(heights), 3)
    b = slots.boundaries(t, groups)
    rows, offsets = [], []
    for served in slots.boustrophedon(groups, D):
        start, slopes = slots.steep_zigzag(t, heights - 1, b, served, reach=1)
        rows += [slots.on_ramps(slopes)] * 3
        offsets += list(start + TRIANGLE[0])
    first = Layer(RankOne(np.ones(len(b) - 1, dtype=b.dtype), line.direction), -b[:-1])
    block = np.array(rows).reshape(3 * D, len(groups)), np.array(offsets), sign * unit * np.tile(TRIANGLE[1], D)
    return slots.assemble(line, first, [block], np.zeros(1), tol)
