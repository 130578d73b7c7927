"""Networks as plain data: layers of weights, and nothing that learns.

A network is a tuple of affine layers with one activation between them. The same code evaluates it on
floats and on exact rationals (numpy arrays of ``fractions.Fraction``), so a construction can be tested
with ``==``. The symbols are the book's: K samples in R^d, m hidden neurons.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.core import exact, network_file, summation
from ftc_lib.core.network_file import ACTIVATIONS
from ftc_lib.core.summation import Unit
from ftc_lib.core.types import Data

if TYPE_CHECKING:
    import torch

_BLOCK = 2**20  # numbers held at once by a forward pass, so that K x m never has to fit in memory
ANY_SIZE = Context(prec=40, Emax=MAX_EMAX, Emin=MIN_EMIN)  # Decimals that neither overflow nor underflow


class ConditioningError(ValueError):
    """The construction is right on paper, but floats cannot carry it on these data.

    ``error``: what the network would have stated, so a ``tol`` of that size takes it; infinite where there is none.
    """

    def __init__(self, message: str, error: float = math.inf) -> None:
        super().__init__(message)
        self.error = error


def in_order(X: np.ndarray, a: np.ndarray) -> np.ndarray:
    """``X @ a`` for X (K, d), or (d,), and a (d,), or (d, o), summed in the same order everywhere.

    A BLAS adds in the order that suits the processor. What a construction builds on is computed with this function,
    so that its weights are the same bits on every machine.
    """
    if X.dtype == object or a.dtype == object:
        return exact.product(X, a)
    if len(a) == 0:
        return X @ a
    if X.ndim == 1:
        return (X * a.T).sum(axis=-1)
    total = np.empty(X.shape[:1] + a.shape[1:], dtype=np.result_type(X, a))
    rows = max(1, _BLOCK // (16 * len(a)))  # what a processor holds near while it goes along the columns
    for start in range(0, len(X), rows):
        block, here = X[start : start + rows], total[start : start + rows]
        here[...] = np.multiply.outer(block[:, 0], a[0])
        for j in range(1, len(a)):
            here += np.multiply.outer(block[:, j], a[j])
    return total


@dataclass(frozen=True, eq=False)
class RankOne:
    """The matrix ``scale direction^T`` of shape (m, d), kept as its m + d numbers.

    Every network of the book whose first layer looks in one direction only has such a first layer.
    """

    scale: np.ndarray
    direction: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.scale), len(self.direction)

    @property
    def dtype(self) -> np.dtype:
        return np.result_type(self.scale, self.direction)

    def dense(self) -> np.ndarray:
        """All m x d entries, shape (m, d)."""
        return np.multiply.outer(self.scale, self.direction)

    def apply(self, X: np.ndarray, product: Callable) -> np.ndarray:
        """``X W^T``, shape (K, m): one projection, then m multiples of it."""
        return np.multiply.outer(product(X, self.direction), self.scale)


@dataclass(frozen=True, eq=False)
class Layer:
    """The affine map x -> W x + b.

    W has shape (out, in). The last layer of a network with one output may have W of shape (in,) and b of
    shape (), and then maps (K, in) to (K,).
    """

    W: np.ndarray | RankOne
    b: np.ndarray

    def __call__(self, H: np.ndarray, product: Callable = np.matmul) -> np.ndarray:
        if H.dtype == object:
            product = exact.product
        if isinstance(self.W, RankOne):
            return self.W.apply(H, product) + self.b
        return product(H, self.W.T) + self.b

    def rounding(self, unit: Unit) -> summation.Dense | summation.RankOne:
        """What rounding can do to its sums."""
        if isinstance(self.W, RankOne):
            return summation.RankOne.of(self.W.scale, self.W.direction, self.b, unit)
        return summation.Dense.of(self.W, self.b, unit)

    def counts(self, unit: Unit) -> bool:
        """Whether it adds whole numbers so small that no sum of them is rounded, for inputs that are 0 or 1."""
        W, b = np.atleast_2d(np.abs(self.dense())), np.abs(self.b)
        return bool((W == np.rint(W)).all() and (b == np.rint(b)).all() and (W.sum(axis=1) + b <= 1 / unit.u).all())

    def dense(self) -> np.ndarray:
        """W with all its entries."""
        return self.W.dense() if isinstance(self.W, RankOne) else self.W

    def map(self, convert: Callable[[np.ndarray], np.ndarray]) -> Layer:
        """The same layer with ``convert`` applied to each of its arrays."""
        W = self.W
        W = RankOne(convert(W.scale), convert(W.direction)) if isinstance(W, RankOne) else convert(W)
        return Layer(W, convert(self.b))

    def arrays(self) -> dict[str, np.ndarray]:
        """The numbers that are stored, by name."""
        if isinstance(self.W, RankOne):
            return {"scale": self.W.scale, "direction": self.W.direction, "b": self.b}
        return {"W": self.W, "b": self.b}


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A feed-forward network with ReLU or threshold units.

    ``layers``: hidden layers and the output layer. ``activation``: "relu", or "threshold" for the unit
    that is 1 where its argument is >= 0 and 0 elsewhere. ``error``: no evaluation of the network that a
    construction made misses a target by more, in whatever order it sums, in the float type of its weights and at
    samples rounded to that type (``rounding.checked``; exact for Fractions, None for a network made by hand).
    """

    layers: tuple[Layer, ...]
    activation: str = "relu"
    error: float | Fraction | None = None

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation is {self.activation!r}, expected one of {', '.join(ACTIVATIONS)}")
        for i, (left, right) in enumerate(zip(self.layers, self.layers[1:])):
            if left.W.shape[0] != right.W.shape[-1]:
                raise ValueError(
                    f"layer {i + 1} gives {left.W.shape[0]} numbers, layer {i + 2} takes {right.W.shape[-1]}"
                )

    def __repr__(self) -> str:
        widths = " -> ".join(map(str, (self.dim, *self.widths, *(self.layers[-1].W.shape[:-1] or (1,)))))
        error = "" if self.error is None else f", error {float(self.error):.1e}"
        return f"<{self.activation} network {widths}: {self.n_neurons} hidden neurons{error}>"

    @property
    def dim(self) -> int:
        """d, the dimension of the input."""
        return self.layers[0].W.shape[-1]

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of the hidden layers."""
        return tuple(layer.W.shape[0] for layer in self.layers[:-1])

    @property
    def n_neurons(self) -> int:
        """m, the number of hidden neurons."""
        return sum(self.widths)

    @property
    def exact(self) -> bool:
        """Whether the weights are Fractions."""
        return any(np.asarray(a).dtype == object for layer in self.layers for a in layer.arrays().values())

    @property
    def total_weight(self) -> float:
        """Sum of |a| sqrt(|w|^2 + b^2) over the hidden neurons, in the spirit of Bubeck et al. (2006.02855).

        w and b are a neuron's incoming weights and bias, |a| is the norm of its outgoing weights. For one
        hidden layer rescaling a neuron does not change it; summing over several layers is this book's convention.
        Infinite when it is beyond float64.
        """
        total = 0.0
        with localcontext(ANY_SIZE):
            layers = self.to_decimals().layers if self.exact else self.layers
            for layer, following in zip(layers, layers[1:]):
                out, incoming = np.atleast_2d(following.dense()), np.column_stack([layer.dense(), layer.b])
                total += float(sum(a * w for a, w in zip(lengths(out.T), lengths(incoming))))
        return total

    def __call__(self, X: Data) -> np.ndarray:
        """The outputs on the rows of X (K, d): shape (K,), or (K, o) for o outputs.

        Floats are evaluated in the wider precision of X and the weights. If either holds Fractions the
        other is converted without rounding and the result is exact.
        """
        X = np.asarray(X)
        if X.ndim != 2 or X.shape[1] != self.dim:
            raise ValueError(f"X has shape {X.shape}, expected (K, {self.dim})")
        network = self
        if X.dtype == object or self.exact:
            X, network = to_fractions(X), self.to_fractions()
        rows = max(1, _BLOCK // max((*network.widths, X.shape[1], 1)))
        with np.errstate(over="ignore", invalid="ignore"):  # constructions look at the result themselves
            blocks = [network._forward(X[i : i + rows]) for i in range(0, max(len(X), 1), rows)]
        return np.concatenate(blocks)

    def in_order(self, X: np.ndarray) -> np.ndarray:
        """The outputs on the floats X (K, d), every sum from its first term to its last: slow, and the same bits on
        every machine. For what a page says about rounding."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._forward(X, in_order)

    def _forward(self, H: np.ndarray, product: Callable = np.matmul) -> np.ndarray:
        for layer in self.layers[:-1]:
            H = layer(H, product)
            H = np.maximum(H, 0) if self.activation == "relu" else (H >= 0).astype(H.dtype)
        return self.layers[-1](H, product)

    def rounding_bound(self, X: Data, dtype: DTypeLike = np.float64) -> np.ndarray:
        """How far the outputs on the rows of X (K, d) may be from exact, in any order of summation: (K,) or (K, o).

        X and the weights are rounded to the float type ``dtype`` first; from then on the bound e holds for whatever
        adds in that type: numpy, torch, any BLAS, row by row or in blocks, with or without fused multiply-add, a
        RankOne layer as it is or dense. So two such evaluations differ by 2 e at most. Not covered: TF32 and other
        types that are narrower inside, subnormals flushed to zero, products by Strassen's method. Infinite where a
        sum might overflow. For threshold units e is 0 or counts those that may be on the other side of their step.

        Layer by layer (``summation``): e' = gamma_n (|W| (|h| + 2e) + |b|) + |W| e with h as computed here and
        gamma_n = n u / (1 - n u). A ReLU whose argument is below -2 e' is 0 in every order and hands on no error.
        """
        return self.values_and_bound(X, dtype)[1]

    def values_and_bound(self, X: Data, dtype: DTypeLike = np.float64) -> tuple[np.ndarray, np.ndarray]:
        """The outputs on the rows of X (K, d) as computed in ``dtype``, and ``rounding_bound``."""
        if np.dtype(dtype) not in (np.float64, np.float32, np.float16):
            raise ValueError(f"dtype is {np.dtype(dtype)}: expected float64, float32 or float16")
        X = np.asarray(X)
        if X.dtype.kind not in "fiubO":
            raise ValueError(f"X has dtype {X.dtype}, expected real numbers or Fractions")
        X = to_floats(to_fractions(X)) if X.dtype == object else X
        if X.ndim != 2 or X.shape[1] != self.dim:
            raise ValueError(f"X has shape {X.shape}, expected (K, {self.dim})")
        network, unit = self.astype(dtype), Unit.of(dtype)
        sums = [layer.rounding(unit) for layer in network.layers]
        layers = [layer.map(lambda a: summation.thin(a) if a.ndim == 2 else a) for layer in network.layers]
        rows = max(1, _BLOCK // 8 // max((*network.widths, X.shape[1], 1)))
        with np.errstate(all="ignore"):
            X = X.astype(dtype, copy=False)
            blocks = [network._bounded(X[i : i + rows], layers, sums, unit) for i in range(0, max(len(X), 1), rows)]
        values, bounds = (np.concatenate(part) for part in zip(*blocks))
        return values, bounds

    def _bounded(
        self, H: np.ndarray, layers: Sequence[Layer], sums: Sequence, unit: Unit
    ) -> tuple[np.ndarray, np.ndarray]:
        E = None
        for depth, (layer, own) in enumerate(zip(layers, sums)):
            P = layer(H, operator.matmul)
            if E is not None and self.activation == "threshold" and self.layers[depth].counts(unit):
                e = E @ own.WT
            else:
                e = own.bound(H, P, E)
            e[~(e <= unit.u * unit.huge)] = np.inf  # NaN too: something overflows, or nearly
            if E is not None and E.max(initial=0) == np.inf:  # a weight of 0 does not hide that
                e[np.isinf(E).any(axis=1)] = np.inf
            if depth == len(layers) - 1:
                return P, e.reshape(P.shape)
            if self.activation == "relu":
                E, H = np.where(P < -2 * e, 0, e), np.maximum(P, 0)
            else:
                E, H = (np.abs(P) <= 2 * e).astype(float), (P >= 0).astype(P.dtype)
        raise AssertionError("a network has a last layer")

    def pre_activations(self, X: Data) -> list[np.ndarray]:
        """What arrives at the units of each hidden layer on the rows of X (K, d): arrays (K, width), for pictures."""
        return [Network(self.layers[:depth], self.activation)(X) for depth in range(1, len(self.layers))]

    def astype(self, dtype: DTypeLike) -> Network:
        """The same network with weights rounded to a float type, infinite beyond it; its error is no longer known."""

        def rounded(a: np.ndarray) -> np.ndarray:
            return (to_floats(a) if a.dtype == object else a).astype(dtype)

        with np.errstate(over="ignore"):
            return Network(tuple(layer.map(rounded) for layer in self.layers), self.activation)

    def to_fractions(self) -> Network:
        """The same network with Fraction weights; nothing is rounded."""
        return replace(self, layers=tuple(layer.map(to_fractions) for layer in self.layers))

    def to_decimals(self) -> Network:
        """The same network with Decimal weights of the precision in force, for sizes beyond float64."""
        return replace(self, layers=tuple(layer.map(_to_decimals) for layer in self.to_fractions().layers))

    def to_torch(self) -> torch.nn.Sequential:
        """A ``torch.nn.Sequential`` of Linear layers and activations: float32 if all weights are, else float64.

        A RankOne layer becomes dense and torch adds in an order of its own, so values differ from those of ``__call__``
        by up to twice ``rounding_bound``, and a float network's miss no target by more than ``error``. Fractions are
        rounded first.
        """
        import torch

        class Threshold(torch.nn.Module):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return (x >= 0).to(x.dtype)

        kinds = {np.asarray(a).dtype for layer in self.layers for a in layer.arrays().values()}
        kind = np.float32 if kinds == {np.dtype(np.float32)} else np.float64
        modules: list[torch.nn.Module] = []
        for layer in self.astype(kind).layers:
            W = np.atleast_2d(layer.dense())
            with warnings.catch_warnings():  # torch warns of layers without neurons, which are right here
                warnings.simplefilter("ignore")
                linear = torch.nn.Linear(W.shape[1], W.shape[0], dtype=getattr(torch, kind.__name__))
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(W))
                linear.bias.copy_(torch.from_numpy(np.atleast_1d(layer.b)))
            modules += [linear, torch.nn.ReLU() if self.activation == "relu" else Threshold()]
        modules.pop()
        if len(self.layers[-1].W.shape) == 1:
            modules.append(torch.nn.Flatten(0))  # one output: (K,) as here, not (K, 1)
        return torch.nn.Sequential(*modules)

    def save(self, path: str | Path) -> Path:
        """Write the network to an .npz file (no pickle; Fractions as text). Returns the path.

        ValueError for weights that are no finite real numbers or do not fit together, and for a path where something
        else than a file is. Whatever was there stays as it was when writing fails.
        """
        path = Path(path)
        network_file.write(path, self.activation, self.error, [layer.arrays() for layer in self.layers])
        return path

    @staticmethod
    def load(path: str | Path) -> Network:
        """Read what ``save`` wrote, to the same bits. ValueError for any other file, FileNotFoundError for none."""
        activation, error, layers = network_file.read(Path(path))
        weights = [a["W"] if "W" in a else RankOne(a["scale"], a["direction"]) for a in layers]
        return Network(tuple(Layer(W, a["b"]) for W, a in zip(weights, layers)), activation, error)


def to_fractions(a: Data) -> np.ndarray:
    """The same numbers as an object array of Fractions; floats are dyadic rationals, so nothing is rounded."""
    a = np.asarray(a)
    exact = np.empty(a.shape, dtype=object)
    # numpy's own integers among objects would overflow as numerators
    exact.ravel()[:] = [Fraction(v.item() if isinstance(v, np.generic) else v) for v in a.ravel().tolist()]
    return exact


def to_floats(a: Data) -> np.ndarray:
    """The nearest floats of an array of Fractions; what is beyond float64 becomes infinite."""
    a = np.asarray(a)
    floats = np.empty(a.shape)
    for where, value in np.ndenumerate(a):
        try:
            floats[where] = value
        except OverflowError:
            floats[where] = math.inf if value > 0 else -math.inf
    return floats


def lengths(rows: np.ndarray) -> list:
    """The Euclidean length of each row of floats or Decimals; no square overflows."""
    if rows.dtype == object:
        return [Decimal(sum(value * value for value in row)).sqrt() for row in rows]
    return [math.hypot(*row) for row in rows]


def _to_decimals(a: np.ndarray) -> np.ndarray:
    decimals = np.empty(a.shape, dtype=object)
    decimals.ravel()[:] = [Decimal(value.numerator) / value.denominator for value in a.ravel()]
    return decimals


def along(network: Network) -> Network:
    """g as a function of t = direction . x alone, for a network whose first layer looks in one direction."""
    first = network.layers[0]
    if not isinstance(first.W, RankOne):
        raise ValueError("the first layer does not look in one direction: the network is no function on a line")
    one = first.W.direction[:1] * 0 + 1
    return replace(network, layers=(Layer(RankOne(first.W.scale, one), first.b), *network.layers[1:]))


def restrict(network: Network, origin: np.ndarray, axes: Data) -> Network:
    """g on a line or a plane: the network t -> g(origin + t_1 axes_1 + ...), for pictures.

    origin (d,); axes (d,) for a line or (k, d).
    """
    first, axes = network.layers[0], np.atleast_2d(axes)
    W = first.dense()
    return replace(network, layers=(Layer(W @ axes.T, W @ origin + first.b), *network.layers[1:]), error=None)


def part(network: Network, depth: int, out: Data, bias: Data = 0) -> Network:
    """bias + out . h as a network of its own, where h (width,) is what hidden layer ``depth`` gives: for pictures."""
    return Network((*network.layers[:depth], Layer(np.asarray(out), np.asarray(bias))), network.activation)


def kinks(network: Network) -> np.ndarray:
    """The points, increasing, where a ReLU network on the line (d = 1) bends; exact for Fractions.

    Layer by layer: a pre-activation is affine between the points found so far, so its sign changes are found
    by interpolation. On floats a bend below 1e-9 of the largest slope counts as rounding.
    """
    if network.dim != 1 or network.activation != "relu":
        raise ValueError("kinks are found for ReLU networks on the line, d = 1")
    zero = Fraction(0) if network.exact else 0.0
    points = np.array([zero])
    for depth in range(1, len(network.layers)):
        part = Network(network.layers[:depth])
        ends = np.array([points[0] - 1, *points, points[-1] + 1])
        values = part(ends[:, None]).reshape(len(ends), -1)
        found = set(points)
        for v in values.T:
            slope = np.diff(v) / np.diff(ends)
            for i in np.flatnonzero(slope != 0):
                at = ends[i] - v[i] / slope[i]
                left_open, right_open = i == 0, i == len(ends) - 2  # the outer pieces go on for ever
                if (left_open or at > ends[i]) and (right_open or at < ends[i + 1]):
                    found.add(at)
        points = np.array(sorted(found))
    ends = np.array([points[0] - 1, *points, points[-1] + 1])
    values = network(ends[:, None]).reshape(len(ends), -1)
    slopes = np.diff(values, axis=0) / np.diff(ends)[:, None]
    bends = np.abs(np.diff(slopes, axis=0)).max(axis=1)
    return points[bends > (0 if network.exact else 1e-9 * np.abs(slopes).max(initial=0))]
