"""The drawing words: what they put on the axes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftc_lib import two_layer
from ftc_lib.book import drawing, figures
from ftc_lib.core.network import Layer, Network, part, to_fractions


@pytest.fixture
def ax():
    return figures.new()[1]


def test_samples_are_told_apart_by_colour_and_by_marker(ax):
    drawing.samples(ax, [0, 1, 2], [Fraction(0), Fraction(1, 2), Fraction(0)])
    untouched, changed = ax.lines
    assert untouched.get_xdata().tolist() == [0, 2] and changed.get_ydata().tolist() == [0.5]
    assert untouched.get_color() != changed.get_color() and untouched.get_marker() != changed.get_marker()


@pytest.mark.parametrize("number", [float, Fraction])
def test_a_function_is_drawn_through_its_kinks(ax, number):
    X, z = np.array([[number(i)] for i in range(5)]), np.array([number(v) for v in (0, 0, 7, 0, 0)])
    if number is Fraction:
        X, z = to_fractions(X), to_fractions(z)
    g = two_layer.fit(X, z, method="bumps")
    t, y = drawing.function(ax, g, number(-1), number(5))
    assert t[0] == -1 and t[-1] == 5 and np.allclose(y, g.astype(float)(t[:, None])) and y.max() == 7
    assert (ax.lines[0].get_xdata() == t).all() and (ax.lines[0].get_ydata() == y).all()


def test_ticks_stand_on_the_axis_whatever_its_limits(ax):
    drawing.ticks(ax, [1, Fraction(5, 2)], level=0.5)
    segments = ax.collections[0].get_segments()
    assert [segment[0].tolist() for segment in segments] == [[1, 0.5], [2.5, 0.5]]


def test_every_other_group_is_a_band(ax):
    drawing.bands(ax, [0, 1, 3, 6])
    assert [(band.get_x(), band.get_width()) for band in ax.patches] == [(0, 1), (3, 3)]


def test_bars_lie_at_their_levels(ax):
    drawing.bars(ax, [(0, 2), (1, Fraction(7, 2))], [-1, -2])
    drawing.bars(ax, [], 0)
    assert [s.tolist() for s in ax.collections[0].get_segments()] == [[[0, -1], [2, -1]], [[1, -2], [3.5, -2]]]


@pytest.mark.parametrize("number", [float, Fraction])
def test_stretches_are_where_a_neuron_is_on(number):
    """Up to 1 at t = 1, down to -1 at t = 3, and up again; its ReLU is on before 2 and behind 4."""
    one = to_fractions([1])
    layers = Layer(to_fractions([[1], [1], [1]]), to_fractions([0, -1, -3])), Layer(to_fractions([[1, -2, 2]]), 0 * one)
    g = Network((*layers, Layer(one, to_fractions(0))))
    neuron = part(g if number is Fraction else g.astype(float), 2, np.ones(1, dtype=int))
    assert drawing.stretches(neuron, -1, 5) == [(0, 2), (4, 5)]
    assert drawing.stretches(neuron, 0, 1) == [(0, 1)] and drawing.stretches(neuron, 2, 3) == []


@given(st.lists(st.floats(-1000, 1000), max_size=8).map(sorted), st.floats(0.5, 50))
def test_names_are_moved_apart_and_no_further(places, distance):
    moved = drawing.apart(places, distance)
    assert len(moved) == len(places)
    assert all(b - a >= distance * (1 - 1e-9) for a, b in zip(moved, moved[1:]))
    if all(b - a >= distance for a, b in zip(places, places[1:])):
        assert np.allclose(moved, places)
    if places:
        assert abs(np.mean(moved) - np.mean(places)) < 1e-6


def test_names_of_near_curves_do_not_touch(tmp_path, monkeypatch):
    """In every variant: a figure whose words touch is refused."""
    monkeypatch.setenv("FTC_OUT", str(tmp_path))

    def draw(ax):
        ax.set(xlabel="N", ylabel="neurons", xlim=(1, 3))
        flat = {f"bound {i}": ([1, 1, 1 + i / 1000], figures.OURS) for i in range(5)}
        drawing.bounds(ax, [1, 2, 3], flat)
        drawing.built(ax, [1, 2, 3], [1, 1, 1])

    figures.publish(
        draw,
        "fig-names",
        caption="Names.",
        alt="Five flat curves that nearly coincide, named at their ends.",
        data={"x": [1]},
    )


def test_whole_ticks_of_a_logarithmic_axis(ax):
    ax.set(xscale="log", xlim=(1, 20000))
    drawing.whole_ticks(ax.xaxis, [10, 100, 10000])
    ax.figure.draw_without_rendering()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["10", "100", "10\u202f000"]
    assert not len(ax.xaxis.get_minorticklocs())
