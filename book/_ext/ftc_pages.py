"""What pages have in common: a chapter offers its notebook, and titles with formulas read well everywhere."""

import html
import json
from pathlib import Path

from docutils import nodes


def chapter_record(app, page):
    """The record of a chapter's run, or None for a page that is no chapter."""
    path = Path(app.srcdir) / "_data" / "chapters" / f"{Path(page).name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def addresses(app, page):
    """A chapter's notebook as source and as executed, and the library that it needs, relative to its page."""
    root, name = "../" * page.count("/"), f"{Path(page).name}.ipynb"
    wheel = json.loads((Path(app.srcdir) / "_data" / "wheel.json").read_text(encoding="utf-8"))
    return f"{root}notebooks/source/{name}", f"{root}notebooks/executed/{name}", f"{root}notebooks/source/{wheel}"


def add_notebook_line(app, doctree):
    """Under a chapter's title: both notebooks, and what the page was computed with."""
    page = app.env.docname
    record = chapter_record(app, page)
    if record is None:
        return
    source, executed, wheel = addresses(app, page)
    values = ", ".join(f"{name} = {value}" for name, value in record["parameters"].items())
    run = f"{record['profile']} profile" + (f": {values}" if values else "")
    line = (
        f'<p class="ftc-notebook"><a href="{source}" download>notebook</a>'
        f'<a href="{executed}" download>notebook with outputs</a>'
        f'<a href="{wheel}" download title="put it beside the notebook, whose first cell installs it">library</a>'
        f"<span>{html.escape(run)}</span></p>"
    )
    title = next(doctree.findall(nodes.title))
    title.parent.insert(title.parent.index(title) + 1, nodes.raw("", line, format="html"))


def adjust_page(app, pagename, templatename, context, doctree):
    """Titles in plain text for the browser's tab, and our own files in the download menu."""
    if pagename in app.env.titles:
        context["title"] = app.env.titles[pagename].astext()
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            printing = [button for button in group["buttons"] if button["type"] == "javascript"]
            group["buttons"] = download_buttons(app, pagename) + printing


def download_buttons(app, page):
    """Menu entries for a chapter's notebooks and the library."""
    if chapter_record(app, page) is None:
        return []
    source, executed, wheel = addresses(app, page)
    return [
        {"type": "link", "url": url, "text": text, "tooltip": tooltip, "icon": icon, "label": label}
        for url, text, tooltip, icon, label in (
            (source, "notebook", "Notebook without outputs", "fas fa-file", "download-source"),
            (executed, "with outputs", "Notebook as executed", "fas fa-file-lines", "download-executed"),
            (wheel, "library", "What the notebook imports: put it beside it", "fas fa-box", "download-library"),
        )
    ]


def setup(app):
    """Register the listeners; the theme adds its buttons at priority 501."""
    app.connect("doctree-read", add_notebook_line)
    app.connect("html-page-context", adjust_page, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
