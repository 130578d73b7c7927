"""Unload what Jupyter Book 1 always loads and this book must not have.

sphinx-thebe writes the address of a script on another server into every page. sphinx-togglebutton folds text
with a script; `ftc_folds` does it without one.
"""

UNLOADED = ("sphinx_thebe", "sphinx_togglebutton")
FILES = ("sphinx-thebe.css", "togglebutton.css", "togglebutton.js")


def setup(app):
    """Runs after every extension that Jupyter Book loads itself, and before any of their listeners."""
    for listeners in app.events.listeners.values():
        listeners[:] = [x for x in listeners if not x.handler.__module__.startswith(UNLOADED)]
    for registered in (app.registry.css_files, app.registry.js_files):
        registered[:] = [(name, options) for name, options in registered if name not in FILES]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
