"""The ledger on the site.

```{ftc-ledger}```             every statement of the book with its check
```{ftc-statements}```         the main paper number by number: what was built, what bounds it, what became of it
{claim}`ftc-thm-4.1-upper`     a link to a statement
{number}`02_two_layer/name`    a number that a notebook computed
"""

import json
from pathlib import Path

import ftc_api
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import make_refnode

logger = logging.getLogger(__name__)

PAGE = "book/ledger"


def data(env):
    """Statements, results and numbers."""
    path = Path(env.srcdir) / "_data" / "claims.json"
    return json.loads(path.read_text(encoding="utf-8"))


def anchor(claim):
    """The place of a statement on the ledger's page; scripts of the theme cannot find a name with dots."""
    return "claim-" + claim.replace(".", "-")


def mark(holds):
    """A sign that says how a check came out, in shape, colour and words."""
    if holds:
        return nodes.raw("", '<span class="ftc-yes" role="img" aria-label="holds">✓</span>', format="html")
    return nodes.raw("", '<span class="ftc-no" role="img" aria-label="does not hold">✗</span>', format="html")


def whose(claim):
    """The colour class of a statement, the same as on its box in the chapter: erratum, ours or paper."""
    if claim["kind"] == "erratum":
        return "erratum"
    return "ours" if claim["source"].startswith("this book") else "paper"


def link(kind, target, page):
    """A reference from `page` that `resolve` gives its address once every page is read."""
    words = nodes.literal(target, target) if kind == "ftc-claim" else nodes.inline("", target)
    return addnodes.pending_xref("", words, refdomain="", reftype=kind, reftarget=target, refdoc=page)


def resolve(app, env, node, content):
    """Link to a statement in the ledger, or to a chapter under its title (formulas in it stay formulas)."""
    if node["reftype"] == "ftc-claim":
        target = anchor(node["reftarget"])
        return make_refnode(app.builder, node["refdoc"], PAGE, target, content, node.get("evidence"))
    if node["reftype"] == "ftc-chapter":
        page = f"book/{node['reftarget']}"
        title = [child.deepcopy() for child in env.titles[page]]
        return make_refnode(app.builder, node["refdoc"], page, None, title)
    return None


class Claim(SphinxRole):
    """{claim}`id`"""

    def run(self):
        if self.text not in {claim["id"] for claim in data(self.env)["claims"]}:
            logger.warning("the ledger has no statement %s", self.text, location=self.get_location())
            return [nodes.literal(self.text, self.text)], []
        return [link("ftc-claim", self.text, self.env.docname)], []


class Number(SphinxRole):
    """{number}`chapter/name`"""

    def run(self):
        chapter, _, name = self.text.partition("/")
        found = data(self.env)["numbers"].get(chapter, {}).get(name)
        if found is None:
            logger.warning("no notebook computed the number %s", self.text, location=self.get_location())
            return [], []
        return [nodes.Text(found["text"])], []


def table(head, rows, style):
    """A table of lists of nodes, in a style of the style sheet."""
    group = nodes.tgroup("", *[nodes.colspec(colwidth=1) for _ in head], cols=len(head))
    group += nodes.thead("", nodes.row("", *[nodes.entry("", nodes.paragraph("", text)) for text in head]))
    group += nodes.tbody("", *[nodes.row("", *[entry(cell) for cell in row]) for row in rows])
    return nodes.table("", group, classes=[style])


def entry(cell):
    """A table cell; nodes of a line of text need a paragraph around them."""
    blocks = cell if isinstance(cell[0], nodes.paragraph) else [nodes.paragraph("", "", *cell)]
    return nodes.entry("", *blocks)


class Ledger(SphinxDirective):
    """```{ftc-ledger}```"""

    def run(self):
        claims = data(self.env)["claims"]
        true = sum(claim["holds"] for claim in claims)
        profiles = sorted({result["profile"] for claim in claims for result in claim["results"]})
        words = f"{len(claims)} statements, {true} checked and true in this build ({', '.join(profiles)} profile)."
        shown = [nodes.paragraph("", words, classes=["ftc-total"])]
        for chapter in sorted({claim["chapter"] for claim in claims}):
            shown.append(nodes.rubric("", "", link("ftc-chapter", chapter, self.env.docname)))
            shown += [self.card(claim) for claim in claims if claim["chapter"] == chapter]
        return shown

    def card(self, claim):
        """One statement with everything that is known about it."""
        kind = nodes.inline("", claim["kind"], classes=["ftc-kind"])
        head = [
            mark(claim["holds"]),
            nodes.Text(" "),
            nodes.literal(claim["id"], claim["id"]),
            nodes.Text(" "),
            kind,
        ]
        statement, _ = self.state.inline_text(claim["statement"], self.lineno)
        limits, _ = self.state.inline_text(claim["not_shown"], self.lineno)
        source, _ = self.state.inline_text(claim["source"], self.lineno)
        function = f"ftc_lib.{claim['function']}"  # links to the library's page, as every public name does
        if claim["function"] not in ftc_api.anchors(self.env):
            logger.warning(
                "%s: %s is not on the page of the library", claim["id"], function, location=self.get_location()
            )
        facts = [
            ("Source", source),
            ("Function", [nodes.literal(function, function, classes=["ftc-path"])]),
            ("Test", [nodes.literal(claim["test"], claim["test"], classes=["ftc-path"])]),
        ]
        facts += [("Seen", [nodes.Text(result["evidence"])]) for result in claim["results"]]
        facts.append(("Not shown", limits))
        items = [
            nodes.definition_list_item(
                "", nodes.term("", name), nodes.definition("", nodes.paragraph("", "", *content))
            )
            for name, content in facts
        ]
        return nodes.container(
            "",
            nodes.paragraph("", "", *head, classes=["ftc-head"]),
            nodes.paragraph("", "", *statement, classes=["ftc-statement"]),
            nodes.definition_list("", *items),
            ids=[anchor(claim["id"])],
            classes=["ftc-claim", whose(claim)],
        )


class Statements(SphinxDirective):
    """```{ftc-statements}```"""

    def run(self):
        holds = {claim["id"]: claim["holds"] for claim in data(self.env)["claims"]}
        rows = []
        for statement in data(self.env)["statements"]:
            what, _ = self.state.inline_text(statement["about"], self.lineno)
            note, _ = self.state.inline_text(statement["note"], self.lineno)
            status = nodes.inline("", statement["status"], classes=["ftc-kind"])
            rows.append([
                [
                    nodes.paragraph("", "", nodes.strong("", statement["number"]), nodes.Text(" "), status),
                    nodes.paragraph("", "", *what),
                    nodes.paragraph("", "", *note, classes=["ftc-note"]),
                ],
                self.claims(statement["built"], holds),
                self.claims(statement["below"], holds),
            ])  # fmt: skip
        return [table(["Statement, and what became of it", "Built and checked", "Lower bound"], rows, "ftc-statements")]

    def claims(self, names, holds):
        """A paragraph with mark and link for each claim, or a dash."""
        if not names:
            return [nodes.paragraph("", "–")]
        page = self.env.docname
        linked = [(mark(holds.get(name, False)), nodes.Text(" "), link("ftc-claim", name, page)) for name in names]
        return [nodes.paragraph("", "", *parts, classes=["ftc-path"]) for parts in linked]


def setup(app):
    """Register directives and roles."""
    app.add_directive("ftc-ledger", Ledger)
    app.add_directive("ftc-statements", Statements)
    app.add_role("claim", Claim())
    app.add_role("number", Number())
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
