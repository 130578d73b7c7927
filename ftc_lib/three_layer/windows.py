"""4 sqrt(N), whatever K is: slots for the targets alone, each seen through a window.

This book; chapter: book/03_three_layer.
"""

from __future__ import annotations

import numpy as np

from ftc_lib.core.network import Network
from ftc_lib.core.samples import Line
from ftc_lib.three_layer import slots
from ftc_lib.three_layer.slots import ramps


def windows(line: Line, tol: float) -> Network:
    """Each slot is a zigzag alpha seen through a window: alpha where |alpha| <= 1, nothing where |alpha| >= 2.

    In every group the zigzag of slot k crosses the band at the sample it serves, so steeply that it is out of
    the window at every other sample. Labels are in units of the largest one.
    """
    t, y, unit = slots.unit_labels(line)
    groups, D = slots.split(np.flatnonzero((y != 0).any(axis=1)), 4 * y.shape[1])
    b = slots.boundaries(t, groups)
    blocks = []
    for labels in y.T:
        rows, offsets, out = slots.windowed(t, labels, b, groups, D, slots.on_ramps)
        blocks.append((rows, offsets, unit * out))
    return slots.assemble(line, ramps(line, b), blocks, np.zeros(len(blocks)), tol)
