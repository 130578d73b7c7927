"""One label costs one neuron, two or three: by how deep its sample lies among the others.

Chapter: book/05_general_position.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ftc_lib.baum.affine import flattest, least_exact, step
from ftc_lib.baum.neurons import assemble, rows_of
from ftc_lib.core import exact
from ftc_lib.core.network import Network, to_fractions
from ftc_lib.core.rounding import checked
from ftc_lib.core.samples import (
    Samples,
    distinct,
    places,
    validate,
)
from ftc_lib.core.types import Data
from ftc_lib.general_position.fit import fit
from ftc_lib.general_position.groups import random_direction


def fit_one(X: Data, z: Data) -> Network:
    """The network with the fewest neurons that changes a single label, for samples in general position.

    X (K, d), z (K,) with one nonzero entry, K >= 2; floats are read as the exact numbers that they are, and the network
    is one of Fractions. One neuron if ``depth`` is 0, two if it is at most d, three beyond (this book: fewer do not
    suffice). Raises ValueError for another number of targets and as ``depth`` does.

    >>> X = np.array([[0, 0], [9, 1], [4, 8], [4, 3]])  # the last one lies inside the triangle of the others
    >>> [fit_one(X, np.arange(4) == i).n_neurons for i in range(4)]
    [1, 1, 1, 2]
    """
    samples = distinct(validate(X, z))
    samples = validate(to_fractions(samples.X), to_fractions(samples.z))
    if samples.z.ndim != 1 or samples.N != 1 or samples.K == 1:
        raise ValueError(f"z has {samples.N} nonzero targets for {samples.K} samples, expected one among two or more")
    row = samples.changed[0]
    u = _shallowest(samples, row)
    heights = exact.product(samples.X - samples.X[row], u)
    above = np.flatnonzero(heights > 0)
    if len(above) == 0 or len(above) > samples.d:
        return fit(samples.X, samples.z, "mixed" if len(above) else "exposed")
    # the first difference: positive s at the target and above, where l is the label and 0; negative s at all others
    cap, tau = np.append(row, above), np.abs(np.delete(heights, row)).min() / 2
    v, c = flattest(samples, cap, samples.z[cap])
    delta = step(np.abs(heights + tau), exact.product(samples.X, v) + c)
    s = np.append(u, tau - exact.product(samples.X[row], u))
    group = rows_of([s + delta * np.append(v, c), s]) + ([1 / delta, -1 / delta],)
    return checked(assemble([group], samples, 1, 1), samples, tol=0, gap=2 * tau)


def depth(X: Data, row: int) -> int:
    """The least number of other samples in a closed half-space whose boundary runs through sample ``row`` (Tukey).

    X (K, d); floats are read as the exact numbers that they are. 0 for a vertex of the convex hull. Looks at all
    hyperplanes through the row and d - 1 others; ValueError when one of them holds more.
    """
    samples = places(to_fractions(places(X).X))
    if not 0 <= row < samples.K:
        raise ValueError(f"row is {row}: X has {samples.K} rows")
    return int((exact.product(samples.X - samples.X[row], _shallowest(samples, row)) > 0).sum())


def _shallowest(samples: Samples, row) -> np.ndarray:
    """A normal u with the fewest samples in u . (x - x_row) > 0, and none but ``row`` on the boundary. Fractions.

    The best hyperplane through the row and d - 1 others, turned a little so that these move to the other side.
    """
    others = np.delete(np.arange(samples.K), row)
    rays = samples.X[others] - samples.X[row]
    _, normal, on = min(_half_spaces(samples, rays, row), key=lambda half_space: (half_space[0] > 0).sum())
    turn, _ = flattest(samples, [row, *others[on]], to_fractions([0] + [-1] * len(on)))
    rest = np.delete(rays, on, axis=0)
    if len(rest) == 0:
        return turn
    return normal + step(np.abs(exact.product(rest, normal)), exact.product(rest, turn)) / 2 * turn


def _half_spaces(samples: Samples, rays, row):
    """Both sides of all hyperplanes through the row and d - 1 others: heights of the rest, normal, those d - 1.

    ``rays``: the others, seen from the row. ValueError for a hyperplane that holds more of them.
    """
    drawn = random_direction(samples, np.random.default_rng(0))
    special = ValueError(f"a hyperplane through row {row} of X holds more than d - 1 other samples")
    for on in map(list, combinations(range(len(rays)), min(samples.d - 1, len(rays)))):
        along = least_exact(rays[on], exact.product(rays[on], drawn))
        if along is None:
            raise special
        normal = drawn - along
        heights = np.delete(exact.product(rays, normal), on)
        if (heights == 0).any():
            raise special
        yield heights, normal, on
        yield -heights, -normal, on
