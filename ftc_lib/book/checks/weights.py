"""The checks of chapter 6 and of its companion page.

Most return (holds, evidence) for one claim; what several judge or a figure shows is measured by functions of their own.
"""

from __future__ import annotations

import numpy as np

from ftc_lib import baum
from ftc_lib.book import ledger


def slope(x, y) -> float:
    """The exponent of y in x, fitted to logarithms."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def sphere(n: int, d: int, *seeds):
    """n random points of the unit sphere in R^d, random signs, and the generator that drew them."""
    rng = np.random.default_rng([*seeds, n, d])
    X = rng.standard_normal((n, d))
    return X / np.linalg.norm(X, axis=1, keepdims=True), rng.choice([-1.0, 1.0], n), rng


# ---------------------------------------------------------------- Baum's network


def baum_weights(ns, d: int, draws: int, seed: int) -> np.ndarray:
    """Baum's networks for random signs on the sphere: (sizes, draws, 2), the total weight, and the number of neurons
    times the median neuron's weight."""

    def weigh(n, s):
        X, y, rng = sphere(n, d, seed, s)
        g = baum.fit_relu(X, y, rng=rng)
        w, b, a = g.layers[0].W, g.layers[0].b, g.layers[1].W
        each = np.abs(a) * np.hypot(np.linalg.norm(w, axis=1), b)
        return each.sum(), len(each) * np.median(each)

    return np.array([[weigh(n, s) for s in range(draws)] for n in ns])


def baum_slopes(ns, measured) -> list[float]:
    """The exponents in n of the medians over the data sets: of the total weight, of its typical part."""
    return [slope(ns, column) for column in np.median(measured, axis=1).T]


def baum_growth(ns, d: int, measured):
    """``baum_weights`` grow faster than n^1.5, if there are enough sizes and data sets to tell.

    One dimension, a sum with heavy tails; no exponent is proved.
    """
    total, typical = baum_slopes(ns, measured)
    enough = ns[-1] >= 8 * ns[0] >= 32 * d and measured.shape[1] >= 9
    return ledger.if_large(enough, total > 1.5 and typical > 1.5), (
        f"Fitted slopes over n = {ns[0]} to {ns[-1]} at d = {d}, {measured.shape[1]} seeds: {total:.2f} for the total "
        f"weight, {typical:.2f} for neurons times median."
    )


def baum_growth_words(ns, d: int, measured) -> str:
    """The same for the page."""
    if baum_growth(ns, d, measured)[0] is None:
        return (
            "These $n$ lie too close together, are too small for the dimension, or come with too few data sets, "
            "to show how the weights grow."
        )
    total, typical = baum_slopes(ns, measured)
    return (
        f"The total weight grows like $n^{{{total:.1f}}}$ here. The number of neurons times the median weight grows "
        f"like $n^{{{typical:.1f}}}$; the rest comes from a few very thin slabs, so the sum scatters from data set to "
        "data set. A heuristic (an exercise) predicts $n^2$ for the typical part."
    )
