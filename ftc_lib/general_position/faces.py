"""One neuron for a target that is a vertex of the hull of the samples, or for a whole face of targets.

A half-space that holds the target and no other sample needs no difference. Chapter: book/05_general_position.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from ftc_lib.baum.affine import across, flattest, orthogonal
from ftc_lib.baum.neurons import Group
from ftc_lib.core.network import ANY_SIZE, in_order
from ftc_lib.core.samples import (
    Samples,
    in_units,
    named,
    places,
)
from ftc_lib.core.types import Data, Rows
from ftc_lib.general_position.hull import nearest


def exposed(samples: Samples, rng: np.random.Generator) -> tuple:
    """One neuron a target, each a vertex of the hull; nothing is drawn."""
    return _on_faces(samples, 1)


def faces(samples: Samples, rng: np.random.Generator) -> tuple:
    """One neuron a face of up to d targets of one sign; nothing is drawn."""
    return _on_faces(samples, samples.d)


def _on_faces(samples: Samples, most: int):
    """One neuron a face whose members, ``most`` of them at most, are targets of one sign; found greedily."""
    alone = {row: face(samples, [row]) for row in samples.changed}  # names the target that is not exposed
    neurons, gap = [], np.inf
    for side in (samples.z > 0, samples.z < 0):
        left = list(np.flatnonzero(side))
        while left:
            members = [left.pop(0)]
            neuron, margin = alone[members[0]]
            for row in list(left):
                if len(members) == most:
                    break
                try:
                    neuron, margin = face(samples, [*members, row])
                except ValueError:
                    continue
                members.append(row)
                left.remove(row)
            neurons.append(neuron)
            gap = min(gap, margin)
    return neurons, 0, gap


def face(samples: Samples, members: Rows) -> tuple[Group, Any]:
    """The neuron (l + C e)+ with l = |z| on the members, e = 0 on them and e < 0 at all others, and its margin.

    e falls off towards the others (proposition on faces). C is twice the least that works; for one member the kink is
    then halfway between it and the others, with the widest margin.
    """
    size, sign = np.abs(samples.z[members]), np.sign(samples.z[members[0]])
    v, c = flattest(samples, members, size)
    corner = samples.X[members[0]]
    others = np.delete(samples.X, members, axis=0) - corner
    if len(others) == 0:
        return ([v], [c], [sign]), np.inf
    p, fall = _towards_others(samples, members, others)
    C = 2 * np.maximum(((in_order(others, v) + size[0]) / fall).max(), 0)
    length2 = in_order(p, p)
    distance = _root(fall.min() ** 2 / length2) if samples.exact else fall.min() / np.sqrt(length2)
    return ([v - C * p], [c + C * in_order(corner, p)], [sign]), distance


def _towards_others(samples: Samples, members, others):
    """The nearest point p of the hull of the ``others``, seen along the face, and how far e = -p . x falls at each.

    ``others``: rows relative to a member. ValueError when e < 0 fails at one: the members are not a face by themselves.
    """
    axes = orthogonal(samples.X[members[1:]] - samples.X[members[0]])
    p = across(nearest(across(others, axes)), axes)  # again, for a point that rounding has moved along the face
    fall, length2 = in_order(others, p), in_order(p, p)
    noise = 0 if samples.exact else 64 * np.finfo(float).eps * np.sqrt((others**2).sum(axis=1).max() * length2)
    if min(fall.min(), length2) <= noise:  # a p that is 0 but for rounding points anywhere
        name = f"row {members[0]} of X is" if len(members) == 1 else f"rows {named(members)} of X are"
        which = "no half-space" if samples.exact else "no half-space that float64 can tell"
        raise ValueError(
            f"{name} not exposed: {which} holds what changes there and no other sample. Use method "
            '"mixed" or "auto", or two_layer'
        )
    return p, fall


def margins(X: Data) -> np.ndarray:
    """The distance of each sample of X (K, d) from the convex hull of the others, (K,) floats.

    0 if it is no vertex, or if float64 cannot tell. Infinite for a sample without others, and beyond float64.
    Raises ValueError for bad input, NaN and infinity among it.
    """
    samples, unit, _ = in_units(places(X))
    found = np.zeros(samples.K)
    for row in range(samples.K):
        with suppress(ValueError):
            found[row] = float(face(samples, [row])[1]) * unit  # Python's own product: it overflows in silence
    return found


def _root(square: Fraction) -> float:
    with localcontext(ANY_SIZE):
        return float((Decimal(square.numerator) / square.denominator).sqrt())
