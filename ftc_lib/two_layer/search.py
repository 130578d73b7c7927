"""The exact least width of one small instance, by looking at every network there is.

On points of a line there are finitely many kinds of neurons, and which of them fit together is decided in
rational arithmetic, without a solver. This shares nothing with ``least_kinks`` but the question: one answer
checks the other. Chapter: book/02_two_layer_in_full.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np

from ftc_lib.core.network import Layer, Network, in_order, to_fractions
from ftc_lib.core.samples import distinct, validate
from ftc_lib.core.types import Data

MOST = 10  # points; each one more makes the search about five times as long


@dataclass(frozen=True, eq=False)
class LeastWidth:
    """``width`` m and a ``network`` of Fractions that has it; why no network has m - 1 neurons.

    All choices of m - 1 kinds of neurons were cut short at one of ``untouched`` places, where a turn of the
    labels is out of reach of every chosen neuron, or failed at one of ``off_slope`` ends, where the slope
    between the first two points is out of reach.
    """

    width: int
    network: Network
    untouched: int
    off_slope: int

    @property
    def refuted(self) -> int:
        """The cases in which m - 1 neurons were excluded."""
        return self.untouched + self.off_slope


def two_layer(x: Data, z: Data) -> LeastWidth:
    """The fewest hidden neurons of a two-layer ReLU network g with g(x_i) = z_i on the line, exactly.

    x (K,), z (K,): Fractions, or floats taken as the rational numbers that they are, in any order. At the
    points a neuron with its kink in [x_p, x_{p+1}] is a sum of two with kinks at x_p and at x_{p+1}, with
    coefficients of its own sign; two neurons of one gap and sign make at most one neuron and an affine
    function, and affine is what all neurons with kinks outside add up to. So a network of width m is a choice
    of m kinds (gap, sign, facing), or of m - 1 kinds (gap, sign) and an affine neuron. For each choice the
    coefficients solve linear equations with signs: one for the turn at each interior point, which involves
    only the kinks there, and one for the first slope. A choice is refuted when a turn of one sign finds no
    neuron of that sign, or when the first slope lies outside the interval of slopes that the signs allow.

    Raises ValueError for bad samples and for more than 10 of them.

    >>> two_layer(range(5), [0, 1, 0, 1, 0]).width
    3
    """
    samples = distinct(validate(np.asarray(x)[:, None], z))
    if samples.z.ndim != 1:
        raise ValueError(f"z has shape {samples.z.shape}, expected one label a point")
    if samples.K > MOST:
        raise ValueError(
            f"there are {samples.K} points: all networks are looked at for {MOST} at most. "
            'Use two_layer.fit(X, z, method="least")'
        )
    order = np.argsort(samples.X[:, 0])
    x, z = to_fractions(samples.X[order, 0]), to_fractions(samples.z[order])
    narrower, width = Counter(), 0
    while True:
        cases = Counter()
        neurons = _search(x, z, width, cases)
        if neurons is not None:
            network = _network(x, z, neurons)
            assert network.n_neurons == width
            assert (network(x[:, None]) == z).all()
            return LeastWidth(width, network, narrower["untouched"], narrower["off slope"])
        narrower, width = cases, width + 1


def _search(x, z, width, cases):
    """Neurons (coefficient, kink, facing) of the first choice of ``width`` kinds that fits, or None."""
    if len(x) == 1:
        return []
    slopes = np.diff(z) / np.diff(x)
    turns = [Fraction(0), *np.diff(slopes), Fraction(0)]
    signs = [(turn > 0) - (turn < 0) for turn in turns]
    if width > 0:  # an affine neuron reaches every first slope, and no other has to face left
        kinds = next(_choices(signs, width - 1, (1,), cases), None)
        if kinds is not None:
            return [(slopes[0], x[0], 1), *_neurons(x, turns, kinds, [Fraction(0)] * len(x))]
    for kinds in _choices(signs, width, (1, -1), cases):
        shares = _shares(turns, kinds, slopes[0])
        if shares is not None:
            return _neurons(x, turns, kinds, shares)
        cases["off slope"] += 1
    return None


def _choices(signs, width, facings, cases, gap=0, chosen=()):
    """All choices of ``width`` kinds (gap, sign, facing), at most one of a gap and sign, that touch every turn.

    ``signs``: of the turns at all points. A turn at point p is touched by a neuron of its sign in gap p - 1 or p.
    Gaps are filled from left to right.
    """
    turn = signs[gap - 1]
    if gap > 1 and turn and not any(g >= gap - 2 and s == turn for g, s, _ in chosen):
        cases["untouched"] += 1
    elif gap == len(signs) - 1:
        if len(chosen) == width:
            yield chosen
    else:
        for up in (None, *facings):
            for down in (None, *facings):
                more = [(gap, sign, facing) for sign, facing in ((1, up), (-1, down)) if facing]
                if len(chosen) + len(more) <= width:
                    yield from _choices(signs, width, facings, cases, gap + 1, (*chosen, *more))


def _shares(turns, kinds, slope):
    """What the left-facing (at x_0: right-facing) kinks of each point add to the first slope, or None.

    Kinks at x_p that face right add up to a, those that face left to b, with a + b the turn there. Between x_0
    and x_1 the latter have slope -b and the former none; but at x_0 it is a, and no b shows at any point.
    """
    ranges = []
    for p, turn in enumerate(turns):
        right, left = (
            (-inf if -1 in signs else 0, inf if 1 in signs else 0)
            for signs in ({s for g, s, f in kinds if f == facing and g in (p - 1, p)} for facing in (1, -1))
        )
        if p == 0:
            ranges.append(right)
        elif p == len(turns) - 1:
            ranges.append((-left[1], -left[0]))
        else:  # b in left, turn - b in right
            ranges.append((max(-left[1], _minus(right[0], turn)), min(-left[0], _minus(right[1], turn))))
    shares = [Fraction(min(max(low, 0), high)) for low, high in ranges]
    for p, (low, high) in enumerate(ranges):
        missing = slope - sum(shares)
        shares[p] += min(missing, _minus(high, shares[p])) if missing > 0 else max(missing, _minus(low, shares[p]))
    return shares if sum(shares) == slope else None


def _neurons(x, turns, kinds, shares):
    """Neurons (coefficient, kink, facing) of these kinds whose kinks at the points are the turns."""
    weights = {kind: [Fraction(0), Fraction(0)] for kind in kinds}
    for p, (turn, share) in enumerate(zip(turns, shares)):
        left = Fraction(0) if p == 0 else -share
        right = share if p == 0 else turn - left
        for facing, total in ((1, right if p < len(x) - 1 else 0), (-1, left)):
            if total:  # any neuron that may have it gets it all
                kind = next(k for k in kinds if k[0] in (p - 1, p) and k[1] * total > 0 and k[2] == facing)
                weights[kind][p - kind[0]] = abs(total)
    return [
        (sign * (at + after), (at * x[gap] + after * x[gap + 1]) / (at + after), facing)
        for (gap, sign, facing), (at, after) in weights.items()
        if at + after
    ]


def _network(x, z, neurons):
    """The network of these neurons with the bias that makes it right at the first point."""
    size, kinks, facing = to_fractions(np.array(neurons, dtype=object).reshape(-1, 3)).T
    bias = z[0] - in_order(np.maximum(facing * (x[0] - kinks), 0), size)
    return Network((Layer(facing[:, None], -facing * kinks), Layer(size, np.asarray(bias))))


def _minus(a, b):
    """a - b for an a that may be infinite; a Fraction may be too large for a float."""
    return a if isinstance(a, float) else a - b
