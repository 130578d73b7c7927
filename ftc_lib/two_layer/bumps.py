"""3N neurons: a triangle at each changed sample, whatever K is.

Chapter: book/02_two_layer.
"""

from __future__ import annotations

import numpy as np

from ftc_lib.core.network import Network, RankOne
from ftc_lib.core.samples import Line, half_width
from ftc_lib.two_layer.piecewise import network_of


def bumps(line: Line, tol: float) -> Network:
    """z_i max(0, 1 - |t - t_i| / h_i) for each changed sample, with h_i below the gap next to it."""
    samples = line.samples
    h = half_width(line.gaps)
    c = line.t[samples.changed]
    if not samples.exact:
        grid = np.spacing(np.abs(c) + h)  # c - h, c and c + h must be floats, or the tails do not cancel
        c = np.round(c / grid) * grid
    kinks = np.stack([c - h, c, c + h], axis=1)
    W1 = RankOne(np.repeat(1 / h, 3), line.direction)
    b1 = -(kinks / h[:, None]).ravel()
    heights = samples.z[samples.changed].T[..., None]
    W2 = (heights * np.array([1, -2, 1])).reshape(*samples.z.shape[1:], -1)
    return network_of(line, W1, b1, W2, np.zeros(samples.z.shape[1:], dtype=W2.dtype), tol)
