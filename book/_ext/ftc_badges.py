"""The badge of a check: a tick and the claim's name, a link to its entry in the ledger.

```{ftc-badge} claim
✓ what was seen
```

The badge of a claim whose `label` in claims.yml names a statement of this page stands under that statement's box. Any
other stands beside the code that checked it, where that is folded, or under it.
"""

from docutils import nodes
from ftc_ledger import data, link
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

# sign -> class of the colour, what a screen reader says, what everyone reads beside the name
OUTCOMES = {
    "✓": ("ftc-holds", "checked, holds:", ""),
    "✗": ("ftc-fails", "checked,", "is false"),
    "?": ("ftc-undecided", "checked,", "too small to tell"),
}


class badges(nodes.General, nodes.TextElement):
    """A row of badges; `label` names the statement that they belong to."""


def visit_badges(translator, node):
    """The opening tag."""
    translator.body.append(translator.starttag(node, "div", CLASS="ftc-badges"))


def depart_badges(translator, node):
    """The closing tag."""
    translator.body.append("</div>\n")


class Badge(SphinxDirective):
    """```{ftc-badge} claim```"""

    required_arguments = 1
    has_content = True

    def run(self):
        name = self.arguments[0]
        claim = {claim["id"]: claim for claim in data(self.env)["claims"]}.get(name)
        if claim is None:
            logger.warning("the ledger has no statement %s", name, location=self.get_location())
            return []
        sign, _, evidence = self.content[0].partition(" ")
        style, spoken, verdict = OUTCOMES[sign]
        reference = link("ftc-claim", name, self.env.docname)
        reference["evidence"] = evidence
        reference[:] = [nodes.inline("", "", classes=["ftc-badge", style])]
        reference[0] += [
            nodes.inline("", sign, classes=["ftc-sign"]),
            nodes.inline("", f" {spoken} ", classes=["visually-hidden"]),
            nodes.inline("", f"{name} {verdict}".strip()),
        ]
        return [badges("", "", reference, label=claim.get("label"))]


def place(app, doctree, docname):
    """Put each badge where it belongs, once cells are folded."""
    boxes = {name: node for node in doctree.findall(nodes.Element) for name in node.get("ids", [])}
    for row in list(doctree.findall(badges)):
        before = row.parent[row.parent.index(row) - 1]
        if row["label"] in boxes:
            row.parent.remove(row)
            follow(boxes[row["label"]], row)
        elif folded_without_output(before):
            share_a_line(before, row)


def follow(box, row):
    """Insert a row of badges after a box, or its badges into the row that is there."""
    after = box.parent.index(box) + 1
    if after < len(box.parent) and isinstance(box.parent[after], badges):
        box.parent[after].extend(row.children)
    else:
        box.parent.insert(after, row)


def folded_without_output(node):
    """Whether a node is a cell whose code is folded and that shows nothing else."""
    classes = node.get("classes", []) if isinstance(node, nodes.Element) else []
    shows = any("cell_output" in part.get("classes", []) for part in node.findall(nodes.Element))
    return "cell" in classes and "tag_hide-input" in classes and not shows


def share_a_line(cell, row):
    """Put a folded cell and its badges into a line, which is that of the check before where one stands right there."""
    parent, position = cell.parent, cell.parent.index(cell)
    parent.remove(row)
    parent.remove(cell)
    before = parent[position - 1] if position else None
    if not (isinstance(before, nodes.container) and "ftc-checked" in before["classes"]):
        before = nodes.container("", classes=["ftc-checked"])
        parent.insert(position, before)
    before += [cell, row]


def setup(app):
    """Register the directive, the node and the listener."""
    app.add_node(badges, html=(visit_badges, depart_badges))
    app.add_directive("ftc-badge", Badge)
    app.connect("doctree-resolved", place)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
