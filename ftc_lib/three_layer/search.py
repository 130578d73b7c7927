"""How few neurons a three-layer network on a line can have: exact searches for tiny instances.

Fix the kinks of layer 1, the way its neurons face, the signs of the output weights, and which neurons of layer 2
are on at each sample: then the weights solve linear equations and inequalities. ``find`` draws the kinks and
walks through the patterns sample by sample; ``refute`` lets each kink be anywhere in its gap and closes every
case. All arithmetic is on Fractions: a network that is found is right with ``==``, a case that is closed has a
contradiction in rational numbers. This book; chapter: book/07_open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import numpy as np

from ftc_lib.core import exact
from ftc_lib.core.linear_program import Program
from ftc_lib.core.network import Layer, Network, RankOne, to_fractions
from ftc_lib.core.rounding import checked
from ftc_lib.core.samples import validate
from ftc_lib.core.types import Data, Seed

_STEPS = 64  # random kinks are multiples of 1/64 of their gap


@dataclass(frozen=True)
class Refutation:
    """No network of these widths fits: so many choices of gaps, facings and signs were closed, by so many programs."""

    widths: tuple[int, int]
    choices: int
    programs: int


def find(x: Data, z: Data, widths: Sequence[int], *, tries: int = 200, rng: Seed = 0) -> Network | None:
    """A three-layer network of the given widths with g(x_i) = z_i, exactly, or None after ``tries`` draws.

    x (K,) increasing, z (K,), floats taken as the numbers that they are; widths (d1, d2). Each try draws the kinks of
    layer 1, the way they face and the signs of the output weights; patterns are then searched completely. None proves
    nothing. Kinks are drawn in different gaps. Raises ValueError for points that are not increasing, for a layer
    without neurons, and for more kinks than gaps.
    """
    x, z = _increasing_points(x, z)
    d1, d2 = _two_widths(widths)
    if d1 >= len(x):
        raise ValueError(f"layer 1 has {d1} neurons, and {len(x)} points have {len(x) - 1} gaps: take fewer")
    rng = np.random.default_rng(rng)
    for _ in range(tries):
        gap = rng.choice(len(x) - 1, d1, replace=False)
        share = to_fractions(rng.integers(1, _STEPS, d1)) / _STEPS
        kinks = x[gap] + share * (x[gap + 1] - x[gap])
        left = rng.integers(0, 2, d1).astype(bool)
        signs = np.where(np.arange(d2) < rng.integers(0, d2 + 1), 1, -1)
        program = Program(1 + d2 * (1 + d1))
        solved = _walk(program, _pre_activations(x, [kinks], left, d2), exact.rationals(z), signs, [0])
        if solved is not None:
            return _network(x, z, kinks, left, signs, solved.solution())
    return None


def refute(x: Data, z: Data, widths: Sequence[int]) -> Refutation | None:
    """A proof by cases that no network of the given widths fits, or None when some case stays open.

    x (K,) increasing, z (K,), floats taken as the numbers that they are; widths (d1, d2). A hinge with its kink in a
    gap is at the samples a mixture of the two hinges with kinks at the ends of the gap. Each neuron of layer 2 may
    mix on its own, which asks for less than a network has; so closing all cases is a proof, and an open case is none.
    Hinges with their kink outside of the samples are covered by the outermost ones. Raises ValueError like ``find``.
    """
    x, z = _increasing_points(x, z)
    d1, d2 = _two_widths(widths)
    targets, choices, count = exact.rationals(z), 0, [0]
    numbers = 1 + 2 * d1  # of a neuron of layer 2: its bias, its shares of all left ends, its shares of all right ends
    each = _forms(np.eye(d2 * numbers, dtype=object).reshape(d2, numbers, d2, numbers))
    shares = each[:, 1:].reshape(d2, 2, d1, -1)  # neuron, end, hinge: the form that is this share
    for gap, left in _first_layers(len(x) - 1, d1):
        forms = _pre_activations(x, [x[gap], x[gap + 1]], left, d2)
        for positive in range(d2 + 1):
            signs = np.where(np.arange(d2) < positive, 1, -1)
            for weight_signs in product((1, -1), repeat=d1 * d2):
                program = Program(1 + d2 * numbers)
                for (k, j), sign in zip(product(range(d2), range(d1)), weight_signs):
                    for share in shares[k, :, j]:  # both shares of a hinge have the sign of its weight
                        program.at_least_0(sign * share)
                choices += 1
                if _walk(program, forms, targets, signs, count) is not None:
                    return None
    return Refutation((d1, d2), choices, count[0])


def _first_layers(gaps, d1):
    """All choices for the neurons of layer 1: their gaps (d1,), and which of them face left (d1,)."""
    for n in range(d1 + 1):
        for to_left in combinations_with_replacement(range(gaps), n):
            for to_right in combinations_with_replacement(range(gaps), d1 - n):
                yield np.array(to_left + to_right, dtype=int), np.arange(d1) < n


def _pre_activations(x, ends, left, d2):
    """The neurons of layer 2 at the samples as linear forms in the weights: (K, d2, 1 + unknowns), FLINT's rationals.

    ``ends``: one or two kinks (d1,) for the hinges of layer 1; a neuron is its bias + weights . hinges.
    """
    facing = np.where(left, -1, 1)
    hinges = [np.maximum(facing * (x[:, None] - kinks), 0) for kinks in ends]
    taken = np.concatenate([np.ones((len(x), 1), dtype=int), *hinges], axis=1)
    coefficients = np.zeros((len(x), d2, d2, taken.shape[1]), dtype=object)
    for k in range(d2):
        coefficients[:, k, k] = taken
    return exact.rationals(_forms(coefficients))


def _forms(coefficients):
    """Linear forms 0 + 0 * output bias + coefficients (.., d2, numbers) of what each neuron of layer 2 has."""
    nothing = np.zeros((*coefficients.shape[:-2], 2), dtype=object)
    return np.concatenate([nothing, coefficients.reshape(*nothing.shape[:-1], -1)], axis=-1)


def _walk(program, forms, z, signs, count):
    """The program with the samples added one by one, for the first pattern that stays solvable; None if none does."""
    if len(z) == 0:
        return program
    for pattern in product((False, True), repeat=len(signs)):
        count[0] += 1
        on = np.array(pattern)
        output = (forms[0] * (signs * on)[:, None]).sum(axis=0)
        output[:2] = -z[0], 1  # the output bias, and what the neurons that are on add to it, make z
        extended = program.copy()
        if extended.equal_0(output) and all(
            extended.at_least_0(form if active else -form) for form, active in zip(forms[0], pattern)
        ):
            found = _walk(extended, forms[1:], z[1:], signs, count)
            if found is not None:
                return found
    return None


def _network(x, z, kinks, left, signs, weights) -> Network:
    facing = np.where(left, -1, 1)
    first = Layer(RankOne(to_fractions(facing), to_fractions([1])), -facing * kinks)
    rows = weights[1:].reshape(len(signs), -1)
    layers = first, Layer(rows[:, 1:], rows[:, 0]), Layer(to_fractions(signs), np.asarray(weights[0]))
    return checked(Network(layers), validate(x[:, None], z), tol=0, gap=0)


def _increasing_points(x, z):
    x, z = to_fractions(x), to_fractions(z)
    if x.ndim != 1 or x.shape != z.shape or len(x) < 2:
        raise ValueError(f"x has shape {x.shape} and z {z.shape}, expected (K,) for both, with K >= 2")
    if not (x[1:] > x[:-1]).all():
        raise ValueError("x is not increasing: sort the points, and leave out repeated ones")
    return x, z


def _two_widths(widths):
    if len(widths) != 2 or not all(isinstance(d, int | np.integer) and d >= 1 for d in widths):
        raise ValueError(f"widths is {widths!r}, expected (d1, d2): at least one neuron in each of two layers")
    return widths
