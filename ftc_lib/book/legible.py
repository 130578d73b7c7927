"""Whether a drawing can be read: labelled axes, no tiny text, nothing cut off, no words on top of each other."""

from collections.abc import Iterable
from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SMALLEST_TEXT = 10  # points in the column: legible on a phone, and 20 points in the talk
EDGE = 1.0  # dots by which text may leave the page
OVERLAP = 0.1  # of the smaller text's area that another text may cover


def label_what_is_shared(axes: Iterable[Axes]) -> None:
    """Give the label of a shared axis to the panels that show its numbers in this arrangement, and to no others."""
    axes = list(axes)
    for name in ("x", "y"):
        labels = [getattr(ax, f"get_{name}label")() for ax in axes]
        for ax, label in zip(axes, labels):
            siblings = [other for other in axes if getattr(ax, f"get_shared_{name}_axes")().joined(ax, other)]
            if len(siblings) < 2:
                continue
            shared = next((words for other, words in zip(axes, labels) if words and other in siblings), "")
            shows = _has_numbers(getattr(ax, f"{name}axis"))
            getattr(ax, f"set_{name}label")((label or shared) if shows else "")


def check(fig: Figure, id: str, places: bool = True) -> None:
    """Refuse what the book's figures never have: a title inside, an axis without a label, text that cannot be read.

    ``places``: also refuse text that is cut off at the edge or on top of other text.
    """
    if fig.get_suptitle() or any(ax.get_title(loc) for ax in fig.axes for loc in ("left", "center", "right")):
        raise ValueError(f"figure {id} has a title inside the picture; say it in the caption")
    shared = {"x": fig.get_supxlabel(), "y": fig.get_supylabel()}
    for number, ax in enumerate(fig.axes, start=1):
        if not (ax.get_visible() and ax.axison):
            continue
        for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
            if _has_numbers(axis) and not axis.get_label_text() and not shared[name]:
                raise ValueError(f"figure {id}: axes {number} shows numbers along {name} without a label")
    fig.draw_without_rendering()
    shown = [(text.get_text().strip(), text, box) for text, box in _texts(fig)]
    for words, text, _ in shown:
        if float(text.get_fontsize()) < SMALLEST_TEXT:
            raise ValueError(f"figure {id}: {words!r} is set in {text.get_fontsize():g} pt, below {SMALLEST_TEXT} pt")
    if not places:
        return
    for words, _, box in shown:
        if min(box.x0 - fig.bbox.x0, box.y0 - fig.bbox.y0, fig.bbox.x1 - box.x1, fig.bbox.y1 - box.y1) < -EDGE:
            raise ValueError(f"figure {id}: {words!r} is cut off at the edge")
    for (first, _, one), (second, _, other) in combinations(shown, 2):
        both = Bbox.intersection(one, other)
        if both and both.width * both.height > OVERLAP * min(one.width * one.height, other.width * other.height):
            raise ValueError(f"figure {id}: {first!r} and {second!r} are on top of each other")


def _texts(fig: Figure) -> list[tuple[Text, Bbox]]:
    """The texts that a reader sees, and their places."""
    renderer, found = FigureCanvasAgg(fig).get_renderer(), []
    for ax in fig.axes:
        hidden = not ax.get_visible()
        for axis in (ax.xaxis, ax.yaxis):
            if hidden or not ax.axison or not axis.get_visible():
                continue
            low, high = sorted(axis.get_view_interval())
            ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
            found += [text for tick in ticks for text in (tick.label1, tick.label2)] + [axis.label, axis.offsetText]
        if not hidden:
            legend = ax.get_legend()
            found += [*ax.texts, *(legend.get_texts() if legend else [])]
    found += [*fig.texts, *(text for legend in fig.legends for text in legend.get_texts())]
    return [
        (text, text.get_window_extent(renderer)) for text in found if text.get_visible() and text.get_text().strip()
    ]


def _has_numbers(axis):
    """Whether an axis shows tick labels; the inner panels of a shared axis and a hidden axis do not."""
    shown = axis.get_tick_params()
    labelled = any(shown.get(side, False) for side in ("labelbottom", "labeltop", "labelleft", "labelright"))
    return axis.get_visible() and labelled and len(axis.get_ticklocs()) > 0
