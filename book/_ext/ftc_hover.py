"""Help that appears when one points at a word or a reference.

The first occurrence of each word of the glossary in each section becomes a quiet link to its entry. For these links,
and for references to statements and formulas, `hover.js` shows what they lead to: from the page itself, or from the
file that this extension writes for each page, `_static/previews/PAGE.js`. A file that is a script also loads where the
site is opened without a server.
"""

import json
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from ftc_folds import fold
from sphinx import addnodes

GLOSSARY = "book/glossary"
# Words that are verbs as well are marked where the word before says that they are nouns; words whose everyday meaning
# occurs as often as ours are not marked.
DOUBTFUL = ("check", "claim", "run", "turn")
NOUN = r"(?:an?|each|every|one|its|such|untouched) "
UNMARKED = ("error", "exact")
# What is no running text of the page, or not open when it is read first.
SKIPPED = (nodes.table, nodes.figure, nodes.citation, fold)
SKIPPED_CLASSES = {"ftc-figure", "ftc-claim", "cell_output"}
# The things that have a preview, as they start in the HTML of a page.
PREVIEWED = re.compile(r'<div class="(?:proof [^"]*|math)" id="([^"]+)"|<dt id="(term-[^"]+)"')


@cache
def terms(env):
    """The words of the glossary: a pattern that finds them, and word -> identifier."""
    if GLOSSARY not in env.found_docs:
        return None, {}
    entries = [
        term for part in env.get_doctree(GLOSSARY).findall(addnodes.glossary) for term in part.findall(nodes.term)
    ]
    found = {term.astext().lower(): term["ids"][0] for term in entries if term.astext() not in UNMARKED}
    words = [(NOUN if word in DOUBTFUL else "") + rf"({re.escape(word)})" for word in sorted(found, key=len)[::-1]]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?:e?s)?(?![\w-])", re.IGNORECASE), found


def mark(app, doctree, docname):
    """Link the first occurrence of each word in each section to the glossary."""
    pattern, ids = terms(app.env)
    if not ids or docname == GLOSSARY:
        return
    address = app.builder.get_relative_uri(docname, GLOSSARY)
    seen = set()
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.paragraph) or skipped(text):
            continue
        parts, end, section = [], 0, part_of_page(text)
        for match in pattern.finditer(text):
            entry, start = ids[match[match.lastindex].lower()], match.start(match.lastindex)
            if (section, entry) in seen:
                continue
            seen.add((section, entry))
            link = nodes.reference("", text[start : match.end()], refuri=f"{address}#{entry}", internal=True)
            link["classes"].append("ftc-term")
            parts += [nodes.Text(text[end:start]), link]
            end = match.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def ancestors(node):
    """What a node stands in, from the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def skipped(text):
    """Whether a text is no running text of the page."""
    return any(isinstance(node, SKIPPED) or SKIPPED_CLASSES & set(node["classes"]) for node in ancestors(text))


def part_of_page(text):
    """The section of the second level that a text stands in, or that of the first where there is none."""
    sections = [node for node in ancestors(text) if isinstance(node, nodes.section) and node["ids"]]
    return sections[-2:][0]["ids"][0] if sections else ""


def element(html, start, tag):
    """The element of this tag that begins at a place in a page."""
    depth = 0
    for match in re.compile(rf"<(/?){tag}\b").finditer(html, start):
        depth += -1 if match[1] else 1
        if not depth:
            return html[start : html.index(">", match.end()) + 1]
    raise ValueError(f"a {tag} that does not end: {html[start : start + 80]}")


def previews(html):
    """What a page has to show: identifier -> HTML."""
    found = {}
    for match in PREVIEWED.finditer(html):
        if match[1]:
            found[match[1]] = element(html, match.start(), "div")
        else:
            found[match[2]] = element(html, html.index("<dd", match.end()), "dd")
    return found


def write(app, exception):
    """One file of previews for each page."""
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir) / "_static" / "previews"
    folder.mkdir(parents=True, exist_ok=True)
    for docname in sorted(app.env.found_docs):
        html = Path(app.builder.get_outfilename(docname)).read_text(encoding="utf-8")
        name = Path(docname).name
        statement = f"ftcPreviews({json.dumps(name)}, {json.dumps(previews(html), ensure_ascii=False, indent=0)});\n"
        (folder / f"{name}.js").write_text(statement, encoding="utf-8")


def setup(app):
    """Register the script and the listeners; words are marked after everything else has its place."""
    app.add_js_file("hover.js", loading_method="defer")
    app.connect("doctree-resolved", mark, priority=900)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
