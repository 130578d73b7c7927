"""The figures of the book: one look, and files that can be cited.

`publish` takes the function that draws and draws each variant itself: the column of the book, light and dark, a
narrow one for phones, and one laid out for a talk. It writes them as SVG, the column and the talk also as PDF and PNG,
with the plotted numbers as CSV and a JSON record beside them. A published figure says in its own metadata what it shows
and where it comes from, and its bytes are the same at every run.
"""

import base64
import contextlib
import csv
import hashlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Real
from types import MappingProxyType
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from pypdf import PdfReader, PdfWriter

from ftc_lib.book import legible, look, output
from ftc_lib.book.look import (  # what a drawing needs
    CHANGED,
    ERRATUM,
    FAINT,
    HEIGHT,
    INK,
    NETWORK,
    OURS,
    PAPER,
    UNTOUCHED,
    WIDTH,
    Meaning,
    Shade,
    layout,
    new,
    style,
)
from ftc_lib.core.files import write, write_json

__all__ = [
    "CHANGED",
    "ERRATUM",
    "FAINT",
    "INK",
    "NETWORK",
    "OURS",
    "PAPER",
    "UNTOUCHED",
    "Meaning",
    "Shade",
    "layout",
    "new",
    "publish",
    "style",
]
LICENCE = "CC BY 4.0"
SAME_CURVE = 1e-6  # of the largest value: how far a drawn network may be from the network
SHORTEST_ALT = 40  # characters: less cannot say what a curve shows
ENDINGS = ("-dark", "-narrow", "-talk")  # of the files of variants; an id must not end like one

_published: set[str] = set()


class Published:
    """A published figure: shows itself in Jupyter, and tells the site which directive stands for it."""

    def __init__(self, identifier: str, alt: str, svg: bytes, png: bytes | None) -> None:
        self.id = identifier
        self.alt = alt
        self._svg = svg
        self._png = png

    def __repr__(self) -> str:
        return f"{self.id}: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {
            "image/svg+xml": self._svg.decode(),
            "text/plain": repr(self),
            output.DIRECTIVE: {"directive": "ftc-figure", "argument": self.id},
        }
        if self._png:
            data["image/png"] = base64.b64encode(self._png).decode()
        return data, {"image/png": {"width": round(WIDTH * 96)}}


def publish(
    draw: Callable[..., None],
    id: str,
    *,
    caption: str,
    alt: str,
    data: Mapping | Sequence[Mapping],
    networks: Mapping = MappingProxyType({}),
    panels: tuple[int, int] = (1, 1),
    height: float = HEIGHT,
    **subplots: Any,
) -> Published:
    """Draw a figure in every variant and write its files.

    draw     a function of the axes, one argument for each panel, row by row; it is called once for each variant
    id       fig-..., in lower case: its address on the site for as long as the book stands
    caption  one or more sentences in MyST (formulas and computed numbers welcome); the first one is the title
    alt      what the picture shows, in plain words and computed numbers, for those who do not see it
    data     the plotted numbers: column name with unit -> values, or a list of rows (mappings)
    networks the columns that are the graph of a network: column name -> (network on the line, column of its places).
             Raises ValueError where the column is not the network; the record keeps the network for others to look.
    panels   rows and columns of the column variant; ``height`` its inches. On a phone panels stand below each other,
             in a talk side by side if there are no more than three.
    subplots sharex, sharey, width_ratios, height_ratios as in `Figure.subplots`

    Raises ValueError for a drawing with a title inside, axes without labels or text that is too small, in whichever
    variant; and in the book's own run for text that is cut off at the edge or on top of other text. (With other
    parameters words may come to lie elsewhere, and a reader would rather see them than an error.)
    """
    run = output.current()
    _check_words(id, caption, alt)
    if not callable(draw):
        raise TypeError(f"figure {id}: draw must be a function of the axes, got {type(draw).__name__}")
    columns = _columns(data, id)
    shown = [_shown(id, columns, name, *graph) for name, graph in networks.items()]
    # A second figure of the same name would replace the first unseen. In Jupyter, running a cell again is
    # normal.
    if run.by_runner and id in _published:
        raise ValueError(f"figure {id} is published twice in {run.chapter}")

    notebook = f"book/{run.chapter}.ipynb" if run.by_runner else None
    origin = (
        f"{notebook}, parameters {json.dumps(run.parameters, sort_keys=True)}" if notebook else "a reader's own run"
    )
    files, sizes = {}, {}
    for variant in look.VARIANTS:
        with _drawn(draw, id, variant, panels, height, subplots) as fig:
            sizes[variant.name or "column"] = [round(inches * 96 * variant.scale) for inches in fig.get_size_inches()]
            for kind in variant.kinds:
                if kind in run.formats:
                    name = f"{variant.name}.{kind}".lstrip(".")
                    files[name] = _render(fig, variant, kind, id, _title(caption), alt, origin)
    files["csv"] = _csv(columns)
    record = {
        "id": id,
        "title": _title(caption),
        "caption": caption,
        "alt": alt,
        "chapter": run.chapter,
        "notebook": notebook,
        "profile": run.profile,
        "parameters": run.parameters,
        "licence": LICENCE,
        "sizes": sizes,
        "columns": list(columns),
        "networks": shown,
        "files": {
            kind: {
                "name": file_name(id, kind),
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
            }
            for kind, content in files.items()
        },
    }
    folder = run.folder / "figures"
    for kind, content in files.items():
        write(folder / file_name(id, kind), content)
    write_json(folder / f"{id}.json", record)
    _published.add(id)
    return Published(id, alt, files["svg"], files.get("png"))


def file_name(id: str, kind: str) -> str:
    """fig-x.svg for the kind "svg", fig-x-talk.pdf for "talk.pdf"."""
    return f"{id}.{kind}" if "." not in kind else f"{id}-{kind}"


# ---------------------------------------------------------------- one drawing for each variant


@contextlib.contextmanager
def _drawn(draw, id: str, variant: look.Variant, panels, height, subplots) -> Iterator[Figure]:
    """The figure in one variant; what is drawn and saved inside has its colours."""
    here = look.drawing.set(variant)
    try:
        rows, columns, size, subplots = _arranged(variant, panels, height, subplots)
        fig, axes = look.blank(rows, columns, size, subplots)
        with style():
            draw(*np.ravel(axes))
            legible.label_what_is_shared(np.ravel(axes))
            legible.check(fig, f"{id} ({variant.name or 'column'})", output.current().as_published)
            fig.set_layout_engine("none")  # it is laid out now; all its files have the same layout
        yield fig
    finally:
        look.drawing.reset(here)
        if "matplotlib.pyplot" in sys.modules:  # Jupyter would show a figure that pyplot made a second time
            sys.modules["matplotlib.pyplot"].close(fig)


def _arranged(variant: look.Variant, panels: tuple[int, int], height: float, subplots: Mapping):
    """Rows, columns, size in inches and the other settings of a variant, given those of the column."""
    (rows, columns), settings = panels, dict(subplots)
    if variant.layout == "narrow":
        each = height / rows if columns == 1 else max(height / rows, 2.3)
        if columns > 1:
            settings.pop("width_ratios", None)
            settings.pop("height_ratios", None)
        return rows * columns, 1, (variant.width, each * rows * columns), settings
    if variant.layout == "talk":
        if columns == 1 and 1 < rows <= 3:
            settings.pop("height_ratios", None)  # panels side by side are equally wide
            rows, columns = 1, rows
        return rows, columns, (variant.width, look.TALK_HEIGHT), settings
    return rows, columns, (variant.width, height), settings


def _check_words(id, caption, alt):
    for name, text in (("id", id), ("caption", caption), ("alt", alt)):
        if not isinstance(text, str):
            raise TypeError(f"figure {id!r}: {name} must be a text, got {type(text).__name__}")
    if not re.fullmatch(r"fig-[a-z0-9]+(-[a-z0-9]+)*", id):
        raise ValueError(f"figure id {id!r}: expected fig-, then lower-case letters, digits and single hyphens")
    if id.endswith(ENDINGS):
        raise ValueError(f"figure id {id!r} ends like a variant's file; name it otherwise")
    if not caption.strip():
        raise ValueError(f"figure {id} has no caption")
    if len(alt.strip()) < SHORTEST_ALT:
        raise ValueError(
            f"figure {id}: the alt text has {len(alt.strip())} characters, say more ({SHORTEST_ALT} at least)"
        )
    if "\n" in alt:
        raise ValueError(f"figure {id}: the alt text must be one line")


def _title(caption):
    """The caption's first sentence without its markup, for places that show plain text."""
    plain = re.sub(r"\{[^}`]*\}`([^`]*)`", r"\1", caption)  # roles
    plain = re.sub(r"[$`*]", "", plain)
    return re.split(r"(?<=[.!?])\s", " ".join(plain.split()), maxsplit=1)[0]


def _columns(data, id):
    """The plotted numbers as column name -> list of plain values."""
    if not isinstance(data, Mapping):
        if not isinstance(data, Sequence) or not all(isinstance(row, Mapping) for row in data):
            raise TypeError(f"figure {id}: data must be columns, name -> values, or a list of rows, name -> value")
        names = list(dict.fromkeys(name for row in data for name in row))
        data = {name: [row.get(name, "") for row in data] for name in names}
    if not data:
        raise ValueError(f"figure {id} comes without the numbers it shows (data is empty)")
    columns = {}
    for name, values in data.items():
        try:
            dimensions = np.ndim(values)
        except ValueError:  # numpy's words for lists of several lengths do not name the column
            raise ValueError(f"figure {id}: column {name!r} must be one-dimensional, got lists inside it") from None
        if dimensions != 1:
            raise ValueError(f"figure {id}: column {name!r} must be one-dimensional, got {dimensions} dimensions")
        columns[name] = [_plain(value) for value in values]
        for row, value in enumerate(columns[name], start=1):
            if not isinstance(value, Real | str):
                kind = type(value).__name__
                raise TypeError(f"figure {id}: column {name!r}, row {row}: expected a number or a text, got {kind}")
    return columns


def _shown(id, columns, name, network, places):
    """The record of a network whose graph is column ``name`` over column ``places``, which is checked."""
    for column in (name, places):
        if column not in columns:
            raise ValueError(f"figure {id}: networks names the column {column!r}, data has {', '.join(columns)}")
    t, y = (np.array([value for value in columns[column] if value != ""], dtype=float) for column in (places, name))
    true = network.astype(float)(t[:, None])
    if len(t) != len(y) or not np.abs(true - y).max() <= SAME_CURVE * np.abs(true).max():
        raise ValueError(f"figure {id}: column {name!r} is not the network at {places!r}; draw what the network gives")
    layers = [
        {"W": layer.dense().astype(float).tolist(), "b": layer.b.astype(float).tolist()} for layer in network.layers
    ]
    return {"column": name, "places": places, "activation": network.activation, "layers": layers}


def _plain(value):
    """A number as Python's own type, which prints its shortest exact decimal; Fractions become floats."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Real) and not isinstance(value, int):
        return float(value)
    return value


def _csv(columns):
    """The columns as CSV; shorter ones end in empty fields."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    length = max(len(values) for values in columns.values())
    for row in range(length):
        writer.writerow([values[row] if row < len(values) else "" for values in columns.values()])
    return text.getvalue().encode()


def _render(fig, variant, kind, id, title, alt, origin):
    """The picture in one format, without dates and versions, its inner ids depending on the figure alone."""
    what = {"Title": title, "Identifier": id, "Description": alt, "Source": origin, "Rights": LICENCE}
    metadata = {
        "svg": what | {"Date": None, "Creator": None},
        "pdf": {
            "Title": title,
            "Subject": alt,
            "Keywords": f"{id}; {LICENCE}; {origin}",
            "Creator": None,
            "Producer": None,
            "CreationDate": None,
        },
        "png": what | {"Software": None},
    }
    content, name = io.BytesIO(), f"{id}-{variant.name}".rstrip("-")
    with style(), matplotlib.rc_context({"svg.hashsalt": name, "svg.id": name}):
        fig.savefig(content, format=kind, metadata=metadata[kind], dpi=variant.dpi * variant.scale)
    if kind == "svg":
        return _scaled_svg(_with_plain_ids(content.getvalue(), name), variant.scale)
    return _scaled_pdf(content, variant.scale) if kind == "pdf" and variant.scale > 1 else content.getvalue()


def _scaled_svg(svg: bytes, scale: int) -> bytes:
    """The same drawing, shown larger: its coordinates stay."""

    def larger(match):
        return match[1] + f"{float(match[2]) * scale:g}".encode() + match[3]

    return re.sub(rb'(\b(?:width|height)=")([0-9.]+)(pt")', larger, svg, count=2)


def _scaled_pdf(content: io.BytesIO, scale: int) -> bytes:
    writer, larger = PdfWriter(clone_from=PdfReader(content)), io.BytesIO()
    writer.pages[0].scale_by(scale)
    writer.write(larger)
    return larger.getvalue()


def _with_plain_ids(svg: bytes, id: str) -> bytes:
    """Numbers in place of the hashes that matplotlib takes of clip paths and markers.

    A hash changes with the last bit of a coordinate, which no reader sees and another processor rounds otherwise.
    """
    names: dict[bytes, bytes] = {}

    def numbered(match):
        return names.setdefault(match[0], f"{id}-{match[0][:1].decode()}{len(names) + 1}".encode())

    return re.sub(rb"\b[a-z][0-9a-f]{10}\b", numbered, svg)
