"""One door to the two-layer constructions. Chapter: book/02_two_layer."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.core import bounds
from ftc_lib.core.construction import Construction, known, table
from ftc_lib.core.network import Network
from ftc_lib.core.samples import check_tol, on_a_line, validate
from ftc_lib.core.types import Data, Seed
from ftc_lib.two_layer.bumps import bumps
from ftc_lib.two_layer.kinks import interpolate, tight
from ftc_lib.two_layer.least import least_neurons

# build: (samples on a line, tol) -> network; count: (N, K)
CONSTRUCTIONS = table(
    Construction("bumps", bumps, lambda N, K: 3 * N, "this book"),
    Construction("interpolate", interpolate, lambda N, K: min(3 * N, K - 1), "2408.00359, Theorem 4.4"),
    Construction("tight", tight, lambda N, K: bounds.two_layer(N, K).upper, "this book"),
    Construction("least", least_neurons, lambda N, K: bounds.two_layer(N, K).upper, "this book"),
)
METHODS = (*CONSTRUCTIONS, "auto")
_LEAST = 2**10  # changed samples up to which "auto" takes the time (a second or two) to save the last neuron


def fit(
    X: Data, z: Data, method: str = "auto", *, rng: Seed = 0, tol: float = 1e-4, dtype: DTypeLike = np.float64
) -> Network:
    """A two-layer ReLU network g with g(x_i) = z_i for every sample.

    X (K, d), z (K,) or (K, o): targets, zero for the samples that must not move. ``method``:

    * "bumps": 3N neurons, a triangle at each changed sample (this book, two-layer theorem);
    * "interpolate": Theorem 4.4 of 2408.00359, at most K - 1 less what long untouched runs save;
    * "tight": the fewest kinks, and at most one neuron more (this book): at most min{3N, K-2} neurons for
      K >= 5, 2 for K = 3, 3 for K = 4; one output;
    * "least": the fewest neurons that any network on this line has (this book), floats taken as the numbers that
      they are; one output. Whether one less than "tight" will do is as hard to decide as SUBSET SUM; where
      ``least_kinks.least`` gives up, it stays;
    * "auto": the first of these that meets ``tol``: with one output "least" (up to 1024 changed samples), then
      "tight", then "interpolate", then "bumps".

    Exact on Fractions. On floats the network carries its ``error``: no evaluation in ``dtype`` (float64 or float32;
    floats X are rounded to it) misses a sample by more, in whatever order it sums. Raises ValueError for bad input and
    ConditioningError when the error exceeds tol * max |z| in every direction tried. ``rng`` draws the directions.

    >>> X, z = np.arange(6.0)[:, None], np.array([0, 0, 7.0, 0, 0, 0])  # of six labels change one
    >>> g = fit(X, z, method="bumps")
    >>> g.n_neurons, g(X).tolist()
    (3, [0.0, 0.0, 7.0, 0.0, 0.0, 0.0])
    """
    known(CONSTRUCTIONS, method)
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    names = [method]
    if method == "auto":
        names = ["least"] * (samples.N <= _LEAST) + ["tight"] if samples.z.ndim == 1 else []
        names += ["interpolate", "bumps"]
    return on_a_line(samples, rng, *(partial(CONSTRUCTIONS[name].build, tol=tol) for name in names))
