"""The steps of the build: run a notebook, stage the sources, build the site, serve it."""
