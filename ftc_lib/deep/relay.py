"""A deep network in which no weight matrix idles: each layer is the second of one run and the first of the next.

This book; chapter: book/04_deeper.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np

from ftc_lib.core import bounds
from ftc_lib.core.network import ConditioningError, Layer, Network, RankOne, in_order
from ftc_lib.core.samples import Line
from ftc_lib.deep.assemble import Scale, cut, finish
from ftc_lib.three_layer import slots
from ftc_lib.three_layer.zigzag import switch_in_turn


@dataclass(frozen=True, eq=False)
class Run:
    """Samples ``t`` in groups between ``b`` (G+1,), and the pre-activations of the n neurons that serve them.

    ``starts`` (n,): -lambda < 0, to the left of the run. ``slopes`` (n, G) on the groups. ``sigma`` (q, n): what the
    sums make of the neurons; ``negative``: one of them, with a negative weight in all sums. ``p``: a point behind b_G
    and before the next run, None behind the last one.
    """

    t: np.ndarray
    b: np.ndarray
    starts: np.ndarray
    slopes: np.ndarray
    sigma: np.ndarray
    negative: int
    p: Any


def relay(line: Line, layers: int, tol: float) -> Network:
    """Layer i + 1 serves run i; behind it, its neurons make the groups of run i + 1.

    On run i the kinks are where the neurons of layer i cross zero. Two more of them, in the gap behind the run, push
    each neuron of layer i + 1 down and let it rise again, as steeply as one likes, through zero on run i + 1.
    """
    t, y, unit = slots.unit_labels(line)
    y = y[:, 0]
    targets = np.flatnonzero(y)
    dense, sparse = bounds.relay_grids(len(t), layers, "zigzag"), bounds.relay_grids(len(targets), layers, "windows")
    parts, e, serve = cut(np.arange(len(t)), dense[1]), y.min() - 1, _zigzags
    if dense[0] > sparse[0]:
        parts, e, serve = cut(targets, sparse[1]), 0, _windows
    runs = []
    for groups, (low, high, left, right, p) in zip(parts, _stretches(t, parts)):
        own, groups = t[low:high], [members - low for members in groups]
        b = slots.boundaries(own, groups)
        b[0], b[-1] = left, right
        runs.append(Run(own, b, *serve(own, y[low:high] - e, b, groups, p is None), p))
    return _network(line, runs, Scale(unit, e), layers, tol)


def _stretches(t, parts):
    """For each run: its samples, t[low:high], its ends b_0 and b_G, and p behind it.

    The samples up to the widest gap before the next run are its own; in that gap stand b_G, p and the next b_0.
    """
    reach = (t[-1] - t[0]) / len(parts[0])
    low, left = 0, t[0] - reach
    for groups, following in pairwise(parts):
        last = groups[-1][-1]
        high = 1 + last + int(np.argmax(np.diff(t[last : following[0][0] + 1])))
        right, p, restart = (t[high - 1] + (t[high] - t[high - 1]) * k / 4 for k in (1, 2, 3))
        yield low, high, left, right, p
        low, left = high, restart
    yield low, len(t), left, t[-1] + reach, None


def _zigzags(t, heights, b, groups, last):
    """Starts, slopes, sigma and the negative one of a ``Run``: one neuron a slot, signs + - + -."""
    starts, slopes = switch_in_turn(t, heights, b, groups, len(groups[0]))
    return starts, slopes, np.where(np.arange(len(starts)) % 2, -1, 1)[None], 1


def _windows(t, labels, b, groups, last):
    """The same with windows: four neurons a slot, and two sums, for the positive and for the negative labels.

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


def _network(line: Line, runs, scale: Scale, layers, tol) -> Network:
    """Layer i + 1 serves run i. Order of its neurons: those of the run, then the sums.

    The order of choices is that of the proof: weights from the last layer to the first.
    """
    kind = line.t.dtype
    far = 2 * line.ordered[-1] - line.ordered[0]  # beyond all samples: for kinks that the last run has no use for
    weights, kinks, V = [], runs[-1].b[:-1], _turns(runs[-1].slopes)
    for run, after in reversed(list(pairwise(runs))):
        W, kinks, V = _ramps_behind(run, kinks, V, after.starts, far)
        weights.insert(0, W)
    hidden = [Layer(RankOne(np.ones(len(kinks), dtype=kind), line.direction), -kinks), Layer(V, runs[0].starts)]
    sums, q = runs[0].sigma, len(runs[0].sigma)
    for run, W in zip(runs[1:], weights):
        n, before = W.shape
        with_sums = np.zeros((n + q, sums.shape[1]), dtype=kind)
        with_sums[:n, :before] = W
        with_sums[n:] = sums
        hidden.append(Layer(with_sums, np.append(run.starts, np.zeros(q, dtype=kind))))
        sums = np.column_stack([run.sigma, np.eye(q, dtype=int)])
    return finish(line, hidden, sums, scale, layers, tol)


def _ramps_behind(run: Run, kinks, V, starts, far):
    """Behind its run neuron k becomes a ramp S_k (t - b_k)+, with b_k among the ``kinks`` of the next run.

    The next run asks for the turns V there and for the starts -lambda. Returns the weights V_jk / S_k, and the kinks
    and turns that these ramps ask of the layer before. Neurons without a use cross zero at ``far``.
    """
    order = [run.negative, *np.delete(np.arange(len(run.starts)), run.negative)]  # the smallest b_k to a negative one
    used = order[: len(kinks)]
    b_k, V_k = np.full(len(order), far, dtype=kinks.dtype), np.zeros((len(V), len(order)), dtype=kinks.dtype)
    b_k[used], V_k[:, used] = kinks, V
    S = _steepness(run, V_k, starts)
    at_b = run.starts + in_order(run.slopes, np.diff(run.b))
    at_p = S * (run.p - b_k)  # -P_k
    down = (at_p - at_b) / (run.p - run.b[-1])
    return V_k / S, np.append(run.b, run.p), _turns(np.column_stack([run.slopes, down, S]))


def _steepness(run: Run, V, starts):
    """S_k, in powers of two: how steeply the neurons of a run rise behind it.

    The next layer sees V_jk h_k / S_k: so little that it is still off at the samples of this run. And so steep is the
    negative neuron that it outweighs the others behind the run.
    """
    h = np.maximum(run.starts + in_order(np.maximum(run.t[:, None] - run.b[:-1], 0), _turns(run.slopes).T), 0)
    least = len(run.starts) * h.max(axis=0) * np.maximum(V / -starts[:, None], 0).max(axis=0)
    S = np.array([_power_of_two(x) for x in least])
    for sigma in run.sigma:
        S[run.negative] = max(S[run.negative], _power_of_two(np.maximum(sigma, 0) @ S / -sigma[run.negative]))
    return S


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
