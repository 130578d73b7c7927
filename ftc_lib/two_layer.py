"""Two-layer networks that move N of K samples and leave the others where they are.

The samples are projected to a line; there a network of width m is a continuous piecewise-linear function
with at most m kinks. Main paper: 2408.00359, sections 3 and 4. Chapter: book/02_two_layer.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ftc_lib.least_kinks import fewest, least, with_first_slope
from ftc_lib.network import Layer, Network, RankOne, in_order, to_floats, to_fractions
from ftc_lib.rounding import checked_on_a_line
from ftc_lib.samples import Line, check_tol, half_width, on_a_line, validate

METHODS = ("bumps", "interpolate", "tight", "least", "auto")
_LEAST = 2**10  # changed samples up to which "auto" takes the time (a second or two) to save the last neuron


def fit(X, z, method="auto", *, rng=0, tol=1e-4, dtype=np.float64) -> Network:
    """A two-layer ReLU network g with g(x_i) = z_i for every sample.

    X (K, d), z (K,) or (K, o): targets, zero for the samples that must not move. ``method``:

    * "bumps": 3N neurons, a triangle at each changed sample (this book, two-layer theorem);
    * "interpolate": Theorem 4.4 of 2408.00359, at most K - 1 less what long untouched runs save;
    * "tight": the fewest kinks, and at most one neuron more (this book): at most min{3N, K-2} neurons for
      K >= 5, 2 for K = 3, 3 for K = 4; one output;
    * "least": the fewest neurons that any network on this line has (this book), floats taken as the numbers that
      they are; one output. Whether one less than "tight" will do is as hard to decide as SUBSET SUM; where
      ``least_kinks.least`` gives up, it stays;
    * "auto": the first of these that meets ``tol``: with one output "least" (up to 1024 changed samples), then
      "tight", then "interpolate", then "bumps".

    Exact on Fractions. On floats the network carries its ``error``: no evaluation in ``dtype`` (float64 or float32;
    floats X are rounded to it) misses a sample by more, in whatever order it sums. Raises ValueError for bad input and
    ConditioningError when the error exceeds tol * max |z| in every direction tried. ``rng`` draws the directions.

    >>> X, z = np.arange(6.0)[:, None], np.array([0, 0, 7.0, 0, 0, 0])  # of six labels change one
    >>> g = fit(X, z, method="bumps")
    >>> g.n_neurons, g(X).tolist()
    (3, [0.0, 0.0, 7.0, 0.0, 0.0, 0.0])
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}")
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    builders = {"bumps": _bumps, "interpolate": _interpolate, "tight": _tight, "least": _least}
    names = [method]
    if method == "auto":
        names = ["least"] * (samples.N <= _LEAST) + ["tight"] if samples.z.ndim == 1 else []
        names += ["interpolate", "bumps"]
    return on_a_line(samples, rng, *(partial(builders[name], tol=tol) for name in names))


# ---------------------------------------------------------------- 3N: one triangle a target


def _bumps(line: Line, tol) -> Network:
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
    return _network(line, W1, b1, W2, np.zeros(samples.z.shape[1:], dtype=W2.dtype), tol)


# ---------------------------------------------------------------- Theorem 4.4: interpolate what matters


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


def _interpolate(line: Line, tol) -> Network:
    """z_1 + d_1 (t - t_1)+ + sum of c_j (t - t_{j+1})+ over the kinks of the secants of the kept points.

    A kink of size zero needs no neuron, in particular none is spent where the function starts out flat, so
    this is never more than 3N neurons either.
    """
    t, y = kept_points(line)
    slopes = _secants(t, y)
    first = np.zeros_like(y[:1])  # flat before the first point
    return _piecewise(line, t[:-1], np.concatenate([first, slopes]), np.zeros(len(t) - 1, bool), y[0], tol)


# ---------------------------------------------------------------- fewest kinks, and K - 2


def _tight(line: Line, tol) -> Network:
    """At most one neuron more than the line asks for, and K - 2 at most when K >= 5."""
    t, y = kept_points(_one_output(line, "tight"), ends=2)
    breaks, slopes, left = bend(t, y)
    return _piecewise(line, breaks, slopes, left, y[0], tol, start=t[0])


def bend(t, y) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
        bent = _bend_alternating(t, sign * y, breaks, sign * slopes)
        if bent is not None:
            breaks, slopes, left = bent
            return breaks, sign * slopes, left
    return with_first_slope(t, breaks, slopes)


def _bend_alternating(t, y, x, s):
    """The three cases, for kinks x (m,) of alternating sign, the first concave, slopes s (m+1,), none zero.

    Piece j runs between points j and j+1 (from 0), so kink j sits at point j+1. None for four points in a
    true zigzag: they need a neuron more.
    """
    m = len(x)
    left = np.zeros(m, dtype=bool)
    if m % 2:  # case 1, the last kink is concave too: it alone faces left
        first = max(s[0], s[m - 1] - s[m])
        _turn_first(t, y, x, s, first)
        _turn_last(t, y, x, s, s[m - 1] - first)
        left[-1] = True
        return x, s, left
    if s[0] < 0:  # case 2, the first piece may be made flat
        _turn_first(t, y, x, s, s[0] * 0)
        return x, s, left
    if s[m] < 0:  # or the last one
        _turn_last(t, y, x, s, s[m] * 0)
        return x, s, ~left
    # case 3: look at a piece between a concave kink and a convex one, if possible not the first such piece
    j = 1 if m == 2 else 3
    middle, centre = (y[j] + y[j + 1]) / 2, (t[j] + t[j + 1]) / 2
    if s[j] > 0:  # both neighbours are steeper, so a flat piece fits between them
        s[j] = s[j] * 0
        left[:j] = True
    elif j == 1:
        return None
    else:  # turned about its centre it may fall as steeply as one likes: kink j - 1 alone faces left
        first = max(s[0], s[j - 1] - s[j])
        _turn_first(t, y, x, s, first)
        s[j] = s[j - 1] - first
        left[j - 1] = True
    x[j - 1] = _meet(t[j], y[j], s[j - 1], centre, middle, s[j])
    x[j] = _meet(t[j + 1], y[j + 1], s[j + 1], centre, middle, s[j])
    return x, s, left


def _turn_first(t, y, x, s, slope):
    """Give the first piece another slope about the first point; the first kink moves left."""
    if slope != s[0]:
        s[0] = slope
        x[0] = _meet(t[0], y[0], slope, t[1], y[1], s[1])


def _turn_last(t, y, x, s, slope):
    """Give the last piece another slope about the last point; the last kink moves right."""
    if slope != s[-1]:
        s[-1] = slope
        x[-1] = _meet(t[-2], y[-2], s[-2], t[-1], y[-1], slope)


def _meet(t0, y0, s0, t1, y1, s1):
    """Where the line of slope s0 through (t0, y0) meets the one of slope s1 through (t1, y1)."""
    return t0 + (y1 - y0 + s1 * (t0 - t1)) / (s0 - s1)


# ---------------------------------------------------------------- the last neuron


def _least(line: Line, tol) -> Network:
    """As few neurons as any network on this line, in exact arithmetic; floats round its numbers at the end."""
    t, y = map(to_fractions, kept_points(_one_output(line, "least"), ends=2))
    breaks, slopes, left = bend(t, y)
    if len(breaks) > len(fewest(t, y)[0]):  # then it may be possible to do without one
        found = least(t, y)
        if len(found.breaks) < len(breaks):
            breaks, slopes, left = found.breaks, found.slopes, found.left
    if not line.samples.exact:
        t, y, breaks, slopes = map(to_floats, (t, y, breaks, slopes))  # an infinite one: the network is refused
    return _piecewise(line, breaks, slopes, left, y[0], tol, start=t[0])


def _one_output(line: Line, method: str) -> Line:
    if line.samples.z.ndim != 1:
        raise ValueError(f'method "{method}" is for one output, z of shape (K,): use "interpolate" or "bumps"')
    return line


# ---------------------------------------------------------------- from functions to networks


def _secants(t, y):
    dt = np.diff(t)
    return np.diff(y, axis=0) / (dt if y.ndim == 1 else dt[:, None])


def _nonzero(changes):
    return (changes != 0) if changes.ndim == 1 else (changes != 0).any(axis=1)


def _piecewise(line: Line, breaks, slopes, left, value, tol, start=None) -> Network:
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
    return _network(line, W1, -facing * breaks, kinks.T, np.asarray(b2), tol)


def _network(line: Line, W1, b1, W2, b2, tol) -> Network:
    return checked_on_a_line(Network((Layer(W1, b1), Layer(W2, b2))), line, tol=tol)
