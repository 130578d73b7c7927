"""The file of a network: named arrays in an .npz archive, which is read without trust in whoever wrote it.

The arrays are ``activation``, a place in ACTIVATIONS; ``error``, where it is known; and for layer i = 0, 1, ... either
``layer{i}.W`` or ``layer{i}.scale`` and ``layer{i}.direction``, and ``layer{i}.b``. They hold integers, finite floats,
or Fractions as text: "p/q" in decimals, and in hexadecimals beyond the digits up to which Python reads decimals.

Nothing in the archive is compressed. So what it holds is no larger than the file, and a file that claims otherwise is
refused before anything is unpacked: reading takes time and memory in proportion to the size of the file.
"""

import io
import math
import re
import stat
import sys
import zipfile
from fractions import Fraction
from numbers import Rational
from pathlib import Path

import numpy as np

from ftc_lib.core import files
from ftc_lib.core.types import Number

ACTIVATIONS = ("relu", "threshold")
_NAMES = ("W", "scale", "direction", "b")  # of a layer's arrays

_ZIP = b"PK\x03\x04"  # how an archive begins
_LENGTH = rb"(?:0|[1-9]\d{0,18})"
# The header that numpy writes for plain numbers and text. To read one, numpy evaluates any literal that it finds there.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '([<>|][biufU][1-9]\d{0,9})', 'fortran_order': (?:True|False), "
    rb"'shape': \((|LENGTH,|LENGTH(?:, LENGTH){1,9})\), \} *\n".replace(b"LENGTH", _LENGTH),
    re.DOTALL,
)
_FRACTION = re.compile(r"-?(\d+(/[1-9]\d*)?|0x[0-9a-f]+(/0x[1-9a-f][0-9a-f]*)?)", re.ASCII)
_DECIMALS = sys.int_info.default_max_str_digits  # of a numerator or denominator; Python's own time is quadratic
_HEXADECIMALS = 10**5  # the same; a third of a second to find out that a fraction is in lowest terms


def write(path: Path, activation: str, error: Number | None, layers: list[dict[str, np.ndarray]]) -> None:
    """Write a network; Fractions stand in object arrays. ValueError for what ``read`` would refuse."""
    arrays = {"activation": np.array(ACTIVATIONS.index(activation))}
    if error is not None:
        arrays["error"] = np.asarray(error)
    for i, layer in enumerate(layers):
        arrays |= {f"layer{i}.{name}": np.asarray(a) for name, a in layer.items()}
    content = io.BytesIO()
    try:
        _network(arrays)
        stored = {name: _texts(name, a) if a.dtype == object else a for name, a in arrays.items()}
        np.savez(content, **stored)  # type: ignore[arg-type]  # numpy's stub takes a name for its own option
    except ValueError as wrong:
        raise ValueError(f"the network cannot be saved: {wrong}") from None
    files.write(path, content.getvalue())


def read(path: Path) -> tuple:
    """The activation, the error and the arrays of each layer that ``write`` wrote, the same bits in the same types.

    ValueError for any other file, with the reason. FileNotFoundError where there is none.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(f"{path} is no network that Network.save wrote: it is no regular file")
    with path.open("rb") as file:
        content = file.read(len(_ZIP))
        if content == _ZIP:
            content += file.read()
    try:
        return _network(_unpacked(content))
    except MemoryError:
        raise
    except Exception as wrong:  # zipfile and numpy raise many kinds for what is not theirs
        raise ValueError(f"{path} is no network that Network.save wrote: {wrong}") from wrong


def _unpacked(content: bytes) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise ValueError("it is compressed")
        if sum(entry.file_size + entry.compress_size for entry in entries) > 2 * len(content):
            raise ValueError("it claims to hold more than its own size")
        names = [entry.filename.removesuffix(".npy") for entry in entries]
        if len(set(names)) < len(names):
            raise ValueError("it holds a name twice")
        return {name: _array(name, archive.read(entry)) for name, entry in zip(names, entries)}


def _array(name: str, content: bytes) -> np.ndarray:
    """The array in an .npy file, whose header must say how long it is."""
    header = _HEADER.match(content)
    if header is None or int.from_bytes(header[1], "little") != header.end() - header.end(1):
        raise ValueError(f"{name} is no array of real numbers or text")
    lengths = [int(length) for length in header[3].decode().split(",") if length]
    if math.prod(lengths) * np.dtype(header[2].decode()).itemsize != len(content) - header.end():
        raise ValueError(f"{name} is longer or shorter than its shape says")
    a = np.load(io.BytesIO(content), allow_pickle=False)
    if a.dtype.kind != "U":
        return a
    exact = np.empty(a.shape, dtype=object)
    exact.ravel()[:] = [_fraction(name, text) for text in a.ravel().tolist()]
    return exact


def _fraction(name: str, text: str) -> Fraction:
    if not _FRACTION.fullmatch(text):
        raise ValueError(f"{name} holds {text[:40]!r}, expected fractions p/q")
    base, digits = (16, len("0x") + _HEXADECIMALS) if "x" in text else (10, _DECIMALS)
    parts = text.removeprefix("-").split("/")
    if max(map(len, parts)) > digits:
        raise ValueError(f"{name} holds a fraction of too many digits, {text[:40]}...")
    value = Fraction(*(int(part, base) for part in parts))
    return -value if text.startswith("-") else value


def as_text(value: Number | int) -> str:
    """The exact value of a Fraction, integer or float: "p/q" or "p", in hexadecimals where Python reads no decimals."""
    p, q = map(int, Fraction(value).as_integer_ratio())
    form = "{}" if _bits(p, q) < _DECIMALS * math.log2(10) else "{:#x}"
    return "/".join(form.format(term) for term in ((p,) if q == 1 else (p, q)))


def _bits(p: int, q: int) -> int:
    return max(abs(p), q).bit_length()


def _texts(name: str, a: np.ndarray) -> np.ndarray:
    """The Fractions, integers or floats of an object array as text."""
    for value in a.ravel().tolist():
        if _bits(*map(int, Fraction(value).as_integer_ratio())) > 4 * _HEXADECIMALS:
            raise ValueError(f"{name} holds a fraction of more than {_HEXADECIMALS} hexadecimal digits; round it")
    return np.array([as_text(value) for value in a.ravel().tolist()], dtype=str).reshape(a.shape)


def _network(arrays: dict[str, np.ndarray]) -> tuple:
    """The activation, the error and the layers that the arrays are. ValueError where they are no network."""
    for name, a in arrays.items():
        if not _finite(a) and not (name == "error" and a.dtype.kind == "f"):
            raise ValueError(f"{name} holds something else than finite real numbers")
    rest = dict(arrays)
    activation, error = rest.pop("activation", None), rest.pop("error", None)
    if activation is None or activation.shape or activation.dtype.kind not in "iu" or activation not in (0, 1):
        raise ValueError(f"activation is neither 0 nor 1, for {' or '.join(ACTIVATIONS)}")
    if error is not None and (error.shape or not error >= 0):  # also catches NaN
        raise ValueError("error is no number >= 0")
    layers = []
    while (start := f"layer{len(layers)}.") + "b" in rest:
        layers.append({name: rest.pop(start + name) for name in _NAMES if start + name in rest})
    if rest or not layers:
        raise ValueError(f"{min(rest)[:40]!r} belongs to no layer" if rest else "it has no layer")
    shapes = [_shape(i, layer, last=i == len(layers) - 1) for i, layer in enumerate(layers)]
    for i, (left, right) in enumerate(zip(shapes, shapes[1:])):
        if left[0] != right[-1]:
            raise ValueError(f"layer{i} gives {left[0]} numbers, layer{i + 1} takes {right[-1]}")
    return ACTIVATIONS[activation.item()], None if error is None else error.item(), layers


def _finite(a: np.ndarray) -> bool:
    """Whether all entries are finite real numbers."""
    if a.dtype == object:
        return all(isinstance(v, Rational) or (isinstance(v, float) and math.isfinite(v)) for v in a.ravel().tolist())
    return a.dtype.kind in "biuf" and bool(np.isfinite(a).all())


def _shape(i: int, layer: dict[str, np.ndarray], last: bool) -> tuple[int, ...]:
    """The shape of W. ValueError where the arrays are those of no layer; the last one may have a single output."""
    shapes = {name: a.shape for name, a in layer.items()}
    if shapes.keys() == {"W", "b"}:
        W = shapes["W"]
        good = len(W) in ((1, 2) if last else (2,))
    else:
        W = shapes.get("scale", ()) + shapes.get("direction", ())
        good = shapes.keys() == {"scale", "direction", "b"} and len(shapes["scale"]) == len(shapes["direction"]) == 1
    if not good or shapes["b"] != W[:-1]:
        raise ValueError(f"layer{i} has the arrays {', '.join(f'{name} {shape}' for name, shape in shapes.items())}")
    return W
