"""One look: what colours mean, how large type is, and the variants in which every figure is drawn.

A drawing takes its colours from the meanings below (``NETWORK.colour``) while it is drawn, so that the same function
draws for white paper and for a dark page.
"""

import functools
import inspect
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH, HEIGHT = 6.4, 3.8  # inches: one column of the book


@dataclass(frozen=True)
class Variant:
    """One way in which a figure is drawn: ``width`` inches, in a file that is ``scale`` times as large."""

    name: str
    layout: str  # "column", "narrow" or "talk"
    width: float
    dark: bool = False
    scale: int = 1
    kinds: tuple[str, ...] = ("svg",)
    dpi: int = 300


COLUMN = Variant("", "column", WIDTH, kinds=("svg", "pdf", "png"))
VARIANTS = (
    COLUMN,
    Variant("dark", "column", WIDTH, dark=True),
    Variant("narrow", "narrow", 3.8),  # a phone shows it in its own size
    Variant("narrow-dark", "narrow", 3.8, dark=True),
    Variant("talk", "talk", 20 / 3, scale=2, kinds=("svg", "pdf", "png"), dpi=144),  # 13.33 x 7.5 in, 1920 x 1080 dots
)
TALK_HEIGHT = 3.75  # inches of the drawing, half of the file's

drawing: ContextVar[Variant] = ContextVar("variant", default=COLUMN)


def layout() -> str:
    """For which layout a figure is being drawn: "column", "narrow" (a phone) or "talk"."""
    return drawing.get().layout


@dataclass(frozen=True)
class Shade:
    """A colour on white paper, and its twin on a dark page."""

    light: str
    dark: str

    @property
    def colour(self) -> str:
        """The one for the variant that is being drawn."""
        return self.dark if drawing.get().dark else self.light


@dataclass(frozen=True)
class Meaning(Shade):
    """What a colour means, with a marker and a dash that repeat it for readers who do not see the colour."""

    marker: str
    dash: str | tuple

    def line(self, **more: Any) -> dict:
        """Keywords for `ax.plot`: a line without markers."""
        return {"color": self.colour, "linestyle": self.dash} | more

    def points(self, **more: Any) -> dict:
        """Keywords for `ax.plot`: markers without a line."""
        return {"color": self.colour, "marker": self.marker, "linestyle": "none"} | more


# The Okabe-Ito palette, which stays apart under every common colour blindness; lighter on a dark page.
UNTOUCHED = Meaning("#7f7f7f", "#9da3a9", "o", "-")
CHANGED = Meaning("#d55e00", "#f28a3f", "D", "-")
NETWORK = Meaning("#0072b2", "#56b4e9", "s", "-")
PAPER = Meaning("#595959", "#b9bec4", "x", "--")
OURS = Meaning("#009e73", "#35c79c", "^", "-")
ERRATUM = Meaning("#e69f00", "#f0b429", "P", ":")
INK = Shade("#333333", "#d5d9dd")  # words and lines that mean nothing by themselves
FAINT = Shade("#bbbbbb", "#5a626b")  # what should be seen last
PAGE = Shade("#ffffff", "#14181e")
GRID = Shade("#e8e8e8", "#2a3038")

STYLE = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "font.size": 11,
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}
_IN_INK = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
_ON_PAGE = ("figure.facecolor", "axes.facecolor", "savefig.facecolor")


def style() -> Any:
    """The book's style as a context manager or decorator; outside of it matplotlib's settings are untouched."""
    shades = dict.fromkeys(_IN_INK, INK.colour) | dict.fromkeys(_ON_PAGE, PAGE.colour) | {"grid.color": GRID.colour}
    return matplotlib.style.context(STYLE | shades, after_reset=True)


def _in_style(method):
    @functools.wraps(method)
    def styled(*arguments, **keywords):
        with style():
            return method(*arguments, **keywords)

    return styled


class BookAxes(Axes):
    """Axes whose drawing methods work in the book's style.

    matplotlib gives a line, a text or a legend its looks when it is drawn, not when the axes are made; without
    this, every cell that draws would have to say `with style():`.
    """


for _name, _method in vars(Axes).items():
    if inspect.isfunction(_method) and not _name.startswith("_"):
        setattr(BookAxes, _name, _in_style(_method))


def new(nrows: int = 1, ncols: int = 1, height: float = HEIGHT, **subplots: Any) -> tuple[Figure, Any]:
    """A figure one column wide and its axes (an array when there are several, as in `Figure.subplots`)."""
    return blank(nrows, ncols, (WIDTH, height), subplots)


def blank(nrows: int, ncols: int, size: tuple[float, float], subplots: Mapping[str, Any]) -> tuple[Figure, Any]:
    """The same of any size in inches."""
    with style():
        fig = Figure(figsize=size, layout="constrained")
        return fig, fig.subplots(nrows, ncols, subplot_kw={"axes_class": BookAxes}, **subplots)
