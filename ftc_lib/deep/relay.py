"""A deep network in which no weight matrix idles: each layer is the second of one run and the first of the next.

This book; chapter: book/04_deeper.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from ftc_lib.core import bounds
from ftc_lib.core.network import ConditioningError, Layer, Network, RankOne, in_order
from ftc_lib.core.samples import Line
from ftc_lib.deep.assemble import cut, finish
from ftc_lib.three_layer import slots
from ftc_lib.three_layer.zigzag import switch_in_turn


@dataclass(frozen=True, eq=False)
class Leg:
    """One run of samples ``t``, its groups between ``b`` (G+1,), and the n neurons that serve it.

    Their pre-activations: ``starts`` (n,) < 0 to the left of the run, ``slopes`` (n, G) on the groups. ``sums`` (q, n):
    what the sums make of them; neuron ``first`` has a negative weight in all of these. ``end``: a point behind
    b_G and before the next run.
    """

    t: np.ndarray
    b: np.ndarray
    starts: np.ndarray
    slopes: np.ndarray
    sums: np.ndarray
    first: int
    end: object


def relay(line: Line, layers, tol) -> Network:
    """Layer i + 1 serves run i; behind it, its neurons make the groups of run i + 1.

    On run i the kinks are where the neurons of layer i cross zero. Two more of them, in the gap behind the run, push
    each neuron of layer i + 1 down and let it rise again, as steeply as one likes, through zero on run i + 1.
    """
    t, y, unit = slots.unit_labels(line)
    y = y[:, 0]
    targets = np.flatnonzero(y)
    dense, sparse = bounds.relay_grids(len(t), layers, "zigzag"), bounds.relay_grids(len(targets), layers, "windows")
    zigzags = dense[0] <= sparse[0]
    parts = cut(np.arange(len(t)), dense[1]) if zigzags else cut(targets, sparse[1])
    base, solve = (y.min() - 1, _zigzag_leg) if zigzags else (0, _windows_leg)
    reach = (t[-1] - t[0]) / len(parts[0])
    low, left = 0, t[0] - reach
    legs = []
    for groups, following in zip(parts, [*parts[1:], None]):
        if following is None:
            high, right, end, restart = len(t), t[-1] + reach, None, None
        else:
            last = groups[-1][-1]
            high = 1 + last + int(np.argmax(np.diff(t[last : following[0][0] + 1])))
            right, end, restart = (t[high - 1] + (t[high] - t[high - 1]) * k / 4 for k in (1, 2, 3))
        own, groups = t[low:high], [members - low for members in groups]
        b = slots.boundaries(own, groups)
        b[0], b[-1] = left, right
        legs.append(Leg(own, b, *solve(own, y[low:high] - base, b, groups, following is None), end))
        low, left = high, restart
    return _run(line, legs, base, unit, layers, tol)


def _zigzag_leg(t, heights, b, groups, last):
    """One neuron a slot, signs + - + -: the second one is negative."""
    starts, slopes = switch_in_turn(t, heights, b, groups, len(groups[0]))
    return starts, slopes, np.where(np.arange(len(starts)) % 2, -1, 1)[None], 1


def _windows_leg(t, labels, b, groups, last):
    """Four neurons a slot, and two sums, for the positive and for the negative labels.

    One neuron more is off on the run and negative in both sums; behind the last run there is nothing to keep quiet.
    """
    starts, slopes = [], []
    for served in slots.boustrophedon(groups, len(groups[0])):
        v = slots.steep_zigzag(t, -labels, b, served, reach=2)[0] + 4  # out of the window to the left as well
        slopes += [-slots.zigzag_slopes(b, *slots.steered_through(t, -labels, b, served), v)] * 4
        starts += list(slots.WINDOW[0] - v)
    out = np.tile(slots.WINDOW[1], len(groups[0]))
    sums = np.stack([out, -out])
    if not last:
        starts, slopes = [*starts, 0 * v - 1], [*slopes, 0 * slopes[0]]
        sums = np.append(sums, [[-1], [-1]], axis=1)
    return np.array(starts), np.array(slopes), sums, len(starts) - 1


def _run(line: Line, legs, base, unit, layers, tol) -> Network:
    """The network of the legs. Order of the neurons: those of the leg, then the sums.

    Weights are found from the last leg to the first: how steeply the neurons of a leg rise behind its run depends
    on what the next leg makes of them.
    """
    kind = line.t.dtype
    far = 2 * line.ordered[-1] - line.ordered[0]  # beyond all samples: for kinks that the last run has no use for
    kinks, V = legs[-1].b[:-1], _turns(legs[-1].slopes)
    matrices = []
    for leg, after in zip(legs[-2::-1], legs[:0:-1]):
        n = len(leg.starts)
        taken = [leg.first, *np.delete(np.arange(n), leg.first)][: len(kinks)]
        crossing, weights = np.full(n, far, dtype=kind), np.zeros((len(V), n), dtype=kind)
        crossing[taken], weights[:, taken] = kinks, V
        steep = _steepness(leg, weights, after.starts)
        matrices.insert(0, weights / steep)
        value = leg.starts + in_order(leg.slopes, np.diff(leg.b))
        down = (steep * (leg.end - crossing) - value) / (leg.end - leg.b[-1])
        kinks, V = np.append(leg.b, leg.end), _turns(np.column_stack([leg.slopes, down, steep]))
    hidden = [Layer(RankOne(np.ones(len(kinks), dtype=kind), line.direction), -kinks), Layer(V, legs[0].starts)]
    sums = legs[0].sums
    q = len(sums)
    for leg, W in zip(legs[1:], matrices):
        n, before = W.shape
        with_sums = np.zeros((n + q, sums.shape[1]), dtype=kind)
        with_sums[:n, :before] = W
        with_sums[n:] = sums
        hidden.append(Layer(with_sums, np.append(leg.starts, np.zeros(q, dtype=kind))))
        sums = np.column_stack([leg.sums, np.eye(q, dtype=int)])
    return finish(line, hidden, sums, q, 0, base, unit, layers, tol)


def _steepness(leg: Leg, weights, starts):
    """How steeply the neurons of a leg rise behind its run, in powers of two.

    The next layer sees them divided by it: so steep that it is still off at the samples of this run. And so steep
    is the first one, negative in all sums, that it outweighs the others behind the run.
    """
    peak = leg.starts + in_order(np.maximum(leg.t[:, None] - leg.b[:-1], 0), _turns(leg.slopes).T)
    need = len(leg.starts) * np.maximum(peak, 0).max(axis=0) * np.maximum(weights / -starts[:, None], 0).max(axis=0)
    steep = np.array([_power_of_two(x) for x in need])
    for c in leg.sums:
        steep[leg.first] = max(steep[leg.first], _power_of_two(np.maximum(c, 0) @ steep / -c[leg.first]))
    return steep


def _turns(slopes):
    """Kinks (n, G) of zigzags that are flat to the left of their slopes (n, G)."""
    return np.diff(slopes, axis=1, prepend=0 * slopes[:, :1])


def _power_of_two(x):
    """The least power of two, 1 or more, that is at least x."""
    if not (isinstance(x, Fraction) or x < 1e150):
        raise ConditioningError(
            "a relay needs weights beyond 1e150 on these samples. Use "
            'method "windows" or "zigzag", fewer layers, another rng, or Fractions'
        )
    return 0 * x + 2 ** (ceil(max(x, 1)) - 1).bit_length()
