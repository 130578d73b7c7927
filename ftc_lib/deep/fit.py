"""One door to the constructions of four layers and more. Chapter: book/04_deeper."""

from __future__ import annotations

from functools import partial
from numbers import Integral

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.core import bounds
from ftc_lib.core.construction import Construction, known, table
from ftc_lib.core.network import Network
from ftc_lib.core.samples import check_tol, on_a_line, project, validate
from ftc_lib.core.types import Data, Seed
from ftc_lib.deep.assemble import constant
from ftc_lib.deep.blocks import paper, windows, zigzag
from ftc_lib.deep.relay import relay

# build: (samples on a line, layers, tol) -> network; count: (N, K, layers) -> width of the largest hidden layer
CONSTRUCTIONS = table(
    Construction("paper", paper, bounds.deep_width, "2408.00359, Proposition 6.1"),
    Construction("windows", windows, lambda N, K, layers: bounds.deep_windows(N, layers), "this book"),
    Construction("zigzag", zigzag, lambda N, K, layers: bounds.deep_zigzag(K, layers), "this book"),
    Construction("relay", relay, bounds.deep_relay, "this book"),
)
METHODS = (*CONSTRUCTIONS, "auto")
_AUTO = ("zigzag", "windows", "relay")  # of equal widths the first: blocks before the relay, whose weights are larger


def fit(
    X: Data,
    z: Data,
    layers: int,
    method: str = "auto",
    *,
    rng: Seed = 0,
    tol: float = 1e-4,
    dtype: DTypeLike = np.float64,
) -> Network:
    """A ReLU network g of L >= 4 layers, so L - 1 hidden ones, with g(x_i) = z_i for every sample.

    X (K, d), z (K,): targets, zero for the samples that must not move. ``method``, with B = floor((L-1)/2) and the
    width of the largest hidden layer:

    * "paper": at most 4 min{sqrt(3N/B + 5), sqrt(K)} + 2 (2408.00359, Proposition 6.1);
    * "windows": at most 2 sqrt(N/B + 1) + 4, whatever K is (this book);
    * "zigzag": at most ceil(sqrt(K/B)) + 2, for any labels (this book);
    * "relay": about sqrt(min{K, 4N}/(L-2)), with windows or zigzags, whichever is narrower (this book);
    * "auto": the narrowest of the last three for this N and K that meets ``tol``.

    Targets that are all the same take hidden layers without neurons. Exact on Fractions; on floats the network
    carries its ``error``: no evaluation in ``dtype`` (float64 or float32; floats X are rounded to it) misses a sample
    by more, in whatever order it sums. It grows with L in a relay and hardly in the others. Raises ValueError for
    bad input and ConditioningError when the error exceeds tol * max |z| in every direction tried. ``rng`` draws
    the directions.

    >>> X, z = np.arange(400.0)[:, None], (np.arange(400) % 40 == 7) * 1.0  # of 400 labels change ten
    >>> g = fit(X, z, layers=6)
    >>> g.widths, bool(np.abs(g(X) - z).max() <= g.error <= 1e-4)
    ((6, 5, 5, 5, 1), True)
    """
    known(CONSTRUCTIONS, method)
    if not isinstance(layers, Integral) or isinstance(layers, bool) or layers < 4:
        raise ValueError(
            f"layers is {layers!r}: expected a whole number L >= 4; two_layer and three_layer make the others"
        )
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    if samples.z.ndim != 1:
        raise ValueError(f"z has shape {samples.z.shape}: deep networks have one output, z of shape (K,)")
    if (samples.z == samples.z[0]).all():
        return on_a_line(samples, rng, partial(constant, layers=layers, tol=tol))
    chosen = [method]
    if method == "auto":
        line = project(samples, rng)
        samples = line.samples
        N, K = samples.N, len(line.points()[0])  # repeated rows do not count
        chosen = sorted(_AUTO, key=lambda name: CONSTRUCTIONS[name].count(N, K, layers))
    return on_a_line(samples, rng, *(partial(CONSTRUCTIONS[name].build, layers=layers, tol=tol) for name in chosen))
