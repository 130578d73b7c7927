"""Groups of d samples on a hyperplane: four neurons a group, three where its labels have one sign.

Each function takes samples in units and a random generator, and returns the neurons of the groups, an output bias and
the least gap that it relies on. Chapter: book/05_general_position.
"""

from __future__ import annotations

import numpy as np

from ftc_lib import baum
from ftc_lib.baum.affine import flattest, on_one_grid, step
from ftc_lib.baum.neurons import Group, rows_of
from ftc_lib.baum.slabs import Slab
from ftc_lib.core.network import in_order, to_fractions
from ftc_lib.core.samples import (
    Samples,
    in_groups,
)
from ftc_lib.core.types import Number


def slabs(samples: Samples, rng: np.random.Generator) -> tuple[list[Group], Number, Number]:
    """4 neurons a group of d targets, whatever their signs: Baum's network (2006.02855)."""
    return _built(samples, in_groups(rng.permutation(samples.changed), samples.d), rng, differences=False)


def signs(samples: Samples, rng: np.random.Generator) -> tuple[list[Group], Number, Number]:
    """3 neurons a group of d targets of one sign (this book)."""
    return _built(samples, [group for rows in _by_sign(samples, rng) for group in in_groups(rows, samples.d)], rng)


def mixed(samples: Samples, rng: np.random.Generator) -> tuple[list[Group], Number, Number]:
    """3 neurons a full group of one sign; what is left of both signs shares a group of 4 if it fits (this book)."""
    signed = _by_sign(samples, rng)
    left = [len(rows) % samples.d for rows in signed]
    if not all(left) or sum(left) > samples.d:
        return _built(samples, [group for rows in signed for group in in_groups(rows, samples.d)], rng)
    full = [group for rows, r in zip(signed, left) for group in in_groups(rows[: len(rows) - r], samples.d)]
    shared = np.concatenate([rows[len(rows) - r :] for rows, r in zip(signed, left)])
    return _built(samples, [*full, shared], rng)


def _by_sign(samples: Samples, rng) -> list[np.ndarray]:
    """The rows of the positive and of the negative targets, in random order."""
    return [rng.permutation(np.flatnonzero(side)) for side in (samples.z > 0, samples.z < 0)]


def _built(samples: Samples, groups, rng, differences=True):
    """The neurons of the groups: second differences where the labels have one sign, four neurons elsewhere."""
    neurons, gap = [], np.inf
    for members in groups:
        slab = baum.slab(samples, members, rng)
        one_sign = differences and len(set(np.sign(samples.z[members]))) == 1
        neurons.append((_second_difference if one_sign else baum.derivative_slab)(samples, slab))
        gap = min(gap, 2 * slab.tau)
    return neurons, 0, gap


def _second_difference(samples: Samples, slab: Slab):
    """[(s + delta l)+ - 2 (s)+ + (s - delta l)+] / delta = (|l| - |s| / delta)+, a tent along the hyperplane."""
    v, c = flattest(samples, slab.members, samples.z[slab.members])
    room = np.abs(slab.heights)
    room[slab.members] = 2 * slab.tau
    delta = step(room, in_order(samples.X, v) + c)
    s, bend = on_one_grid(np.append(slab.u, np.asarray(-slab.b)), delta * np.append(v, c))
    sign = np.sign(samples.z[slab.members[0]])
    return rows_of([s + bend, s, s - bend]) + ([sign / delta, -2 * sign / delta, sign / delta],)


def random_direction(samples: Samples, rng: np.random.Generator) -> np.ndarray:
    """A direction; odd numbers, so never zero."""
    odd = 2 * rng.integers(-500, 500, samples.d) + 1
    return to_fractions(odd) if samples.exact else odd / 999
