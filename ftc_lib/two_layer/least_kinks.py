"""Functions through points on a line with the fewest kinks, and with the fewest neurons.

A network of width m on the line is a continuous piecewise-linear function with at most m kinks; with exactly m
it has to be balanced (``least``, this book). So the least width of an instance is the least number of kinks or one
more, and everything but that one neuron is found by looking at the turns of the secants (``fewest``, known since
Debarre et al. 2022). Chapter: book/02_two_layer_in_full.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import inf

import numpy as np

from ftc_lib.core.network import to_fractions
from ftc_lib.core.types import Data

_SUMS = 2**16  # sums of slopes that ``least`` holds in all, counted gap by gap; up to about two seconds


def fewest(t: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Breaks (k,) and slopes (k+1,) of an interpolant with the fewest kinks; floats or Fractions.

    t (n,) increasing, y (n,). Two neighbouring turns of one sign share a kink: the secant between them is left
    out, and the secants on both sides meet in its gap. A run of r turns of one sign takes ceil(r/2) kinks, and
    fewer do not do, since turns of one sign that are no neighbours need a kink each. Raises ValueError when t
    does not increase.
    """
    t, y = _points(t, y)
    if len(t) == 1:
        return t[:0], y * 0  # a single point is on a flat piece
    secants = np.diff(y) / np.diff(t)
    sign = np.sign(np.diff(secants)).astype(int)  # of the turns at t_1 .. t_{n-2}
    index = np.arange(len(sign))
    starts = np.append(True, sign[1:] != sign[:-1])[: len(sign)]
    place = index - np.maximum.accumulate(np.where(starts, index, 0))  # of a turn in its run
    used = np.ones(len(secants), dtype=bool)
    used[1:-1] = ~((place[:-1] % 2 == 0) & (sign[1:] == sign[:-1]) & (sign[:-1] != 0))
    pieces = np.flatnonzero(used)
    left, right = pieces[:-1], pieces[1:]
    breaks, slopes = t[right], secants[pieces]
    shared = right - left == 2
    g = right[shared]  # the secant before it, g - 1, is left out: two lines meet between t[g-1] and t[g]
    bend = secants[g] - secants[g - 2]
    breaks[shared] -= (t[g] - t[g - 1]) * (secants[g - 1] - secants[g - 2]) / bend
    true = np.diff(slopes) != 0
    return breaks[true], slopes[np.append(True, true)]


def _points(t, y):
    """t and y as arrays of floats or of Fractions, when they are points in order."""
    t, y = (a if a.dtype == object else a.astype(float) for a in map(np.asarray, (t, y)))
    if t.ndim != 1 or t.shape != y.shape or len(t) == 0:
        raise ValueError(f"t has shape {t.shape} and y has shape {y.shape}, expected (n,) for both, n >= 1")
    if (t[1:] <= t[:-1]).any():
        raise ValueError("t does not increase: sort the points, and keep one of those that are equal")
    return t, y


def with_first_slope(
    t: np.ndarray, breaks: np.ndarray, slopes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Breaks, slopes and facing with one neuron more: its kink is at the first point, and none faces left."""
    slopes = np.concatenate([slopes[:1] * 0, slopes])
    return np.concatenate([t[:1], breaks]), slopes, np.zeros(len(breaks) + 1, dtype=bool)


@dataclass(frozen=True, eq=False)
class Least:
    """An interpolant that is a network of width m: ``breaks`` (m,), ``slopes`` (m+1,), Fractions.

    ``left`` (m,): which neurons face left. ``proved``: no network on this line has fewer neurons. (If not,
    at most one fewer, and the search for it was given up.)
    """

    breaks: np.ndarray
    slopes: np.ndarray
    left: np.ndarray
    proved: bool


def least(t: Data, y: Data, sums: int = _SUMS) -> Least:
    """The fewest neurons through points on a line, t (n,) increasing and y (n,), found in exact arithmetic.

    An interpolant with the fewest kinks, k, has width k when it is balanced: some alternating sum
    s_i - s_j + s_k - .. of an odd number of its slopes, in their order, is 0. Otherwise width k + 1. In such an
    interpolant every slope is fixed or ranges over an open interval of its own, so the alternating sums that
    can be reached form points and open intervals. They are carried from left to right.

    Points can double with each slope (to decide is as hard as SUBSET SUM). About ``sums`` of them are held in
    all; if that was not enough, the result has k + 1 neurons and is not ``proved``. Raises ValueError when t
    does not increase.
    """
    t, y = _points(to_fractions(t), to_fractions(y))
    if len(t) == 1:
        return Least(t[:0], y * 0, np.zeros(0, bool), True)
    secants = list(np.diff(y) / np.diff(t))
    reached = {(None, 1): [_Sum(Fraction(0), Fraction(0))]}
    complete = True
    for i, moves in enumerate(_fewest_moves(secants)):
        found = defaultdict(list)
        for (state, sign), old in reached.items():
            for ended, target in moves[state]:
                for after, new in _with_or_without(old, sign, ended, i):
                    found[target, after] += new
        reached = {node: _uncovered(new) for node, new in found.items()}
        allowed = 1 + sums // (2 * len(reached))  # half of what is left may be spent in one gap
        complete &= all(len(new) <= allowed for new in reached.values())
        reached = {node: new[:allowed] for node, new in reached.items()}
        sums = max(sums - sum(map(len, reached.values())), 0)
    balanced = [
        last
        for (state, before), old in reached.items()
        for sign, new in _with_or_without(old, before, [_arriving(secants, i, state)], i)
        for last in new
        if sign < 0 and last.holds(0)
    ]
    if not balanced:
        return Least(*with_first_slope(t, *fewest(t, y)), complete)
    breaks, slopes, signs = _traced_back(balanced[0], t, secants)
    return Least(breaks, slopes, np.cumsum(signs)[:-1] == 0, True)


# ---------------------------------------------------------------- how slopes may follow each other
#
# The state after a gap is how the slope that arrives at its right end compares with the secant: 0 equal,
# 1 steeper upwards (any slope above will do), -1 below. None: at the first point any slope arrives.


def _arriving(secants, i, state):
    """The slopes (low, high) of a state after gap i: an open interval, or a point."""
    if state is None:
        return -inf, inf
    return secants[i] if state >= 0 else -inf, secants[i] if state <= 0 else inf


def _moves(arriving, secant):
    """How to go on in a gap: the slopes of the pieces that end there, one for each kink, and the next state.

    The first piece that ends is the one that arrives, a second one lies in the gap. These are the cases of the proof.
    """
    low, high = arriving
    above = (max(low, secant), high)
    below = (low, min(high, secant))
    if low < secant < high or low == secant == high:
        yield (), 0  # the piece that arrives goes on
    if above[0] < above[1] or low == high > secant:
        yield (above,), 0  # a kink at the point,
        yield (above,), -1  # or inside the gap;
        yield (above, (-inf, secant)), 1  # from above to above by a dip
    if below[0] < below[1] or low == high < secant:
        yield (below,), 0
        yield (below,), 1
        yield (below, (secant, inf)), -1


def _fewest_moves(secants):
    """For each gap, state before it -> the moves that begin a path with the fewest kinks from there on."""
    gaps, ahead = [], dict.fromkeys((-1, 0, 1), 0)  # ahead: state -> the fewest kinks from there on
    for i in reversed(range(len(secants))):
        beyond, ahead, moves = ahead, {}, {}
        for state in (-1, 0, 1) if i else (None,):
            options = list(_moves(_arriving(secants, i - 1, state), secants[i]))
            counts = [len(ended) + beyond[target] for ended, target in options]
            ahead[state] = min(counts)
            moves[state] = [move for move, count in zip(options, counts) if count == ahead[state]]
        gaps.append(moves)
    return gaps[::-1]


# ---------------------------------------------------------------- alternating sums of slopes


@dataclass(frozen=True, eq=False)
class _Sum:
    """Values low < v < high, or the one value low == high, of an alternating sum of the slopes so far.

    The last ``piece`` (low, high) ended in ``gap`` and was added with ``sign`` (0: not chosen) to a value of
    ``before``.
    """

    low: object
    high: object
    before: _Sum | None = None
    piece: tuple | None = None
    sign: int = 0
    gap: int = 0

    def holds(self, value) -> bool:
        return self.low < value < self.high or self.low == value == self.high

    def plus(self, piece, sign, gap) -> _Sum:
        low, high = piece if sign > 0 else (-piece[1], -piece[0])
        low, high = (self.low, self.high) if sign == 0 else (_add(self.low, low), _add(self.high, high))
        return _Sum(low, high, self, piece, sign, gap)


def _add(a, b):
    if isinstance(a, float):  # infinite; a Fraction would be turned into a float, and may be too large for one
        return a
    return b if isinstance(b, float) else a + b


def _with_or_without(sums, sign, pieces, gap):
    """All sums after these pieces have ended in a gap, each with its slope left out or chosen with the next sign.

    Pairs of the sign that the next chosen slope will get, and the sums.
    """
    reached = {sign: sums}
    for piece in pieces:
        found = defaultdict(list)
        for sign, old in reached.items():
            found[sign] += [s.plus(piece, 0, gap) for s in old]
            found[-sign] += [s.plus(piece, sign, gap) for s in old]
        reached = found
    return reached.items()


def _uncovered(sums):
    """Those sums that are not part of a single other one."""
    kept, reach = [], -inf
    for s in sorted(sums, key=lambda s: (s.low, s.low < s.high, -s.high)):
        point = s.low == s.high
        if (s.high < reach) if point else (s.high <= reach):
            continue
        if point and kept and kept[-1].low == s.low == kept[-1].high:
            continue
        kept.append(s)
        reach = reach if point else s.high
    return kept


def _traced_back(last: _Sum, t, secants):
    """Breaks, slopes and signs of a function on the way to ``last``: its signed slopes add up to 0.

    The way back of the proof: at each step a slope in its own interval such that the rest is a value of the sum before.
    """
    turns = np.abs(np.diff([secants[0], *secants, secants[-1]]))
    scale = np.maximum(turns[:-1], turns[1:])  # of slopes near a gap; positive wherever one is free
    slopes, gaps, signs, value = [], [], [], Fraction(0)  # ``value``: what ``last`` has to be
    while (before := last.before) is not None:
        low, high = last.piece
        if last.sign:
            ends = sorted(_add(value, -end) * last.sign for end in (before.low, before.high))
            low, high = max(low, ends[0]), min(high, ends[1])
        slopes.append(_between(low, high, last.piece, scale[last.gap]))
        gaps.append(last.gap)
        signs.append(last.sign)
        value -= last.sign * slopes[-1]
        last = before
    slopes = slopes[::-1]
    return to_fractions(_breaks(t, secants, slopes, gaps[::-1])), to_fractions(slopes), np.array(signs[::-1])


def _breaks(t, secants, slopes, gaps):
    """Where pieces with these slopes meet, when all but the last end in these gaps: one or two of them in a gap."""
    breaks = []
    for g, ended in groupby(range(len(slopes) - 1), key=gaps.__getitem__):
        first, *second = ended
        width = t[g + 1] - t[g]
        s, *u, after = (slope - secants[g] for slope in slopes[first : first + 2 + len(second)])
        if u:  # two kinks: as far above the secant as below it
            height = width / (1 / s + 1 / after - 2 / u[0])
            breaks += [t[g] + height / s, t[g + 1] - height / after]
        else:
            breaks.append(t[g] + width * after / (after - s))
    return breaks


def _between(low, high, piece, scale):
    """A number strictly between low and high (or the only one), near the middle of the piece's own range."""
    if low == high:
        return low
    if piece[0] == -inf:
        wish = piece[1] - scale
    elif piece[1] == inf:
        wish = piece[0] + scale
    else:
        wish = (piece[0] + piece[1]) / 2
    margin = scale / 2 if inf in (high, -low) else (high - low) / 4
    return max(min(wish, _add(high, -margin)), _add(low, margin))
