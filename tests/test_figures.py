"""Figures: what is written, what is refused, and that the bytes are the same at every run."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from ftc_lib.book import figures, output
from ftc_lib.core.network import Layer, Network

ALT = "A straight line through the origin that reaches the value 2 at the right edge."


@pytest.fixture(autouse=True)
def run(tmp_path, monkeypatch):
    """A run of the book's runner, in an empty folder."""
    monkeypatch.setenv("FTC_OUT", str(tmp_path))
    monkeypatch.setenv("FTC_CHAPTER", "02_two_layer")
    monkeypatch.setenv("FTC_PROFILE", "quick")
    monkeypatch.setenv("FTC_PARAMETERS", '{"trials": 3}')
    monkeypatch.setattr(figures, "_published", set())
    return tmp_path / "figures"


def drawn():
    fig, ax = figures.new()
    ax.plot([0, 1], [0, 2], **figures.NETWORK.line())
    ax.set_xlabel("position (no unit)")
    ax.set_ylabel("value")
    return fig, ax


def publish(fig, id="fig-line", **changes):
    words = {
        "caption": "A line with slope $2$. It is straight.",
        "alt": ALT,
        "data": {"x": [0, 1], "y": [0, 2]},
    }
    return figures.publish(fig, id, **(words | changes))


def test_files_and_record(run):
    publish(drawn()[0])
    assert sorted(path.name for path in run.iterdir()) == [
        f"fig-line.{k}" for k in ("csv", "json", "pdf", "png", "svg")
    ]
    record = json.loads((run / "fig-line.json").read_text())
    assert record["title"] == "A line with slope 2."
    assert (record["chapter"], record["notebook"]) == ("02_two_layer", "book/02_two_layer.ipynb")
    assert record["parameters"] == {"trials": 3}
    assert (record["width"], record["height"]) == (614, 365)
    for kind, entry in record["files"].items():
        content = (run / entry["name"]).read_bytes()
        assert entry == {
            "name": f"fig-line.{kind}",
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
        }


def test_the_files_say_what_they_are(run):
    publish(drawn()[0])
    svg, pdf, png = ((run / f"fig-line.{kind}").read_bytes() for kind in ("svg", "pdf", "png"))
    for content in (svg, png):
        for word in (
            b"A line with slope 2.",
            b"fig-line",
            ALT.encode(),
            b"CC BY 4.0",
            b"book/02_two_layer.ipynb",
        ):
            assert word in content
    assert b"/Title" in pdf and b"/Keywords" in pdf
    for content in (svg, pdf, png):
        assert matplotlib.__version__.encode() not in content
    assert b"CreationDate" not in pdf and b"dc:date" not in svg


def test_csv_pads_shorter_columns_and_keeps_exact_decimals(run):
    publish(drawn()[0], data={"x (no unit)": np.array([0.1, 1 / 3]), "kinks": [Fraction(1, 2)]})
    rows = list(csv.reader((run / "fig-line.csv").read_text().splitlines()))
    assert rows == [["x (no unit)", "kinks"], ["0.1", "0.5"], ["0.3333333333333333", ""]]


def test_rows_as_data(run):
    publish(drawn()[0], data=[{"N": 1, "neurons": 3}, {"N": 2}])
    assert (run / "fig-line.csv").read_text() == "N,neurons\n1,3\n2,\n"


def test_jupyter_and_site_see_it():
    data, metadata = publish(drawn()[0])._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<?xml")
    assert data[output.DIRECTIVE] == {"directive": "ftc-figure", "argument": "fig-line"}
    assert ALT in data["text/plain"]
    assert metadata["image/png"]["width"] == 614


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "line"}, "expected fig-"),
        ({"id": "fig-Line"}, "expected fig-"),
        ({"caption": " "}, "no caption"),
        ({"alt": "A line."}, "say more"),
        ({"alt": ALT + "\n" + ALT}, "one line"),
        ({"data": {}}, "numbers"),
        ({"data": {"x": [[1]]}}, "one-dimensional"),
    ],
)
def test_refuses_words_and_data(run, changes, message):
    with pytest.raises(ValueError, match=message):
        publish(drawn()[0], **changes)
    assert not run.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": None}, "figure None: id must be a text, got NoneType"),
        ({"caption": None}, "figure 'fig-line': caption must be a text, got NoneType"),
        ({"alt": None}, "figure 'fig-line': alt must be a text, got NoneType"),
        ({"alt": ""}, "figure fig-line: the alt text has 0 characters, say more"),
        ({"data": None}, "figure fig-line: data must be columns, name -> values, or a list of rows"),
        ({"data": [1, 2]}, "figure fig-line: data must be columns"),
        ({"data": "numbers"}, "figure fig-line: data must be columns"),
        ({"data": {"x": [1, [2, 3]]}}, "figure fig-line: column 'x' must be one-dimensional, got lists inside it"),
        ({"data": {"x": [[1], [2, 3]]}}, "figure fig-line: column 'x' must be one-dimensional, got lists inside it"),
        ({"data": [{"x": 1}, {"x": [2, 3]}]}, "figure fig-line: column 'x' must be one-dimensional, got lists inside"),
        ({"data": {"x": 1}}, "figure fig-line: column 'x' must be one-dimensional, got 0 dimensions"),
        ({"data": {"x": None}}, "figure fig-line: column 'x' must be one-dimensional, got 0 dimensions"),
        ({"data": {"x": [1, None]}}, "figure fig-line: column 'x', row 2: expected a number or a text, got NoneType"),
        ({"data": {"x": [1j]}}, "figure fig-line: column 'x', row 1: expected a number or a text, got complex"),
        ({"networks": {"z": (None, "x")}}, "figure fig-line: networks names the column 'z', data has x, y"),
        ({"networks": {"y": (None, "t")}}, "figure fig-line: networks names the column 't', data has x, y"),
    ],
)
def test_names_what_is_of_another_kind_before_anything_is_written(run, changes, message):
    with pytest.raises((TypeError, ValueError), match="^" + re.escape(message)):
        publish(drawn()[0], **changes)
    assert not run.exists() and not figures._published


def test_what_is_no_figure_is_refused(run):
    with pytest.raises(TypeError, match="figure fig-line: fig must be a matplotlib Figure, got tuple"):
        publish(drawn())
    assert not run.exists()


def test_refuses_titles():
    fig, ax = drawn()
    ax.set_title("A line")
    with pytest.raises(ValueError, match="title inside"):
        publish(fig)


def test_refuses_axes_without_labels_but_not_hidden_ones():
    fig, ax = drawn()
    ax.set_ylabel("")
    with pytest.raises(ValueError, match="axes 1 shows numbers along y"):
        publish(fig)
    ax.yaxis.set_visible(False)
    publish(fig)


def test_inner_panels_of_a_shared_axis_need_no_label():
    fig, (upper, lower) = figures.new(2, 1, sharex=True)
    lower.set_xlabel("position")
    upper.set_ylabel("value")
    lower.set_ylabel("value")
    publish(fig)


def test_refuses_small_text():
    fig, ax = drawn()
    ax.text(0, 0, "tiny", fontsize=7)
    with pytest.raises(ValueError, match="'tiny' is set in 7 pt"):
        publish(fig)


def test_refuses_the_same_name_twice_in_a_run_but_not_in_jupyter(monkeypatch, tmp_path):
    publish(drawn()[0])
    with pytest.raises(ValueError, match="twice"):
        publish(drawn()[0])
    monkeypatch.delenv("FTC_OUT")
    monkeypatch.chdir(tmp_path)
    publish(drawn()[0])
    assert (tmp_path / "_build" / "reader" / "figures" / "fig-line.svg").is_file()


def test_matplotlib_is_left_as_it_was():
    before = dict(matplotlib.rcParams)
    publish(drawn()[0])
    assert dict(matplotlib.rcParams) == before


def test_what_is_drawn_has_the_style_wherever_it_is_drawn():
    _, ax = drawn()
    line = ax.plot([0, 1], label="line")[0]
    assert line.get_linewidth() == figures.STYLE["lines.linewidth"]
    assert ax.text(0, 0, "words").get_fontsize() == figures.STYLE["font.size"]
    assert not ax.legend().get_frame_on()
    assert not ax.spines["top"].get_visible()


def test_each_meaning_has_its_own_colour_and_sign():
    meanings = [value for value in vars(figures).values() if isinstance(value, figures.Meaning)]
    assert len(meanings) == 6
    assert len({m.colour for m in meanings}) == len({m.marker for m in meanings}) == 6


SCRIPT = """
from ftc_lib.book import figures
fig, ax = figures.new()
for number in range(30):
    ax.plot([0, number], [number, 1], label=f"$x^{number}$", clip_on=True)
ax.set_xlabel("x"); ax.set_ylabel("y"); ax.legend(ncols=3)
figures.publish(fig, "fig-same", caption="The same.", alt="a" * 40, data={"x": [0.1]})
"""


def test_same_bytes_in_another_process(tmp_path):
    outcomes = []
    for number, settings in enumerate(({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"})):
        folder = tmp_path / str(number)
        (folder / "config").mkdir(parents=True)
        # A reader's own settings must not leak into the book's figures.
        (folder / "config" / "matplotlibrc").write_text(f"font.size: {20 + number}\nlines.linewidth: {number + 1}\n")
        environment = os.environ | settings | {"FTC_OUT": str(folder), "MPLCONFIGDIR": str(folder / "config")}
        root = Path(__file__).parent.parent
        subprocess.run([sys.executable, "-c", SCRIPT], env=environment | {"PYTHONPATH": str(root)}, check=True)
        outcomes.append({path.name: path.read_bytes() for path in (folder / "figures").iterdir()})
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) == 5


# ---------------------------------------------------------------- curves of networks


def hat():
    layers = (
        Layer(np.array([[1.0], [1.0], [1.0]]), np.array([1.0, 0.0, -1.0])),
        Layer(np.array([1.0, -2.0, 1.0]), np.array(0.0)),
    )
    return Network(layers)


def test_a_curve_that_is_not_the_network_is_refused(run):
    t = np.linspace(-2, 2, 9)
    fig, ax = figures.new()
    ax.plot(t, 2 * hat()(t[:, None]))
    ax.set(xlabel="t", ylabel="y")
    words = {"caption": "A hat.", "alt": "A hat from minus one to one with its top at zero."}
    with pytest.raises(ValueError, match="column 'y' is not the network at 't'"):
        figures.publish(
            fig, "fig-hat", **words, data={"t": t, "y": 2 * hat()(t[:, None])}, networks={"y": (hat(), "t")}
        )
    figures.publish(fig, "fig-hat", **words, data={"t": t, "y": hat()(t[:, None])}, networks={"y": (hat(), "t")})
    (kept,) = json.loads((run / "fig-hat.json").read_text())["networks"]
    assert (kept["column"], kept["places"]) == ("y", "t") and kept["layers"][1]["W"] == [1.0, -2.0, 1.0]


def test_ids_inside_a_picture_do_not_hang_on_the_last_bit(run):
    texts = []
    for end in (1.0, np.nextafter(1.0, 2)):
        fig, ax = figures.new()
        ax.plot([0, end], [0, 1], marker="o")
        ax.set(xlabel="t", ylabel="y", xlim=(0, end))
        figures._published.clear()
        figures.publish(
            fig, "fig-line", caption="A line.", alt="A line from the origin to the point one, one.", data={"t": [0]}
        )
        texts.append((run / "fig-line.svg").read_text())
    first, second = (re.findall(r' id="(.*?)"', text) for text in texts)
    assert first == second and any(name.startswith("fig-line-p") for name in first)
    assert not re.search(r"[#\"][a-z][0-9a-f]{10}[)\"]", texts[0])
