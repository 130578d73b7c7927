"""Chapter 1: d samples at a time, on a hyperplane that no other sample touches.

Samples are in general position when no d + 1 of them lie on one hyperplane (and, of n <= d samples, none is an
affine combination of the others). Then the hyperplane through d of them misses all others, and a thin slab
around it serves these d at once. What the code needs and checks is less: the hyperplanes it uses must be
clean. Statements: 2006.02855 (Bubeck et al.), who go back to Baum.

    slabs      the hyperplane through d samples, and the slab around it
    affine     the flattest affine function that takes given values; the step that moves no sample across a kink
    neurons    from the neurons of several groups to one network
    fit        the two theorems: threshold units for binary labels, derivative neurons for real ones
"""

from ftc_lib.baum.fit import CONSTRUCTIONS, derivative_slab, fit_relu, fit_threshold
from ftc_lib.baum.slabs import Slab, slab, solve

__all__ = ["CONSTRUCTIONS", "Slab", "derivative_slab", "fit_relu", "fit_threshold", "slab", "solve"]
