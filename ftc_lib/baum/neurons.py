"""From the neurons of several groups to one network, and the lightest of a few attempts.

Chapters: book/01_baum, book/05_general_position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ftc_lib.core.network import Layer, Network, to_fractions
from ftc_lib.core.samples import Samples
from ftc_lib.core.types import Number, Seed

# The neurons of a group: incoming weights, biases, outgoing weights.
Group = tuple[Sequence, Sequence, Sequence | np.ndarray]
ATTEMPTS = 8  # random partitions into groups; on floats the lightest network is kept


def assemble(groups: Sequence[Group], samples: Samples, unit: Number, label: Number, bias: Number = 0) -> Network:
    """One network of the neurons (incoming weights, biases, outgoing weights) of several groups.

    ``samples`` are in these units (see ``in_units``), the network is for the samples as they were given.
    """
    rows, offsets, outputs = ([x for group in groups for x in group[i]] for i in range(3))
    W1 = stacked(rows, samples.d, samples.exact) / unit
    b1, W2 = as_numbers(offsets, samples.exact), label * as_numbers(outputs, samples.exact)
    return Network((Layer(W1, b1), Layer(W2, np.asarray(label * as_numbers([bias], samples.exact)[0]))))


def rows_of(planes: Iterable[np.ndarray]) -> tuple[list, list]:
    """Incoming weights and biases of neurons from their d + 1 numbers."""
    return [plane[:-1] for plane in planes], [plane[-1] for plane in planes]


def lightest(attempt: Callable[[np.random.Generator], Network], rng: Seed, attempts: int | None = None) -> Network:
    """The one of least total weight of a few networks that ``attempt(rng)`` makes; on Fractions the first one.

    Rounding grows with the weights. To choose by the measured error instead would choose by chance: it hangs on
    the order in which a processor sums. The last error is raised when no attempt works.
    """
    rng = np.random.default_rng(rng)
    best: Network | None = None
    failures = []
    for _ in range(attempts or ATTEMPTS):
        try:
            with np.errstate(all="ignore"):  # what overflows is found when the network is measured
                network = attempt(rng)
        except ValueError as error:  # an unlucky group: another partition may avoid it
            failures.append(error)
            continue
        if best is None or network.total_weight < best.total_weight:
            best = network
        if best.exact or best.n_neurons == 0:
            break
    if best is None:
        raise failures[-1]
    return best


def as_numbers(values: Sequence | np.ndarray, exact: bool) -> np.ndarray:
    return to_fractions(values) if exact else np.array(values, dtype=float)


def stacked(rows: Sequence, d: int | None, exact: bool) -> np.ndarray:
    """Rows of the first layer as (m, d), or with d None numbers as (m,); an empty list is an empty array."""
    flat = as_numbers(np.array(rows, dtype=object if exact else float).ravel(), exact)
    return flat if d is None else flat.reshape(-1, d)
