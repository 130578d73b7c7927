"""Chapter 4: networks of four layers and more give the same labels with narrower layers.

Blocks: the labels are split among B = floor((L-1)/2) three-layer networks, stacked; t and the sum so far are handed
on (main paper: 2408.00359, Proposition 6.1; ``windows`` and ``zigzag`` are this book's). Relay: every layer but
the first and the last is the second layer of one run of samples and the first layer of the next, so no weight
matrix is idle (this book).

    assemble   how labels are dealt to the parts, and what stands behind the last part
    blocks     three-layer networks, one behind the other
    relay      no weight matrix idles
    fit        one door to them all
"""

from ftc_lib.deep.fit import CONSTRUCTIONS, METHODS, fit

__all__ = ["CONSTRUCTIONS", "METHODS", "fit"]
