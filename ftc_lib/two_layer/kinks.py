"""Few kinks: interpolate what matters, and let some neurons face left to save the last two.

Theorem 4.4 of 2408.00359 (``interpolate``); ``tight`` is this book's. Chapter: book/02_two_layer.
"""

from __future__ import annotations

import numpy as np

from ftc_lib.core.network import Network
from ftc_lib.core.samples import Line
from ftc_lib.two_layer.least_kinks import fewest, with_first_slope
from ftc_lib.two_layer.piecewise import one_output, piecewise


def kept_points(line: Line, ends: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Positions and targets, increasing, of the changed samples and of ``ends`` at each end of an untouched run.

    A function that is linear between its kinks and zero at both ends of a run is zero all along it, so with one
    sample at each end these points are all there is to interpolate: at most min{3N + 2, K} of them (2408.00359,
    Lemma 4.7). A function that may bend within a run, but has as few kinks as possible, is linear along four
    samples in line: then two at each end are enough, and min{5N + 4, K} points (this book).
    """
    t, z = line.points()
    changed = (z != 0) if z.ndim == 1 else (z != 0).any(axis=1)
    keep = changed.copy()
    keep[:ends] = keep[-ends:] = True
    for i in range(1, ends + 1):
        keep[i:] |= changed[:-i]
        keep[:-i] |= changed[i:]
    return t[keep], z[keep]


def interpolate(line: Line, tol: float) -> Network:
    """z_1 + d_1 (t - t_1)+ + sum of c_j (t - t_{j+1})+ over the kinks of the secants of the kept points.

    A kink of size zero needs no neuron, in particular none is spent where the function starts out flat, so
    this is never more than 3N neurons either.
    """
    t, y = kept_points(line)
    slopes = secants(t, y)
    first = np.zeros_like(y[:1])  # flat before the first point
    return piecewise(line, t[:-1], np.concatenate([first, slopes]), np.zeros(len(t) - 1, bool), y[0], tol)


def tight(line: Line, tol: float) -> Network:
    """At most one neuron more than the line asks for, and K - 2 at most when K >= 5."""
    t, y = kept_points(one_output(line, "tight"), ends=2)
    breaks, slopes, left = bend(t, y)
    return piecewise(line, breaks, slopes, left, y[0], tol, start=t[0])


def bend(t: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Breaks (m,), slopes (m+1,) and the left-facing set (m,) of a width-m interpolant of points on a line.

    t (n,) increasing, y (n,). m is at most n - 2 when n >= 5, and never more than one above the least. A
    function with slopes s_0..s_m and m true kinks c_1..c_m is a network of width m exactly when some set S of
    kinks has s_0 + sum over S of c_j = 0: the neurons of S face left, the others right. The cases are those of
    the proof of the two-layer theorem of this book.
    """
    breaks, slopes = fewest(t, y)
    m = len(breaks)
    flat = np.flatnonzero(slopes == 0)
    if len(flat):  # left of a flat piece the kinks face left, right of it they face right
        return breaks, slopes, np.arange(m) < flat[0]
    if 2 <= m == len(t) - 2:  # every point turns, and the turns alternate
        sign = -1 if slopes[1] > slopes[0] else 1  # turn the picture so that the first kink is concave
        breaks, slopes, left = _bend_alternating(t, sign * y, breaks, sign * slopes)
        return breaks, sign * slopes, left
    return with_first_slope(t, breaks, slopes)


# ---------------------------------------------------------------- the cases of the proof
#
# Kinks x (m,) of alternating sign, the first concave, and slopes s (m+1,), none of them zero. The points count from 0
# here and from 1 on the page: the kink c_j sits at t[j] and is x[j-1], the piece of slope s[j] joins t[j] and t[j+1].


def _bend_alternating(t, y, x, s):
    """Breaks, slopes and the left-facing set after the bend that balances the slopes."""
    if len(x) % 2:
        return _last_kink_concave(t, y, x, s)
    if s[0] < 0 or s[-1] < 0:
        return _outer_piece_flat(t, y, x, s)
    return _middle_piece_turned(t, y, x, s)


def _last_kink_concave(t, y, x, s):
    """Case 1: the first slope becomes a, the last one s_{m-1} - a. The last kink alone faces left."""
    a = max(s[0], s[-2] - s[-1])
    x, s = _first_turned(t, y, x, s, a)
    x, s = _last_turned(t, y, x, s, s[-2] - a)
    return x, s, np.arange(len(x)) == len(x) - 1


def _outer_piece_flat(t, y, x, s):
    """Case 2: the first slope, if negative, becomes 0 and all kinks face right; or the last one, and all face left."""
    if s[0] < 0:
        return *_first_turned(t, y, x, s, s[0] * 0), np.zeros(len(x), dtype=bool)
    return *_last_turned(t, y, x, s, s[-1] * 0), np.ones(len(x), dtype=bool)


def _middle_piece_turned(t, y, x, s):
    """Case 3: a piece below steeper neighbours turns about its midpoint, to slope 0 or to s_{j-1} - a.

    j = 3, as in the proof. Four points have only j = 1, whose neighbour on the left is the first piece; in a true
    zigzag they need a neuron more.
    """
    j = 3 if len(x) > 2 else 1
    if s[j] > 0:
        slope, left = s[j] * 0, np.arange(len(x)) < j
    elif j == 1:
        return with_first_slope(t, x, s)
    else:
        a = max(s[0], s[j - 1] - s[j])
        x, s = _first_turned(t, y, x, s, a)
        slope, left = s[j - 1] - a, np.arange(len(x)) == j - 1
    midpoint = (t[j] + t[j + 1]) / 2, (y[j] + y[j + 1]) / 2
    into = _meet(t[j], y[j], s[j - 1], *midpoint, slope)
    out = _meet(t[j + 1], y[j + 1], s[j + 1], *midpoint, slope)
    return np.array([*x[: j - 1], into, out, *x[j + 1 :]]), np.array([*s[:j], slope, *s[j + 1 :]]), left


def _first_turned(t, y, x, s, slope):
    """Breaks and slopes with another slope of the first piece, about the first point: the first kink moves left."""
    if slope == s[0]:
        return x, s
    return np.append(_meet(t[0], y[0], slope, t[1], y[1], s[1]), x[1:]), np.append(slope, s[1:])


def _last_turned(t, y, x, s, slope):
    """Breaks and slopes with another slope of the last piece, about the last point: the last kink moves right."""
    if slope == s[-1]:
        return x, s
    return np.append(x[:-1], _meet(t[-2], y[-2], s[-2], t[-1], y[-1], slope)), np.append(s[:-1], slope)


def _meet(t0, y0, s0, t1, y1, s1):
    """Where the line of slope s0 through (t0, y0) meets the one of slope s1 through (t1, y1)."""
    return t0 + (y1 - y0 + s1 * (t0 - t1)) / (s0 - s1)


def secants(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    dt = np.diff(t)
    return np.diff(y, axis=0) / (dt if y.ndim == 1 else dt[:, None])
