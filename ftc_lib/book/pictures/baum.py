"""The pictures of chapter 1: general position, slabs, the profile across a slab, one count against the bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Polygon

from ftc_lib import baum
from ftc_lib.book import drawing, figures
from ftc_lib.book.figures import Published
from ftc_lib.core import Layer, Network, kinks, restrict

FIRST, SECOND = "first coordinate (no unit)", "second coordinate (no unit)"
REACH = 4.4  # half widths of a slab to both sides of it in the profile


def position(points: np.ndarray, moved: np.ndarray, on_line: Sequence[int]) -> Published:
    """Two panels: ``points`` (n, 2) with a line through two of them; one has ``moved``, and it holds ``on_line``."""
    shown = (points, on_line[:2]), (moved, on_line)
    new = next(i for i in range(len(points)) if (points[i] != moved[i]).any())
    a, b = points[on_line[0]], points[on_line[1]]
    square = np.concatenate([points, moved])
    (left, low), (right, high) = square.min(axis=0), square.max(axis=0)

    def draw(*axes):
        for ax, (X, on) in zip(axes, shown):
            ax.axline(a, b, **figures.NETWORK.line())
            off = np.setdiff1d(np.arange(len(X)), on)
            ax.plot(*X[off].T, **figures.UNTOUCHED.points(markersize=8))
            ax.plot(*X[list(on)].T, **figures.NETWORK.points(markersize=9, zorder=4))
            ax.text(right + 0.3, low - 0.75, f"{len(on)} points on the line", ha="right")
            ax.set(aspect="equal", xlim=(left - 0.5, right + 0.5), ylim=(low - 0.9, high + 0.5), xlabel=FIRST)
            ax.set(ylabel=SECOND, xticks=range(5), yticks=range(4))
        arrow = {"arrowstyle": "->", "color": figures.INK.colour, "shrinkA": 2, "shrinkB": 5}
        axes[1].annotate("", moved[new], points[new], arrowprops=arrow)

    return figures.publish(
        draw, "fig-baum-position", panels=(1, 2), height=3.1, sharex=True, sharey=True,
        caption="General position in the plane. First: a line through two of the points misses all others. "
        "Second: one point has moved (arrow), and now the line holds three of them.",
        alt=f"Two panels with the same {len(points)} points in the plane except for one. In the first a blue line runs "
        f"through 2 points and misses the other {len(points) - 2}. In the second it runs through {len(on_line)}.",
        data={"left first coordinate": points[:, 0], "left second coordinate": points[:, 1],
              "right first coordinate": moved[:, 0], "right second coordinate": moved[:, 1]},
    )  # fmt: skip


def bands(network: Network) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit normals (g, d), middles (g,) and half widths (g,) of a threshold network's slabs."""
    first = network.layers[0]
    length = np.linalg.norm(first.W[::2], axis=1)  # a row need not have length 1
    upper, lower = first.b[::2] / length, first.b[1::2] / length
    return first.W[::2] / length[:, None], -(upper + lower) / 2, (upper - lower) / 2


def roomy_cloud(labels: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    """Of 400 random clouds in the plane the one whose thinnest slab is thickest, and the seed of its network."""

    def cloud(s):
        return np.random.default_rng(s).uniform([-1.75, -0.95], [1.75, 0.95], (len(labels), 2))

    def thinnest(s):
        X = cloud(s)
        apart = (np.linalg.norm(X[:, None] - X[None], axis=2) + 9 * np.eye(len(X))).min()
        return bands(baum.fit_threshold(X, labels, rng=s))[2].min() if apart > 0.25 else 0

    best = max(range(seed, seed + 400), key=thinnest)
    return cloud(best), best


def slabs(X: np.ndarray, labels: np.ndarray, network: Network) -> Published:
    """The slabs of a threshold network for samples X (n, 2) with labels 0 and 1."""
    normals, middles, halves = bands(network)

    def draw(ax):
        for u, b, tau in zip(normals, middles, halves, strict=True):
            along = np.array([-u[1], u[0]])
            corners = [b * u + e * tau * u + 9 * f * along for e, f in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
            ax.add_patch(Polygon(corners, color=figures.NETWORK.colour, alpha=0.16, linewidth=0))
            ax.axline(b * u, b * u + along, **figures.NETWORK.line(linewidth=1.2))
        for label, meaning in ((0, figures.UNTOUCHED), (1, figures.CHANGED)):
            ax.plot(*X[labels == label].T, **meaning.points(markersize=8, label=f"label {label}"))
        ax.set(aspect="equal", xlim=(-1.9, 1.9), ylim=(-1.1, 1.1), xticks=range(-1, 2), yticks=range(-1, 2))
        ax.set(xlabel=FIRST, ylabel=SECOND)
        ax.figure.legend(loc="outside upper center", ncols=2)
        ax.grid(False)

    return figures.publish(
        draw, "fig-baum-slabs", height=4.1,
        caption=f"Baum's network in the plane. {len(normals)} slabs (blue bands), each around the line through two of "
        f"the {labels.sum()} samples with label 1 (vermillion diamonds), miss all samples with label 0 (grey). Each "
        "slab costs two threshold units.",
        alt=f"{len(X)} points in the plane. {len(normals)} blue bands cross the picture; each is centred on the line "
        f"through 2 of the {labels.sum()} vermillion points and contains none of the {(labels == 0).sum()} grey ones. "
        f"The bands are {2 * halves.min():.2f} to {2 * halves.max():.2f} wide.",
        data={"first coordinate": X[:, 0], "second coordinate": X[:, 1], "label": labels,
              "slab normal 1": normals[:, 0], "slab normal 2": normals[:, 1], "slab middle": middles,
              "slab half width": halves},
    )  # fmt: skip


def crowded_cloud(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Nine samples in the plane, two of them with a label, others close by on both sides; the seed of its network."""
    y = np.array([1.0, 0.7] + [0.0] * 7)

    def cloud(s):
        return np.random.default_rng(s).uniform(-1, 1, (9, 2))

    def step(s):
        """delta of the network, the larger the easier to see; 0 without neighbours."""
        _, heights, delta = across(cloud(s), baum.fit_relu(cloud(s), y, rng=s))
        close = heights[2:][np.abs(heights[2:]) < REACH - 0.3]
        return delta if len(close) > 2 and close.min() < 0 < close.max() else 0

    best = max(range(seed, seed + 200), key=step)
    return cloud(best), y, best


def across(X: np.ndarray, network: Network) -> tuple[np.ndarray, np.ndarray, float]:
    """One half width of the only slab along its normal (2,), and in half widths the heights (n,) and delta."""
    w, (_, plus, _, minus) = network.layers[0].W[1], network.layers[0].b  # w is normal to the slab, and no unit vector
    tau = (plus - minus) / 2
    delta = 1 / abs(network.layers[1].W[0]) / tau
    return tau * w / (w @ w), (X @ w + (plus + minus) / 2) / tau, delta


def with_step(network: Network, factor: float) -> Network:
    """The same four ReLUs with another delta, by this factor."""
    W, b = (a.copy() for a in (network.layers[0].W, network.layers[0].b))
    for a in (W, b):
        a[::2] = a[1::2] + factor * (a[::2] - a[1::2])
    return Network((Layer(W, b), Layer(network.layers[1].W / factor, network.layers[1].b)))


def profile(X: np.ndarray, network: Network) -> Published:
    """A network for one group, samples 0 and 1, along the normal of its slab through sample 0."""
    normal, heights, delta = across(X, network)
    line, steep = (restrict(g, X[0], normal) for g in (network, with_step(network, 1 / 4)))
    start, top, end, zero = kinks(line)
    s = np.linspace(-REACH, REACH, 89)
    s = np.union1d(s, [e - f * delta / q for e in (-1, 1) for f in (0, 1) for q in (1, 4)])
    near = np.flatnonzero(np.abs(heights) < REACH)[2:]
    side = 1 if (heights[near] > 0).sum() >= (heights[near] < 0).sum() else -1

    def draw(ax):
        ax.axvspan(-1, 1, color=figures.NETWORK.colour, alpha=0.09, linewidth=0)
        ax.plot([-REACH, -1, -1, 1, 1, REACH], [0, 0, 1, 1, 0, 0], **figures.PAPER.line(linewidth=1.3))
        ax.plot(s, steep(s[:, None]), **figures.NETWORK.line(linewidth=1.2, alpha=0.55))
        ax.plot(s, line(s[:, None]), **figures.NETWORK.line(linewidth=2.6))
        ax.plot(heights[near], network(X[near]), **figures.UNTOUCHED.points(markersize=8, zorder=5))
        ax.plot([0], network(X[:1]), **figures.CHANGED.points(markersize=10, zorder=5))
        drawing.ticks(ax, [start, top, end, zero])
        ax.text(-1 - 0.55 * delta - 0.35, 0.5, f"$\\delta = {delta:.2f}\\,\\tau$", ha="right",
                color=figures.NETWORK.colour)  # fmt: skip
        ax.text(1.25, 0.5, "$\\delta \\to 0$", color=figures.PAPER.colour)
        ax.text(side * 2.9, 0.07, "other samples", ha="center", color=figures.UNTOUCHED.colour)
        ax.text(0, 1.09, "sample of the group", ha="center", color=figures.CHANGED.colour)
        ax.set(xlim=(-REACH, REACH), ylim=(-0.16, 1.25), yticks=[0, 0.5, 1], xticks=range(-4, 5, 2))
        ax.set(xlabel="distance $s$ to the hyperplane\n(half widths $\\tau$ of the slab)")
        ax.set(ylabel="value of the network\n(unit of the label)")

    return figures.publish(
        draw, "fig-baum-profile",
        caption="Across the slab: exact at a finite $\\delta$. The four ReLUs of {eq}`eq-baum-derivative` along the "
        f"normal through a sample with label 1 (vermillion), at the $\\delta = {delta:.2f}\\,\\tau$ of the code "
        "(blue), at a quarter of it (thin) and in the limit (dashed). The kinks (ticks) move, the value at the samples "
        "does not: the other samples (grey) stand at their own distances, and there the network is 0.",
        alt=f"A trapezoid. The network is 0 up to s = {start:.2f} half widths, climbs to 1 at s = {top:.2f}, stays at "
        f"1 until s = {end:.2f} and is 0 again from s = {zero:.2f}. A quarter of delta makes the flanks four times as "
        "steep; the limit is a box from -1 to 1. All three are 1 at the sample in the middle and 0 at the grey "
        "samples outside.",
        data={"s (half widths)": s, "network": line(s[:, None]), "network at delta/4": steep(s[:, None]),
              "other samples, s (half widths)": heights[2:]},
        networks={"network": (line, "s (half widths)"), "network at delta/4": (steep, "s (half widths)")},
    )  # fmt: skip


def count(rows: list[dict]) -> Published:
    """Threshold units and ReLUs over n/d; ``rows`` as ``checks.baum.counts`` gives them, one a data set."""
    ratio = np.array([row["n (samples)"] / row["d (dimension)"] for row in rows])
    grid = np.unique(np.concatenate([np.geomspace(ratio.min(), ratio.max(), 300), ratio]))
    # the bounds hang on n/d alone: d = 1, in units of the dimension
    kinds = (
        ("threshold units", 2 * np.ceil(grid / 2), figures.OURS),
        ("ReLUs", 4 * np.ceil(grid), figures.PAPER),
    )
    built, bound, floor = (
        [np.array([row[f"{unit}{what}"] for row in rows]) for unit, *_ in kinds]
        for what in (" built", ", bound", ", floor")
    )

    def draw(*axes):
        for ax, (unit, above, meaning), height, low in zip(axes, kinds, built, floor):
            ax.plot(grid, above, **meaning.line(linewidth=1.3, linestyle="--"))
            ax.vlines(ratio, low, height, color=figures.OURS.colour, linewidth=1)
            ax.plot(ratio, low, **figures.OURS.points(markersize=6))
            ax.plot(ratio, height, **figures.NETWORK.points(markersize=6))
            ax.set(xscale="log", yscale="log", xlabel="samples per dimension,\n$n/d$ (log scale)")
            ax.set(ylabel=f"{unit} (log scale)")
            ax.set(ylim=(0.8, 1.6 * max(built[1].max(), bound[1].max())))
            last = int(np.argmax(ratio))
            ends = (
                (low[last], "floor", figures.OURS),
                (height[last], "built", figures.NETWORK),
                (above[-1], "bound", meaning),
            )
            drawing.names(ax, [(ratio[last], *end) for end in ends])

    factor, largest = bound[1] / floor[1], rows[-1]
    columns = ["n (samples)", "d (dimension)"]
    columns += [f"{unit}{what}" for unit, *_ in kinds for what in (" built", ", bound", ", floor")]
    return figures.publish(
        draw, "fig-baum-count", panels=(1, 2), height=4.1, sharex=True,
        caption="Bound against built. The bounds hang on $n/d$ alone. Neurons of the networks built (squares), the "
        "upper bounds $2 \\lceil n/(2d) \\rceil$ and $4 \\lceil n/d \\rceil$ (dashed; green is ours, grey the "
        "paper's), and below each network its floor (triangle): $\\lceil (n-1)/d \\rceil$ for the worst labels, "
        "$\\lceil (n-1)/(d+1) \\rceil$ for almost all labels.",
        alt="Two panels on logarithmic axes: neurons against n/d, for n from "
        f"{min(row['n (samples)'] for row in rows)} to {max(row['n (samples)'] for row in rows)} and d = "
        f"{', '.join(str(d) for d in dict.fromkeys(row['d (dimension)'] for row in rows))}. First, threshold units: "
        f"the squares lie at most {(built[0] - floor[0]).max()} above the floor and {(bound[0] - built[0]).max()} "
        f"below the bound. Second, ReLUs: the squares lie on the bound, {factor.min():.1f} to {factor.max():.1f} times "
        "the floor. "
        f"At n = {largest['n (samples)']}, d = {largest['d (dimension)']} the networks have "
        f"{largest['threshold units built']} threshold units and {largest['ReLUs built']} ReLUs.",
        data={name: [row[name] for row in rows] for name in columns},
    )  # fmt: skip
