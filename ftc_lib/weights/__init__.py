"""Chapter 6: size against weights: floors for what a network must weigh, and networks that come near.

floors      W >= floor, whatever the width, for given samples and labels
depth       the weight along paths: what more layers can save
ntk         derivative neurons, boosted: the kernel network of 2006.02855
harmonic    complex derivative neurons, boosted
"""

from ftc_lib.weights.depth import deep_bump, deep_interpolant, depth_floor, layer_cake, path_weight
from ftc_lib.weights.floors import Floor, line_floor, observed, random_labels_floor, weight_floor

__all__ = [
    "Floor",
    "deep_bump",
    "deep_interpolant",
    "depth_floor",
    "layer_cake",
    "line_floor",
    "observed",
    "path_weight",
    "random_labels_floor",
    "weight_floor",
]
