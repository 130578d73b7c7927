"""An error that binds: what a float network may miss its targets by, wherever it is evaluated.

A pass in one order of summation measures one error; another library, another machine, another batch adds in another
order and finds another one. ``Network.rounding_bound`` says how far each of them may be from the exact value, so no
evaluation in the network's float type misses a target by more than the measured error plus twice that bound. For two
layers on a line the same is found for any number of samples from the pieces between the kinks. This book.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.core import summation
from ftc_lib.core.network import ConditioningError, Network, RankOne
from ftc_lib.core.samples import Line, Samples
from ftc_lib.core.summation import Unit
from ftc_lib.core.types import Data, Number

_ALL_ROWS = 2**20  # K m up to which every sample is looked at on a line, too
_LOOK_FIRST = 2**12  # rows that are looked at before all of them are: what fails on these fails
_FLOAT64 = Unit.of(np.float64)


def checked(network: Network, samples: Samples, *, tol: float, gap: Number) -> Network:
    """The network, rounded to the samples' float type, with the error that no evaluation in that type exceeds.

    ConditioningError when that is above tol * max |z|. A network on Fractions has to be right exactly. ``gap``: the
    least distance that the construction had to resolve, for the message.
    """
    if samples.exact:
        error = np.abs(network(samples.X) - samples.z).max(initial=0)
        if error != 0:
            raise AssertionError(f"an exact construction is off by {error}")
        return replace(network, error=Fraction(0))
    network = network.astype(samples.dtype)
    all_rows: list[slice | np.ndarray] = [slice(None)]
    if samples.K > 4 * _LOOK_FIRST:
        all_rows = [samples.changed[:_LOOK_FIRST], slice(None, None, samples.K // _LOOK_FIRST), *all_rows]
    for rows in all_rows:
        error = largest_miss(network, samples.X[rows], samples.z[rows], samples.dtype)
        handed_out = _handed_out(network, error, samples, tol, gap)
    return handed_out


def largest_miss(network: Network, X: Data, z: np.ndarray, dtype: DTypeLike = np.float64) -> float:
    """What no evaluation in ``dtype`` misses the targets z (K,) or (K, o) by, at the samples X (K, d); may be inf."""
    values, bound = network.values_and_bound(X, dtype)
    with np.errstate(all="ignore"):
        error = (np.abs(values - z) + 2 * bound).max(initial=0.0) * (1 + 4 * _FLOAT64.u)
    return float(error) if error < np.inf else np.inf  # NaN: something overflows


def checked_on_a_line(network: Network, line: Line, *, tol: float) -> Network:
    """The same for two layers on a line, or two behind one neuron that passes t on, whatever K is.

    The network is affine between two neighbouring kinks, so of the untouched samples there the first and the last
    show the largest error. And what rounding can do to neurons that face right grows with t, to the others with -t.
    """
    samples = line.samples
    if samples.exact or samples.K * network.n_neurons <= _ALL_ROWS:
        return checked(network, samples, tol=tol, gap=line.gap)
    network = network.astype(samples.dtype)
    with np.errstate(all="ignore"):
        error = _error_on_a_line(network, line)
    return _handed_out(network, error, samples, tol, line.gap)


def _error_on_a_line(network: Network, line: Line) -> float:
    first, inner, last = network.layers[0], *network.layers[-2:]
    unit = Unit.of(line.samples.dtype)
    sums = first.rounding(unit)
    # The first layer looks along the line.
    assert isinstance(first.W, RankOne) and isinstance(sums, summation.RankOne)
    t, c = line.ordered, line.t[line.samples.changed]
    # ``moved`` is what the input of the neurons may be off by, ``gamma`` goes with their biases
    gamma = unit.gamma(sums.terms)
    moved = gamma * line.size
    scale = (first.W.scale if inner is first else inner.dense()[:, 0]).astype(float)
    b = inner.b.astype(float)
    if inner is not first:
        shift = first.b.astype(float)[0]
        t, c, moved = t + shift, c + shift, moved + gamma * abs(shift)
        gamma = unit.gamma(2)
        moved = gamma * np.abs(t).max() + (1 + 2 * gamma) * moved
    W, bias = np.atleast_2d(last.dense()).astype(float), np.atleast_1d(last.b).astype(float)
    z = line.samples.z[line.samples.changed].reshape(len(c), len(bias))
    far = np.where(scale >= 0, t[-1], t[0])  # where a neuron is largest
    h = scale * far + b
    if inner is first and sums.shifts:
        e = unit.gamma(1) * np.abs(h)
    else:
        e = np.abs(scale) * moved + gamma * np.abs(b)
    e += sums.lost(line.size) * (1 + np.abs(scale))
    largest = max(line.size, np.abs(t).max(), (np.abs(scale) * np.abs(t).max() + np.abs(b)).max(initial=0))
    if not largest <= unit.huge / 2:  # a projection or a neuron may overflow
        return np.inf
    return _missed(t, c, z, scale, b, W, bias) + 2 * _summed(h, e, W, bias, unit)


def _summed(h: np.ndarray, e: np.ndarray, W: np.ndarray, bias: np.ndarray, unit: Unit) -> float:
    """What rounding does to W (h)+ + bias for pre-activations h (m,) that may be off by e (m,), as in ``Layer``."""
    live = ~(h < -2 * e)
    if not live.any():
        return 0.0
    gamma = unit.gamma(int(np.count_nonzero(live)) + 1)
    handed_on = np.where(live, gamma * np.maximum(h, 0) + (1 + 2 * gamma) * e, 0)
    bound = (np.abs(W) @ handed_on + gamma * np.abs(bias) + 4 * (len(h) + 1) * unit.tiny).max()
    return float(bound) if bound <= unit.u * unit.huge else np.inf


def _missed(
    t: np.ndarray, c: np.ndarray, z: np.ndarray, scale: np.ndarray, b: np.ndarray, W: np.ndarray, bias: np.ndarray
) -> float:
    """The largest distance of sum W (scale t + b)+ + bias from the targets, and what computing it here may add.

    t (K,) all positions, increasing; c (N,) those of the changed samples, targets z (N, o).
    """
    kinks = -b / scale
    ends = np.searchsorted(t, np.sort(np.concatenate([kinks, c])))
    ends = np.concatenate([ends, ends - 1, np.searchsorted(t, c, side="right"), [0, len(t) - 1]])
    beside = np.setdiff1d(t[np.unique(ends.clip(0, len(t) - 1))], c)  # untouched ones, at the ends of the pieces
    places = np.concatenate([c, beside])
    right, left = scale > 0, scale < 0
    rising, rising_off = _ramps(places, kinks[right], W[:, right] * scale[right])
    falling, falling_off = _ramps(-places, -kinks[left], -W[:, left] * scale[left])
    level = (bias + W[:, scale == 0] @ np.maximum(b[scale == 0], 0))[:, None]
    values = rising + falling + level
    off = rising_off + falling_off + 4 * _FLOAT64.u * (np.abs(rising) + np.abs(falling) + np.abs(level))
    off += 4 * _FLOAT64.tiny * len(kinks) * (1 + t[-1] - t[0])  # bends may underflow
    values[:, : len(c)] -= z.T
    return float((np.abs(values) + off + _FLOAT64.u * np.abs(values)).max())


def _ramps(places: np.ndarray, kinks: np.ndarray, bends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """sum bends (t - kinks)+ at the places, and what it may be off by: bends (o, m), results (o, places).

    From kink to kink, so that nothing large cancels; each sum and product is off by u times its result.
    """
    if len(kinks) == 0:
        return (np.zeros((len(bends), len(places))),) * 2
    order = np.argsort(kinks, kind="stable")
    kinks, bends = kinks[order], bends[:, order]
    slopes = np.cumsum(bends, axis=1)
    slopes_off = _FLOAT64.u * np.cumsum(np.abs(bends) + np.abs(slopes), axis=1)
    steps = np.diff(kinks, prepend=kinks[0])
    rises, rises_off = _products(np.roll(slopes, 1, axis=1), np.roll(slopes_off, 1, axis=1), steps)
    levels = np.cumsum(rises, axis=1)
    levels_off = np.cumsum(rises_off + _FLOAT64.u * np.abs(levels), axis=1)
    piece = np.searchsorted(kinks, places) - 1  # -1: before the first kink, where all is 0
    rise, rise_off = _products(slopes[:, piece], slopes_off[:, piece], places - kinks[piece])
    inside = piece >= 0
    off = (levels_off[:, piece] + rise_off + _FLOAT64.u * np.abs(levels[:, piece] + rise)) * inside
    return (levels[:, piece] + rise) * inside, off * (1 + 16 * (len(kinks) + 8) * _FLOAT64.u)


def _products(slopes: np.ndarray, slopes_off: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes times steps, and what that may be off by for slopes that are off and differences that are rounded."""
    return slopes * steps, slopes_off * steps + 3 * _FLOAT64.u * np.abs(slopes * steps) + 2 * _FLOAT64.tiny


def _handed_out(network: Network, error: float, samples: Samples, tol: float, gap: Number) -> Network:
    """The network with its ``error``, or ConditioningError when that is above tol * max |z|."""
    error = float(error) if error < np.inf else np.inf  # NaN: something overflows
    allowed = tol * float(np.abs(samples.z[samples.changed]).max(initial=0.0))
    if not error <= allowed:
        raise ConditioningError(
            f"evaluated in {samples.dtype} the network may miss a sample by {error:.3g}, more than {allowed:.3g} "
            f"(tol = {tol:g} times the largest label): it has to tell apart samples at a distance of {float(gap):.3g}, "
            f"and not every order of summation can. {_remedy(samples)}",
            error,
        )
    return replace(network, error=error)


def _remedy(samples: Samples) -> str:
    low, high = samples.X.min(axis=0), samples.X.max(axis=0)
    spread, size = high - low, np.maximum(np.abs(low), np.abs(high))
    moving, first = spread[spread > 0], ""
    if size.sum() > 16 * spread.sum() > 0:
        first = (
            f"The samples lie {size.max():.3g} from 0 and spread over {spread.max():.3g}: subtract their mean. Or use"
        )
    elif len(moving) and moving.max() > 1e4 * moving.min():
        first = f"The columns of X spread over {moving.min():.3g} to {moving.max():.3g}: rescale them. Or use"
    return (
        f"{first or 'Use'} a construction with smaller slopes, another rng, fewer samples, a larger tol, or Fractions"
    )
