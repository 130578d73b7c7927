"""The pictures of chapter 3 and of its companion page: book/03_three_layer, book/03_three_layer_in_full.

A function takes what a cell built and publishes one figure. What it draws it computes once, for all variants.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftc_lib.book import drawing, figures
from ftc_lib.book.figures import Published
from ftc_lib.core import bounds
from ftc_lib.core.network import Network, kinks, part, to_fractions
from ftc_lib.two_layer import instances

POSITION = "position on the line, $t$"


# ---------------------------------------------------------------- the chapter


def headline(K: int, spots: np.ndarray, two: Sequence[int], three: Sequence[int]) -> Published:
    """Neurons against changed labels among K samples, two layers and three; built: neurons at the N of ``spots``."""
    n = np.unique(np.geomspace(1, K, 60).astype(int))
    wide = [bounds.two_layer(int(i), K).upper for i in n]
    deep = [bounds.three_layer(int(i), K) for i in n]
    lower, upper = [b.lower for b in deep], [b.upper for b in deep]

    def draw(ax):
        ax.fill_between(n, lower, upper, color=figures.OURS.colour, alpha=0.3, linewidth=0)
        ax.plot(n, wide, **figures.NETWORK.line(linewidth=2.4))
        ax.plot(n, upper, **figures.OURS.line(linewidth=2.4))
        drawing.built(ax, spots, two, None)
        drawing.built(ax, spots, three, None, figures.OURS)
        ax.set(xscale="log", yscale="log", xlim=(0.9, K), ylim=(2, 1.6 * wide[-1]))
        ax.set(xlabel="changed labels, $N$ (log scale)", ylabel="hidden neurons, $m$ (log scale)")
        drawing.whole_ticks(ax.xaxis, [10**i for i in range(len(str(K)))])
        drawing.whole_ticks(ax.yaxis, [10**i for i in range(1, len(str(K)))])
        middle, size = K**0.5, 11 if figures.layout() == "narrow" else 13
        ax.text(0.75 * middle, 3 * middle, "two layers: $3N$", ha="right", size=size, color=figures.NETWORK.colour)
        ax.text(K, 5, "three layers: about $4\\sqrt{N}$", ha="right", size=size, color=figures.OURS.colour)
        ends = [(K, wide[-1], "$K-2$", figures.NETWORK), (K, upper[-1], "$2\\sqrt{K}$", figures.OURS)]
        drawing.names(ax, ends)

    return figures.publish(
        draw,
        "fig-headline",
        caption=f"The price of changing $N$ labels among {K} samples: three neurons a label with one hidden layer, "
        "about $2\\sqrt{\\min\\{K, 4N\\}}$ with two. "
        "Lines are theorems, and the green band is what is left open; markers are networks that were built exactly.",
        alt=f"Log-log plot. Two layers rise by three neurons a label to {wide[-1]}, which they reach at "
        f"N = {bounds.ceil_div(wide[-1], 3)}; three layers rise like a square root to {upper[-1]}. Markers of exact "
        f"networks for up to {int(spots[-1])} labels lie on the two-layer line and within the three-layer band.",
        data={
            "N (labels)": n,
            "two layers (neurons)": wide,
            "three layers, lower (neurons)": lower,
            "three layers, upper (neurons)": upper,
            "N built (labels)": spots,
            "built, two layers (neurons)": two,
            "built, three layers (neurons)": three,
        },
    )


def windows(t: np.ndarray, z: np.ndarray, g: Network) -> Published:
    """The windows network ``g`` of the exact samples (t, z): its zigzags pass the window where they serve a target."""
    G, walls, low, high = g.widths[0], -g.layers[0].b, 0.0, float(t[-1]) + 1
    bands = [*walls, high] if G % 2 else walls
    fine = np.unique(np.concatenate([np.linspace(low, high, 1500), t.astype(float), walls[1:].astype(float)]))
    zigzags = [part(g, 1, w, b - 2) for w, b in zip(g.layers[1].W[::4], g.layers[1].b[::4])]  # middle of their windows
    unit, alpha = float(max(abs(z))), np.column_stack([a(fine[:, None]) for a in zigzags]).astype(float)
    hits, at, y = z != 0, t.astype(float), z.astype(float)
    vertices = drawing.vertices(g, low, high)
    closed = np.column_stack([curve(t[~hits][:, None]) for curve in zigzags]).astype(float)  # where none may look

    def draw(above, below):
        for ax in (above, below):
            drawing.bands(ax, bands)
        above.axhspan(-1, 1, color=figures.OURS.colour, alpha=0.4, linewidth=0)
        for shade, values in zip(np.linspace(0.45, 1, len(zigzags)), alpha.T):
            above.plot(fine, values, **figures.NETWORK.line(alpha=shade))
        above.plot(at[~hits], closed, **figures.UNTOUCHED.points(markersize=3, zorder=4))
        above.plot(at[hits], y[hits] / unit, **figures.CHANGED.points(zorder=5))
        above.set(ylabel="zigzags $\\alpha_k$\n(largest label = 1)", xlim=(low, high))
        below.fill_between(*vertices, color=figures.NETWORK.colour, alpha=0.25, linewidth=0)
        below.plot(*vertices, **figures.NETWORK.line(linewidth=1.4))
        drawing.samples(below, at, y)
        below.set(ylabel="output $g$", xlabel=POSITION)
        drawing.names(above, [(high, 0, "window", figures.OURS)])

    idle = " or, if none is left for it, behind the last sample" if G * len(zigzags) > hits.sum() else ""
    return figures.publish(
        draw,
        "fig-three-windows",
        caption=f"The windows network: {hits.sum()} labels among {len(t)} with {g.n_neurons} neurons. "
        f"Layer 1 cuts the line into {G} groups, the bands. "
        f"Top: each of the {len(zigzags)} zigzags passes the green window once a group, at the label that it serves"
        f"{idle}; at all other samples (grey: the untouched ones) it is beyond twice the window. "
        "Bottom: the output, which is the zigzag itself while that is in the window.",
        alt=f"Two stacked panels over {len(t)} samples in {G} groups. Layer 2: steep zigzags, {len(zigzags)} in all, "
        f"that cross a narrow band once in each group. Output: {hits.sum()} narrow swings across the band that "
        f"pass the changed labels, and exactly zero at the {(~hits).sum()} other samples.",
        data={
            "t": fine,
            **{f"alpha_{k + 1} (units of c)": a for k, a in enumerate(alpha.T)},
            "sample t": t,
            "sample z": z,
            "output vertex t": vertices[0],
            "output vertex g": vertices[1],
        },
        networks={
            "output vertex g": (g, "output vertex t"),
            **{f"alpha_{k + 1} (units of c)": (a, "t") for k, a in enumerate(zigzags)},
        },
        panels=(2, 1),
        height=5.0,
        sharex=True,
    )


def zigzag(t: np.ndarray, z: np.ndarray, g: Network) -> Published:
    """The zigzag network ``g`` of the exact samples (t, z): where its neurons are on, and its output at full height."""
    (G, D), walls, low, high = g.widths, -g.layers[0].b, 0, int(t[-1]) + 1
    bands = [*walls, high] if G % 2 else walls
    fine = to_fractions(np.linspace(low, high, 1201))
    at, y, places = t.astype(float), z.astype(float), fine.astype(float)
    on = (g.pre_activations(fine[:, None])[1] > 0).astype(bool)
    vertices = drawing.vertices(g, low, high)
    peak, overshoot = np.argmax(vertices[1]), np.abs(vertices[1]).max() / np.abs(y).max()

    def draw(above, below):
        for ax in (above, below):
            drawing.bands(ax, bands)
        for k in range(D):
            above.fill_between(places, k + 0.6, k + 1.4, where=on[:, k], color=figures.NETWORK.colour, linewidth=0)
        above.set(ylabel="neuron of\nlayer 2, on", yticks=range(1, D + 1, 1 + D // 8), ylim=(D + 0.7, 0.3))
        below.axhspan(y.min(), y.max(), color=figures.CHANGED.colour, alpha=0.2, linewidth=0)
        below.plot(*vertices, **figures.NETWORK.line(linewidth=1.4, zorder=3))
        below.plot(at, y, **figures.CHANGED.points(zorder=5))
        below.set(ylabel="output $g$", xlabel=POSITION, xlim=(low, high))
        drawing.whole_ticks(below.xaxis, range(0, high, 5 * bounds.ceil_div(high, 30)))
        below.set_ylim(top=1.3 * vertices[1][peak])
        side = "right" if vertices[0][peak] > high / 2 else "left"
        below.annotate(
            "overshoot", (vertices[0][peak], vertices[1][peak]), xytext=(0, 3), textcoords="offset points", ha=side
        )
        drawing.names(below, [(high, (y.min() + y.max()) / 2, "labels", figures.CHANGED)])

    return figures.publish(
        draw,
        "fig-three-zigzag",
        caption=f"The zigzag network on {len(t)} labels, with {g.n_neurons} neurons. "
        f"Top: where each of the {D} neurons of layer 2 is on; they switch on in turn, then off in turn: "
        "boustrophedon. Bottom: the output passes every label, and between the samples it overshoots: "
        f"the price of few neurons, here up to {overshoot:.1f} times the largest label.",
        alt=f"Top, {D} rows of bars over {G} shaded groups: the bars start one after the other in odd groups and end "
        f"one after the other in even groups. Bottom, a steep zigzag function through all {len(t)} labels, "
        f"which lie between {y.min():g} and {y.max():g}; it swings from {vertices[1].min():.1f} to "
        f"{vertices[1].max():.1f} between them.",
        data={
            "t": fine,
            **{f"neuron {k + 1} on": on[:, k].astype(int) for k in range(D)},
            "sample t": t,
            "sample z": z,
            "output vertex t": vertices[0],
            "output vertex g": vertices[1],
        },
        networks={"output vertex g": (g, "output vertex t")},
        panels=(2, 1),
        height=5.0,
        sharex=True,
        height_ratios=(1, 1.6),
    )


def switch(t: np.ndarray, z: np.ndarray, g: Network) -> Published:
    """One rising and one falling group: the zigzag network ``g`` of the exact samples (t, z), neuron by neuron."""
    walls, (_, second, last) = -g.layers[0].b, g.layers
    D, half, low, high = len(second.b), float(t[-1] + t[0]) / 2, -1, int(t[-1]) + 3
    fine = np.unique(np.concatenate([to_fractions(range(100 * low, 100 * high + 1)) / 100, walls[1:]]))
    curves = {f"beta_{k + 1}": part(g, 1, second.W[k], second.b[k]) for k in range(D)}
    switches = [[c for c in kinks(part(g, 2, np.eye(D, dtype=int)[k])) if c not in walls] for k in range(D)]
    curves |= {f"output after {k + 1}": part(g, 2, last.W * (np.arange(D) <= k), last.b) for k in range(D)}
    drawn = {name: curve(fine[:, None]).astype(float) for name, curve in curves.items()}

    def draw(above, below):
        for ax in (above, below):
            drawing.bands(ax, walls)
        for k, shade in enumerate(np.linspace(0.4, 1, D)):
            above.plot(fine.astype(float), drawn[f"beta_{k + 1}"], **figures.NETWORK.line(alpha=shade))
            below.plot(fine.astype(float), drawn[f"output after {k + 1}"], **figures.NETWORK.line(alpha=shade))
            above.plot(switches[k], 0 * np.array(switches[k]), **figures.OURS.points(markersize=7, zorder=6))
            for c in switches[k]:
                sooner = 1 if c < half else -1  # the label stands where the line is still below zero
                above.annotate(
                    f"$c_{k + 1}$", (c, 0), xytext=(-4 * sooner, 5), textcoords="offset points",
                    ha="right" if sooner == 1 else "left", color=figures.OURS.colour,
                )  # fmt: skip
        below.plot(t.astype(float), z.astype(float), **figures.CHANGED.points(zorder=5))
        above.axhline(0, color=figures.INK.colour, linewidth=0.8)
        above.set(ylabel="$\\beta_1, \\beta_2, \\beta_3$", xlim=(low, high))
        below.set(ylabel="$g$ after 1, 2, 3 neurons", xlabel=POSITION)
        for k in range(D):
            there = float(curves[f"output after {k + 1}"](walls[1:2, None])[0])
            below.annotate(
                f"after {k + 1}", (float(walls[1]), there), xytext=(0, 4 if k % 2 == 0 else -4), ha="center",
                va="bottom" if k % 2 == 0 else "top", textcoords="offset points", color=figures.NETWORK.colour,
            )  # fmt: skip
        after = [values for name, values in drawn.items() if "after" in name]
        below.set_ylim(1.9 * np.min(after), 1.4 * np.max(after))
        below.text(0.02, 0.97, "rising group", va="top", transform=below.transAxes)
        below.text(0.98, 0.97, "falling group", va="top", ha="right", transform=below.transAxes)

    return figures.publish(
        draw,
        "fig-three-switch",
        caption="One rising and one falling group of three samples. "
        "Top: where each zigzag switches, $c_k$, next to the sample that it serves; paler is earlier. "
        "Bottom: the output after one, two and three neurons. Each puts one more sample of each group right, "
        "from the left when rising and from the right when falling.",
        alt="Six samples in two groups. Three lines rise through zero in the gaps left of samples 1, 2 and 3 and fall "
        "through zero right of samples 6, 5 and 4. The sum of the first passes samples 1 and 6, of the first two also "
        "2 and 5, of all three all six samples.",
        data={"t": fine, **drawn, "sample t": t, "sample z": z},
        networks={name: (curve, "t") for name, curve in curves.items()},
        panels=(2, 1),
        height=5.2,
        sharex=True,
        height_ratios=(1, 1.4),
    )


def forced(z: np.ndarray) -> Published:
    """The labels (K,) of a two-sided instance, and the kinks that they force."""
    spots, turns, q = np.arange(1, len(z) + 1), np.diff(z.astype(float), 2), int((z > 0).sum())
    half = 2 + 4 * q
    left = instances.forced_kinks(spots[:half], z[:half])
    right = instances.forced_kinks(spots[half - 3 :], z[half - 3 :])

    def draw(ax):
        ax.plot(spots, z.astype(float), color=figures.FAINT.colour, linewidth=1)
        drawing.samples(ax, spots, z)
        levels, names = (-1.5, -1.9), ("convex", "concave")
        for sign, level, shade in zip((1, -1), levels, (1.0, 0.55)):
            middles = spots[1:-1][sign * turns > 0]
            drawing.bars(ax, zip(middles - 0.92, middles + 0.92), level, linewidth=5, alpha=shade)
        for at, counts in ((2 * q + 0.5, left), (len(z) - 2 * q + 0.5, right)):
            ax.text(at, 1.35, f"{counts[0]} convex,\n{counts[1]} concave", ha="center", color=figures.OURS.colour)
        ax.set(xlabel=POSITION, ylabel="label, $z$", ylim=(-2.3, 2.3), yticks=[-1, 0, 1], xlim=(0, len(z) + 1))
        drawing.whole_ticks(ax.xaxis, spots[:: max(4, len(z) // 4)])
        drawing.names(ax, [(len(z) + 1, level, name, figures.OURS) for level, name in zip(levels, names)])

    return figures.publish(
        draw,
        "fig-three-forced",
        caption=f"The instance behind $4\\sqrt{{N}}$, for {2 * q} targets. "
        "A bar spans three neighbours between which a kink is forced. "
        f"The left half forces {left[0]} convex and {left[1]} concave kinks, the right half {right[0]} and {right[1]}: "
        "no fixed mixture of signs suits both.",
        alt=f"{len(z)} points: {q} targets at 1, then {q} at -1, three zeros between neighbours. Bars below mark the "
        f"forced kinks: {left[0]} convex and {left[1]} concave ones on the left, {right[0]} convex and {right[1]} "
        "concave ones on the right.",
        data={"t": spots, "z (label units)": z, "second difference at t+1": turns},
        height=3.4,
    )


def bounds_and_built(K: int, spots: np.ndarray, made: Sequence[int]) -> Published:
    """The bounds of three layers for K samples against N, and the neurons ``made`` of networks for the N ``spots``."""
    n = np.arange(1, K + 1)
    ours = [bounds.three_layer(int(i), K) for i in n]
    lower, upper = [b.lower for b in ours], [b.upper for b in ours]
    printed_lower, printed_upper = [b.paper_lower for b in ours], [b.paper_upper for b in ours]

    def draw(ax):
        ax.fill_between(n, lower, upper, color=figures.OURS.colour, alpha=0.3, linewidth=0)
        drawing.built(ax, spots, made)
        ax.annotate(
            "built", (spots[6], made[6]), xytext=(-8, 6), textcoords="offset points", ha="right",
            color=figures.NETWORK.colour,
        )  # fmt: skip
        ax.set(xscale="log", xlim=(0.9, K), ylim=(0, 1.08 * max(printed_upper)))
        ax.set(xlabel="changed labels, $N$ (log scale)", ylabel="hidden neurons, $m = d_1 + d_2$")
        drawing.whole_ticks(ax.xaxis, [10**i for i in range(len(str(K)))])
        drawing.bounds(
            ax,
            n,
            {
                "paper, upper": (printed_upper, figures.PAPER),
                "book, upper": (upper, figures.OURS),
                "book, lower": (lower, figures.OURS),
                "paper, lower": (printed_lower, figures.PAPER),
            },
        )

    return figures.publish(
        draw,
        "fig-three-bounds",
        caption=f"Three layers, {K} samples: neurons against changed labels. "
        "Dashed: the paper's lower bound, and the least of its three upper bounds, rounded up. "
        "The green band is what the best of this book's bounds leave open; squares are exact networks that were built.",
        alt=f"For K = {K} this book's upper bound rises from {upper[0]} to {upper[-1]} neurons, its lower bound from "
        f"{lower[0]} to {lower[-1]}. The paper's upper bound rises from {printed_upper[0]} to {printed_upper[-1]}, "
        f"its lower bound from {printed_lower[0]} to {printed_lower[-1]}. Built networks lie on or below the upper "
        "green line.",
        data={
            "N (labels)": n,
            "ours lower (neurons)": lower,
            "ours upper (neurons)": upper,
            "paper lower (neurons)": printed_lower,
            "paper upper (neurons)": printed_upper,
            "4 sqrt(K) (neurons)": [bounds.ceil_sqrt(16 * K)] * K,
            "2 sqrt(K) + 3N (neurons)": [bounds.ceil_sqrt(4 * K) + 3 * int(i) for i in n],
            "6 sqrt(3N+2) (neurons)": [bounds.ceil_sqrt(36 * (3 * int(i) + 2)) for i in n],
            "N built (labels)": spots,
            "built (neurons)": made,
        },
        height=4.2,
    )


# ---------------------------------------------------------------- the companion page


def pairs(t: np.ndarray, single: np.ndarray, one: Network, double: np.ndarray, two: Network) -> Published:
    """The exact network ``one`` of the labels ``single``, a tent, and ``two`` of ``double``, two trapezoids."""
    low, high = float(t[0]), float(t[-1])
    fine = to_fractions(np.linspace(low, high, 801))
    inner = {"tent": part(one, 2, [1]), "trapezoid 1": part(two, 2, [1, 0]), "trapezoid 2": part(two, 2, [0, 1])}
    curves = inner | {"output of the tent": one, "output of the pair": two}
    drawn = {name: curve(fine[:, None]).astype(float) for name, curve in curves.items()}

    def draw(tent, trapezoids, one_label, two_labels):
        for name, ax, dash in (
            ("tent", tent, "-"),
            ("trapezoid 1", trapezoids, "-"),
            ("trapezoid 2", trapezoids, "--"),
        ):
            ax.plot(fine.astype(float), drawn[name], **figures.NETWORK.line(linestyle=dash))
        for ax, network, values in ((one_label, one, single), (two_labels, two, double)):
            drawing.function(ax, network, low, high)
            drawing.samples(ax, t, values)
            ax.set(xlabel=POSITION, ylabel="output $g$")
        for ax, words in ((tent, "a tent"), (trapezoids, "two trapezoids")):
            ax.set(ylabel="layer 2", ylim=(-0.08, 1.35))
            ax.text((low + high) / 2, 1.12, words, ha="center", color=figures.NETWORK.colour)

    return figures.publish(
        draw,
        "fig-three-pairs",
        caption=f"One label with {one.n_neurons} neurons, two labels with {two.n_neurons}, whatever the number of "
        "samples is. Top: what the neurons of layer 2 give. Bottom: the output. The trapezoids differ only next to "
        "the two targets; the wider one (solid on the left, dashed on the right) decides the sign.",
        alt="Left: one narrow tent at the fifth of nine samples, and the output with height 3 there and 0 at the other "
        "samples. Right: two trapezoids of height 1, equal between the third and the seventh sample, one wider on the "
        "left and one on the right; their difference, scaled, is 2 at the third sample, -3 at the seventh, 0 at the "
        "others.",
        data={"t": fine, **drawn},
        networks={name: (curve, "t") for name, curve in curves.items()},
        panels=(2, 2),
        height=4.4,
        sharex=True,
        sharey="row",
    )


def paper(t: np.ndarray, z: np.ndarray, g: Network) -> Published:
    """The paper's bumps network ``g`` of the exact samples (t, z): hard-tanhs, and a bump that looks at one of them."""
    low, high = float(t[0]) - 1, float(t[-1]) + 1
    fine = np.unique(np.concatenate([np.linspace(low, high, 641), t.astype(float)]))
    target, own = float(t[z != 0][-1]), int(np.flatnonzero(g.layers[1].W[-1])[0]) // 2
    steps = np.eye(g.widths[0], dtype=int).reshape(-1, 2, g.widths[0])
    hard = [part(g, 1, up - down, -1) for up, down in steps]
    bump = part(g, 2, g.layers[2].W * (np.arange(g.widths[1]) >= g.widths[1] - 3))
    curves = {f"hard-tanh {j + 1}": h for j, h in enumerate(hard)} | {"bump": bump}
    drawn = {name: curve(fine[:, None]).astype(float) for name, curve in curves.items()}
    feet = np.array([c for c in kinks(bump) if abs(float(c) - target) < 1])[[0, -1]]
    seen = hard[own](feet[:, None]).astype(float)
    at = hard[own](t[:, None]).astype(float)

    def draw(above, below):
        for j in range(len(hard)):
            look = {"linewidth": 2.2} if j == own else {"linewidth": 1, "alpha": 0.4}
            above.plot(fine, drawn[f"hard-tanh {j + 1}"], **figures.NETWORK.line(**look))
        above.axhspan(*seen, color=figures.PAPER.colour, alpha=0.25, linewidth=0)
        above.plot(t[t != target], at[t != target], **figures.UNTOUCHED.points(zorder=5))
        above.plot([target], at[t == target], **figures.CHANGED.points(zorder=6))
        above.set(ylabel="hard-tanhs", xlim=(low, high), ylim=(-1.2, 1.2))
        below.plot(fine, drawn["bump"], **figures.PAPER.line(linestyle="-"))
        drawing.samples(below, t, np.where(t == target, z, 0))
        below.set(ylabel="the bump's output", xlabel=POSITION)
        drawing.names(above, [(high, seen.mean(), "bump", figures.PAPER)])

    return figures.publish(
        draw,
        "fig-three-paper",
        caption=f"Bumps on groups, on {len(t)} samples, {(z != 0).sum()} of them changed ({g.n_neurons} neurons). "
        "Top: the first layer has a hard-tanh for each group; the samples stand on that of the target's group, which "
        "is flat outside of it. A bump looks at the grey band of values around the target, and no other sample is in "
        "it. Bottom: what the bump gives.",
        alt=f"Top, {len(hard)} hard-tanhs that each rise from -1 to 1 on one group of samples; on one of them a narrow "
        "band of values holds the target and no other sample. Bottom, one narrow bump at the target, zero at all other "
        "samples.",
        data={"t": fine, **drawn, "sample t": t, "sample z": z},
        networks={name: (curve, "t") for name, curve in curves.items()},
        panels=(2, 1),
        height=4.6,
        sharex=True,
    )


def paper_windows(t: np.ndarray, z: np.ndarray, kept: Network, notches: Network, followed: np.ndarray) -> Published:
    """What the window sees of two networks of the paper on (t, z): slots for the samples ``followed``, and notches."""
    low, high = float(t[0]) - 1, float(t[-1]) + 1
    fine = np.unique(np.concatenate([np.linspace(low, high, 641), t.astype(float)]))
    slots, cut = (
        [part(g, 1, w, b - 2) for w, b in zip(g.layers[1].W[::4], g.layers[1].b[::4])] for g in (kept, notches)
    )
    curves = {f"slot {k + 1} (units of c)": slot for k, slot in enumerate(slots)} | {"notches (units of c)": cut[0]}
    drawn = {name: curve(fine[:, None]).astype(float) for name, curve in curves.items()}
    unserved = t[~followed].astype(float)

    def draw(above, below):
        for ax in (above, below):
            ax.axhspan(-1, 1, color=figures.PAPER.colour, alpha=0.2, linewidth=0)
        for k, shade in enumerate(np.linspace(0.45, 1, len(slots))):
            above.plot(fine, drawn[f"slot {k + 1} (units of c)"], **figures.NETWORK.line(alpha=shade))
        above.plot(unserved, 0 * unserved, **figures.UNTOUCHED.points(markerfacecolor="none", markersize=10, zorder=6))
        below.plot(fine, drawn["notches (units of c)"], **figures.NETWORK.line())
        above.set(ylabel="kept points: slots", xlim=(low, high))
        below.set(ylabel="notches", ylim=(-1.5, 3.5), xlabel=POSITION)
        for ax in (above, below):
            drawing.samples(ax, t, z)
            drawing.names(ax, [(high, 0, "window", figures.PAPER)])

    return figures.publish(
        draw,
        "fig-three-paper-windows",
        caption="Seen through a window, only what lies in the grey band is left. "
        f"Top: slots for the {followed.sum()} points that are kept; at the {(~followed).sum()} circled samples all of "
        f"them must be out of the window ({kept.n_neurons} neurons). "
        f"Bottom: one function with a notch at each target ({notches.n_neurons} neurons).",
        alt=f"Top, {len(slots)} steep zigzags that cross a grey band, none of them at the {(~followed).sum()} samples "
        "that were not kept. Bottom, a line at height 3 with a notch down to 1 and one down to -1 at the two targets.",
        data={"t": fine, **drawn, "sample t": t, "sample z": z, "kept": followed.astype(int)},
        networks={name: (curve, "t") for name, curve in curves.items()},
        panels=(2, 1),
        height=4.8,
        sharex=True,
    )


def capacity(m: int, held: Sequence[bounds.Bounds]) -> Published:
    """The labels that m neurons can always change, against K = 1, 2, ..: the bounds ``held``, one for each K."""
    K = np.arange(1, len(held) + 1)
    low, high = [b.lower for b in held], [b.upper for b in held]
    printed_low, printed_high = [b.paper_lower for b in held], [b.paper_upper for b in held]
    whole = max(k for k, b in zip(K, held) if b.lower == k)
    flat = bounds.ceil_div(m**2 + m + 4, 2)

    def draw(ax):
        for bottom, top, meaning, shade in (
            (printed_low, printed_high, figures.PAPER, 0.12),
            (low, high, figures.OURS, 0.35),
        ):
            ax.fill_between(K, bottom, top, color=meaning.colour, alpha=shade, linewidth=0, step="mid")
            for values in (bottom, top):
                ax.step(K, values, where="mid", **meaning.line())
        ax.set(xlabel="samples, $K$", ylabel="labels that can always be changed, $N^*$")
        ax.set(xlim=(0, K[-1]), ylim=(0, 1.08 * max(printed_high)))
        ax.text(0.02 * K[-1], 1.4 * whole, "all $K$ labels", color=figures.OURS.colour)
        ends = [(printed_high, "paper, upper", figures.PAPER), (high, "book, upper", figures.OURS)]
        ends += [(low, "book, lower", figures.OURS), (printed_low, "paper, lower", figures.PAPER)]
        drawing.names(ax, [(K[-1], values[-1], name, meaning) for values, name, meaning in ends])

    return figures.publish(
        draw,
        "fig-three-capacity",
        caption=f"How many labels {m} neurons can always change, against the number of samples. "
        "Grey: the three ranges of {prf:ref}`cor-three-paper`. Green: what this book leaves open; "
        f"up to $K = {whole}$ all labels can be changed, in the paper up to $K = {m**2 // 16}$.",
        alt=f"For m = {m} the paper's bounds agree up to K = {m**2 // 16} and then leave a wide range, from "
        f"{printed_low[-1]} to K labels and, from K = {flat} on, to {printed_high[-1]}. This book's bounds agree up to "
        f"K = {whole}; for many samples they lie between {low[-1]} and {high[-1]} labels.",
        data={
            "K (samples)": K,
            "paper lower (labels)": printed_low,
            "paper upper (labels)": printed_high,
            "ours lower (labels)": low,
            "ours upper (labels)": high,
        },
        height=4.2,
    )
