"""Samples, checked; and their projection to a line.

Every upper bound of the book but those in general position is built on a line: a direction a with distinct
a . x_i turns K points of R^d into K numbers (2408.00359, section 3). What floats make of a construction is
decided here, by the gaps that the projection leaves next to the samples that change.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Real
from typing import NoReturn

import numpy as np
from numpy.typing import DTypeLike

from ftc_lib.core.network import ConditioningError, Network, in_order, to_floats, to_fractions
from ftc_lib.core.types import Data, Number, Rows, Seed

_DIRECTIONS = 16  # tried when they are cheap; the best of R widens the least gap by about 1 + 1/2 + .. + 1/R
_CHEAP = 2**17  # numbers in X up to which trying several directions costs nothing one would notice
_LINES = 3  # the best lines of as many draws are tried before a construction is given up
_BLOCK = 2**17  # numbers of X that are looked at together
_GRID = 2**16  # directions are multiples of 1/_GRID: short numbers, so float32 data of like size project exactly


@dataclass(frozen=True, eq=False)
class Samples:
    """Validated samples: X (K, d) and targets z (K,) or (K, o), both float64 or both Fractions.

    ``changed``: the N rows with a nonzero target, in order (the set T of the paper). ``dtype``: the float type that the
    network is for; X holds numbers of that type.
    """

    X: np.ndarray
    z: np.ndarray
    changed: np.ndarray
    dtype: np.dtype

    @property
    def K(self) -> int:
        return self.X.shape[0]

    @property
    def N(self) -> int:
        return len(self.changed)

    @property
    def d(self) -> int:
        return self.X.shape[1]

    @property
    def exact(self) -> bool:
        return self.X.dtype == object


@dataclass(frozen=True, eq=False)
class Line:
    """Samples seen along ``direction``: ``t`` (K,) = X direction in row order, ``ordered`` = t sorted.

    ``gaps`` (N,): for each changed sample the distance to the nearest other sample on the line, and |t| + 1
    when there is no other sample.
    """

    samples: Samples
    direction: np.ndarray
    t: np.ndarray
    ordered: np.ndarray
    gaps: np.ndarray

    @property
    def size(self) -> float:
        """The largest |x| . |direction| of the samples (floats): what its rounding goes with."""
        X, used = self.samples.X, np.flatnonzero(self.direction)
        if len(used) == 1:
            return float(max(np.abs(self.ordered[0]), np.abs(self.ordered[-1])))
        a, rows = np.abs(self.direction[used]), max(1, _BLOCK // X.shape[1])
        return max(float((np.abs(X[i : i + rows, used]) @ a).max()) for i in range(0, len(X), rows))

    @property
    def gap(self) -> Number:
        """The least gap next to a changed sample (infinite when no sample changes)."""
        return self.gaps.min() if len(self.gaps) else np.inf

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """The distinct positions on the line, increasing, and their targets.

        Untouched samples that share a position count once.
        """
        order = np.argsort(self.t, kind="stable")
        t, z = self.t[order], self.samples.z[order]
        first = np.ones(len(t), dtype=bool)
        first[1:] = t[1:] > t[:-1]
        return t[first], z[first]


def validate(X: Data, z: Data, dtype: DTypeLike = np.float64, name: str = "z") -> Samples:
    """Check shapes and numbers, round X to ``dtype`` (float64 or float32) and find the changed samples.

    X (K, d), z (K,) or (K, o), of floats, integers or Fractions; one Fraction makes all exact. Messages call the
    targets ``name``. Raises ValueError for wrong shapes, no sample, another dtype, or a target that is NaN or infinite.
    NaN or infinity in X is found by ``project``, which reads X anyway.
    """
    if np.dtype(dtype) not in (np.float64, np.float32):
        raise ValueError(f"dtype is {np.dtype(dtype)}, expected float64 or float32")
    X, z = numbers(X, "X"), numbers(z, name)
    if X.ndim == 1:
        raise ValueError(f"X has shape {X.shape}, expected (K, d); for points on a line pass X[:, None]")
    if X.ndim != 2 or X.shape[1] == 0:
        raise ValueError(f"X has shape {X.shape}, expected (K, d) with d >= 1")
    if len(X) == 0:
        raise ValueError("there is no sample: X has no rows")
    if z.ndim not in (1, 2) or (z.ndim == 2 and z.shape[1] == 0):
        raise ValueError(f"{name} has shape {z.shape}, expected (K,) or (K, o)")
    if len(z) != len(X):
        raise ValueError(f"{name} has {len(z)} targets for the {len(X)} rows of X")
    if (X.dtype == object) != (z.dtype == object):
        X = finite(X, "X") if z.dtype == object else X
        X, z = to_fractions(X), to_fractions(finite(z, name))
    elif z.dtype != object:
        finite(z, name)
    if np.dtype(dtype) == np.float32 and X.dtype != object:
        X = _in_float32(X)
    moved = z != 0
    return Samples(X, z, np.flatnonzero(moved if z.ndim == 1 else moved.any(axis=1)), np.dtype(dtype))


def places(X: Data) -> Samples:
    """X alone, as samples that all stay; ValueError as ``validate`` does, and for NaN or infinity."""
    X = finite(numbers(X, "X"), "X")
    return validate(X, np.zeros(X.shape[:1], dtype=int))


def check_tol(tol: float) -> float:
    """``tol``, the error allowed per unit of the largest label, as a float; ValueError unless it is a number >= 0."""
    try:
        good = isinstance(tol, Real) and not isinstance(tol, bool) and tol >= 0
        return float(tol) if good else _no_tol(tol)
    except OverflowError:
        return _no_tol(tol)


def _no_tol(tol: object) -> NoReturn:
    raise ValueError(f"tol is {tol!r:.60}: expected a number >= 0, the error allowed per unit of the largest label")


def in_floats(samples: Samples) -> Samples:
    """The samples in float64; ValueError when a Fraction is too large for it, or all of them are too small."""
    rounded = {}
    for name, a in (("X", samples.X), ("z", samples.z)):
        floats = to_floats(a) if samples.exact else a
        beyond: Sequence | np.ndarray = np.argwhere(~np.isfinite(floats)) if samples.exact else ()
        if len(beyond):
            raise ValueError(f"{name} is beyond float64 in {_place(beyond[0])}: rescale {name}")
        if (a != 0).any() and not floats.any():
            raise ValueError(f"{name} is 0 in float64, and not by itself: rescale {name}")
        rounded[name] = floats
    return replace(samples, X=rounded["X"], z=rounded["z"])


def project(samples: Samples, rng: Seed = 0) -> Line:
    """Project to a line on which every changed sample stands alone.

    Draws directions from ``rng`` (a seed or a numpy Generator) and keeps the one with the largest least gap
    next to a changed sample, among several when that is cheap. When X is large it looks along few coordinates
    (``look_along_few``) if that is enough. Equal rows with equal targets become one sample. Raises ValueError for NaN
    or infinity in X and for equal rows with different targets, ConditioningError when floats cannot tell a changed
    sample from another one.
    """
    rng = np.random.default_rng(rng)
    large = samples.X.size > _CHEAP and not samples.exact
    line = (large and look_along_few(samples, rng)) or _best_line(samples, rng)
    if (line.gaps <= _rounding(line)).any():  # equal rows can project one rounding apart, so look at the rows
        unique = distinct(samples)
        if unique.K < samples.K:
            line = _best_line(unique, rng)
        if line.gap == 0:
            raise ConditioningError(
                f"no direction tells the changed samples apart from the {unique.K - 1} others: their projections "
                "coincide in float64. Rescale or centre X, or use Fractions"
            )
    return line


def on_a_line(samples: Samples, rng: Seed, *constructions: Callable[[Line], Network]) -> Network:
    """What the first construction (a function of a Line) makes on the first line that floats can carry it on.

    Each construction is tried on a few lines before the next one is, the second one along few coordinates, where sums
    round least; when none works, the ConditioningError of the least error is raised. On Fractions, and on a line, there
    is nothing to try twice.
    """
    rng = np.random.default_rng(rng)
    lines: list[Line] = []
    failures: list[ConditioningError] = []
    for construct in constructions:
        for i in range(1 if samples.exact or samples.d == 1 else _LINES):
            with np.errstate(all="ignore"):  # what overflows is found when the network is measured
                if i == len(lines):
                    few = look_along_few(lines[0].samples, rng) if i == 1 else None
                    lines.append(few or project(samples, rng))
                try:
                    return construct(lines[i])
                except ConditioningError as error:
                    failures.append(error)
    raise min(failures, key=lambda failure: failure.error)


def distinct(samples: Samples) -> Samples:
    """The samples with repeated rows removed; ValueError names two equal rows with different targets."""
    if samples.exact:
        seen: dict = {}
        same = np.array([seen.setdefault(tuple(row), i) for i, row in enumerate(samples.X)])
        first = np.array(list(seen.values()))
    else:
        finite(samples.X, "X")
        # + 0.0 because -0.0 and 0.0 are one number with two spellings
        _, first, inverse = np.unique(samples.X + 0.0, axis=0, return_index=True, return_inverse=True)
        same = first[inverse.ravel()]
    differs = samples.z != samples.z[same]
    clash = np.flatnonzero(differs if differs.ndim == 1 else differs.any(axis=1))
    if len(clash):
        row = clash[0]
        raise ValueError(
            f"rows {same[row]} and {row} of X are equal but have different targets "
            f"({samples.z[same[row]]} and {samples.z[row]}): no function does both"
        )
    keep = np.sort(first)
    return validate(samples.X[keep], samples.z[keep], samples.dtype)


def half_width(gap: np.ndarray) -> np.ndarray:
    """A distance strictly below each gap, to stay clear of the neighbours.

    On Fractions 3/4 of the gap. On floats the power of two in (3/8, 3/4] of it: then slopes 1/h and kinks
    c - h, c, c + h are exact numbers and a bump really is zero outside its support.
    """
    if gap.dtype == object:
        return gap * Fraction(3, 4)
    _, exponent = np.frexp(gap * 0.75)
    return np.ldexp(1.0, exponent - 1)


def unit_of(a: np.ndarray) -> float:
    """A power of two near the largest size in the floats ``a``, 1 if all are 0: to divide by it rounds nothing."""
    largest = np.abs(a).max()
    return float(np.ldexp(1.0, np.frexp(largest)[1] - 1)) if largest > 0 else 1.0


def look_along_few(samples: Samples, rng: np.random.Generator) -> Line | None:
    """The line along as few coordinates as tell the changed samples apart, 1, 2, 4, ..; None if it takes them all.

    Along one coordinate t is a coordinate: nothing is rounded. Of several draws the one with the largest least gap
    against its own rounding.
    """
    draws = 1 if samples.X.size > _CHEAP else _DIRECTIONS
    for bits in range(max(samples.d - 1, 0).bit_length()):
        lines = []
        for _ in range(draws):
            direction = np.zeros(samples.d)
            if bits == 0:
                direction[rng.integers(samples.d)] = 1
            else:
                used = rng.choice(samples.d, 2**bits, replace=False)
                direction[used] = _steps(len(used), rng) / _GRID
            lines.append(_line(samples, direction))
        best = max(lines, key=lambda line: line.gap / (line.size or 1.0))
        if (best.gaps > _rounding(best)).all():
            return best
    return None


def _best_line(samples: Samples, rng: np.random.Generator) -> Line:
    draws = 1 if samples.d == 1 or samples.X.size > _CHEAP else _DIRECTIONS
    lines = (_line(samples, _direction(samples, rng)) for _ in range(draws))
    return max(lines, key=lambda line: line.gap / np.abs(line.direction).max())


def _direction(samples: Samples, rng: np.random.Generator) -> np.ndarray:
    if samples.d == 1:
        return to_fractions([1]) if samples.exact else np.ones(1)
    steps = _steps(samples.d, rng)
    return to_fractions(steps) / _GRID if samples.exact else steps / _GRID


def _steps(n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(1, _GRID, n) * rng.choice([-1, 1], n)


def _line(samples: Samples, direction: np.ndarray) -> Line:
    with np.errstate(all="ignore"):
        if np.count_nonzero(direction) == 1:
            t = samples.X @ direction  # the sum of one number and of zeros is exact in any order; NaN and inf show
        else:
            t = in_order(samples.X, direction)
    ordered = np.sort(t)
    if not samples.exact and not np.isfinite(ordered[[0, -1]]).all():  # infinities come first or last, NaN last
        finite(samples.X, "X")
        raise ValueError("X is finite but its projections overflow: rescale X")
    turn = np.argsort(t[samples.changed], kind="stable")  # neighbours are found faster one after the other
    c = t[samples.changed][turn]
    left = np.searchsorted(ordered, c, side="left")
    right = np.searchsorted(ordered, c, side="right")
    gaps = np.abs(c) + 1
    if len(t) > 1:
        below, above = left > 0, right < len(t)
        gaps[below] = c[below] - ordered[left[below] - 1]
        to_next = ordered[right[above]] - c[above]
        gaps[above] = np.where(below[above], np.minimum(gaps[above], to_next), to_next)
        gaps[right - left > 1] = 0
    return Line(samples, direction, t, ordered, gaps[np.argsort(turn)])


def _rounding(line: Line) -> np.ndarray | int:
    """What two dot products of a changed sample may differ by; its terms may cancel, so t is no measure."""
    samples, n = line.samples, np.count_nonzero(line.direction)
    if samples.exact or n == 1:
        return 0
    terms = np.abs(samples.X[samples.changed]) @ np.abs(line.direction)
    return 4 * n * np.finfo(float).eps * terms


def numbers(a: Data, name: str) -> np.ndarray:
    """``a`` as an array of float64 or of Fractions; ValueError names what cannot be read as it stands."""
    if hasattr(a, "toarray"):
        raise ValueError(f"{name} is a sparse matrix: pass {name}.toarray()")
    hidden = np.argwhere(np.ma.getmask(a))
    if len(hidden):
        raise ValueError(f"{name} is masked in {_place(hidden[0])}: drop the row or fill the gap")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            read = np.asarray(a)
    except UserWarning as error:  # numpy's, on a masked number in a list
        raise ValueError(f"{name} holds a masked number: drop the row or fill the gap ({error})") from None
    except (RuntimeError, TypeError) as error:  # a torch tensor of a graph, or of another device
        raise ValueError(f"{name} is no array: {error}. For a torch tensor pass {name}.detach().cpu()") from None
    except ValueError as error:
        raise ValueError(f"{name} is no array, are its rows of different lengths? {error}") from None
    if read.dtype == object:
        return _exact(read, name)
    if read.dtype.kind not in "fiub":
        raise ValueError(f"{name} has dtype {read.dtype}, expected real numbers or Fractions")
    with np.errstate(over="ignore"):  # extended precision beyond float64 becomes infinite
        floats = read.astype(np.float64, copy=False)
    if read.dtype.kind in "iu" and read.size and max(int(read.max()), -int(read.min())) > 2**53:
        rounded = np.argwhere(read.astype(object) != floats.astype(object))
        if len(rounded):
            value = read[tuple(rounded[0])]
            raise ValueError(
                f"{name} is {value} in {_place(rounded[0])}, which float64 would round: pass Fractions, or smaller "
                "numbers"
            )
    return floats


def _in_float32(X: np.ndarray) -> np.ndarray:
    """X rounded to float32, as float64."""
    with np.errstate(over="ignore"):
        rounded = X.astype(np.float32).astype(np.float64)
    beyond = np.argwhere(np.isinf(rounded) & np.isfinite(X))
    if len(beyond):
        i, j = beyond[0]
        raise ValueError(f"X is {X[i, j]:g} in row {i}, column {j}: beyond float32. Rescale X, or use dtype float64")
    return rounded


def finite(a: np.ndarray, name: str) -> np.ndarray:
    """``a`` itself; ValueError names the first number in it that is NaN or infinite."""
    if a.dtype != object and not (good := np.isfinite(a)).all():
        bad = np.argwhere(~good)[0]
        raise ValueError(f"{name} is {a[tuple(bad)]} in {_place(bad)}: samples must be finite numbers")
    return a


def _exact(a: np.ndarray, name: str) -> np.ndarray:
    exact = np.empty(a.shape, dtype=object)
    for where, value in np.ndenumerate(a):
        try:
            if isinstance(value, (str, bytes)):  # Fraction would read them
                raise TypeError("text")
            exact[where] = Fraction(value.item() if isinstance(value, np.generic) else value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(
                f"{name} holds something that is neither a finite number nor a Fraction, {value!r} in "
                f"{_place(where)}: {error}"
            ) from None
    return exact


def _place(index: Iterable[int]) -> str:
    """An index for a message."""
    return ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), index)) or "its only place"


def in_units(samples: Samples) -> tuple[Samples, float, float]:
    """The samples divided by powers of two near their largest coordinate and label, and these two units.

    Nothing is rounded but what is 1e-300 of the largest. Fractions stay as they are.
    """
    if samples.exact:
        return samples, 1, 1
    unit, label = unit_of(samples.X), unit_of(samples.z)
    return replace(samples, X=samples.X / unit, z=samples.z / label), unit, label


def named(rows: Iterable[int]) -> str:
    """Row numbers for a message."""
    return ", ".join(str(int(i)) for i in rows)


def in_groups(indices: Rows, D: int) -> list:
    """The indices, in order, in groups of D; the last one may have fewer."""
    return [indices[i : i + D] for i in range(0, len(indices), D)]
