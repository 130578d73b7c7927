"""The weight along the paths of a network of any depth, a floor for it, and networks that come near the floor.

On a line depth makes a network lighter by a factor of at most 2 sqrt(1 + T^2), for samples up to T; ``deep_bump`` and
``deep_interpolant`` nearly reach it. This book; chapters: book/06_size_vs_weights, book/06_size_vs_weights_in_full.
"""

from __future__ import annotations

import math
from decimal import localcontext

import numpy as np

from ftc_lib.core.network import ANY_SIZE, Layer, Network, lengths, to_fractions
from ftc_lib.core.rounding import checked
from ftc_lib.core.types import Data
from ftc_lib.weights.floors import secant_slopes, sorted_points


def path_weight(network: Network) -> float:
    """The total weight along the paths of a ReLU network of any depth: P = sum of |a_j| n_j over the last neurons.

    n_j = sqrt(|w|^2 + b^2) for a neuron of the first layer, and sqrt((sum |W_jk| n_k)^2 + b_j^2) behind others;
    |a_j| is the norm of the outgoing weights. Rescaling a neuron does not change it. With one hidden layer it is
    the total weight. Infinite when it is beyond float64. Raises ValueError for threshold networks.
    """
    if network.activation != "relu":
        raise ValueError("the path weight is one of ReLU networks: threshold units may be rescaled at no price")
    if not network.exact:
        with np.errstate(over="ignore", invalid="ignore"):
            weight = float(_along_paths(network))
        if math.isfinite(weight):
            return weight
    with localcontext(ANY_SIZE):  # a product of two sizes may be where float64 is not
        return float(_along_paths(network.to_decimals()))


def _along_paths(network: Network):
    first, *inner, last = network.layers
    sizes = np.array(lengths(np.column_stack([first.dense(), first.b])))
    for layer in inner:
        sizes = np.array(lengths(np.column_stack([np.abs(layer.dense()) @ sizes, layer.b])))
    return sum(np.array(lengths(np.atleast_2d(last.dense()).T)) * sizes)


def depth_floor(t: Data, y: Data) -> float:
    """A floor for the path weight of every ReLU network of any depth through points on a line, P >= ``depth_floor``.

    t (n,) distinct, y (n,). Half of what the secant slopes change in all, from 0 at the left to 0 at the right. In
    floats. Raises ValueError as ``line_floor`` does.
    """
    _, slopes = secant_slopes(t, y)
    return float(np.abs(np.diff(slopes, prepend=0, append=0)).sum() / 2)


@np.errstate(all="ignore")  # what overflows is found when the network is measured
def deep_bump(t: Data, y: Data, steps: int) -> Network:
    """A deep network through zeros and one label, that many layers of one neuron in front of a fold and a tent.

    t (n,) distinct, y (n,) with one label that is not zero, at T. With the nearest other sample at the distance h and
    c = T - 2h, ``steps`` = k layers x -> (x - c/k)+ make (t - c)+, then come F = (2h - x)+ and r = (x - 2h)+, and
    then (1 - (F + r)/h)+. The path weight is |y| sqrt(1 + 4 (1 + c^2/k + 4h^2)/h^2), about twice the label over h: for
    small h and large k two layers weigh nearly 2 sqrt(1 + T^2) times as much. Exact on Fractions; on floats the
    network carries its ``error``. Raises ValueError unless exactly one of two labels or more is not zero, at T >= 2h,
    and steps >= 1; ConditioningError if floats cannot carry it. Source: this book.
    """
    samples = sorted_points(t, y)
    t, y = samples.X[:, 0], samples.z
    changed = np.flatnonzero(y)
    if len(changed) != 1 or len(t) < 2:
        raise ValueError(f"{len(changed)} of {len(t)} labels are not zero: expected exactly one, and a zero beside it")
    at = changed[0]
    h = np.diff(t)[max(at - 1, 0) : at + 1].min()
    if t[at] < 2 * h:
        raise ValueError(f"the label is at {t[at]}: expected at least twice the gap beside it, which is {h}")
    one = h / h
    hidden = [
        *_shifts(np.array([one]), np.array([t[at] - 2 * h]), steps),
        Layer(np.array([[-one], [one]]), np.array([2 * h, -2 * h])),
        Layer(np.array([[-1 / h, -1 / h]]), np.array([one])),
    ]
    last = Layer(y[changed], np.asarray(0 * one))
    return checked(Network((*hidden, last)), samples, tol=1e-6, gap=h)


@np.errstate(all="ignore")  # what overflows is found when the network is measured
def deep_interpolant(t: Data, y: Data, steps: int) -> Network:
    """A deep network through any labels on a line, with a path weight near ``depth_floor`` if no labels climb far.

    t (n,) distinct, y (n,). The slopes between neighbours are a sum of heights on intervals of one sign; each interval
    [a, b] costs a chain of neurons, its height times sqrt(1 + p^2/k + (b - a)^2), where p is the end next to 0 and
    ``steps`` = k (p^2 without the k if 0 lies inside). The heights add up to the floor, so the path weight is at most
    sqrt(1 + T^2/k + 2 l^2) times the floor, for |t_i| <= T and labels that rise or fall strictly over a length of l at
    most. k + 1 hidden layers of at most n - 1 neurons. Exact on Fractions; on floats the network carries its ``error``.
    Raises ValueError for positions that are not distinct or steps < 1; ConditioningError if floats cannot carry it.
    Source: this book.
    """
    samples = sorted_points(t, y)
    t, y = samples.X[:, 0], samples.z
    start, end, height = layer_cake(t, np.diff(y) / np.diff(t))
    # x = (|t| - p)+ behind the end of the interval that is next to 0, on its side of 0; p < 0 if 0 lies inside
    right = start + end >= 0
    side, near = np.where(right, 1, -1) + 0 * start, np.where(right, start, -end)
    length = end - start
    hidden = [*_shifts(side, near, steps), Layer(_diagonal(0 * length - 1), length)]
    # (length - x)+ falls from the length to 0 along the interval if it looks to the right, and rises if to the left
    last = Layer(-side * height, np.asarray(y[0] + (height * length)[right].sum()))
    gap = np.diff(t).min(initial=t[-1] - t[0])
    return checked(Network((*hidden, last)), samples, tol=1e-6, gap=gap)


def layer_cake(t: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """A step function as a sum of heights on intervals: arrays start, end, height (J,), signs in the heights.

    t (n,) increasing, slopes (n - 1,) between neighbours, zero outside. No interval holds slopes of both signs, and
    the absolute heights add up to half of what the slopes change in all, from 0 to 0.
    """
    found = []
    for sign in (1, -1):
        layers = []  # (start, bottom, top) of those that go on
        for at, slope in zip(t, [*(sign * slopes), 0]):
            while layers and layers[-1][2] > max(slope, 0):
                start, bottom, top = layers.pop()
                found.append((start, at, sign * (top - max(bottom, slope, 0))))
                if bottom < slope:
                    layers.append((start, bottom, slope))
            level = layers[-1][2] if layers else 0
            if slope > level:
                layers.append((at, level, slope))
    return np.array(found, dtype=np.result_type(t, slopes)).reshape(-1, 3).T


def _shifts(side, shift, steps) -> list[Layer]:
    """Layers of one neuron for each side t (sides are 1 or -1) that make (side t - shift)+, in equal steps.

    A shift below 0 is made in the first layer.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}: at least one layer makes the shift")
    first, step = np.where(shift < 0, shift, shift / steps), np.where(shift < 0, 0 * shift, shift / steps)
    return [Layer(side[:, None], -first)] + [Layer(_diagonal(0 * shift + 1), -step)] * (steps - 1)


def _diagonal(a):
    """The matrix with a on its diagonal, of Fractions if a is."""
    matrix = np.zeros((len(a), len(a)), dtype=int)
    matrix = to_fractions(matrix) if a.dtype == object else matrix.astype(float)
    np.fill_diagonal(matrix, a)
    return matrix
