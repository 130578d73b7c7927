"""One door to the three-layer constructions. Chapter: book/03_three_layer."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.core import bounds
from ftc_lib.core.construction import Construction, known, table
from ftc_lib.core.network import Network
from ftc_lib.core.samples import check_tol, on_a_line, project, validate
from ftc_lib.core.types import Data, Seed
from ftc_lib.three_layer import paper
from ftc_lib.three_layer.pairs import DENSE, pairs
from ftc_lib.three_layer.slots import constant
from ftc_lib.three_layer.through import through
from ftc_lib.three_layer.windows import windows
from ftc_lib.three_layer.zigzag import zigzag


def _kept(N: int, K: int, outputs: int = 1) -> int:
    """An interpolation has to follow at most min{3N + 2, K} points."""
    return bounds.three_layer_kept(min(3 * N + 2, K), outputs)


# build: (samples on a line, tol) -> network; count: (N, K, outputs)
CONSTRUCTIONS = table(
    Construction("yun", paper.yun, lambda N, K, o=1: bounds.yun(K, o), "2408.00359, Theorem 5.1, after Yun et al."),
    Construction("bumps", paper.bumps, lambda N, K, o=1: bounds.three_layer_bumps(N, K), "2408.00359, Theorem 5.1"),
    Construction("kept", paper.kept, _kept, "2408.00359, Theorem 5.1"),
    Construction("appendix", paper.appendix, lambda N, K, o=1: bounds.three_layer_appendix(N, o), "2408.00359, App. A"),
    Construction("windows", windows, lambda N, K, o=1: bounds.windows(N, o), "this book"),
    Construction("zigzag", zigzag, lambda N, K, o=1: bounds.zigzag(K, o), "this book"),
    Construction("pairs", pairs, lambda N, K, o=1: bounds.three_layer_pairs(N, o), "this book"),
    Construction("through", through, bounds.through, "this book"),
)
METHODS = (*CONSTRUCTIONS, "auto")
# Of equal counts the first; the zigzag, with its large weights, comes last. The paper's four never take fewer.
_AUTO = ("pairs", "windows", "through", "zigzag")


def fit(
    X: Data, z: Data, method: str = "auto", *, rng: Seed = 0, tol: float = 1e-4, dtype: DTypeLike = np.float64
) -> Network:
    """A three-layer ReLU network g with g(x_i) = z_i for every sample; m = d1 + d2 neurons.

    X (K, d), z (K,) or (K, o): targets, zero for the samples that must not move. ``method``, for one output:

    * "yun": 2 ceil(2 sqrt(K)), about 4 sqrt(K), in hard-tanhs (2408.00359, Theorem 5.1, after Yun et al.);
    * "bumps": 2 ceil(sqrt(K)) + 3N, a bump at each changed sample (2408.00359, Theorem 5.1);
    * "kept": 2 min over G of G + 2 ceil(p/G), for the p <= min{3N+2, K} points that two layers would have to
      interpolate (2408.00359, Theorem 5.1, with a window that does not jump);
    * "appendix": 4N + 4, a notch at each changed sample and one window (2408.00359, Appendix A);
    * "windows": min over G of G + 4 ceil(N/G) <= 4 sqrt(N) + 1, whatever K is (this book);
    * "zigzag": ceil(2 sqrt(K)), for any labels (this book);
    * "pairs": 2N, one more if N is odd, two changed samples share four neurons (this book); a dense N x N layer for
      each output, so with one it is refused above N = 11 585;
    * "through": 1 + min{3N, K-2} for K >= 5, a two-layer network behind one neuron (this book);
    * "auto": the one with the fewest neurons for this N and K that meets ``tol``.

    Targets that are all the same take no neuron. Several outputs share layer 1. Exact on Fractions; on floats
    the network carries its ``error``: no evaluation in ``dtype`` (float64 or float32; floats X are rounded to it)
    misses a sample by more, in whatever order it sums. Raises ValueError for bad input and ConditioningError when the
    error exceeds tol * max |z| in every direction tried. ``rng`` draws the directions.

    >>> X, z = np.arange(400.0)[:, None], (np.arange(400) % 40 == 7) * 1.0  # of 400 labels change ten
    >>> g = fit(X, z)
    >>> g.widths, bool(np.abs(g(X) - z).max() <= g.error <= 1e-4)
    ((5, 8), True)
    """
    known(CONSTRUCTIONS, method)
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    chosen = [method]
    if method == "auto":
        line = project(samples, rng)
        samples, outputs = line.samples, samples.z[:1].size
        N, K = samples.N, len(line.points()[0])  # repeated rows do not count
        possible = [name for name in _AUTO if name != "pairs" or N * N * outputs <= DENSE]
        chosen = sorted(possible, key=lambda name: CONSTRUCTIONS[name].count(N, K, outputs))
    if (samples.z == samples.z[0]).all():
        return on_a_line(samples, rng, partial(constant, tol=tol))
    return on_a_line(samples, rng, *(partial(CONSTRUCTIONS[name].build, tol=tol) for name in chosen))
