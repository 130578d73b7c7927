"""The library on the site.

```{ftc-api}```     every room with what it offers: signatures, docstrings, sources

Inline code that is exactly a public name, such as `two_layer.fit`, links to its place on that page.
"""

import json
import re
from pathlib import Path
from types import MappingProxyType

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

PAGE = "book/api"

CODE = r"``(?P<double>.+?)``|`(?P<single>[^`]+)`|(?P<word>\"\w+(?: \w+)?\"|\b(?:None|True|False)\b)"
CHAPTER = r"book/(?P<page>\d\d_\w+)|[Cc]hapter (?P<number>\d)\b"


def rooms(env):
    """What tools/api.py read from the library."""
    path = Path(env.srcdir) / "_data" / "library.json"
    return json.loads(path.read_text(encoding="utf-8"))


def anchors(env):
    """Where each public name, without `ftc_lib.`, stands on the page."""
    listed = [*rooms(env), *(module for room in rooms(env) for module in room["modules"])]
    entries = [entry for group in listed for entry in group["entries"]]
    entries += [member for entry in entries for member in entry["members"]]
    return {name: anchor(name) for entry in entries for name in entry["names"]}


def anchor(name):
    """The place of a public name on the page."""
    return f"ftc_lib.{name}"


class Library(SphinxDirective):
    """```{ftc-api}```"""

    def run(self):
        return [self.section(room, room["modules"]) for room in rooms(self.env)]

    def section(self, group, modules=()):
        """A room or a module: its docstring, then what it offers."""
        name, place = group["name"], f"ftc_lib.{group['name']}"
        # The theme's scripts find no name with dots, and follow the reader by the first identifier.
        ids = [name.replace(".", "-").replace("_", "-"), place]
        title = nodes.title("", "", nodes.literal(name, name))
        shown = nodes.section("", title, ids=ids, names=[place], classes=["ftc-room"])
        shown += source(group, "")
        shown += self.words(group["doc"], places(group, modules))
        shown += [self.entry(entry, group["file"]) for entry in group["entries"]]
        shown += [self.section(module) for module in modules]
        return shown

    def entry(self, entry, home):
        """One function or class: signature, source unless it is ``home``, docstring, and what a class has inside."""
        ids = [anchor(name) for name in entry["names"]]
        shown = nodes.container("", ids=ids, classes=["ftc-entry"])
        shown += nodes.paragraph("", "", signature(entry), classes=["ftc-signature"])
        shown += source(entry, home)
        shown += self.words(entry["doc"])
        shown += [self.entry(member, entry["file"]) for member in entry["members"]]
        return shown

    def words(self, text, known=MappingProxyType({})):
        """A docstring, plain text, as paragraphs, lists, tables of names and examples.

        ``known``: names in a table -> where they stand on the page.
        """
        shown = []
        for block in re.split(r"\n\s*\n", text):
            indented = block.startswith("    ")
            lines = [line.removeprefix("    ") for line in block.splitlines()] if indented else block.splitlines()
            if lines[0].startswith(">>> "):
                shown.append(code(lines, "pycon"))
            elif lines[0].startswith("* "):
                shown.append(self.bullets(lines))
            elif rows := table(lines):
                shown.append(self.names(rows, known))
            elif indented:
                shown.append(code(lines, "python"))
            else:
                shown.append(nodes.paragraph("", "", *self.inline(" ".join(lines))))
        return shown

    def bullets(self, lines):
        """Lines of which each that begins with a star begins an item."""
        items = re.split(r"^\* ", "\n".join(lines), flags=re.M)[1:]
        paragraphs = [nodes.paragraph("", "", *self.inline(" ".join(item.split()))) for item in items]
        return nodes.bullet_list("", *[nodes.list_item("", paragraph) for paragraph in paragraphs])

    def names(self, rows, known):
        """Names and what they are."""
        items = []
        for name, what in rows:
            term = nodes.literal(name, name)
            if name in known:
                term = nodes.reference("", "", term, refid=known[name])
            words = nodes.definition("", nodes.paragraph("", "", *self.inline(what)))
            items.append(nodes.definition_list_item("", nodes.term("", "", term), words))
        return nodes.definition_list("", *items, classes=["ftc-map"])

    def inline(self, text):
        """A line of a docstring: code in backticks, words that are code anyway, and chapters as links."""
        shown, end = [], 0
        for match in re.finditer(f"{CODE}|{CHAPTER}", text):
            shown.append(nodes.Text(text[end : match.start()]))
            shown.append(self.marked(match))
            end = match.end()
        return [*shown, nodes.Text(text[end:])]

    def marked(self, match):
        """What stands for one match of `inline`."""
        found = match.groupdict()
        if found["page"] or found["number"]:
            start = f"book/{found['page'] or '0' + found['number'] + '_'}"
            page = next((page for page in sorted(self.env.found_docs) if page.startswith(start)), None)
            if page is None:
                return nodes.Text(match[0])
            place = {"refdomain": "", "reftype": "ftc-page", "reftarget": page, "refdoc": self.env.docname}
            return addnodes.pending_xref("", nodes.inline("", match[0]), titled=bool(found["page"]), **place)
        words = found["double"] or found["single"] or found["word"]
        return nodes.literal(words, words)


def places(group, modules):
    """Where the files on the map of a room stand on the page, or the function that such a file is named after."""
    functions = [entry["names"][0] for entry in group["entries"]]
    found = {name.rpartition(".")[2]: anchor(name) for name in functions}
    return found | {Path(module["file"]).stem: anchor(module["name"]) for module in modules}


def table(lines):
    """Rows (name, words) of lines whose words begin in one column behind the names, or None for other lines."""
    first = re.match(r"\w+ {2,}", lines[0])
    if not first:
        return None
    rows = []
    for line in lines:
        name, what = line[: first.end()].strip(), line[first.end() :].strip()
        rows = [*rows, (name, what)] if name else [*rows[:-1], (rows[-1][0], f"{rows[-1][1]} {what}")]
    return rows


def code(lines, language):
    """An example, coloured."""
    text = "\n".join(lines)
    return nodes.literal_block(text, text, language=language)


def signature(entry):
    """The name, which links to its own place, and the parameters; a line breaks between them only."""
    room, _, name = entry["names"][0].rpartition(".")
    if entry["inside"]:
        room = room.rpartition(".")[2]
    place = nodes.reference(
        "", "", nodes.inline("", f"{room}."), nodes.strong("", name), refid=anchor(entry["names"][0])
    )
    shown = nodes.literal("", "", place)
    if entry["kind"] in ("class", "data class"):
        shown.insert(0, nodes.inline("", f"{entry['kind']} ", classes=["ftc-aside"]))
    if entry["parameters"] is not None:
        shown += nodes.Text("(")
        for number, parameter in enumerate(entry["parameters"], start=1):
            written = nodes.inline("", parameter["name"], classes=["ftc-parameter"])
            if parameter["type"]:
                written += nodes.inline("", f": {parameter['type']}", classes=["ftc-aside"])
            if parameter["default"]:
                equals = " = " if parameter["type"] else "="
                written += nodes.inline("", f"{equals}{parameter['default']}", classes=["ftc-aside"])
            written += nodes.Text("," if number < len(entry["parameters"]) else ")")
            shown += [nodes.Text(" "), written] if number > 1 else [written]
        if not entry["parameters"]:
            shown += nodes.Text(")")
    if entry["returns"]:
        shown += nodes.Text(" ")
        shown += nodes.inline("", f"→ {entry['returns']}", classes=["ftc-aside", "ftc-parameter"])
    return shown


def source(entry, home):
    """A line that says where the source stands: a link if there is an address, else the file unless it is ``home``."""
    if not entry["address"] and entry["file"] in ("", home):
        return []
    written = nodes.literal(entry["file"], entry["file"])
    if entry["address"]:
        written = nodes.reference("", "", written, refuri=entry["address"])
    return [nodes.paragraph("", "", written, classes=["ftc-path", "ftc-source"])]


def resolve(app, env, node, content):
    """A chapter that a docstring names: by its title where it gives an address, else by the word that stands there."""
    if node["reftype"] != "ftc-page":
        return None
    title = [child.deepcopy() for child in env.titles[node["reftarget"]]] if node["titled"] else content
    return make_refnode(app.builder, node["refdoc"], node["reftarget"], None, title)


def link_names(app, doctree, page):
    """Inline code that is a public name leads to its place in the library."""
    if page == PAGE:
        return
    known = anchors(app.env)
    for written in list(doctree.findall(nodes.literal)):
        place = known.get(written.astext().removeprefix("ftc_lib."))
        inside = written.parent
        while inside and not isinstance(inside, nodes.reference | nodes.title):
            inside = inside.parent
        if place and not inside:
            reference = make_refnode(app.builder, page, PAGE, place, [written.deepcopy()])
            written.replace_self(reference)


def setup(app):
    """Register the directive and the listeners."""
    app.add_directive("ftc-api", Library)
    app.connect("missing-reference", resolve)
    app.connect("doctree-resolved", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
