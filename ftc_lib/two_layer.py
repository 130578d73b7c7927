"""Two-layer networks that move N of K samples and leave the others where they are.

The samples are projected to a line; there a network of width m is a continuous piecewise-linear function
with at most m kinks. Main paper: 2408.00359, sections 3 and 4. Chapter: book/02_two_layer.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ftc_lib.network import Layer, Network, RankOne, checked
from ftc_lib.samples import Line, half_width, on_a_line, validate

METHODS = ("bumps", "interpolate", "tight", "auto")
_ALL_SAMPLES = 2**24  # K m up to which a new network is measured on every sample
_SPOT_CHECKS = 32  # beyond: on the steepest changed samples and on as many spread over all


def fit(X, z, method="auto", *, rng=0, tol=1e-4) -> Network:
    """A two-layer ReLU network g with g(x_i) = z_i for every sample.

    X (K, d), z (K,) or (K, o): targets, zero for the samples that must not move. ``method``:

    * "bumps": 3N neurons, a triangle at each changed sample (this book, two-layer theorem);
    * "interpolate": Theorem 4.4 of 2408.00359, at most K - 1 less what long untouched runs save;
    * "tight": at most min{3N, K-2} neurons for K >= 5 (this book); 2 for K = 3, 3 for K = 4; one output;
    * "auto": the fewest neurons that meet ``tol``: "tight" (one output), else "interpolate", else "bumps".

    Exact on Fractions. On floats the network carries its measured ``error``: over all samples, or where K m is
    above 2^24 over the steepest changed ones and some spread over all. Raises ValueError for bad input
    and ConditioningError when the error exceeds tol * max |z| in every direction tried. ``rng`` draws the
    directions.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}")
    samples = validate(X, z)
    fewest_first = [_tight, _interpolate, _bumps] if samples.z.ndim == 1 else [_interpolate, _bumps]
    builders = {"bumps": [_bumps], "interpolate": [_interpolate], "tight": [_tight], "auto": fewest_first}
    return on_a_line(samples, rng, *(partial(build, tol=tol) for build in builders[method]))


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
    return _measured(line, W1, b1, W2, np.zeros(samples.z.shape[1:], dtype=W2.dtype), tol)


# ---------------------------------------------------------------- Theorem 4.4: interpolate what matters


def kept_points(line: Line) -> tuple[np.ndarray, np.ndarray]:
    """Positions and targets of the changed samples and of the two ends of each untouched run, increasing.

    A function that is linear between its kinks and zero at both ends of a run is zero all along it, so these
    points are all there is to interpolate: at most min{3N + 2, K} of them (2408.00359, Lemma 4.7).
    """
    t, z = line.points()
    changed = (z != 0) if z.ndim == 1 else (z != 0).any(axis=1)
    next_to_end = np.ones(len(t), dtype=bool)
    next_to_end[1:-1] = changed[:-2] | changed[2:]
    keep = changed | next_to_end
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


# ---------------------------------------------------------------- K - 2: no neuron for the first slope


def _tight(line: Line, tol) -> Network:
    """At most K - 2 neurons, K >= 5: bend the secants until the left-facing neurons pay for the first slope.

    A function with slopes s_0..s_m and m true kinks c_1..c_m is a network of width m exactly when some set S
    of kinks has s_0 + sum over S of c_j = 0: the neurons of S face left, the others right.
    """
    if line.samples.z.ndim != 1:
        raise ValueError('method "tight" is for one output, z of shape (K,): use "interpolate" or "bumps"')
    t, y = kept_points(line)
    breaks, slopes, left = bend(t, y)
    return _piecewise(line, breaks, slopes, left, y[0], tol, start=t[0])


def bend(t, y) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Breaks (m,), slopes (m+1,) and the left-facing set (m,) of a width-m interpolant of points on a line.

    t (n,) increasing, y (n,). m is at most n - 2 when n >= 5. The case analysis is the proof of the two-layer
    theorem of this book: outer pieces may be steepened, one middle piece flattened or turned.
    """
    secants = _secants(t, y) if len(t) > 1 else y * 0  # a single point is on a flat piece
    turns = np.append(secants[1:] != secants[:-1], True)  # the last piece always counts
    slopes, breaks = secants[turns], t[1:-1][turns[:-1]]
    m = len(breaks)
    flat = np.flatnonzero(slopes == 0)
    if len(flat):  # left of a flat piece the kinks face left, right of it they face right
        return breaks, slopes, np.arange(m) < flat[0]
    if m < len(t) - 2 or m < 2:  # points in line saved a neuron: let it carry the first slope
        return _with_first_slope(t, breaks, slopes)
    sign = -1 if slopes[1] > slopes[0] else 1  # turn the picture so that the first kink is concave
    bent = _bend_concave_start(t, sign * y, breaks.copy(), sign * slopes)
    if bent is None:
        return _with_first_slope(t, breaks, slopes)
    breaks, slopes, left = bent
    return breaks, sign * slopes, left


def _with_first_slope(t, breaks, slopes):
    """One neuron more, with its kink at the first point: it carries the first slope and none faces left."""
    slopes = np.concatenate([slopes[:1] * 0, slopes])
    return np.concatenate([t[:1], breaks]), slopes, np.zeros(len(breaks) + 1, dtype=bool)


def _bend_concave_start(t, y, x, s):
    """The three cases, for kinks x (m,), slopes s (m+1,), none zero, the first kink concave; None if none holds.

    Piece j runs between points j and j+1 (from 0), so kink j sits at point j+1.
    """
    m = len(x)
    left = np.zeros(m, dtype=bool)
    if s[m] < s[m - 1]:  # case 1, the last kink is concave too: it alone faces left
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
    # case 3: somewhere a concave kink is followed by a convex one, around the piece j
    concave = s[1:] < s[:-1]
    for j in 1 + np.flatnonzero(concave[:-1] & ~concave[1:]):
        middle = (y[j] + y[j + 1]) / 2
        if s[j] > 0:  # both neighbours are steeper, so a flat piece fits between them
            x[j - 1] = t[j] + (middle - y[j]) / s[j - 1]
            x[j] = t[j + 1] - (y[j + 1] - middle) / s[j + 1]
            s[j] = s[j] * 0
            return x, s, np.arange(m) < j
        centre = (t[j] + t[j + 1]) / 2
        if j >= 2:  # kink j - 1 alone faces left and pays for the first slope
            first = max(s[0], s[j - 1] - s[j])
            _turn_first(t, y, x, s, first)
            s[j] = s[j - 1] - first
            left[j - 1] = True
        elif j < m - 1:  # the mirror image: kink j alone faces right and pays for the last slope
            last = max(s[m], s[j + 1] - s[j])
            _turn_last(t, y, x, s, last)
            s[j] = s[j + 1] - last
            left[:] = True
            left[j] = False
        else:
            continue  # four points in a true zigzag: K - 2 neurons are not enough
        x[j - 1] = _meet(t[j], y[j], s[j - 1], centre, middle, s[j])
        x[j] = _meet(t[j + 1], y[j + 1], s[j + 1], centre, middle, s[j])
        return x, s, left
    return None


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
        b2 = value - np.maximum(facing * (start - breaks), 0) @ kinks
    W1 = RankOne(facing, line.direction)
    return _measured(line, W1, -facing * breaks, kinks.T, np.asarray(b2), tol)


def _measured(line: Line, W1, b1, W2, b2, tol) -> Network:
    """The network with its error on all samples, or on the most delicate ones when K m is very large."""
    network = Network((Layer(W1, b1), Layer(W2, b2)))
    samples, rows = line.samples, slice(None)
    if not samples.exact and samples.K * network.n_neurons > _ALL_SAMPLES:
        rows = _delicate(line)
    return checked(network, samples.X[rows], samples.z[rows], tol=tol, gap=line.gap)


def _delicate(line: Line) -> np.ndarray:
    """Rows of the steepest changed samples, where rounding is largest, and as many spread over all samples."""
    samples = line.samples
    z = np.abs(samples.z[samples.changed])
    steepness = (z if z.ndim == 1 else z.max(axis=1)) / line.gaps
    steepest = samples.changed[np.argsort(-steepness)[:_SPOT_CHECKS]]
    return np.union1d(steepest, np.linspace(0, samples.K - 1, _SPOT_CHECKS).astype(int))
