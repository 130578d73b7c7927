"""The pictures of what is open. Chapter: book/07_open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from ftc_lib.book import drawing, figures
from ftc_lib.book.figures import Published
from ftc_lib.core import bounds
from ftc_lib.core.network import Network, part, to_fractions


def six(network: Network, labels: Sequence[int]) -> Published:
    """A three-layer network through six labels at 0, .., 5: where its second neurons are on, and its output."""
    low, high = to_fractions([-0.4, 5.4])
    walls = sorted(float(wall) for wall in -network.layers[0].b / network.layers[0].W.scale)
    outputs = [part(network, 2, row) for row in np.eye(network.widths[1], dtype=int)]
    on = [
        (row, left, right) for row, g in enumerate(outputs, start=1) for left, right in drawing.stretches(g, low, high)
    ]
    t, y = drawing.vertices(network, low, high)
    reach = 2.2 * max(map(abs, labels))

    def draw(above, below):
        drawing.bars(
            above, [(left, right) for _, left, right in on], [row for row, *_ in on], figures.NETWORK, linewidth=9
        )
        above.set(ylabel="neuron of\nlayer 2, on", ylim=(len(outputs) + 0.6, 0.4), xlim=(-0.4, 5.4))
        drawing.whole_ticks(above.yaxis, range(1, len(outputs) + 1))
        for ax in (above, below):
            for wall in walls:
                ax.axvline(wall, color=figures.INK.colour, linewidth=1.2, linestyle=(0, (2, 2)))
        drawing.function(below, network, low, high)
        drawing.samples(below, range(6), labels)
        below.set(ylabel="output $g$", xlabel="position on the line, $t$", xlim=(-0.4, 5.4), ylim=(-reach, reach))
        below.annotate(
            "kinks of layer 1", (walls[-1], -0.93 * reach), xytext=(5, 0), textcoords="offset points",
            color=figures.INK.colour,
        )  # fmt: skip

    beyond = bool(max(abs(y)) > reach)
    return figures.publish(
        draw,
        "fig-open-six",
        caption=f"Six zigzag labels with {network.n_neurons} neurons, one fewer than any construction of this book "
        "takes, found by exact search. One panel: where the neurons of layer 2 are on. The other: the output passes "
        f"all labels exactly.{' It leaves the frame where it overshoots between samples.' if beyond else ''}",
        alt="A piecewise-linear function through six labels of growing size and alternating sign. Two dashed lines "
        f"mark the kinks of layer 1, at {', '.join(f'{wall:.2f}' for wall in walls)}; bars show on which stretches "
        "the two neurons of layer 2 are on.",
        data={"vertex t": t, "vertex g": y, "sample t": range(6), "sample z": to_fractions(labels)},
        networks={"vertex g": (network, "vertex t"), "sample z": (network, "sample t")},
        panels=(2, 1),
        height=4.4,
        sharex=True,
        height_ratios=(1, 2.4),
    )


def gap(K: int) -> Published:
    """What is open with three layers: the bounds against the samples up to K, for all labels and for few of them."""
    pairs = {(n, k): bounds.three_layer(n, k) for k in range(3, K + 1) for n in range(1, k + 1)}
    sizes = Counter(b.upper - b.lower for b in pairs.values())
    branches = [K // 6, K // 20] if K >= 40 else [K // 6]  # changed labels; they leave the trunk at K = 4N

    bands = {"K": {k: pairs[k, k] for k in range(3, K + 1)}}
    for n in branches:
        apart = next(k for k in range(max(n, 3), K) if pairs[n, k] != pairs[k, k])
        bands[n] = {k: pairs[n, k] for k in range(apart, K + 1)}

    def draw(ax):
        ends = []
        for n, band in bands.items():
            lower, upper = [b.lower for b in band.values()], [b.upper for b in band.values()]
            ax.fill_between([*band], lower, upper, step="mid", color=figures.OURS.colour, alpha=0.35, linewidth=0)
            for bound in (lower, upper):
                ax.step([*band], bound, where="mid", **figures.OURS.line(linewidth=1.4))
            name = f"$N = {n}$: {lower[-1]} to {upper[-1]}"
            ends.append((K, (lower[-1] + upper[-1]) / 2, name, figures.OURS))
        ax.set(xlabel="samples, $K$", ylabel="neurons, three layers", xlim=(3, K + 0.5), ylim=(0, None))
        drawing.names(ax, ends)

    counts = ", ".join(f"{size} at {sizes[size]}" for size in sorted(sizes))
    return figures.publish(
        draw,
        "fig-open-gap",
        caption="What is open with three layers: the least number of neurons lies in the bands between our bounds. "
        f"$N = K$: all labels may change; the other bands leave that one near $K = 4N$. "
        f"Over all {len(pairs)} pairs with $3 \\le K \\le {K}$ the bounds are {max(sizes)} neurons apart at most, and "
        f"equal for {sizes[0]}.",
        alt=f"Bands between a lower and an upper bound, in steps, over the samples up to {K}. If all labels may "
        f"change, the band rises like the root of K to between {pairs[K, K].lower} and {pairs[K, K].upper} neurons; "
        "for "
        + " and ".join(f"{n} labels it ends flat, from {pairs[n, K].lower} to {pairs[n, K].upper}" for n in branches)
        + f". Over all {len(pairs)} pairs the gap is {counts}.",
        data={
            "K (samples)": [k for _, k in pairs],
            "N (labels)": [n for n, _ in pairs],
            "lower bound (neurons)": [b.lower for b in pairs.values()],
            "upper bound (neurons)": [b.upper for b in pairs.values()],
            "gap (neurons)": [b.upper - b.lower for b in pairs.values()],
        },
    )


def weight(K: Sequence[int], curves: Mapping, exponents: Mapping, draws: int) -> Published:
    """Total weight against the samples K: name -> values, and name -> the power that fits them."""
    ticks = [K[0]]  # of the samples, those whose numbers do not touch on a logarithmic axis
    for k in K[1:]:
        if k >= ticks[-1] * (K[-1] / K[0]) ** 0.2:
            ticks.append(k)
    looks = {"zigzag, random": figures.OURS, "windows, random": figures.NETWORK, "zigzag, even": figures.OURS}

    def draw(ax):
        ends = []
        for name, values in curves.items():
            ax.plot(K, values, **looks[name].line(linestyle="--" if "even" in name else "-"))
            ax.plot(K, values, **looks[name].points())
            short = name.removesuffix(", random").removeprefix("zigzag, ")
            ends.append((K[-1], values[-1], f"{short}: $K^{{{exponents[name]:.1f}}}$", looks[name]))
        ax.set(xscale="log", yscale="log", xlabel="samples, $K$ (log scale)", ylabel="total weight (log scale)")
        drawing.whole_ticks(ax.xaxis, ticks)
        drawing.names(ax, ends)

    return figures.publish(
        draw,
        "fig-open-weight",
        caption="Total weight of three-layer networks that memorise $K$ random signs, with fitted powers; "
        f"medians over {draws} draws where the places are random, one draw where they are evenly spaced (dashed).",
        alt="Log-log plot of total weight against samples; fitted lines: "
        + "; ".join(f"{name} like K to the {power:.1f}" for name, power in exponents.items())
        + ".",
        data={"K (samples)": K} | {f"{name} (total weight)": values for name, values in curves.items()},
    )
