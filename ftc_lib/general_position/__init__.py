"""Chapter 5: what dimension buys: networks that treat d or d + 1 samples at a time, when no position is special.

Let s = u . x - b be zero on a hyperplane, and let l be an affine function that takes the labels of a group of samples.
Every construction here is a difference quotient of ReLUs in the direction l:

* first difference, 2 neurons: [(s + delta l)+ - (s)+] / delta is l where s > 0 and 0 where s < 0, but for what is
  very near. It serves d + 1 samples behind a hyperplane (``fit_one``), and so all samples, slice by slice (``slices``).
* second difference, 3 neurons: [(s + delta l)+ - 2 (s)+ + (s - delta l)+] / delta = (|l| - |s| / delta)+ is a tent
  along the hyperplane. It serves a group of d on it, of one sign (``signs``).
* difference of first differences, 4 neurons: a group of d of both signs (``baum``, ``slabs``).
* a face of the hull with labels of one sign needs no difference: one neuron (``exposed``, ``faces``).

All of it is this book's but 4 ceil(N/d) (2006.02855).

    groups     groups of d on a hyperplane: 3 or 4 neurons each
    slices     d + 1 samples at a time, all labels
    hull       the nearest point of a hull, and how far a sample stands out
    faces      one neuron for a vertex or a face of the hull
    fit        one door to them all
    depth      one label costs 1, 2 or 3 neurons, by how deep it lies
    check      is it general position?
"""

from ftc_lib.general_position.check import Check, check
from ftc_lib.general_position.depth import depth, fit_one
from ftc_lib.general_position.faces import margins
from ftc_lib.general_position.fit import CONSTRUCTIONS, METHODS, fit
from ftc_lib.general_position.hull import nearest

__all__ = ["CONSTRUCTIONS", "METHODS", "Check", "check", "depth", "fit", "fit_one", "margins", "nearest"]
