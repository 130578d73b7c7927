"""Chapter 3: three-layer networks, in which groups of samples share the neurons of the second layer.

Layer 1 cuts the line into groups. On a group every pre-activation of layer 2 is affine, so one neuron of
layer 2 can serve one sample in every group: about sqrt(K) groups of about sqrt(K) samples. Main paper:
2408.00359, section 5.

    slots      groups, and the pre-activations that are steered through one sample of each
    windows    4 sqrt(N): slots for the targets alone (this book)
    zigzag     2 sqrt(K): no kink wasted (this book)
    pairs      2N: two targets share four neurons (this book)
    through    a two-layer network behind one neuron: for few labels (this book)
    paper      the main paper's constructions, with whole groups
    fit        one door to them all
    one_sign   chapter 7: residuals of one sign take three neurons a slot
    search     chapter 7: exact searches for the least networks of tiny instances
"""

from ftc_lib.three_layer.fit import CONSTRUCTIONS, METHODS, fit
from ftc_lib.three_layer.zigzag import switch_in_turn

__all__ = ["CONSTRUCTIONS", "METHODS", "fit", "switch_in_turn"]
