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
from pypdf import PdfReader

from ftc_lib.book import figures, look, output
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


def line(ax):
    ax.plot([0, 1], [0, 2], **figures.NETWORK.line())
    ax.set_xlabel("position (no unit)")
    ax.set_ylabel("value")


def publish(draw=line, id="fig-line", **changes):
    words = {
        "caption": "A line with slope $2$. It is straight.",
        "alt": ALT,
        "data": {"x": [0, 1], "y": [0, 2]},
    }
    return figures.publish(draw, id, **(words | changes))


KINDS = {"svg", "pdf", "png", "dark.svg", "narrow.svg", "narrow-dark.svg", "talk.svg", "talk.pdf", "talk.png", "csv"}


def test_files_and_record(run):
    publish()
    record = json.loads((run / "fig-line.json").read_text())
    assert set(record["files"]) == KINDS
    names = {"fig-line.json"} | {figures.file_name("fig-line", kind) for kind in KINDS}
    assert {path.name for path in run.iterdir()} == names
    assert record["title"] == "A line with slope 2."
    assert (record["chapter"], record["notebook"]) == ("02_two_layer", "book/02_two_layer.ipynb")
    assert record["parameters"] == {"trials": 3}
    assert record["sizes"]["column"] == record["sizes"]["dark"] == [614, 365]
    assert record["sizes"]["talk"] == [1280, 720]
    for kind, entry in record["files"].items():
        content = (run / entry["name"]).read_bytes()
        assert entry == {
            "name": figures.file_name("fig-line", kind),
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
        }


def test_the_talk_has_the_size_of_a_slide(run):
    publish()
    (page,) = PdfReader(run / "fig-line-talk.pdf").pages
    assert (page.mediabox.width, page.mediabox.height) == (960, 540)  # points: 13.33 x 7.5 inches
    assert b'width="960pt" height="540pt" viewBox="0 0 480 270"' in (run / "fig-line-talk.svg").read_bytes()
    assert matplotlib.image.imread(run / "fig-line-talk.png").shape[:2] == (1080, 1920)


def test_each_variant_has_its_colours_and_its_layout(run):
    seen = []

    def draw(left, right):
        seen.append((figures.layout(), left.get_position().y0 == right.get_position().y0))
        for ax in (left, right):
            line(ax)

    publish(draw, panels=(1, 2), sharey=True)
    assert seen == [("column", True), ("column", True), ("narrow", False), ("narrow", False), ("talk", True)]
    light, dark = ((run / f"fig-line{ending}.svg").read_text() for ending in ("", "-dark"))
    assert "#0072b2" in light and "#0072b2" not in dark and "#56b4e9" in dark
    assert "#ffffff" in light and "#ffffff" not in dark


def test_what_is_drawn_after_publishing_is_light_again():
    publish()
    assert figures.layout() == "column" and figures.NETWORK.colour == "#0072b2"


def test_panels_of_a_shared_axis_get_its_label_where_they_show_its_numbers():
    """Three panels above each other are labelled once; side by side each shows its numbers, with the label."""

    def draw(*axes):
        for ax in axes:
            ax.plot([0, 1], [0, 1])
            ax.set_ylabel("value")
        axes[-1].set_xlabel("position")

    publish(draw, panels=(3, 1), height=5, sharex=True)


def test_the_files_say_what_they_are(run):
    publish()
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
    publish(data={"x (no unit)": np.array([0.1, 1 / 3]), "kinks": [Fraction(1, 2)]})
    rows = list(csv.reader((run / "fig-line.csv").read_text().splitlines()))
    assert rows == [["x (no unit)", "kinks"], ["0.1", "0.5"], ["0.3333333333333333", ""]]


def test_rows_as_data(run):
    publish(data=[{"N": 1, "neurons": 3}, {"N": 2}])
    assert (run / "fig-line.csv").read_text() == "N,neurons\n1,3\n2,\n"


def test_jupyter_and_site_see_it():
    data, metadata = publish()._repr_mimebundle_()
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
        publish(**changes)
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
        publish(**changes)
    assert not run.exists() and not figures._published


def test_what_does_not_draw_is_refused(run):
    with pytest.raises(TypeError, match="figure fig-line: draw must be a function of the axes, got tuple"):
        publish((1, 2))
    assert not run.exists()


def refused(change, match, **words):
    """A line to which ``change`` was done is refused, and nothing is written."""

    def draw(ax):
        line(ax)
        change(ax)

    with pytest.raises(ValueError, match=match):
        publish(draw, **words)
    assert not figures.output.current().folder.joinpath("figures").exists()


def test_refuses_titles():
    refused(lambda ax: ax.set_title("A line"), "title inside")


def test_refuses_axes_without_labels_but_not_hidden_ones():
    refused(lambda ax: ax.set_ylabel(""), "axes 1 shows numbers along y")

    def draw(ax):
        ax.plot([0, 1])
        ax.set_xlabel("position")
        ax.yaxis.set_visible(False)

    publish(draw)


def test_refuses_small_text():
    refused(lambda ax: ax.text(0.5, 0.2, "tiny", fontsize=7), "'tiny' is set in 7 pt, below 10 pt")


def test_refuses_words_that_are_cut_off():
    refused(
        lambda ax: ax.text(0.9, 1, "far too long for the right edge of it").set_in_layout(False),
        "is cut off at the edge",
    )


def twice(ax):
    ax.text(0.2, 1, "one word")
    ax.text(0.25, 1, "another word")


def test_a_reader_with_other_parameters_sees_words_that_touch(monkeypatch, run):
    def draw(ax):
        line(ax)
        twice(ax)

    monkeypatch.setenv("FTC_CHANGED", "yes")
    publish(draw)
    assert (run / "fig-line.svg").is_file()


def test_refuses_words_on_top_of_each_other():
    refused(twice, r"fig-line \(column\): 'one word' and 'another word' are on top of each other")


def test_refuses_what_cannot_be_read_on_a_phone_only():
    refused(
        lambda ax: ax.set_xticks([0, 0.25, 0.5, 0.75, 1], [f"tick number {i}" for i in range(5)]),
        r"fig-line \(narrow\)",
    )


def test_refuses_the_same_name_twice_in_a_run_but_not_in_jupyter(monkeypatch, tmp_path):
    publish()
    with pytest.raises(ValueError, match="twice"):
        publish()
    monkeypatch.delenv("FTC_OUT")
    monkeypatch.chdir(tmp_path)
    publish()
    assert (tmp_path / "_build" / "reader" / "figures" / "fig-line.svg").is_file()


def test_matplotlib_is_left_as_it_was():
    before = dict(matplotlib.rcParams)
    publish()
    assert dict(matplotlib.rcParams) == before


def test_what_is_drawn_has_the_style_wherever_it_is_drawn():
    _, ax = figures.new()
    curve = ax.plot([0, 1], label="line")[0]
    assert curve.get_linewidth() == look.STYLE["lines.linewidth"]
    assert ax.text(0, 0, "words").get_fontsize() == look.STYLE["font.size"]
    assert not ax.legend().get_frame_on()
    assert not ax.spines["top"].get_visible()


def test_each_meaning_has_its_own_colour_and_sign():
    meanings = [value for value in vars(figures).values() if isinstance(value, figures.Meaning)]
    assert len(meanings) == 6
    for name in ("light", "dark", "marker"):
        assert len({getattr(meaning, name) for meaning in meanings}) == 6


SCRIPT = """
from ftc_lib.book import figures, look, output
def draw(ax):
    for number in range(12):
        ax.plot([0, number], [number, 1], label=f"$x^{number}$", clip_on=True)
    ax.set_xlabel("x"); ax.set_ylabel("y"); ax.legend(ncols=3)
figures.publish(draw, "fig-same", caption="The same.", alt="a" * 40, data={"x": [0.1]})
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
    assert len(outcomes[0]) == 11


# ---------------------------------------------------------------- curves of networks


def hat():
    layers = (
        Layer(np.array([[1.0], [1.0], [1.0]]), np.array([1.0, 0.0, -1.0])),
        Layer(np.array([1.0, -2.0, 1.0]), np.array(0.0)),
    )
    return Network(layers)


def test_a_curve_that_is_not_the_network_is_refused(run):
    t = np.linspace(-2, 2, 9)

    def draw(ax):
        ax.plot(t, 2 * hat()(t[:, None]))
        ax.set(xlabel="t", ylabel="y")

    words = {"caption": "A hat.", "alt": "A hat from minus one to one with its top at zero."}
    with pytest.raises(ValueError, match="column 'y' is not the network at 't'"):
        figures.publish(
            draw, "fig-hat", **words, data={"t": t, "y": 2 * hat()(t[:, None])}, networks={"y": (hat(), "t")}
        )
    figures.publish(draw, "fig-hat", **words, data={"t": t, "y": hat()(t[:, None])}, networks={"y": (hat(), "t")})
    (kept,) = json.loads((run / "fig-hat.json").read_text())["networks"]
    assert (kept["column"], kept["places"]) == ("y", "t") and kept["layers"][1]["W"] == [1.0, -2.0, 1.0]


def test_ids_inside_a_picture_do_not_hang_on_the_last_bit(run):
    texts = []
    for end in (1.0, np.nextafter(1.0, 2)):

        def draw(ax, end=end):
            ax.plot([0, end], [0, 1], marker="o")
            ax.set(xlabel="t", ylabel="y", xlim=(0, end))

        figures._published.clear()
        figures.publish(
            draw, "fig-line", caption="A line.", alt="A line from the origin to the point one, one.", data={"t": [0]}
        )
        texts.append((run / "fig-line.svg").read_text())
    first, second = (re.findall(r' id="(.*?)"', text) for text in texts)
    assert first == second and any(name.startswith("fig-line-p") for name in first)
    assert not re.search(r"[#\"][a-z][0-9a-f]{10}[)\"]", texts[0])
