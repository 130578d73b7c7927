"""The pictures of networks of four layers and more. Chapter: book/04_deeper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ftc_lib.book import drawing, figures
from ftc_lib.book.figures import Published
from ftc_lib.core import bounds
from ftc_lib.core.network import Network, part
from ftc_lib.core.types import Number

SERVES, CUTS, HANDS_ON = "serves its run", "cuts the next run into groups", "hands on the position"


def blocks(x: np.ndarray, y: np.ndarray, sums: Sequence[Network], ends: Sequence[int], base: Number) -> Published:
    """The sum behind each block at the samples x (K,) with labels y (K,): ``sums`` the network up to each block.

    ``ends``: how many samples are served behind each block; the others wait at ``base``.
    """
    t = x.astype(float)
    heights = [g(x[:, None]).astype(float) for g in sums]
    low, high = float(base), float(max(y))

    def draw(*axes):
        for j, (ax, at, start, end) in enumerate(zip(axes, heights, [0, *ends], ends), start=1):
            ax.axvspan(start + 0.5, end + 0.5, color=figures.OURS.colour, alpha=0.15, linewidth=0)
            for part_of, shade in ((slice(start), 0.35), (slice(start, end), 1)):
                ax.vlines(t[part_of], low, at[part_of], color=figures.CHANGED.colour, alpha=shade, linewidth=1.5)
                ax.plot(t[part_of], at[part_of], **figures.CHANGED.points(alpha=shade, zorder=5))
            ax.plot(t[end:], at[end:], **figures.UNTOUCHED.points(zorder=5))
            ax.set(ylabel=f"block {j}", xlim=(0.5, len(t) + 0.5), ylim=(low - 0.4, high + 0.4))
            ax.set_yticks(np.arange(np.ceil(low), high + 0.1))
            ax.grid(False, axis="x")
        if ends[0] < len(t):
            middle = (ends[0] + 1 + len(t)) / 2
            axes[0].annotate(
                "waiting", (middle, low), xytext=(0, 8), textcoords="offset points", ha="center",
                color=figures.UNTOUCHED.colour,
            )  # fmt: skip
        _positions(axes[-1], len(t))
        ax.figure.supylabel("sum so far (label units)", fontsize=11)

    columns = [f"sum behind block {j} (label units)" for j in range(1, len(ends) + 1)]
    return figures.publish(
        draw,
        "fig-deep-blocks",
        caption=f"Blocks add up: {len(t)} labels, {len(sums[-1].widths) + 1} layers, width {max(sums[-1].widths)}. "
        f"Each of {len(ends)} blocks lifts its own run of samples (green) to their labels and is zero at all others. "
        "Drawn at the samples; between them the sum swings further.",
        alt=f"{len(ends)} stacked panels over {len(t)} samples. Behind block 1 the first {ends[0]} samples are at "
        f"their labels and all others at the base {low:.2g}; "
        f"behind the later blocks {', '.join(map(str, ends[1:]))} of them are.",
        data={"sample t": x, "sample z": y} | dict(zip(columns, heights)),
        networks={column: (g, "sample t") for column, g in zip(columns, sums)},
        panels=(len(ends), 1),
        height=1.15 * len(ends) + 0.7,
        sharex=True,
    )


def relay(network: Network, x: np.ndarray, stops: Sequence[int]) -> Published:
    """Where each neuron of a relay is on, and what for. x = 1, .., K; behind run i ``stops``[i] samples are served."""
    walls = [0, *(x[stop - 1] + (x[stop] - x[stop - 1]) * 3 / 4 for stop in stops[:-1]), len(x) + 1]
    bars, marks, row = [], [], 0
    for layer, width in enumerate(network.widths[: len(stops) + 1], start=1):
        own = width - (layer > 2)  # without the sum
        marks.append(row + (own - 1) / 2)
        for neuron in range(own):
            output = part(network, layer, (np.arange(width) == neuron).astype(int))
            for run, ends in enumerate(zip(walls, walls[1:]), start=1):
                role = {layer - 1: SERVES, layer: CUTS}.get(run, HANDS_ON)
                bars += [(layer, row, *stretch, role) for stretch in drawing.stretches(output, *ends)]
            row += 1
        row += 1

    def draw(ax):
        looks = {SERVES: (figures.OURS, 0.84), CUTS: (figures.NETWORK, 0.84), HANDS_ON: (figures.FAINT, 0.2)}
        for role, (meaning, thick) in looks.items():
            for _, level, left, right, what in bars:
                if what == role:
                    span = [(float(left), float(right - left))]
                    ax.broken_barh(span, (level - thick / 2, thick), color=meaning.colour, linewidth=0)
            ax.plot([], [], color=meaning.colour, linewidth=10 * thick, label=role)
        for wall in walls[1:-1]:
            ax.axvline(float(wall), color=figures.INK.colour, linewidth=0.8, linestyle=(0, (2, 2)))
        ax.plot(x.astype(float), [row - 0.4] * len(x), **figures.CHANGED.points(markersize=3.5, clip_on=False))
        ax.grid(False)
        ax.set(xlim=(0.25, len(x) + 0.75), ylim=(row - 0.4, -1))
        _positions(ax, len(x))
        ax.set_yticks(marks, [f"layer {layer}" for layer in range(1, len(marks) + 1)])
        ax.set_ylabel("neurons that are on")
        ax.tick_params(axis="y", length=0)
        runs = ax.secondary_xaxis("top")
        runs.set_xticks([float(a + b) / 2 for a, b in zip(walls, walls[1:])], range(1, len(walls)))
        runs.tick_params(length=0)
        runs.set_xlabel("run of samples")
        one_column = figures.layout() == "narrow"
        ax.figure.legend(loc="outside upper left", ncols=1 if one_column else 3, handlelength=1.2, columnspacing=1.2)

    sizes = np.diff([0, *stops])
    return figures.publish(
        draw,
        "fig-deep-relay",
        caption=f"A relay on {len(x)} labels with {len(network.widths) + 1} layers of width {max(network.widths)}: "
        "where each neuron is on. A layer serves one run (green: its neurons switch in turn, boustrophedon) and makes "
        "the groups of the next (blue: they come on for good). Behind that its ramps carry the position (grey). "
        "Neurons for the sum are not drawn; diamonds are samples.",
        alt=f"Rows of bars for the neurons of {len(stops) + 1} hidden layers over {len(stops)} runs of "
        f"{', '.join(map(str, sizes))} samples. Layer 1 comes on step by step over run 1. Each later layer switches "
        "its neurons in turn over one run and, but for the last one, comes on step by step over the next one: "
        "the pattern moves right from layer to layer.",
        data=[
            {"layer": layer, "row": level, "on from": left, "to": right, "what for": what}
            for layer, level, left, right, what in bars
        ],
        height=0.17 * row + 1.6,
    )


def _positions(ax, K):
    """Samples 1, .., K along the line."""
    ax.set_xlabel("position on the line, $t$")
    drawing.whole_ticks(ax.xaxis, range(5, K, 5 if K <= 30 else 10))


def width(K: int, made: Mapping) -> Published:
    """Width against depth for N = K: bounds, and the networks ``made``, method -> layers -> network."""
    depths = np.unique(np.round(np.geomspace(4, 40, 40)).astype(int))
    paper = [bounds.deep_width(K, K, int(L)) for L in depths]
    of_blocks = [bounds.deep_zigzag(K, int(L)) for L in depths]
    of_relay = [bounds.deep_relay(K, K, int(L)) for L in depths]
    floor = [bounds.deep_floor(K, K, int(L)) for L in depths]
    built = {method: {L: max(g.widths) for L, g in by_depth.items()} for method, by_depth in made.items()}

    def draw(ax):
        ax.set(xscale="log", yscale="log", xlabel="layers, $L$ (log scale)", ylabel="width (log scale)", xlim=(3.8, 42))
        ax.set_ylim(0.8 * floor[-1], 1.2 * paper[0])
        drawing.whole_ticks(ax.xaxis, [4, 6, 10, 20, 40])
        drawing.whole_ticks(ax.yaxis, [tick for tick in (3, 5, 10, 20, 50, 100) if tick <= 1.1 * paper[0]])
        ax.plot(depths, paper, **figures.PAPER.line())
        ax.plot(depths, of_blocks, **figures.OURS.line(linestyle=(0, (4, 2)), linewidth=1.4))
        ax.fill_between(depths, floor, of_relay, color=figures.OURS.colour, alpha=0.3, linewidth=0)
        ax.plot(depths, of_relay, **figures.OURS.line(linewidth=2.4))
        ax.plot(depths, floor, **figures.OURS.line(linewidth=2.4))
        for method, meaning in (("paper", figures.PAPER), ("zigzag", figures.NETWORK), ("relay", figures.NETWORK)):
            drawing.built(ax, [*built[method]], [*built[method].values()], label=None, meaning=meaning)
        below = "no network\nis narrower" if figures.layout() == "narrow" else "no network is narrower"
        ax.text(0.03, 0.06, below, transform=ax.transAxes, color=figures.OURS.colour)
        ends = [("paper", paper[-1], figures.PAPER), ("built", built["paper"][40], figures.PAPER)]
        ends += [("floor", floor[-1], figures.OURS), ("relay", of_relay[-1], figures.OURS)]
        ends += [("blocks", of_blocks[-1], figures.OURS)]
        drawing.names(ax, [(depths[-1], end, name, meaning) for name, end, meaning in ends])

    return figures.publish(
        draw,
        "fig-deep-width",
        caption=f"Memorising {K} labels: width against depth. The least width lies in the green area, between what "
        "every network needs and the relay. Dashed grey: Proposition 6.1, crosses: its networks, better than the bound "
        "where neighbouring targets share points to follow. Dashed green: this book's blocks; squares: exact networks "
        "that were built.",
        alt=f"Log-log plot for K = N = {K}. From {depths[0]} to {depths[-1]} layers the paper's bound falls from "
        f"{paper[0]} to {paper[-1]}, the blocks from {of_blocks[0]} to {of_blocks[-1]}, the relay from {of_relay[0]} "
        f"to {of_relay[-1]}, and the lower bound from {floor[0]} to {floor[-1]}. "
        "Built networks lie on the curves or below.",
        data={
            "L (layers)": depths,
            "paper, bound (width)": paper,
            "blocks (width)": of_blocks,
            "relay (width)": of_relay,
            "lower bound (width)": floor,
            "L built (layers)": [*built["relay"]],
            **{f"{method}, built (width)": [*values.values()] for method, values in built.items()},
        },
    )


def neurons(K: int, two: Network, three: Network, made: Mapping) -> Published:
    """All hidden neurons against depth for N = K: networks of two and of three layers, and the deeper ones ``made``."""
    shallow, flat, least = two.n_neurons, three.n_neurons, bounds.any_depth_floor(K)
    built = {method: {L: g.n_neurons for L, g in by_depth.items()} for method, by_depth in made.items()}
    depths = [*built["relay"]]
    first, last = ({method: counts[L] for method, counts in built.items()} for L in (depths[0], depths[-1]))

    def draw(ax):
        ax.set(xscale="log", yscale="log", xlabel="layers, $L$ (log scale)", ylabel="hidden neurons in all (log scale)")
        ax.set(xlim=(1.8, 42), ylim=(0.65 * least, 1.4 * max(built["paper"].values())))
        drawing.whole_ticks(ax.xaxis, [2, 3, 4, 6, 10, 20, 40])
        drawing.whole_ticks(
            ax.yaxis, [tick for tick in (5, 10, 20, 50, 100, 200, 500, 1000, 2000) if tick > 0.65 * least]
        )
        ax.plot([2, depths[-1]], [least, least], **figures.OURS.line())
        ends = [(depths[-1], least, "floor", figures.OURS)]
        for method, name, dash in (
            ("paper", "paper", "--"),
            ("zigzag", "blocks", (0, (4, 2))),
            ("relay", "relay", "-"),
        ):
            meaning = figures.PAPER if method == "paper" else figures.NETWORK
            ax.plot(depths, [*built[method].values()], **meaning.line(linewidth=1.4, linestyle=dash))
            drawing.built(ax, depths, [*built[method].values()], label=None, meaning=meaning)
            ends.append((depths[-1], built[method][depths[-1]], name, meaning))
        drawing.built(ax, [2, 3], [shallow, flat], label=None)
        for place, count, name, below in ((2, shallow, "two layers", 9), (3, flat, "three layers", -24)):
            ax.annotate(
                name, (place, count), xytext=(-4, below), textcoords="offset points", color=figures.NETWORK.colour
            )
        drawing.names(ax, ends)

    return figures.publish(
        draw,
        "fig-deep-neurons",
        caption=f"Memorising {K} labels: all hidden neurons against depth, of exact networks that were built. "
        f"Three layers come within {flat - least} neurons of what every network needs, whatever its depth; "
        "beyond, depth is paid for in neurons.",
        alt=f"Log-log plot for {K} labels. Two layers take {shallow} neurons, three {flat}; the relay grows from "
        f"{first['relay']} at {depths[0]} layers to {last['relay']} at {depths[-1]}, the blocks from {first['zigzag']} "
        f"to {last['zigzag']}, the paper's from {first['paper']} to {last['paper']}. "
        f"A line at {least} marks what every network needs.",
        data={
            "L (layers)": [2, 3, *depths],
            "two and three layers (neurons)": [shallow, flat],
            **{f"{method} (neurons)": ["", "", *values.values()] for method, values in built.items()},
            "needed at any depth (neurons)": [least] * (len(depths) + 2),
        },
    )
