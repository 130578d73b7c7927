"""The fewest neurons of given data: the fewest kinks, or one neuron more.

This book; chapter: book/02_two_layer_in_full.
"""

from __future__ import annotations

from ftc_lib.core.network import Network, to_floats, to_fractions
from ftc_lib.core.samples import Line
from ftc_lib.two_layer.kinks import bend, kept_points
from ftc_lib.two_layer.least_kinks import fewest, least
from ftc_lib.two_layer.piecewise import one_output, piecewise


def least_neurons(line: Line, tol: float) -> Network:
    """As few neurons as any network on this line, in exact arithmetic; floats round its numbers at the end."""
    t, y = map(to_fractions, kept_points(one_output(line, "least"), ends=2))
    breaks, slopes, left = bend(t, y)
    if len(breaks) > len(fewest(t, y)[0]):  # then it may be possible to do without one
        found = least(t, y)
        if len(found.breaks) < len(breaks):
            breaks, slopes, left = found.breaks, found.slopes, found.left
    if not line.samples.exact:
        t, y, breaks, slopes = map(to_floats, (t, y, breaks, slopes))  # an infinite one: the network is refused
    return piecewise(line, breaks, slopes, left, y[0], tol, start=t[0])
