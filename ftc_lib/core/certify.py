"""What a network really computes at the samples: exact evaluation, and a certificate that can be re-checked.

A float is a dyadic rational, an integer over a power of two. So a float network has an exact value at a float
sample, and integers find it: every layer is put over one common denominator, and no step rounds. The largest
distance to a target comes out as a Fraction. It is a property of the network, not of a machine that runs it.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from ftc_lib.core import files
from ftc_lib.core.network import Layer, Network, RankOne, to_fractions
from ftc_lib.core.network_file import as_text
from ftc_lib.core.samples import numbers, validate
from ftc_lib.core.types import Data

_HELD = 2**16  # integers of a layer held at once, so that memory does not grow with K; at least those of one sample


@dataclass(frozen=True)
class Certificate:
    """K samples in R^d, N of them changed; the network's counts; its exact errors.

    ``max_error``: max |g(x_i) - z_i| over all samples, ``max_error_changed`` and ``max_error_kept`` over the
    changed and the untouched ones (0 where there are none). ``kept_zero``: untouched samples at which the
    network is exactly 0. Hashes are sha256 over ``fingerprint``.
    """

    K: int
    N: int
    d: int
    activation: str
    widths: tuple[int, ...]
    n_neurons: int
    total_weight: float
    max_error: Fraction
    max_error_changed: Fraction
    max_error_kept: Fraction
    kept_zero: int
    data_sha256: str
    weights_sha256: str

    def to_json(self) -> str:
        """The certificate as JSON; Fractions as "p/q", a total weight beyond the largest float as "inf"."""
        record = asdict(self)
        for name, value in record.items():
            if isinstance(value, Fraction):
                record[name] = as_text(value)
            elif value == math.inf:
                record[name] = "inf"
        return json.dumps(record, indent=2) + "\n"

    def save(self, path: str | Path) -> Path:
        """Write the JSON; a file is replaced whole or not at all."""
        files.write(Path(path), self.to_json().encode())
        return Path(path)


def certify(network: Network, X: Data, z: Data) -> Certificate:
    """Evaluate the network exactly at the samples and compare with the targets.

    X (K, d), z (K,) or (K, o), floats or Fractions. Raises ValueError for bad samples, for weights that are
    NaN or infinite and for targets of another shape than the network's values.

    >>> X, z = np.array([[0.0], [1.0], [2.0]]), np.array([0, 0.1, 0])
    >>> triangle = Network((Layer(np.ones((3, 1)), -np.arange(3.0)), Layer(np.array([0.1, -0.2, 0.1]), np.array(0.0))))
    >>> certify(triangle, X, z).max_error
    Fraction(0, 1)
    """
    samples = validate(X, z)
    difference = np.abs(exact_values(network, samples.X) - _compatible(network, samples.z))
    worst = difference if difference.ndim == 1 else difference.max(axis=1)
    changed = np.zeros(samples.K, dtype=bool)
    changed[samples.changed] = True
    kept = worst[~changed]
    arrays = [a for layer in network.layers for a in layer.arrays().values()]
    return Certificate(
        K=samples.K,
        N=samples.N,
        d=samples.d,
        activation=network.activation,
        widths=network.widths,
        n_neurons=network.n_neurons,
        total_weight=network.total_weight,
        max_error=max(worst),
        max_error_changed=max(worst[changed], default=Fraction(0)),
        max_error_kept=max(kept, default=Fraction(0)),
        kept_zero=int((kept == 0).sum()),
        data_sha256=fingerprint(samples.X, samples.z),
        weights_sha256=fingerprint(*arrays),
    )


def exact_values(network: Network, X: Data) -> np.ndarray:
    """The network's values at the rows of X (K, d) without rounding: Fractions, (K,) or (K, o).

    Integers over a common denominator a layer: much faster than Fractions, which reduce at every step. Ctrl-C ends it
    with KeyboardInterrupt.
    """
    X = numbers(X, "X")
    if X.ndim != 2 or X.shape[1] != network.dim:
        raise ValueError(f"X has shape {X.shape}, expected (K, {network.dim})")
    layers = [_integer_maps(layer) for layer in network.layers]
    rows = max(1, _HELD // max(1, *(size for layer in network.layers for size in layer.W.shape)))
    blocks = []
    for i in range(0, max(len(X), 1), rows):
        H, scale = _integers(X[i : i + rows])
        for depth, (matrices, (b, b_scale)) in enumerate(layers):
            for W, w_scale in matrices:
                H, scale = _product(H, W), scale * w_scale
            # H/scale + b/b_scale over their common denominator
            common = math.lcm(scale, b_scale)
            H, scale = H * (common // scale) + b * (common // b_scale), common
            if depth < len(layers) - 1:
                H, scale = (np.maximum(H, 0), scale) if network.activation == "relu" else ((H >= 0) * 1, 1)
                H = H.astype(object)
        exact = np.empty(H.shape, dtype=object)
        exact.ravel()[:] = [Fraction(int(value), scale) for value in H.ravel()]
        blocks.append(exact)
    return np.concatenate(blocks)


def fingerprint(*arrays: Data) -> str:
    """sha256 of arrays: for each its shape as text, then little-endian float64 bytes or Fractions as text."""
    digest = hashlib.sha256()
    for a in arrays:
        a = np.asarray(a)
        digest.update(f"{a.shape}\n".encode())
        if a.dtype == object:
            digest.update("\n".join(map(as_text, a.ravel())).encode())
        else:
            digest.update(a.astype("<f8").tobytes())
    return digest.hexdigest()


def _compatible(network: Network, z: np.ndarray) -> np.ndarray:
    outputs = network.layers[-1].W.shape[:-1]
    if z.shape[1:] != outputs:
        raise ValueError(f"z has shape {z.shape}, the network gives (K, {', '.join(map(str, outputs))})")
    return to_fractions(z)


def _integers(a: np.ndarray) -> tuple[np.ndarray, int]:
    """An integer array and one denominator with a = integers / denominator, exactly."""
    a = np.asarray(a)
    if a.dtype != object and not np.isfinite(a).all():
        raise ValueError("the network or the samples hold NaN or infinity: there is no exact value")
    ratios = [value.as_integer_ratio() for value in a.ravel().tolist()]
    denominator = math.lcm(*(q for _, q in ratios))
    integers = np.empty(a.shape, dtype=object)
    integers.ravel()[:] = [p * (denominator // q) for p, q in ratios]
    return integers, denominator


def _integer_maps(layer: Layer) -> tuple[list[tuple[np.ndarray, int]], tuple[np.ndarray, int]]:
    """The layer's matrices in the order in which they act, and its bias: a rank-one W acts as two."""
    W = layer.W
    matrices = [W.direction[None], W.scale[:, None]] if isinstance(W, RankOne) else [W]
    return [_integers(a) for a in matrices], _integers(layer.b)


def _product(H: np.ndarray, W: np.ndarray) -> np.ndarray:
    """``H @ W.T``. With numpy's ``@`` of objects Ctrl-C could crash the interpreter (see ``exact``), here it cannot."""
    return np.einsum("ki,...i->k...", H, W)
