"""The pictures of chapter 5: networks in the plane, the price of a label by its depth, counts against the dimension.

In the plane blue lines are kinks; a network is positive where it is shaded and negative where it is hatched. A target
is a diamond that carries the sign of its label.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ftc_lib.book import drawing, figures
from ftc_lib.book.figures import Published
from ftc_lib.book.look import PAGE
from ftc_lib.core import bounds
from ftc_lib.core.network import Layer, Network
from ftc_lib.general_position.faces import margins

ZERO = 1e-9  # smaller values of a drawn network are rounding
ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # ticks of logarithmic axes

# ---------------------------------------------------------------- the plane


def _grid(g: Network, box) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places x, y and values of a network on a grid over the box ((left, right), (low, high))."""
    (left, right), (low, high) = box
    x, y = np.meshgrid(np.linspace(left, right, 300), np.linspace(low, high, 200))
    return x, y, g(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape)


def _neurons(g: Network) -> tuple[np.ndarray, np.ndarray]:
    """W (n, 2) and b (n,) of the hidden layer."""
    return g.layers[0].dense(), g.layers[0].b


def _shade(ax, x, y, value) -> None:
    """Shaded where a network is positive, hatched where it is negative."""
    if value.max() > ZERO:
        ax.contourf(x, y, value, [ZERO, np.inf], colors=[figures.NETWORK.colour], alpha=0.3)
    if value.min() < -ZERO:
        hatched = ax.contourf(x, y, value, [-np.inf, -ZERO], colors="none", hatches=["////"])
        hatched.set(edgecolor=figures.NETWORK.colour, linewidth=0)


def _kinks(ax, W, b, **line) -> None:
    """The lines w . x + b = 0, where neurons bend."""
    for w, c in zip(W, b):
        point = -c * w / (w @ w)
        ax.axline(point, point + [-w[1], w[0]], **figures.NETWORK.line(linewidth=1.6) | line)


def _targets(ax, X, z) -> None:
    """Diamonds that carry the sign of their labels."""
    ax.plot(*X.T, **figures.CHANGED.points(markersize=10.5, zorder=5))
    for sign, mark in ((1, "+"), (-1, "_")):
        signs = {"marker": mark, "color": PAGE.colour, "markersize": 6, "markeredgewidth": 1.8, "linestyle": "none"}
        ax.plot(*X[sign * z > 0].T, **signs, zorder=6)


def _window(ax, box, text) -> None:
    """A piece of the plane without numbers, which would mean nothing, under a line that says what it shows."""
    ax.set(xlim=box[0], ylim=box[1], xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set(visible=True, color=figures.FAINT.colour)
    ax.text(0.5, 1.03, text, transform=ax.transAxes, ha="center", fontsize=12)


# ---------------------------------------------------------------- constructions


def plane_scene(seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Twelve samples of the plane (12, 2), and labels (12,) for each of four methods of ``general_position.fit``.

    Of many random scenes the one where the line through two samples in the middle is cleanest. These two get labels of
    both signs ("slabs") and of one ("signs"); all get labels ("slices"); the two that stand out most do ("exposed").
    """
    rng = np.random.default_rng(seed)
    scenes = [_spread(rng) for _ in range(150)]
    _, chosen, pair = max(
        (_clearance(X, pair), number, pair) for number, X in enumerate(scenes) for pair in combinations(range(12), 2)
    )
    X, labels = scenes[chosen], {method: np.zeros(12) for method in ("slabs", "signs", "slices", "exposed")}
    labels["slabs"][list(pair)], labels["signs"][list(pair)] = [1, -0.7], [1, 0.7]
    labels["slices"] = rng.choice([-1, 1], 12) * rng.uniform(0.5, 1, 12)
    labels["exposed"][np.argsort(margins(X))[-2:]] = 1
    return X, labels


def _spread(rng):
    """Twelve points of a window, not too close to one another."""
    while True:
        X = rng.uniform([-1.6, -1.0], [1.6, 1.0], (12, 2))
        if (np.linalg.norm(X[:, None] - X, axis=2) + 9 * np.eye(12)).min() > 0.35:
            return X


def _clearance(X, pair):
    """How far the line through a pair stays from the ten others; 0 if the pair is close or few are on a side."""
    along = X[pair[1]] - X[pair[0]]
    length = np.linalg.norm(along)
    heights = np.delete((X - X[pair[0]]) @ [along[1], -along[0]], pair) / length
    return np.abs(heights).min() if length > 0.8 and 4 <= (heights > 0).sum() <= 6 else 0.0


def constructions(X: np.ndarray, labels: dict[str, np.ndarray], networks: dict[str, Network]) -> Published:
    """fig-general-pictures: samples of the plane (K, 2), and for each method its labels (K,) and its network."""
    box = ((-1.8, 1.8), (-1.2, 1.2))
    words = {
        "slabs": "2 labels of any signs: 4 neurons",
        "signs": "2 labels of one sign: 3 neurons",
        "slices": f"all {len(X)} labels: {networks['slices'].n_neurons} neurons",
        "exposed": "2 corners: 1 neuron each",
    }
    values = {method: _grid(g, box) for method, g in networks.items()}
    W, b = _neurons(networks["slices"])
    parting = W[2::2], b[2::2]  # the second neuron of each pair bends between two slices
    slices = np.argsort(X @ parting[0][0]).reshape(-1, 3)

    def draw(*axes):
        for ax, (method, text) in zip(axes, words.items()):
            z = labels[method]
            if method == "slices":
                _kinks(ax, *parting)
                for members in slices:
                    ax.fill(*X[members].T, color=figures.CHANGED.colour, alpha=0.25, linewidth=1.5)
            else:
                _shade(ax, *values[method])
                _kinks(ax, *_neurons(networks[method]))
            ax.plot(*X[z == 0].T, **figures.UNTOUCHED.points(markersize=7))
            _targets(ax, X[z != 0], z[z != 0])
            _window(ax, box, text)
            ax.set_aspect("equal")

    return figures.publish(
        draw,
        "fig-general-pictures",
        caption="Four constructions in the plane. Blue lines are kinks, grey samples must stay at 0, and a diamond is "
        "a target with the sign of its label; the network is positive where it is shaded and negative where it is "
        "hatched. Top left: a slab serves two targets of either sign. Top right: a tent serves two of one sign. Bottom "
        "left: all labels change; the lines cut out slices of three, which are fitted one after another, each by a "
        "pair of neurons after the first slice (the second kinks of the pairs and the network's values are left out). "
        "Bottom right: a vertex of the hull needs one neuron.",
        alt=f"Four panels with the same {len(X)} points in the plane. Top left, four lines around two targets, shading "
        "at one and hatching at the other. Top right, three lines fan out, and the wedge between the outer ones, all "
        f"shaded, holds both targets. Bottom left, {len(slices) - 1} parallel lines part {len(slices)} triangles of "
        "targets. Bottom right, two corner points, each cut off by one line.",
        data={
            "first coordinate": X[:, 0],
            "second coordinate": X[:, 1],
            "label, both signs": labels["slabs"],
            "label, one sign": labels["signs"],
            "label, slices": labels["slices"],
            "label, exposed": labels["exposed"],
        },
        panels=(2, 2),
        height=5.0,
    )


# ---------------------------------------------------------------- bundles

# Neurons (outgoing weight, w_1, w_2, b); the last two bundles are on in a neighbourhood of the target's line only.
BUNDLES = {
    "1 line: zeros move": [(1, -0.12, 1, -0.02)],
    "2 lines: no effect": [(2, -0.12, 1, -0.02), (-1, -0.24, 2, -0.04)],
    "3 lines: one sign": [(1, 0.2, 1, -0.04), (1, -0.2, 1, 0.04), (-1, 0, 2, 0)],
    "4 lines: both signs": [(1, 0.16, 1, 0.168), (-1, 0, 1, 0.2), (-1, 0.16, 1, -0.232), (1, 0, 1, -0.2)],
}


def bundle(neurons: Sequence[tuple]) -> Network:
    """The sum of a relu(w . x + b) in the plane; each neuron is (a, w_1, w_2, b)."""
    a, *w, b = np.array(neurons, dtype=float).T
    return Network((Layer(np.stack(w, axis=1), b), Layer(a, np.zeros(()))))


def bundles(seed: int) -> Published:
    """fig-general-bundles: what one, two, three and four neurons can do among many zeros of the plane."""
    box = ((-1, 1), (-0.5, 0.5))
    networks = [bundle(neurons) for neurons in BUNDLES.values()]
    values = [_grid(g, box) for g in networks]
    zeros = np.random.default_rng(seed).uniform([-1, -0.5], [1, 0.5], (220, 2))
    targets = np.array([[-0.6, 0], [0.75, 0]])

    def draw(*axes):
        for ax, text, g, value in zip(axes, BUNDLES, networks, values):
            _shade(ax, *value)
            _kinks(ax, *_neurons(g), linewidth=2)
            kept = np.full(len(zeros), True) if g.n_neurons == 1 else np.abs(g(zeros)) < ZERO
            ax.plot(*zeros[kept].T, **figures.UNTOUCHED.points(markersize=2.5))
            if g.n_neurons > 2:
                _targets(ax, targets, g(targets))
            _window(ax, box, text)

    kinks = [_neurons(g) for g in networks]
    share = [np.mean(np.abs(value) > ZERO) for *_, value in values]
    return figures.publish(
        draw,
        "fig-general-bundles",
        caption="Bundles of one, two, three and four neurons among dense zeros (grey). One neuron moves the zeros on a "
        "whole side. Two can only lie on one hyperplane and cancel. Three meet in a pencil and make a tent, positive "
        "or negative, never both. Four can do both signs (hatched is negative).",
        alt="Four panels of a plane full of small grey dots. First, one line; all dots on one side of it are shaded. "
        "Second, one line and no shading. Third, three lines through one point, with two thin opposite wedges that are "
        "both shaded and hold a positive target each. Fourth, two parallel lines crossed by two others, with one part "
        "shaded around a positive target and one hatched around a negative one. The share of the picture where the "
        f"network is not 0 is {share[2]:.0%} in the third and {share[3]:.0%} in the fourth panel.",
        data={
            "panel": [panel for panel, g in enumerate(networks, start=1) for _ in range(g.n_neurons)],
            "slope": np.concatenate([-W[:, 0] / W[:, 1] + 0.0 for W, _ in kinks]),
            "height": np.concatenate([-b / W[:, 1] + 0.0 for W, b in kinks]),
            "outgoing weight": np.concatenate([g.layers[1].W for g in networks]),
        },
        panels=(2, 2),
        height=4.4,
    )


# ---------------------------------------------------------------- depth


def depth(priced: Sequence[tuple[np.ndarray, int, Network]]) -> Published:
    """fig-general-depth: (samples of the plane with the target last, its depth, its network) for four scenes."""
    box = ((-1.3, 1.75), (-1.1, 1.1))
    shapes = (
        "which cuts the target off; its side is shaded",
        "with the target and one ringed zero behind both; that zero lies where shading meets hatching",
        "with the target and two ringed zeros behind both; the zeros lie where shading meets hatching",
        "parallel, the middle one through the target and three ringed zeros on its thinner side; the strip between the "
        "outer ones is shaded",
    )
    scenes = [(X.astype(float), deep, g.astype(float)) for X, deep, g in priced]
    values = [_grid(g, box) for *_, g in scenes]
    ring = {"marker": "o", "markersize": 12.5, "markerfacecolor": "none", "markeredgewidth": 1.8, "linestyle": "none"}

    def draw(*axes):
        for ax, (X, deep, g), value in zip(axes, scenes, values):
            zeros, behind = X[:-1], _behind(g, X[:-1])
            _shade(ax, *value)
            _kinks(ax, *_neurons(g))
            ax.plot(*zeros.T, **figures.UNTOUCHED.points(markersize=6.5))
            ax.plot(*zeros[behind].T, **ring, color=figures.INK.colour)
            _targets(ax, X[-1:], g(X[-1:]))
            _window(ax, box, f"depth {deep}: {g.n_neurons} neuron{'s' * (g.n_neurons > 1)}")
            ax.set_aspect("equal")

    return figures.publish(
        draw,
        "fig-general-depth",
        caption="Depth decides what a label costs. Seven zeros on a circle (grey) and one target in the plane. The "
        "depth is the least number of zeros behind a line through the target; so many are ringed. Kinks are blue "
        "lines; the network is positive where it is shaded and negative where it is hatched. For depth 1 and 2 the "
        "network is affine behind both lines, and 0 at the zeros there.",
        alt="Four panels with seven grey points on a circle. "
        + " ".join(
            f"Target of depth {deep}: {g.n_neurons} line{'s' * (g.n_neurons > 1)}, {shape}."
            for (_, deep, g), shape in zip(scenes, shapes)
        ),
        data={
            "panel": [panel for panel, (X, *_) in enumerate(scenes, start=1) for _ in X],
            "first coordinate": np.concatenate([X[:, 0] for X, *_ in scenes]),
            "second coordinate": np.concatenate([X[:, 1] for X, *_ in scenes]),
            "label": [int(row == len(X) - 1) for X, *_ in scenes for row in range(len(X))],
        },
        panels=(2, 2),
        height=5.0,
    )


def _behind(g: Network, zeros) -> np.ndarray:
    """The zeros on the thinner side of the network's middle kink, beside which the target lies."""
    W, b = _neurons(g)
    side = zeros @ W[len(b) // 2] + b[len(b) // 2] > 0
    return side if 2 * side.sum() <= len(side) else ~side


# ---------------------------------------------------------------- counts against the dimension


def _dimensions(ax, dimensions, neurons) -> None:
    """Logarithmic axes with plain numbers, for neurons against the dimension."""
    low, high = min(neurons), max(neurons)
    ax.set(xscale="log", yscale="log", xlabel="dimension $d$ (log scale)", ylabel="neurons (log scale)")
    ax.set(xlim=(dimensions[0], dimensions[-1]), ylim=(low / 1.25, high * 1.25))
    drawing.whole_ticks(ax.xaxis, [d for d in ROUND if dimensions[0] <= d <= dimensions[-1]] or dimensions[-1:])
    drawing.whole_ticks(ax.yaxis, [m for m in ROUND if low / 1.25 <= m <= high * 1.25])


def dimension(dimensions: Sequence[int], built: dict[str, list[int]], N: int, K: int) -> Published:
    """fig-general-dimension: neurons ``built`` by "slabs", "signs", "mixed" and "slices", lists over the dimensions."""
    on_line, floor = bounds.two_layer(N, K).upper, [bounds.parameter_floor(N, d) for d in dimensions]
    curves = (
        ("on a line", [on_line] * len(dimensions), figures.UNTOUCHED, {}),
        ("all $K$ labels", built["slices"], figures.NETWORK, {"linestyle": ":"}),
        ("known: 4 per $d$", built["slabs"], figures.PAPER, {}),
        ("exact: 3 per $d$", built["mixed"], figures.NETWORK, {"linewidth": 3, "marker": "s", "clip_on": False}),
        ("floor", floor, figures.OURS, {}),
    )

    def draw(ax):
        for _, counts, meaning, look in curves:
            ax.plot(dimensions, counts, **meaning.line(**look))
        _dimensions(ax, dimensions, [*floor, on_line, *built["slices"]])
        drawing.names(ax, [(dimensions[-1], counts[-1], name, meaning) for name, counts, meaning, _ in curves])

    falls = {name: f"{counts[0]} to {counts[-1]}" for name, counts in (*built.items(), ("floor", floor))}
    return figures.publish(
        draw,
        "fig-general-dimension",
        caption=f"What dimension buys with one hidden layer. Neurons that change $N = {N}$ of $K = {K}$ Gaussian "
        "samples: four for each group of $d$, {cite:t}`bubeck2020` (dashed), and three for each group of $d$ of one "
        "sign (squares), the exact count $E$. Slices fit all labels (dotted). The floor $\\lceil (N-1)/(d+1) \\rceil$ "
        f"counts parameters (green). On a line $\\min\\{{3N, K-2\\}} = {on_line}$ neurons can be needed, whatever $d$ "
        "is (grey).",
        alt=f"Logarithmic axes. From d = {dimensions[0]} to d = {dimensions[-1]} four for each group fall from "
        f"{falls['slabs']} neurons, the exact count from {falls['mixed']}, the slices from {falls['slices']}, the "
        f"floor from {falls['floor']}. A horizontal line at {on_line} marks samples on a line.",
        data={
            "d (dimension)": dimensions,
            **{f"{name} (neurons)": built[name] for name in ("slabs", "signs", "mixed", "slices")},
            "floor (neurons)": floor,
        },
        height=4.2,
    )


def two_hidden(dimensions: Sequence[int], one: Sequence[int], two: Sequence[int], n: int) -> Published:
    """fig-general-two-hidden: neurons of slices (``one``) and of the zigzag (``two``) that memorise n samples."""
    floors = {
        "floor of 1": [bounds.parameter_floor(n, d) for d in dimensions],
        "floor of 2": [bounds.three_layer_parameter_floor(n, d) for d in dimensions],
    }
    crossing = next((d for d, slices, zigzag in zip(dimensions, one, two) if slices <= zigzag), None)

    def draw(ax):
        for counts, mark, dash in ((one, "s", "-"), (two, "o", "--")):
            ax.plot(
                dimensions, counts, **figures.NETWORK.line(marker=mark, linestyle=dash, linewidth=2.4, clip_on=False)
            )
        for counts, dash in zip(floors.values(), ("-", "--")):
            ax.plot(dimensions, counts, **figures.OURS.line(linestyle=dash))
        _dimensions(ax, dimensions, [*one, *two, *floors["floor of 1"], *floors["floor of 2"]])
        ends = [("1 hidden layer", one, figures.NETWORK), ("2 hidden layers", two, figures.NETWORK)]
        ends += [(name, counts, figures.OURS) for name, counts in floors.items()]
        drawing.names(ax, [(dimensions[-1], counts[-1], name, meaning) for name, counts, meaning in ends])

    return figures.publish(
        draw,
        "fig-general-two-hidden",
        caption=f"Dimension helps one hidden layer, and hardly two. Neurons that memorise {n} Gaussian samples: slices "
        "with one hidden layer (squares, solid) and the zigzag of chapter 3 with two (circles, dashed). The green "
        "curves are the floors that count parameters, which hold for all samples and almost all labels.",
        alt=f"Logarithmic axes. The slices fall from {one[0]} neurons at d = {dimensions[0]} to {one[-1]} at "
        f"d = {dimensions[-1]}, their floor from {floors['floor of 1'][0]} to {floors['floor of 1'][-1]}. With two "
        f"hidden layers the networks have {two[0]} neurons at every d, and the floor falls from "
        f"{floors['floor of 2'][0]} to {floors['floor of 2'][-1]}."
        + (
            f" Of the dimensions shown, slices need no more than two hidden layers from {crossing} on."
            if crossing
            else ""
        ),
        data={
            "d (dimension)": dimensions,
            "one hidden layer, built": one,
            "one hidden layer, floor": floors["floor of 1"],
            "two hidden layers, built": two,
            "two hidden layers, floor": floors["floor of 2"],
        },
        height=4.2,
    )


def exposed(seen: Sequence[dict], K: int, N: int) -> Published:
    """fig-general-exposed: records of ``checks.vertices``, one for each dimension; up to N of K samples are moved."""
    column = {name: np.array([record[name] for record in seen]) for name in seen[0]}
    curves = (("1 a vertex", "exposed", figures.NETWORK), ("groups of $d$", "mixed", figures.PAPER))

    def draw(left, right):
        left.plot(column["d"], 100 * column["share"], **figures.UNTOUCHED.line(marker="o"))
        left.set(xlabel="dimension $d$", ylabel="vertices of the hull (%)", ylim=(0, 104), xlim=(0, None))
        for _, name, meaning in curves:
            right.plot(column["d"], column[name], **meaning.line(marker=meaning.marker, clip_on=False))
        right.set(yscale="log", xlabel="dimension $d$", ylabel="error in float32 (log scale)")
        right.set(xlim=(0, column["d"][-1]))
        drawing.names(right, [(column["d"][-1], column[name][-1], text, meaning) for text, name, meaning in curves])

    last = {name: values[-1] for name, values in column.items()}
    return figures.publish(
        draw,
        "fig-general-exposed",
        caption="In high dimension nearly every sample is a vertex of the hull. Left: the share of vertices among "
        f"{K} Gaussian samples. Right: {N} vertices are moved, or all where there are fewer, and the network is "
        "rounded to float32: one neuron a vertex (blue squares) and groups of $d$ targets (grey crosses). Errors are "
        "in units of the largest label.",
        alt=f"Left, the share of vertices is {column['share'][0]:.0%} at d = {column['d'][0]} and {last['share']:.0%} "
        f"at d = {last['d']}. Right, on a logarithmic axis, the error in float32 of one neuron a vertex is "
        f"{column['exposed'].min():.0e} to {column['exposed'].max():.0e}, that of groups of d "
        f"{column['mixed'].min():.0e} to {column['mixed'].max():.0e}.",
        data={
            "d (dimension)": column["d"],
            "share of vertices": column["share"],
            "median margin": column["margin"],
            "float32 rounding error, exposed": column["exposed"],
            "float32 rounding error, mixed": column["mixed"],
            "allowed by the least margin": column["allowed"],
        },
        panels=(1, 2),
        height=3.9,
    )
