"""Hard instances: labels on a line that force kinks, and the count of kinks that labels force.

A lower bound of the book is an instance on which no narrow network can be right. Chapters:
book/02_two_layer, book/03_three_layer.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ftc_lib.core.network import to_fractions
from ftc_lib.core.types import Data


def alternating(N: int, K: int) -> np.ndarray:
    """Labels (K,) of K equally spaced points, N of them nonzero, whose kinks alternate: min{3N, K-2} of them.

    At most two untouched points stand between neighbouring targets. Targets on both sides of a single zero
    get the same sign; next to each other, or around a pair of zeros, opposite signs. Repairs the instance of
    Figure 3 of 2408.00359 (this book).
    """
    if not 0 <= N <= K:
        raise ValueError(f"N is {N}: between 0 and K = {K} labels can change")
    labels, sign, zeros = [], 1, K - N
    for i in range(N):
        run = min(zeros, 2)
        zeros -= run
        if i and run != 1:
            sign = -sign
        labels += [0] * run + [sign]
    return to_fractions(labels + [0] * zeros)


def two_sided(positive: int, negative: int) -> np.ndarray:
    """Labels of 4 (positive + negative) + 1 equally spaced points: first all 1s, then all -1s.

    Three zeros between neighbouring targets, two at the ends: a target of 1 forces two convex kinks and a
    concave one that no other target can share (this book, lower bound of the three-layer theorem).
    """
    if positive < 0 or negative < 0 or positive + negative == 0:
        raise ValueError(f"positive is {positive} and negative is {negative}: there must be a target")
    targets = [1] * positive + [-1] * negative
    labels = [0, 0]
    for target in targets:
        labels += [target, 0, 0, 0]
    return to_fractions(labels[:-1])


def forced_intervals(t: Data, z: Data) -> list[tuple]:
    """Open intervals (left, right, sign) of the line, each of which holds a kink of its sign, all of them different.

    t (K,) increasing, z (K,). A second difference of one sign at an interior point forces a kink of that sign
    between its two neighbours; intervals of one sign are disjoint, so they hold different kinks. From the left to
    the right, as many as there can be; sign is 1 (convex) or -1 (concave).
    """
    t, z = np.asarray(t), np.asarray(z)
    found, free_from = [], {1: 0, -1: 0}
    for j, turn in enumerate(np.diff(np.diff(z) / np.diff(t))):  # interval (j, j + 2) in indices of the points
        sign = int(turn > 0) - int(turn < 0)
        if sign and j >= free_from[sign]:
            found.append((t[j], t[j + 2], sign))
            free_from[sign] = j + 2
    return found


def forced_kinks(t: Data, z: Data) -> tuple[int, int]:
    """How many (convex, concave) kinks every continuous piecewise-linear function through the points has at least.

    t (K,) increasing, z (K,). One for each of the ``forced_intervals``. The total is attained:
    ``least_kinks.fewest`` is a function with as many kinks as this.
    """
    signs = [sign for *_, sign in forced_intervals(t, z)]
    return signs.count(1), signs.count(-1)


def figure_3() -> tuple[np.ndarray, np.ndarray]:
    """The nine points (t, z) of Figure 3 of 2408.00359: K = 9, N = 4, labels 0 -1 0 2 0 -1 0 2 0."""
    return to_fractions(range(1, 10)), to_fractions([0, -1, 0, 2, 0, -1, 0, 2, 0])


def figure_3_shortcut() -> tuple[np.ndarray, np.ndarray]:
    """Vertices (t, z) of a function through those nine points that has six pieces only (this book).

    Four points in convex position need a kink only between every other pair: the lines (p1 p2), (p3 p4),
    (p4 p5), (p5 p6), (p7 p8), (p8 p9) meet in the vertices.
    """
    t = [Fraction(1), Fraction(7, 3), Fraction(4), Fraction(5), Fraction(19, 3), Fraction(8), Fraction(9)]
    z = [0, Fraction(-4, 3), 2, 0, Fraction(-4, 3), 2, 0]
    return to_fractions(t), to_fractions(z)
