"""The figures of the book: one look, and files that can be cited.

`new` gives a figure in the book's style, `publish` writes it as SVG, PDF and PNG, with the plotted numbers as
CSV and a JSON record beside them. A published figure says in its own metadata what it shows and where it
comes from, and its bytes are the same at every run.
"""

import base64
import csv
import hashlib
import inspect
import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import Any

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from ftc_lib.book import output
from ftc_lib.core.files import write, write_json

LICENCE = "CC BY 4.0"
WIDTH, HEIGHT = 6.4, 3.8  # inches: one column of the book
SMALLEST_TEXT = 9  # points: still legible at phone width and from the back of a lecture room
SAME_CURVE = 1e-6  # of the largest value: how far a drawn network may be from the network
SHORTEST_ALT = 40  # characters: less cannot say what a curve shows


@dataclass(frozen=True)
class Meaning:
    """What a colour means, with a marker and a dash that repeat it for readers who do not see the colour."""

    colour: str
    marker: str
    dash: str | tuple

    def line(self, **more: Any) -> dict:
        """Keywords for `ax.plot`: a line without markers."""
        return {"color": self.colour, "linestyle": self.dash} | more

    def points(self, **more: Any) -> dict:
        """Keywords for `ax.plot`: markers without a line."""
        return {"color": self.colour, "marker": self.marker, "linestyle": "none"} | more


# The Okabe-Ito palette, which stays apart under every common colour blindness.
UNTOUCHED = Meaning("#7f7f7f", "o", "-")
CHANGED = Meaning("#d55e00", "D", "-")
NETWORK = Meaning("#0072b2", "s", "-")
PAPER = Meaning("#595959", "x", "--")
OURS = Meaning("#009e73", "^", "-")
ERRATUM = Meaning("#e69f00", "P", ":")

STYLE = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "font.size": 11,  # a phone shows a figure at about 0.6 of its size
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e8e8e8",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}

_published: set[str] = set()


def style() -> Any:
    """The book's style as a context manager or decorator; outside of it matplotlib's settings are untouched."""
    return matplotlib.style.context(STYLE, after_reset=True)


class BookAxes(Axes):
    """Axes whose drawing methods work in the book's style.

    matplotlib gives a line, a text or a legend its looks when it is drawn, not when the axes are made; without
    this, every cell that draws would have to say `with style():`.
    """


for _name, _method in vars(Axes).items():
    if inspect.isfunction(_method) and not _name.startswith("_"):
        setattr(BookAxes, _name, style()(_method))


def new(nrows: int = 1, ncols: int = 1, height: float = HEIGHT, **subplots: Any) -> tuple[Figure, Any]:
    """A figure one column wide and its axes (an array when there are several, as in `Figure.subplots`)."""
    with style():
        fig = Figure(figsize=(WIDTH, height), layout="constrained")
        return fig, fig.subplots(nrows, ncols, subplot_kw={"axes_class": BookAxes}, **subplots)


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
    fig: Figure,
    id: str,
    *,
    caption: str,
    alt: str,
    data: Mapping | Sequence[Mapping],
    networks: Mapping = MappingProxyType({}),
) -> Published:
    """Write a figure's files and close it.

    id       fig-..., in lower case: its address on the site for as long as the book stands
    caption  one or more sentences in MyST (formulas and computed numbers welcome); the first one is the title
    alt      what the picture shows, in plain words and computed numbers, for those who do not see it
    data     the plotted numbers: column name with unit -> values, or a list of rows (mappings)
    networks the columns that are the graph of a network: column name -> (network on the line, column of its places).
             Raises ValueError where the column is not the network; the record keeps the network for others to look.
    """
    run = output.current()
    _check_words(id, caption, alt)
    if not isinstance(fig, Figure):
        raise TypeError(f"figure {id}: fig must be a matplotlib Figure, got {type(fig).__name__}")
    _check_drawing(fig, id)
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
    files = {kind: _render(fig, kind, id, _title(caption), alt, origin) for kind in run.formats}
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
        "width": round(fig.get_figwidth() * 96),
        "height": round(fig.get_figheight() * 96),
        "columns": list(columns),
        "networks": shown,
        "files": {
            kind: {
                "name": f"{id}.{kind}",
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes": len(content),
            }
            for kind, content in files.items()
        },
    }
    folder = run.folder / "figures"
    for kind, content in files.items():
        write(folder / f"{id}.{kind}", content)
    write_json(folder / f"{id}.json", record)
    _published.add(id)
    _close(fig)
    return Published(id, alt, files["svg"], files.get("png"))


def _check_words(id, caption, alt):
    for name, text in (("id", id), ("caption", caption), ("alt", alt)):
        if not isinstance(text, str):
            raise TypeError(f"figure {id!r}: {name} must be a text, got {type(text).__name__}")
    if not re.fullmatch(r"fig-[a-z0-9]+(-[a-z0-9]+)*", id):
        raise ValueError(f"figure id {id!r}: expected fig-, then lower-case letters, digits and single hyphens")
    if not caption.strip():
        raise ValueError(f"figure {id} has no caption")
    if len(alt.strip()) < SHORTEST_ALT:
        raise ValueError(
            f"figure {id}: the alt text has {len(alt.strip())} characters, say more ({SHORTEST_ALT} at least)"
        )
    if "\n" in alt:
        raise ValueError(f"figure {id}: the alt text must be one line")


def _check_drawing(fig, id):
    """Refuse what the book's figures never have: a title inside, an axis without a label, tiny text."""
    if fig.get_suptitle() or any(ax.get_title(loc) for ax in fig.axes for loc in ("left", "center", "right")):
        raise ValueError(f"figure {id} has a title inside the picture; say it in the caption")
    shared = {"x": fig.get_supxlabel(), "y": fig.get_supylabel()}
    for number, ax in enumerate(fig.axes, start=1):
        if not (ax.get_visible() and ax.axison):
            continue
        for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
            if _has_numbers(axis) and not axis.get_label_text() and not shared[name]:
                raise ValueError(f"figure {id}: axes {number} shows numbers along {name} without a label")
    for text in fig.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text.get_fontsize() < SMALLEST_TEXT:
            size = f"{text.get_fontsize():g}"
            raise ValueError(f"figure {id}: {text.get_text()!r} is set in {size} pt, below {SMALLEST_TEXT} pt")


def _has_numbers(axis):
    """Whether an axis shows tick labels; the inner panels of a shared axis and a hidden axis do not."""
    shown = axis.get_tick_params()
    labelled = any(shown.get(side, False) for side in ("labelbottom", "labeltop", "labelleft", "labelright"))
    return axis.get_visible() and labelled and len(axis.get_ticklocs()) > 0


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


def _render(fig, kind, id, title, alt, origin):
    """The picture in one format, without dates and versions, its inner ids depending on the figure alone."""
    metadata = {
        "svg": {
            "Title": title,
            "Identifier": id,
            "Description": alt,
            "Source": origin,
            "Rights": LICENCE,
            "Date": None,
            "Creator": None,
        },
        "pdf": {
            "Title": title,
            "Subject": alt,
            "Keywords": f"{id}; {LICENCE}; {origin}",
            "Creator": None,
            "Producer": None,
            "CreationDate": None,
        },
        "png": {
            "Title": title,
            "Identifier": id,
            "Description": alt,
            "Source": origin,
            "Rights": LICENCE,
            "Software": None,
        },
    }
    content = io.BytesIO()
    with style(), matplotlib.rc_context({"svg.hashsalt": id, "svg.id": id}):
        fig.savefig(content, format=kind, metadata=metadata[kind])
    return _with_plain_ids(content.getvalue(), id) if kind == "svg" else content.getvalue()


def _with_plain_ids(svg: bytes, id: str) -> bytes:
    """Numbers in place of the hashes that matplotlib takes of clip paths and markers.

    A hash changes with the last bit of a coordinate, which no reader sees and another processor rounds otherwise.
    """
    names: dict[bytes, bytes] = {}

    def numbered(match):
        return names.setdefault(match[0], f"{id}-{match[0][:1].decode()}{len(names) + 1}".encode())

    return re.sub(rb"\b[a-z][0-9a-f]{10}\b", numbered, svg)


def _close(fig):
    """Close a figure that pyplot made, so that Jupyter does not show it a second time."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)
