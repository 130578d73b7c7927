"""Proofs and solutions of class `dropdown` fold by the browser's own means, without a script.

A folded proof may say what it proves; that is the line one clicks on, without formulas:

```{prf:proof} Proof of the lower bound
:class: dropdown
```

Also takes away the identifiers that sphinx-proof and sphinx-exercise give to every statement alike; in a
page, an identifier must be unique.
"""

from docutils import nodes
from sphinx_exercise.nodes import solution_node
from sphinx_proof.directive import ProofDirective
from sphinx_proof.nodes import depart_unenumerable_node, proof_node, unenumerable_node

SHARED_IDS = {"proof", "proof-content", "exercise-content", "solution-content"}


class Proof(ProofDirective):
    """A proof whose argument, if there is one, is the summary of its fold."""

    optional_arguments = 1

    def run(self):
        if self.arguments and "dropdown" not in self.options.get("class", []):
            raise self.error(f"the proof {self.arguments[0]!r} does not fold: only a folded one has a summary")
        (node,) = super().run()
        node["summary"] = " ".join(self.arguments) or "Proof"
        return [node]


class fold(nodes.General, nodes.Element):
    """Text that opens on demand, under a summary."""


def visit_fold(translator, node):
    """The opening tags."""
    translator.body.append(translator.starttag(node, "details", CLASS="ftc-fold"))
    translator.body.append(f"<summary>{translator.encode(node['summary'])}</summary>\n")


def depart_fold(translator, node):
    """The closing tag."""
    translator.body.append("</details>\n")


def visit_unnumbered(translator, node):
    """A statement without a number: sphinx-proof gives its identifier to the box and to the title; keep the title's."""
    ids, node["ids"] = node["ids"], []
    translator.body.append(translator.starttag(node, "div", CLASS="admonition"))
    node["ids"] = ids


def rewrite(app, doctree, docname):
    """Replace what folds, once all references are resolved."""
    for node in list(doctree.findall(proof_node)):
        inner = node[0]
        if "dropdown" in inner["classes"]:
            # The directive writes the word into the first line; here the summary says it.
            first = next(inner.findall(nodes.Text))
            first.parent.replace(first, nodes.Text(first.removeprefix("Proof. ")))
            node.replace_self(fold("", *inner.children, summary=node["summary"]))
    for node in list(doctree.findall(solution_node)):
        if "dropdown" in node["classes"]:
            title, content = node
            node.replace_self(fold("", *content.children, summary=title.astext(), ids=node["ids"]))
    for node in doctree.findall(nodes.Element):
        if SHARED_IDS & set(node.get("ids", [])):
            node["ids"] = [name for name in node["ids"] if name not in SHARED_IDS]


def setup(app):
    """Register nodes, our proof in place of sphinx-proof's, and the listener."""
    app.setup_extension("sphinx_proof")
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_node(unenumerable_node, override=True, html=(visit_unnumbered, depart_unenumerable_node))
    app.add_directive_to_domain("prf", "proof", Proof, override=True)
    app.connect("doctree-resolved", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
