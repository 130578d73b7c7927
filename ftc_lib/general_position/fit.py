"""One door to the constructions for samples in general position. Chapter: book/05_general_position."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.baum.neurons import assemble, lightest
from ftc_lib.core import bounds, exact
from ftc_lib.core.bounds import ceil_div
from ftc_lib.core.construction import Construction, known, table
from ftc_lib.core.network import Network
from ftc_lib.core.rounding import checked
from ftc_lib.core.samples import (
    Samples,
    check_tol,
    distinct,
    in_units,
    validate,
)
from ftc_lib.core.types import Data, Seed
from ftc_lib.general_position.faces import exposed, faces
from ftc_lib.general_position.groups import mixed, signs, slabs
from ftc_lib.general_position.slices import slices

# build: (samples in units, random generator) -> neurons of each group, output bias, least gap relied on
# count: (N+, N-, K, d)
CONSTRUCTIONS = table(
    Construction("slabs", slabs, lambda p, n, K, d: 4 * ceil_div(p + n, d), "2006.02855"),
    Construction("signs", signs, lambda p, n, K, d: 3 * ceil_div(p, d) + 3 * ceil_div(n, d), "this book"),
    Construction("mixed", mixed, lambda p, n, K, d: bounds.general_position(p, n, d), "this book"),
    Construction("slices", slices, lambda p, n, K, d: bounds.slices(K, d), "this book"),
    Construction("exposed", exposed, lambda p, n, K, d: p + n, "this book"),
    Construction("faces", faces, lambda p, n, K, d: p + n, "this book"),
)
METHODS = (*CONSTRUCTIONS, "auto")
_NOTHING_DRAWN = (exposed, faces)  # so there is nothing to try twice


def fit(
    X: Data, z: Data, method: str = "auto", *, rng: Seed = 0, tol: float = 1e-4, dtype: DTypeLike = np.float64
) -> Network:
    """A two-layer ReLU network g with g(x_i) = z_i for samples in general position.

    X (K, d), z (K,): N targets, zero for the samples that must not move. N+ and N- of them are positive and
    negative. ``method``:

    * "slabs": 4 ceil(N/d) neurons (2006.02855; ``baum.fit_relu``);
    * "signs": 3 ceil(N+/d) + 3 ceil(N-/d) (this book);
    * "mixed": 3 a full group of one sign, 4 or less for what is left: ``bounds.general_position``, which is the
      least that always suffices among many untouched samples (this book);
    * "slices": ceil(K/(d+1)) + ceil((K-1)/(d+1)) - 1, however many labels change (this book);
    * "exposed": N, one for each target, which all have to be vertices of the convex hull of the samples;
    * "faces": the same with one neuron for a whole face of the hull whose members are targets of one sign. Faces of
      up to d members are collected greedily, which takes time: N neurons or fewer;
    * "auto": the fewest neurons that meet ``tol``, of "exposed", "mixed" and "slices".

    Exact on Fractions; on floats the network carries its ``error``: no evaluation in ``dtype`` (float64 or float32;
    floats X are rounded to it) misses a sample by more, in whatever order it sums. Equal rows with equal targets are
    one sample. General position is not checked beforehand (see ``check``): the hyperplanes that are used are.
    Raises ValueError for bad input, for samples in too special a position, for a target that is not exposed, and
    ConditioningError when the error exceeds tol * max |z|. ``rng`` draws groups and directions.

    >>> X, z = np.random.default_rng(0).normal(size=(100, 5)), (np.arange(100) < 10) * 1.0
    >>> g = fit(X, z)  # ten labels of one sign, five at a time
    >>> g.n_neurons, bool(np.abs(g(X) - z).max() <= g.error)
    (6, True)
    """
    known(CONSTRUCTIONS, method)
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    if samples.z.ndim != 1:
        raise ValueError(f"z has shape {samples.z.shape}, expected (K,): one output")
    samples = distinct(samples)
    chosen = [method]
    if method == "auto":  # those whose counts are known beforehand; of equal counts the one with the smaller weights
        size = int((samples.z > 0).sum()), int((samples.z < 0).sum()), samples.K, samples.d
        chosen = sorted(("exposed", "mixed", "slices"), key=lambda name: CONSTRUCTIONS[name].count(*size))
    for name in chosen:
        try:
            return _built(CONSTRUCTIONS[name], samples, rng, tol)
        except ValueError as error:
            failure = error
    raise _explained(samples, failure)


def _built(construction: Construction, samples: Samples, rng, tol) -> Network:
    scaled, unit, label = in_units(samples)

    def attempt(rng) -> Network:
        neurons, bias, gap = construction.build(scaled, rng)
        return checked(assemble(neurons, scaled, unit, label, bias), samples, tol=tol, gap=gap * unit)

    return lightest(attempt, rng, attempts=1 if construction.build in _NOTHING_DRAWN else None)


def _explained(samples: Samples, error: ValueError) -> ValueError:
    """The error, or a better one when the samples fill no more than a flat of lower dimension."""
    X = in_units(samples)[0].X
    centred = X - X[0]
    rank = exact.rank(centred) if samples.exact else np.linalg.matrix_rank(centred)
    if rank >= min(samples.d, samples.K - 1):
        return error
    flat, remedy = "one line", "There dimension buys nothing: use"
    if rank > 1:
        flat, remedy = f"a flat of dimension {rank}", f"Use {rank} coordinates within the flat, or"
    return ValueError(
        f"the samples lie on {flat} of R^{samples.d}: not in general position. {remedy} two_layer or three_layer, "
        f"which only need distinct samples ({error})"
    )
