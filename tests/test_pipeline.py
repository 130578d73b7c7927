"""The pipeline on a small project: what runs again and what does not, how failures end, what is published."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import yaml

from tools import execute, profiles, stage
from tools.files import sync

ROOT = Path(__file__).parent.parent

ENDINGS = [".svg", ".pdf", ".png", "-dark.svg", "-narrow.svg", "-narrow-dark.svg"]
ENDINGS += ["-talk.svg", "-talk.pdf", "-talk.png", ".csv", ".json"]
PUBLISH = """
def draw(ax):
    ax.plot([0, 1], [0, size])
    ax.set_xlabel("x")
    ax.set_ylabel("y")

alt = "A line from the origin to the point one, size."
figures.publish(draw, "{id}", caption="A line.", alt=alt, data={{"y": [size]}})
"""


def notebook(*cells):
    """A notebook of (source, tags...) code cells under a title."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    made.cells = [nbformat.v4.new_markdown_cell("# Title", id="title")]
    for number, (source, *tags) in enumerate(cells):
        made.cells.append(nbformat.v4.new_code_cell(source, id=f"c{number}", metadata={"tags": tags} if tags else {}))
    return made


@pytest.fixture
def project(tmp_path):
    """A project with two chapters, one of which uses a module of its library."""
    root = tmp_path / "project"
    (root / "book" / "profiles").mkdir(parents=True)
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy2(ROOT / name, root / name)
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "ftc_lib", root / "ftc_lib", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "ftc_lib" / "base.py").write_text("ONE = 1\n")
    (root / "ftc_lib" / "shape.py").write_text("from ftc_lib import base\n\n\ndef width():\n    return base.ONE\n")
    # The tests' own interpreter serves as the project's environment.
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (root / ".venv" / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    (root / ".venv" / "lib").symlink_to(Path(sys.prefix) / "lib")
    (root / ".venv" / "share").symlink_to(Path(sys.prefix) / "share")
    (root / ".venv" / ".ready").touch()
    first = notebook(
        ("size = 2  # how far\nnames = [\n    'a',\n]", "parameters"),
        ("from ftc_lib import figures, ledger, shape",),
        (PUBLISH.format(id="fig-first"),),
        ("ledger.check('one', shape.width() == 1, 'width 1')",),
        ("print('a'); print('b')",),
    )
    second = notebook(("size = 1", "parameters"), ("from ftc_lib import figures",), (PUBLISH.format(id="fig-second"),))
    nbformat.write(first, root / "book" / "01_first.ipynb")
    nbformat.write(second, root / "book" / "02_second.ipynb")
    (root / "book" / "profiles" / "quick.yml").write_text("01_first:\n  size: 5\n")
    (root / "book" / "profiles" / "full.yml").write_text("01_first:\n  size: 5\n")
    return root


def make(project, *words, check=True, formats="svg"):
    """Run make in the project, as from a terminal; figures in few formats, which takes half the time."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FTC_", "MAKE", "MFLAGS"))}
    environment["FTC_FORMATS"] = formats
    outcome = subprocess.run(["make", *words], cwd=project, env=environment, capture_output=True, text=True)
    assert not check or outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome


def executed(outcome):
    """The chapters that a run of make executed."""
    return [line.split()[0] for line in outcome.stdout.splitlines() if "  done in " in line]


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def touch(path, text):
    """Change a file; a moment passes first, so that its date is newer than what was made from it."""
    time.sleep(0.05)
    path.write_text(text)


def edit_chapter(project, name, source):
    path = project / "book" / f"{name}.ipynb"
    changed = nbformat.read(path, as_version=4)
    changed.cells.append(nbformat.v4.new_code_cell(source, id="added"))
    touch(path, nbformat.writes(changed))


def test_what_a_run_publishes(project):
    outcome = make(project, "notebooks", formats="svg pdf png")
    build = project / "_build"
    assert executed(outcome) == ["01_first", "02_second"]
    assert "01_first  cell     2/6" in outcome.stdout and "size = 5  # how far" in outcome.stdout
    assert {path.name for path in (build / "figures").iterdir()} == {
        f"fig-{name}{end}" for name in ("first", "second") for end in ENDINGS
    }
    assert json.loads((build / "claims" / "01_first.json").read_text())["parameters"] == {
        "size": 5,
        "names": ["a"],
    }
    assert not list((build / "tmp").iterdir())

    made = nbformat.read(build / "notebooks" / "01_first.ipynb", as_version=4)
    nbformat.validate(made)
    assert made.metadata.ftc == {
        "chapter": "01_first",
        "profile": "quick",
        "parameters": {"size": 5, "names": ["a"]},
    }
    assert [cell.id for cell in made.cells] == [f"cell-{n:04d}" for n in range(1, 7)]
    assert made.cells[1].source == "size = 5  # how far\nnames = [\n    'a',\n]"
    assert made.cells[-1].outputs == [{"output_type": "stream", "name": "stdout", "text": "a\nb\n"}]
    text = nbformat.writes(made)
    assert "papermill" not in text and str(project) not in text


def test_two_builds_give_the_same_bytes(project):
    make(project, "-j2", "notebooks", formats="svg pdf png")
    make(project, "notebooks", "BUILD=again", formats="svg pdf png")
    again = tree(project / "again")
    for name in ("notebooks/01_first.d", "notebooks/02_second.d"):  # make's own notes name the folder
        again.pop(name)
    assert again == {name: content for name, content in tree(project / "_build").items() if name in again}
    assert len(again) == 22 + 2 + 1 + 2  # figures, notebooks, record, parameters


def test_only_what_changed_runs_again(project):
    make(project, "notebooks")
    assert executed(make(project, "notebooks")) == []

    edit_chapter(project, "02_second", "1 + 1")
    assert executed(make(project, "notebooks")) == ["02_second"]

    touch(project / "ftc_lib" / "base.py", "ONE = 1  # through shape\n")
    assert executed(make(project, "notebooks")) == ["01_first"]

    touch(project / "ftc_lib" / "book" / "figures.py", (project / "ftc_lib" / "book" / "figures.py").read_text() + "\n")
    assert executed(make(project, "notebooks")) == ["01_first", "02_second"]

    (project / "book" / "profiles" / "quick.yml").write_text("01_first:\n  size: 6\n")
    assert executed(make(project, "notebooks")) == ["01_first"]

    assert executed(make(project, "notebooks", "PROFILE=full")) == ["01_first", "02_second"]
    assert executed(make(project, "notebooks", "PROFILE=full")) == []


def test_a_library_file_may_disappear(project):
    make(project, "notebooks")
    (project / "ftc_lib" / "base.py").unlink()
    touch(project / "ftc_lib" / "shape.py", "def width():\n    return 1\n")
    assert executed(make(project, "notebooks")) == ["01_first"]


def test_a_figure_that_is_no_longer_published_goes(project):
    make(project, "notebooks", formats="svg pdf png")
    path = project / "book" / "02_second.ipynb"
    touch(path, path.read_text().replace("fig-second", "fig-other"))
    make(project, "notebooks", formats="svg pdf png")
    names = {path.name for path in (project / "_build" / "figures").iterdir()}
    assert names == {f"fig-{name}{end}" for name in ("first", "other") for end in ENDINGS}


def test_a_figure_may_move_to_another_chapter(project):
    """Also when the chapter that had it runs later: it has changed since it published the figure."""
    make(project, "notebooks")
    first, second = (project / "book" / f"{name}.ipynb" for name in ("01_first", "02_second"))
    text = {path: path.read_text() for path in (first, second)}
    touch(first, text[first].replace("fig-first", "fig-second"))
    touch(second, text[second].replace("fig-second", "fig-first"))
    make(project, "notebooks")
    for name, chapter in (("first", "02_second"), ("second", "01_first")):
        assert json.loads((project / "_build" / "figures" / f"fig-{name}.json").read_text())["chapter"] == chapter


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# why\nraise ValueError('no such width')", ["ValueError: no such width", "raise ValueError"]),
        ("import os\nos._exit(1)", ["DeadKernelError", "import os"]),
        (PUBLISH.format(id="fig-second"), ["already published by 02_second"]),
    ],
)
def test_a_failing_chapter_changes_nothing_and_says_where(project, source, words):
    make(project, "notebooks")
    before = tree(project / "_build")
    good = (project / "book" / "01_first.ipynb").read_text()
    edit_chapter(project, "01_first", source)
    outcome = make(project, "notebooks", check=False)
    assert outcome.returncode != 0
    for word in ["FAILED  01_first: ", *words]:
        assert word in outcome.stderr
    if "published" not in words[0]:
        assert "in cell 7: " in outcome.stderr
    assert tree(project / "_build") == before

    touch(project / "book" / "01_first.ipynb", good)
    assert executed(make(project, "notebooks")) == ["01_first"]


def kernels(project):
    """Processes whose working folder lies in the project."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if str(project) in os.readlink(entry):
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(project, sent):
    make(project, "notebooks")
    before = tree(project / "_build")
    edit_chapter(project, "01_first", "import time; open('started', 'w'); time.sleep(600)")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("FTC_", "MAKE", "MFLAGS"))}
    run = subprocess.Popen(
        ["make", "notebooks"],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background ignores Ctrl-C, and children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    deadline = time.monotonic() + 60
    while not list((project / "_build" / "tmp").glob("*/started")):
        assert time.monotonic() < deadline and run.poll() is None
        time.sleep(0.05)
    os.killpg(run.pid, sent)  # as Ctrl-C in a terminal does: to make and to what it runs
    _, errors = run.communicate(timeout=30)
    assert run.returncode != 0
    assert "FAILED  01_first: interrupted" in errors and "in cell 7: import time" in errors
    assert "Traceback" not in errors
    assert tree(project / "_build") == before
    while kernels(project):
        assert time.monotonic() < deadline, "the kernel outlived the run"
        time.sleep(0.05)


def test_a_run_killed_outright_is_cleaned_up_by_the_next(project):
    left = project / "_build" / "tmp" / "01_first.999999999"
    (left / "figures").mkdir(parents=True)
    make(project, "notebooks")
    assert not left.exists()


def test_unknown_parameters_profiles_and_chapters_are_named(project):
    (project / "book" / "profiles" / "quick.yml").write_text("01_first:\n  sizes: 5\n")
    outcome = make(project, "notebooks", check=False)
    assert "01_first: the profile sets 'sizes'" in outcome.stderr and "size, names" in outcome.stderr
    outcome = make(project, "notebooks", "PROFILE=huge", check=False)
    assert "there is no profile 'huge'; book/profiles has full, quick" in outcome.stderr
    (project / "book" / "profiles" / "quick.yml").write_text("03_gone: {}\n")
    assert "03_gone, which is no chapter" in make(project, "notebooks", check=False).stderr


def tool(project, name, *words, **environment):
    """Run one of the tools in the project, as make does."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FTC_", "MAKE", "MFLAGS"))}
    command = [project / ".venv" / "bin" / "python", "-m", f"tools.{name}", *words]
    return subprocess.run(command, cwd=project, env=kept | environment, capture_output=True, text=True)


def failed_in_one_line(outcome, *words):
    """Whether a run failed and said so in one line that holds the words."""
    lines = [line for line in outcome.stderr.splitlines() if line and not line.startswith("make: ***")]
    assert outcome.returncode > 0 and len(lines) == 1, outcome.stderr
    assert lines[0].startswith("FAILED  ")
    for word in words:
        assert word in lines[0]
    return True


@pytest.mark.parametrize("name", ["huge", "quick full", "", "../claims", "it's"])
def test_an_unknown_profile_is_named_by_every_tool(project, name):
    words = f"there is no profile {name!r}; book/profiles has full, quick"
    assert failed_in_one_line(tool(project, "execute", "01_first", "--profile", name), "01_first: ", words)
    assert failed_in_one_line(tool(project, "profiles", name), words)
    if "'" not in name:  # the shell's
        for target in ("notebooks", "book"):
            assert failed_in_one_line(make(project, target, f"PROFILE={name}", check=False), words)
    assert not (project / "_build").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("01_first: [", "quick.yml is no YAML: "),
        ("- 01_first", "quick.yml: expected chapters with their parameters, found a list"),
        ("01_first: 5", "quick.yml, 01_first: expected parameters, name: value, found 5"),
        ("3: {}", "quick.yml sets parameters for 3, which is no chapter"),
    ],
)
def test_a_bad_profile_is_named_by_every_tool(project, text, words):
    (project / "book" / "profiles" / "quick.yml").write_text(text)
    assert failed_in_one_line(tool(project, "execute", "01_first", "--profile", "quick"), "01_first: ", words)
    assert failed_in_one_line(tool(project, "profiles", "quick"), words)


def test_a_build_folder_that_is_a_file_is_named_by_every_tool(project):
    (project / "_build").write_text("mine")
    words = "_build", "files go to the build folder _build, which BUILD=... changes"
    assert failed_in_one_line(tool(project, "profiles", "quick"), *words)
    assert failed_in_one_line(tool(project, "execute", "01_first", "--profile", "quick"), "01_first: ", *words)
    assert failed_in_one_line(tool(project, "build_site"), "the site: ", *words)
    assert failed_in_one_line(make(project, "site", check=False), *words)
    assert (project / "_build").read_text() == "mine"


@pytest.mark.parametrize("place", ["profiles", "tmp", "notebooks"])
def test_a_file_in_the_way_inside_the_build_folder_is_named(project, place):
    """What a folder without the right to write gives, for whoever runs the tests as root."""
    (project / "_build").mkdir()
    (project / "_build" / place).write_text("mine")
    outcome = make(project, "_build/notebooks/01_first.ipynb", check=False)
    assert failed_in_one_line(outcome, f"_build/{place}", "it must be writable and have room")
    assert set(tree(project / "_build")) <= {place, "profiles/01_first.json", "profiles/02_second.json"}
    assert (project / "_build" / place).read_text() == "mine"


def refusing(*_, **__):
    raise PermissionError(13, "Permission denied", "_build/x")


def test_no_right_to_write_is_said_in_one_line(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    monkeypatch.setattr(Path, "mkdir", refusing)
    monkeypatch.setattr(sys, "argv", ["profiles", "quick"])
    assert profiles.main() == 1
    monkeypatch.setattr(sys, "argv", ["execute", "01_first", "--profile", "quick"])
    assert execute.main() == 1
    for line in capsys.readouterr().err.split("\n\n"):
        assert "Permission denied: '_build/x'; files go to the build folder _build" in line
        assert line.count("FAILED") == line.strip().count("\n") + 1 == 1


def test_a_left_over_of_another_user_stays(monkeypatch):
    monkeypatch.setattr(os, "kill", refusing)
    assert execute.alive(1)


# ---------------------------------------------------------------- the site

CLAIM = """
- id: one
  statement: The width is $1$.
  source: this book
  kind: theorem
  chapter: 01_first
  function: two_layer.fit
  test: tests/test_shape.py::test_width
  not_shown: Other widths.
"""
STATEMENT = """
- number: Theorem 1
  about: $1$ is the width
  built: [one]
  below: []
  status: holds
  note: as it stands
"""
LEDGER = "# Ledger\n\n```{ftc-statements}\n```\n\n```{ftc-ledger}\n```\n"
INTRO = "# Intro\n\nSee {claim}`one` and {numref}`fig-first`.\n\n```{ftc-figure} fig-second\n```\n"


@pytest.fixture
def book(project):
    """The small project with what a site needs."""
    for folder in ("_ext", "_static", "_templates"):
        shutil.copytree(ROOT / "book" / folder, project / "book" / folder)
    shutil.copy2(ROOT / "_config.yml", project)
    (project / "book" / "ledger.md").write_text(LEDGER)
    (project / ".venv" / "bin" / "jupyter-book").symlink_to(Path(sys.executable).parent / "jupyter-book")
    (project / "book" / "api.md").write_text("# Library\n\n```{ftc-api}\n```\n")
    names = ["01_first", "02_second", "ledger", "api"]
    toc = {"format": "jb-book", "root": "book/intro", "chapters": [{"file": f"book/{name}"} for name in names]}
    (project / "_toc.yml").write_text(json.dumps(toc))
    (project / "book" / "references.bib").touch()
    (project / "book" / "claims.yml").write_text(CLAIM)
    (project / "book" / "statements.yml").write_text(STATEMENT)
    (project / "book" / "intro.md").write_text(INTRO)
    (project / "tests").mkdir()
    (project / "tests" / "test_shape.py").write_text("def test_width():\n    pass\n")
    (project / "_build").mkdir()
    (ROOT / "_build" / "cache").mkdir(parents=True, exist_ok=True)
    (project / "_build" / "cache").symlink_to(ROOT / "_build" / "cache")
    return project


def test_a_bad_site_never_replaces_a_good_one(book):
    make(book, "site")
    html = book / "_build" / "html"
    before = tree(html)
    assert b"../figures/fig-first.svg" in before["book/01_first.html"]
    assert b'href="01_first.html#fig-first"' in before["book/intro.html"]
    assert b'href="ledger.html#claim-one"' in before["book/intro.html"]
    assert b"Theorem 1" in before["book/ledger.html"] and b'href="#claim-one"' in before["book/ledger.html"]

    (book / "book" / "intro.md").write_text(INTRO + "\n{prf:ref}`nowhere` $\\nothing$ {claim}`two` {number}`a/b`\n")
    for _ in range(2):  # Sphinx alone would forget the warnings by the second time
        outcome = make(book, "site", check=False)
        assert outcome.returncode != 0 and "FAILED  the site has warnings" in outcome.stderr
        for word in ("nowhere", "nothing", "no statement two", "no notebook computed the number a/b"):
            assert word in outcome.stderr
        assert tree(html) == before

    (book / "book" / "intro.md").write_text(INTRO)
    edit_chapter(book, "01_first", "ledger.check('one', False, 'width 2')")
    outcome = make(book, "site", check=False)
    assert "ledger: one: does not hold in 01_first (width 2)" in outcome.stderr
    assert tree(html) == before


def test_a_folded_proof_says_what_it_proves(book):
    """Its argument is the line that one clicks on; without one it is the word, and an open proof has no such line."""
    proofs = "```{prf:proof} Proof that 1 < 2\n:class: dropdown\n\nOne.\n```\n\n"
    proofs += "```{prf:proof}\n:class: dropdown\n\nTwo.\n```\n"
    (book / "book" / "intro.md").write_text(INTRO + "\n" + proofs)
    make(book, "site")
    page = (book / "_build" / "html" / "book" / "intro.html").read_text()
    folds = re.findall(r"<summary>(.*?)</summary>\s*(?:<section.*?>\s*)?<p>(.*?)</p>", page)
    assert folds == [("Proof that 1 &lt; 2", "One."), ("Proof", "Two.")]

    (book / "book" / "intro.md").write_text(INTRO + "\n" + proofs.replace(":class: dropdown\n", ""))
    outcome = make(book, "site", check=False)
    assert outcome.returncode != 0 and "only a folded one has a summary" in outcome.stderr


def test_a_changed_site_is_the_one_built_from_nothing(book):
    make(book, "site")
    path = book / "book" / "01_first.ipynb"
    touch(path, path.read_text().replace("fig-first", "fig-renamed").replace("# Title", "# Another title"))
    (book / "book" / "intro.md").write_text(INTRO.replace("fig-first", "fig-renamed"))
    make(book, "site")
    make(book, "site", "BUILD=fresh")
    assert tree(book / "_build" / "html") == tree(book / "fresh" / "html")

    (book / "book" / "02_second.ipynb").unlink()
    (book / "_toc.yml").write_text((book / "_toc.yml").read_text().replace('{"file": "book/02_second"}, ', ""))
    (book / "book" / "intro.md").write_text("# Intro\n")
    make(book, "site")
    names = " ".join(tree(book / "_build" / "html"))
    assert "02_second" not in names and "fig-second" not in names


GLOSSARY = """# Glossary

```{glossary}
width
  How *wide* a thing is.

line
straight line
  Shortest, $y = ax$.
```
"""
STATEMENT_IN_TEXT = """A width, its widths, and a straight line; `width` is code.

```{prf:theorem} One
:label: thm-one

The width is $1$.
```

The text goes on.
"""
IN_FULL = """# In full

Of the width:

## A section

Again a **width**, a width, and {eq}`eq-one`.

```{prf:theorem} Two
:label: thm-two

The line is long: $1 < 2$.
```

$$
1 + 1 = 2
$$ (eq-one)
"""


def test_badges_words_and_what_has_moved(book):
    """A badge under its statement, words of the glossary once in a section, previews, and labels on other pages."""
    (book / "book" / "glossary.md").write_text(GLOSSARY)
    (book / "book" / "01_first_in_full.md").write_text(IN_FULL)
    toc = json.loads((book / "_toc.yml").read_text())
    toc["chapters"] += [{"file": "book/glossary"}, {"file": "book/01_first_in_full"}]
    (book / "_toc.yml").write_text(json.dumps(toc))
    (book / "book" / "intro.md").write_text(INTRO + "\n{prf:ref}`thm-two`\n")
    (book / "book" / "claims.yml").write_text(CLAIM.replace("- id: one", "- id: one\n  label: thm-one"))
    path = book / "book" / "01_first.ipynb"
    made = nbformat.read(path, as_version=4)
    made.cells.insert(2, nbformat.v4.new_markdown_cell(STATEMENT_IN_TEXT, id="text"))
    for number in (1, 2):
        source = f"ledger.check('one', True, 'again {number} < 3')"
        made.cells.append(nbformat.v4.new_code_cell(source, id=f"check{number}", metadata={"tags": ["hide-input"]}))
    nbformat.write(made, path)
    make(book, "site")
    html = {
        name: text.decode() for name, text in tree(book / "_build" / "html").items() if name.endswith(("html", "js"))
    }

    chapter = html["book/01_first.html"]
    assert chapter.count('class="ftc-badge ftc-holds"') == 3
    assert chapter.index('id="thm-one"') < chapter.index('class="ftc-badges"') < chapter.index("The text goes on.")
    assert chapter.count('class="ftc-badges"') == 1
    assert 'href="ledger.html#claim-one" title="again 2 &lt; 3"' in chapter
    assert re.findall(r'class="ftc-term[^"]*" href="([^"]+)">([^<]+)', chapter) == [
        ("glossary.html#term-width", "width"),
        ("glossary.html#term-straight-line", "straight line"),
    ]
    full = html["book/01_first_in_full.html"]
    assert [words.split("<")[0] for words in full.split('#term-width">')[1:]] == ["width", "width"]

    assert html["_static/previews/intro.js"] == 'ftcPreviews("intro", {});\n'
    for page, names in (
        ("01_first_in_full", {"thm-two", "equation-eq-one"}),
        ("glossary", {"term-width", "term-line"}),
    ):
        name, shown = json.loads(f"[{html[f'_static/previews/{page}.js'][len('ftcPreviews(') : -3]}]")
        assert name == page and names <= set(shown)
        assert all(text.count(f"<{text[1:3]}") == text.count(f"</{text[1:3]}") for text in shown.values())
    labels = json.loads(html["_static/labels.js"][len("ftcLabels(") : -3])
    assert labels["thm-two"] == labels["equation-eq-one"] == ["book/01_first_in_full"]
    assert labels["thm-one"] == ["book/01_first"]


def test_checks_that_are_folded_share_a_line(book):
    path = book / "book" / "01_first.ipynb"
    made = nbformat.read(path, as_version=4)
    for number, holds in enumerate((True, True)):
        source = f"ledger.check('one', {holds}, 'again {number}')"
        made.cells.append(nbformat.v4.new_code_cell(source, id=f"check{number}", metadata={"tags": ["hide-input"]}))
    nbformat.write(made, path)
    make(book, "site")
    chapter = (book / "_build" / "html" / "book" / "01_first.html").read_text()
    line = chapter[chapter.index('class="ftc-checked') :]
    assert chapter.count('class="ftc-badges"') == 3 and line.count('class="ftc-badges"') == 2
    assert chapter.count('class="ftc-checked') == 1 and line.count("<details") == 2


# ---------------------------------------------------------------- small parts


@pytest.mark.parametrize(
    ("source", "wanted", "result"),
    [
        ("n = 1", {"n": 20}, "n = 20"),
        ("n = 1; m = 2  # ü", {"m": 3, "n": 4}, "n = 4; m = 3  # ü"),
        ("ü = [\n  1,\n  2,\n]  # list\nm = 0\n", {"ü": [3], "m": "x"}, "ü = [3]  # list\nm = 'x'\n"),
    ],
)
def test_parameters_are_set_where_they_are_declared(source, wanted, result):
    made = notebook((source, "parameters"))
    execute.set_parameters(made, wanted, "01_first")
    assert made.cells[1].source == result


def library(folder, files):
    """A library of these modules (dotted name -> source) under a folder."""
    for name, source in files.items():
        path = folder / "ftc_lib" / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return folder / "ftc_lib"


def names_of(files, root):
    return [path.relative_to(root).with_suffix("").as_posix().replace("/", ".") for path in files]


@pytest.mark.parametrize(
    ("imported", "wanted"),
    [
        ("%matplotlib inline\nfrom ftc_lib import a", "__init__ a b c d"),
        (
            "from ftc_lib import room",
            "__init__ room.__init__ room.inner room.low",
        ),  # what the room hands on is followed
        ("from ftc_lib.room import fit", "__init__ room.__init__ room.inner room.low"),
        ("from ftc_lib.room.low import x", "__init__ room.__init__ room.inner room.low"),  # Python runs the room, too
        ("from ftc_lib import deep", "__init__ d other.__init__ other.deep"),  # a short name
        ("from ftc_lib.other import far", "__init__ other.__init__ other.far"),
        ("import ftc_lib.other.deep as deep", "__init__ d other.__init__ other.deep"),
        ("import numpy", ""),
        ("import ftc_lib", "__init__ a b c d other.__init__ other.deep other.far room.__init__ room.inner room.low"),
    ],
)
def test_dependencies_are_followed_through_the_library(tmp_path, imported, wanted):
    root = library(
        tmp_path,
        {
            "__init__": "SHORT_NAMES = {'deep': 'other.deep'}",
            "a": "from ftc_lib.b import x",
            "b": "import ftc_lib.c as c",
            "c": "from . import d",
            "d": "",
            "room.__init__": "from ftc_lib.room.inner import fit",
            "room.inner": "from .low import x",
            "room.low": "",
            "other.__init__": "",
            "other.deep": "from ..d import y",
            "other.far": "",
        },
    )
    assert names_of(execute.library_files(notebook((imported,)), root), root) == sorted(wanted.split())


def test_a_chapter_depends_on_the_rooms_that_it_enters_and_on_those_below():
    """Touch one file deep in a room, and exactly the chapters that use the room run again."""
    chapters = {path.stem[:2]: nbformat.read(path, 4) for path in sorted((ROOT / "book").glob("*.ipynb"))}
    uses = {number: set(execute.library_files(made, ROOT / "ftc_lib")) for number, made in chapters.items()}

    def run_again(file):
        assert (ROOT / "ftc_lib" / file).is_file()
        return {number for number, files in uses.items() if ROOT / "ftc_lib" / file in files}

    def using(words):
        return {n for n, made in chapters.items() if any(re.search(words, cell.source) for cell in made.cells)}

    everyone = set(chapters)
    assert run_again("core/exact.py") == run_again("book/figures.py") == run_again("__init__.py") == everyone
    assert run_again("deep/relay.py") == using(r"deep\.fit\(")
    assert run_again("weights/floors.py") == using(r"weights\.\w+\(|ntk\.\w+\(")
    assert run_again("training/diabetes_frozen.json") == run_again("training/data.py")


def test_staged_notebook_shows_directives_and_keeps_other_outputs():
    made = notebook(("size = 1", "parameters"), ("show()",))
    picture = nbformat.v4.new_output("execute_result", execution_count=1)
    picture.data = nbformat.from_dict(
        {stage.DIRECTIVE: {"directive": "ftc-figure", "argument": "fig-x"}, "image/png": "AAAA"}
    )
    made.cells[2].outputs = [nbformat.v4.new_output("stream", text="kept"), picture]
    staged = stage.for_site(made)
    assert staged.cells[1].metadata.tags == ["parameters", "hide-input"]
    assert [output.output_type for output in staged.cells[2].outputs] == ["stream"]
    assert staged.cells[3].source == "```{ftc-figure} fig-x\n```"
    assert len({cell.id for cell in staged.cells}) == len(staged.cells)
    nbformat.validate(staged)


@pytest.mark.parametrize(("holds", "sign"), [(True, "✓"), (False, "✗"), (None, "?")])
def test_a_staged_check_is_a_badge(holds, sign):
    made = notebook(("size = 1", "parameters"), ("check()",))
    data = stage.ledger.Check("one", holds, "seen\nin two lines")._repr_mimebundle_()
    made.cells[2].outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]
    staged = stage.for_site(made)
    assert staged.cells[2].outputs == []
    assert staged.cells[3].source == f"```{{ftc-badge}} one\n{sign} seen in two lines\n```"


@pytest.mark.parametrize(
    ("address", "binder", "launch"),
    [
        ("", "", None),
        ("https://gitlab.com/a/book", "", {"notebook_interface": "jupyterlab"}),
        (
            "https://github.com/a/book/",
            "https://mybinder.org",
            {
                "notebook_interface": "jupyterlab",
                "binderhub_url": "https://mybinder.org",
                "colab_url": "https://colab.research.google.com",
            },
        ),
    ],
)
def test_launch_buttons_only_with_an_address(monkeypatch, address, binder, launch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FTC_REPOSITORY_URL", address)
    monkeypatch.setenv("FTC_BINDER_URL", binder)
    config = yaml.safe_load(stage.configuration())
    assert config.get("launch_buttons") == launch
    assert config["html"].get("use_repository_button", False) == bool(address)


def test_sync_touches_only_what_changed(tmp_path):
    sync(tmp_path, {"a/same": b"1", "a/other": b"1", "gone/x": b"1"})
    os.utime(tmp_path / "a" / "same", (1, 1))
    sync(tmp_path, {"a/same": b"1", "a/other": b"2"})
    assert (tmp_path / "a" / "same").stat().st_mtime == 1
    assert tree(tmp_path) == {"a/same": b"1", "a/other": b"2"}
    assert not (tmp_path / "gone").exists()
