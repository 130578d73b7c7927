"""The directive `ftc-figure`: a published figure with its number, its caption and its downloads.

On the page of its chapter a figure gets its number and label ({numref}`fig-x` works from everywhere). Any
other page may show it too: there it appears under the number it has in its chapter.
"""

import html
import json
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

DOWNLOADS = (
    (".svg", "SVG", "vector picture for the web"),
    (".pdf", "PDF", "vector picture for papers"),
    (".png", "PNG", "picture with 300 dots per inch"),
    ("-talk.svg", "talk: SVG", "laid out for a slide, 13.33 x 7.5 inches"),
    ("-talk.pdf", "PDF", "laid out for a slide, 13.33 x 7.5 inches"),
    ("-talk.png", "PNG", "laid out for a slide, 1920 x 1080 dots"),
    (".csv", "CSV", "the plotted numbers"),
    (".json", "JSON", "origin, parameters, licence and checksums"),
)
PHONE = "(max-width: 600px)"  # where the narrow variant is shown


class FtcFigure(SphinxDirective):
    """```{ftc-figure} fig-x```"""

    required_arguments = 1

    def run(self):
        name = self.arguments[0]
        path = Path(self.env.srcdir) / "_data" / "figures" / f"{name}.json"
        if not path.is_file():
            logger.warning("no chapter publishes the figure %s", name, location=self.get_location())
            return []
        record = json.loads(path.read_text(encoding="utf-8"))
        root = "../" * self.env.docname.count("/")
        image = nodes.raw("", picture(record, root), format="html")
        row = nodes.raw("", downloads(record, root), format="html")

        shown = self.env.temp_data.setdefault("ftc_figures", set())
        at_home = Path(self.env.docname).name == record["chapter"] and name not in shown
        shown.add(name)
        if at_home:
            words, _ = self.state.inline_text(record["caption"], self.lineno)
            figure = nodes.figure("", image, nodes.caption("", "", *words), row, classes=["ftc-figure"])
            self.set_source_info(figure)
            figure["names"].append(name)
            self.state.document.note_explicit_target(figure, figure)
            return [figure]
        words, _ = self.state.inline_text(f"{{numref}}`{name}`. {record['caption']}", self.lineno)
        return [nodes.container("", image, nodes.paragraph("", "", *words), row, classes=["ftc-figure", "ftc-copy"])]


def picture(record, root):
    """The variant that fits the theme and the width, with its size so that the page does not move when it arrives."""
    address, sizes = f"{root}figures/{record['id']}", record["sizes"]
    pictures = "".join(
        f'<picture class="{shown}"><source media="{PHONE}" srcset="{address}-{narrow}.svg" '
        f'width="{sizes[narrow][0]}" height="{sizes[narrow][1]}">'
        f"{image(f'{address}{ending}.svg', record, sizes['column'])}</picture>"
        for shown, ending, narrow in (("only-light", "", "narrow"), ("only-dark", "-dark", "narrow-dark"))
    )
    return f"<div>{pictures}</div>"  # beside a picture that is not shown the theme would hide the caption


def image(address, record, size):
    """One image with its words."""
    words = html.escape(record["alt"])
    return f'<img src="{address}" alt="{words}" width="{size[0]}" height="{size[1]}" loading="lazy">'


def downloads(record, root):
    """The row under the caption: every file of the figure, and its own address."""
    address = f"{root}figures/{record['id']}"
    links = "".join(
        f'<a href="{address}{ending}" download title="{record["id"]}{ending}: {what}">{label}</a>'
        for ending, label, what in DOWNLOADS
    )
    return f'<div class="ftc-files">{links}<span>{record["licence"]}</span></div>'


def setup(app):
    """Register the directive."""
    app.add_directive("ftc-figure", FtcFigure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
