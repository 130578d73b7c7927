# The book's commands. `make help` lists them.
#
#   book/NN_name.ipynb --papermill--> $(BUILD)/notebooks, figures, claims --Jupyter Book--> $(BUILD)/html

PYTHON  ?= python3
PROFILE ?= quick
PORT    ?= 8000
BUILD   ?= $(or $(FTC_BUILD),_build)

export FTC_BUILD := $(BUILD)

VENV   := .venv
PY     := $(VENV)/bin/python
READY  := $(VENV)/.ready

CHAPTERS  := $(basename $(notdir $(wildcard book/[0-9]*.ipynb)))
NOTEBOOKS := $(CHAPTERS:%=$(BUILD)/notebooks/%.ipynb)
PROFILES  := $(CHAPTERS:%=$(BUILD)/profiles/%.json)

.DELETE_ON_ERROR:
.PRECIOUS: $(PROFILES)
.SUFFIXES:
.PHONY: help venv book notebooks figures site serve test bench portability sweep alone clean FORCE

help:
	@echo "make book                run every notebook and build the site (PROFILE=full: paper scale)"
	@echo "make serve               serve the site on this machine (PORT=8000)"
	@echo "make test                everything that is checked before a change is accepted"
	@echo "make notebooks           run the notebooks whose source, parameters or library changed"
	@echo "make figures             the same: figures are written by the notebooks, into $(BUILD)/figures"
	@echo "make site                build the site from the executed notebooks"
	@echo "make bench               measure the constructions against a matrix product and a sort"
	@echo "make portability         run the chapters and the fast tests on other processors and compare (half an hour)"
	@echo "make sweep               run the chapters at the corners of their parameters (an hour; goes on where it stopped)"
	@echo "make alone               run the site's notebooks in a fresh environment, with the wheel beside them (after make book)"
	@echo "make venv                create $(VENV) from requirements.txt"
	@echo "make clean               remove $(BUILD), but for your own results in $(BUILD)/reader"
	@echo "With -j2, chapters run side by side."

venv: $(READY)

$(READY): requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11; name another one: make PYTHON=python3.11 ..." >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || \
	  { echo "python3 cannot create $(VENV); on Debian: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@echo "installing requirements.txt into $(VENV): about 1.5 GB, a minute or more"
	@$(PY) -m pip install -qq --disable-pip-version-check -r requirements.txt
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

book: site
	@echo
	@echo "file://$(abspath $(BUILD))/html/index.html        (or: make serve)"

notebooks: $(NOTEBOOKS)

figures: notebooks

site: $(NOTEBOOKS)
	@$(PY) -m tools.build_site

# One file per chapter with its parameters, rewritten only when they differ from the last run's.
$(PROFILES) &: FORCE | $(READY)
	@$(PY) -m tools.profiles '$(PROFILE)'

$(BUILD)/notebooks/%.ipynb: book/%.ipynb $(BUILD)/profiles/%.json tools/execute.py $(READY)
	@$(PY) -m tools.execute $* --profile '$(PROFILE)'

# Which files of ftc_lib each executed notebook depends on.
-include $(NOTEBOOKS:.ipynb=.d)

serve: $(READY)
	@$(PY) -m tools.serve $(PORT)

test: $(READY)
	@$(PY) -m tools.check

bench: $(READY)
	@$(PY) -m tools.bench

portability: $(READY)
	@$(PY) -m tools.portability

sweep: $(READY)
	@$(PY) -m tools.sweep

alone: $(READY)
	@$(PY) -m tools.alone

clean:
	@test ! -d $(BUILD) || find $(BUILD) -mindepth 1 -maxdepth 1 ! -name reader -exec rm -rf {} +
