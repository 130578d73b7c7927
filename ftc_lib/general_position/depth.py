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
    """A normal u with the fewest samples in u . (x - x_row) > 0, and none but ``row`` on the boundary. Fractions."""
    others = np.delete(np.arange(samples.K), row)
    rays, size = samples.X[others] - samples.X[row], min(samples.d - 1, len(others))
    drawn, fewest = random_direction(samples, np.random.default_rng(0)), None
    special = ValueError(f"a hyperplane through row {row} of X holds more than d - 1 other samples")
    for chosen in map(list, combinations(range(len(others)), size)):
        along = least_exact(rays[chosen], exact.product(rays[chosen], drawn))
        if along is None:
            raise special
        normal = drawn - along
        heights = np.delete(exact.product(rays, normal), chosen)
        if (heights == 0).any():
            raise special
        for sign in (1, -1):
            count = (sign * heights > 0).sum()
            if fewest is None or count < fewest[0]:
                fewest = count, sign * normal, chosen
    _, normal, chosen = fewest
    # turned a little, the hyperplane leaves the chosen ones below
    turn, _ = flattest(samples, [row, *others[chosen]], to_fractions([0] + [-1] * size))
    rest = np.delete(rays, chosen, axis=0)
    if len(rest) == 0:
        return turn
    return normal + step(np.abs(exact.product(rest, normal)), exact.product(rest, turn)) / 2 * turn
