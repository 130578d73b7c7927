"""Chapter 2: two-layer networks that move N of K samples and leave the others where they are.

The samples are projected to a line; there a network of width m is a continuous piecewise-linear function
with at most m kinks. Main paper: 2408.00359, sections 3 and 4.

    piecewise      from a piecewise-linear function to the network that is it
    bumps          3N: a triangle at each changed sample
    kinks          interpolate what matters (Theorem 4.4); K - 2 neurons, by letting some of them face left
    least_kinks    the fewest kinks through points on a line, and the last neuron
    least          the fewest neurons of given data, from these
    fit            one door to them all
    search         the same answer by looking at every network there is
    instances      labels that force many kinks
"""

from ftc_lib.two_layer.fit import CONSTRUCTIONS, METHODS, fit
from ftc_lib.two_layer.kinks import bend, kept_points

__all__ = ["CONSTRUCTIONS", "METHODS", "bend", "fit", "kept_points"]
