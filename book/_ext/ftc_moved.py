"""Old addresses go on working: what has moved to another page is found there.

`_static/labels.js` says on which pages each identifier stands. `moved.js` asks it only when a page is opened at a
fragment that it does not have.
"""

import json
import re
from pathlib import Path

ARTICLE = re.compile(r'<article class="bd-article".*?</article>', re.DOTALL)
ID = re.compile(r'\bid="([^"]+)"')
COUNTED = re.compile(r"id\d+")  # given by docutils in passing; nobody links to it


def identifiers(html):
    """The identifiers in the text of a page, in their order."""
    article = ARTICLE.search(html)
    return [name for name in ID.findall(article[0]) if not COUNTED.fullmatch(name)] if article else []


def labels(pages):
    """From page -> HTML: identifier -> the pages where it stands."""
    where = {}
    for page, html in sorted(pages.items()):
        for name in identifiers(html):
            where.setdefault(name, []).append(page)
    return where


def script(pages):
    """The file that `moved.js` loads."""
    return f"ftcLabels({json.dumps(labels(pages), ensure_ascii=False, indent=0)});\n"


def write(app, exception):
    """Write the file once all pages are there."""
    if exception or app.builder.name != "html":
        return
    files = {docname: Path(app.builder.get_outfilename(docname)) for docname in app.env.found_docs}
    pages = {docname: path.read_text(encoding="utf-8") for docname, path in files.items()}
    (Path(app.outdir) / "_static" / "labels.js").write_text(script(pages), encoding="utf-8")


def setup(app):
    """Register the script and the listener."""
    app.add_js_file("moved.js", loading_method="defer")
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
