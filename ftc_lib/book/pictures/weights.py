"""The pictures of chapter 6 and of its companion page: what networks weigh, and what they could."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from ftc_lib.book import drawing, figures
from ftc_lib.book.figures import Published
from ftc_lib.core import Network, part
from ftc_lib.core.types import Number


def few(values: Sequence[int]) -> list:
    """Of increasing values those that ticks of a logarithmic axis have room for."""
    room = (0.3 if figures.layout() == "narrow" else 0.14) * np.log(values[-1] / values[0])
    kept = [values[-1]]
    for value in values[-2::-1]:
        if np.log(kept[-1] / value) >= room:
            kept.append(value)
    return kept


def baum_weight(ns: Sequence[int], d: int, measured: np.ndarray, slopes: Sequence[float]) -> Published:
    """Total weight of Baum's networks against n; ``measured`` (sizes, draws, 2) and ``slopes`` as in checks.weights."""
    middle = np.median(measured, axis=1)
    guide = middle[0, 1] / 6 * (np.array([ns[0], ns[-1]]) / ns[0]) ** 2

    def draw(ax):
        for sample in measured[:, :, 0].T:
            ax.plot(ns, sample, **figures.NETWORK.points(markersize=4, alpha=0.3, markeredgewidth=0))
        ax.plot(ns, middle[:, 0], **figures.NETWORK.line(marker="s"))
        ax.plot(ns, middle[:, 1], **figures.NETWORK.line(linestyle="--", marker="s", markerfacecolor="none"))
        ax.plot([ns[0], ns[-1]], guide, color=figures.FAINT.colour, linewidth=1.2)
        ax.set(xscale="log", yscale="log", xlabel="samples $n$ (log scale)")
        ax.set(ylabel="weight\n(unit of the label, log scale)")
        drawing.whole_ticks(ax.xaxis, few(ns))
        drawing.names(ax, [
            (ns[-1], middle[-1, 0], f"total, slope {slopes[0]:.1f}", figures.NETWORK),
            (ns[-1], middle[-1, 1], f"typical, slope {slopes[1]:.1f}", figures.NETWORK),
            (ns[-1], guide[-1], "slope 2", figures.INK),
        ])  # fmt: skip

    return figures.publish(
        draw, "fig-baum-weight", height=4.0,
        caption=f"What Baum's networks weigh: $4 \\lceil n/{d} \\rceil$ ReLUs for $n$ random points of the sphere in "
        f"$\\R^{{{d}}}$ with random signs as labels. The total weight of {measured.shape[1]} networks for each $n$ "
        "(faint), its median (full line), and the typical part, the number of neurons times the median neuron's weight "
        "(dashed). Slopes are fitted to the medians; our measurement.",
        alt=f"Logarithmic axes. The median total weight goes from {middle[0, 0]:.1e} at n = {ns[0]} to "
        f"{middle[-1, 0]:.1e} at n = {ns[-1]}, slope {slopes[0]:.2f}. Neurons times median weight has slope "
        f"{slopes[1]:.2f}. A thin guide has slope 2.",
        data={"n (samples)": np.repeat(ns, measured.shape[1]), "total weight": measured[:, :, 0].ravel(),
              "neurons times median weight": measured[:, :, 1].ravel()},
    )  # fmt: skip


def ntk(found: dict) -> Published:
    """The error of boosted derivative neurons; ``found`` as checks.weights.ntk_runs gives it: pale is the smaller
    one."""
    shades = dict(zip(found, (0.45, 1.0)))
    right = 1.6 * max(len(path) * d / n for (n, d), (paths, _) in found.items() for path in paths)

    def draw(ax):
        ends = []
        for (n, d), (paths, rate) in found.items():
            for path in paths:
                ax.plot(np.arange(len(path)) * d / n, path, **figures.NETWORK.line(linewidth=1.2, alpha=shades[n, d]))
            t = np.array([0, right * n / d])
            ax.plot(t * d / n, (1 - rate) ** t, **figures.OURS.line(alpha=shades[n, d]))
            ends.append((right, (1 - rate) ** t[-1], f"bound, $n = {n}$", figures.OURS))
        ended = max(((len(path) - 1) * d / n, path[-1]) for (n, d), (paths, _) in found.items() for path in paths)
        ends.append((*ended, "drawn", figures.NETWORK))
        ax.set(yscale="log", xlim=(0, right), ylim=(0.02, 1.1))
        ax.set_yticks([0.03, 0.1, 0.3, 1], ["0.03", "0.1", "0.3", "1"])
        ax.minorticks_off()
        ax.set(xlabel="steps $t$, times $d/n$", ylabel="error $|r_t|^2 / |y|^2$\n(log scale)")
        drawing.names(ax, ends)

    sizes, columns = list(found), {}
    for (n, d), (paths, rate) in found.items():
        columns |= {f"error, n = {n}, d = {d}, run {i + 1}": path for i, path in enumerate(paths)}
        columns[f"bound, n = {n}, d = {d}"] = (1 - rate) ** np.arange(max(map(len, paths)))
    runs = len(found[sizes[0]][0])
    longest = " and ".join(f"{max(map(len, found[n, d][0])) * d / n:.0f} units for n = {n}" for n, d in sizes)
    return figures.publish(
        draw, "fig-weights-ntk", height=3.9,
        caption=f"Boosting with derivative neurons. The error of {runs} random networks after each step (blue; pale "
        f"for n = {sizes[0][0]}, full for n = {sizes[1][0]}, both with n/d = {sizes[0][0] // sizes[0][1]}) falls at "
        "every single step. The bound $(1 - \\lambda/\\omega)^t$ for its mean (green) holds for every choice of "
        "labels; random labels do better.",
        alt=f"The error on a logarithmic axis against steps times d/n. {2 * runs} blue curves fall steadily from 1 to "
        f"0.03, within {longest}. The green bounds fall more slowly: by "
        f"{' and '.join(f'{rate:.2g}' for _, rate in found.values())} of the error a step.",
        data=columns,
    )  # fmt: skip


def angular(sixteen: np.ndarray, counts: np.ndarray, spread: dict) -> Published:
    """Left the real part of phi_4 on the circle and ``sixteen`` (n,), what 16 ReLUs make of it; right ``spread``, m ->
    how far ``counts`` of angles are from phi_m."""
    alpha = np.linspace(0, 2 * np.pi, len(sixteen))
    true = np.cos(4 * alpha)
    at_16 = {m: values[list(counts).index(16)] for m, values in spread.items()}

    def draw(left, right):
        left.plot(alpha / np.pi, true, **figures.OURS.line(linewidth=5, alpha=0.4))
        left.plot(alpha / np.pi, sixteen, **figures.NETWORK.line(linewidth=1.4))
        left.set(xlabel="phase of $z$ (units of $\\pi$)", ylabel="real part at $|z| = 1$ (no unit)")
        left.set(ylim=(-1.3, 1.9), yticks=[-1, 0, 1])
        for x, words, meaning in (
            (0.02, "$\\mathrm{Re}\\,\\varphi_4$", figures.OURS),
            (0.98, "16 ReLUs", figures.NETWORK),
        ):
            left.text(x, 0.98, words, transform=left.transAxes, va="top", ha="right" if x > 0.5 else "left",
                      color=meaning.colour)  # fmt: skip
        ends = []
        for (m, values), dash in zip(spread.items(), ("-", "--", ":"), strict=True):
            kept = counts > 2 * m
            right.plot(counts[kept], np.array(values)[kept], **figures.NETWORK.line(linestyle=dash))
            ends.append((counts[-1], values[-1], f"$m = {m}$", figures.NETWORK))
        right.axvline(16, color=figures.FAINT.colour, linewidth=1.2)
        right.set(yscale="log", xlabel="angles $M$", ylabel="largest deviation\nat $|z| = 1$ (log scale)")
        right.set(xticks=[16, 32, 64])
        drawing.names(right, ends)

    return figures.publish(
        draw, "fig-weights-angular", panels=(1, 2), height=3.5,
        caption="A turned ReLU is a harmonic. First: the real part of $\\varphi_4$ on the unit circle (green) and what "
        "16 real ReLUs make of it (blue). Second: how far $M$ angles are from $\\varphi_m$, the harmonics that come "
        "along; the thin line stands at 16.",
        alt="First, a cosine with four periods, and a curve of 16 ReLUs that follows it to "
        f"{np.abs(sixteen - true).max():.2f}. Second, on a logarithmic axis, the deviation for m = 4 goes from "
        f"{spread[4][2]:.1f} at {counts[2]} angles to {spread[4][-1]:.2f} at {counts[-1]}; at 16 angles it is "
        f"{at_16[2]:.2f}, {at_16[4]:.2f} and {at_16[6]:.2f} for m = 2, 4, 6.",
        data={"phase (units of pi)": alpha / np.pi, "Re phi_4": true, "16 ReLUs": sixteen, "angles M": counts,
              **{f"deviation, m = {m}": values for m, values in spread.items()}},
    )  # fmt: skip


RESIDUALS = {"all +1": ("$r = +1$", "^", "-"), "all -1": ("$r = -1$", "v", "--"), "random": ("random $r$", "o", ":")}


def wrong_direction(steps: Sequence[float], mean: dict, error: dict, shape: tuple[int, ...], draws: int) -> Published:
    """Correlation of random neurons with three residuals; ``mean`` and ``error`` as checks.weights.correlations gives
    them for samples of this shape (n, d)."""
    (n, d), real = shape, {name: mean["real", name] for name in RESIDUALS}
    low, high = min(v.min() for v in mean.values()), max(v.max() for v in mean.values())
    faint, strong = (find(find(mean["harmonic", name]) for name in RESIDUALS) for find in (min, max))

    def draw(*axes):
        for ax, kind, words in zip(axes, ("real", "relus"), ("two ReLUs", "16 ReLUs")):
            ax.axhspan(low - 1, 0, color=figures.FAINT.colour, alpha=0.35, linewidth=0)
            ends = []
            for name, (short, marker, dash) in RESIDUALS.items():
                curve = mean["harmonic" if kind == "relus" else "real", name]
                meaning = figures.OURS if kind == "relus" else figures.NETWORK
                ax.plot(steps, curve, **meaning.line(linestyle=dash))
                ax.errorbar(steps, mean[kind, name], 2 * error[kind, name], **figures.NETWORK.points(
                    marker=marker, markersize=5, capsize=2, linewidth=1))  # fmt: skip
                ends.append((steps[-1], curve[-1], short, figures.NETWORK))
            ax.text(0.03, 0.03, "wrong direction", transform=ax.transAxes, color=figures.INK.colour)
            ax.text(0.97, 0.97, words, transform=ax.transAxes, ha="right", va="top", color=figures.INK.colour)
            ax.set(xscale="log", ylim=(low - 1, high + 1.2), xlabel="step $s = \\delta |r| / \\sqrt{d}$\n(log scale)")
            ax.set(ylabel="correlation with the residual,\n$f \\cdot r / |r|^2$ (no unit)")
            ax.set_xticks([0.05, 0.2, 0.5, 2], ["0.05", "0.2", "0.5", "2"])
            ax.minorticks_off()
            drawing.names(ax, ends)

    return figures.publish(
        draw, "fig-weights-complex", panels=(1, 2), height=3.9, sharex=True, sharey=True,
        caption="Why complex: a pair of real ReLUs ends up pointing the wrong way. Mean correlation of a random neuron "
        f"with the residual, n = {n}, d = {d}, {draws} draws; bars are two standard errors. First: two real ReLUs, at "
        "a large step wrong for the residual $-1$. Second: 16 real ReLUs (blue) and the harmonic averaged over its "
        "phase, {prf:ref}`thm-weights-harmonic` (green), which fades at large steps but keeps its sign.",
        alt="Two panels. First: for the residual of all -1 the correlation of the real pair falls from "
        f"{real['all -1'][0]:.1f} to {real['all -1'][-1]:.1f} as the step grows, below zero; for all +1 it goes from "
        f"{real['all +1'][0]:.1f} to {real['all +1'][-1]:.1f}. Second: for the harmonic neuron all three correlations "
        f"lie between {faint:.2f} and {strong:.1f}.",
        data={"s": list(steps), **{f"{kind}, r {name}": values for (kind, name), values in mean.items()},
              **{f"standard error, {kind}, r {name}": values for (kind, name), values in error.items()}},
    )  # fmt: skip


def steps(targets: Sequence[float], taken: dict, shape: tuple[int, int], runs: int) -> Published:
    """Steps against one over the error that is left; ``taken`` as checks.weights.steps_taken gives it."""
    (n, d), left = shape, 1 / np.array(targets)

    def draw(ax):
        for frozen, meaning, dash in ((False, figures.NETWORK, "-"), (True, figures.NETWORK, "--")):
            ax.plot(left, taken[frozen], **meaning.line(marker="x" if frozen else "s", linestyle=dash))
        ax.set(xscale="log", xlabel="$1/\\varepsilon$ (log scale)", ylabel="steps (16 ReLUs each)")
        drawing.names(ax, [
            (left[-1], taken[False][-1], "$\\delta \\propto 1/|r|$", figures.NETWORK),
            (left[-1], taken[True][-1], "frozen $\\delta$", figures.NETWORK),
        ])  # fmt: skip

    return figures.publish(
        draw, "fig-weights-steps",
        caption=f"Steps against the error, n = {n}, d = {d}, line search, mean of {runs} runs on as many data sets. A "
        "step that grows as the residual shrinks needs $\\log(1/\\varepsilon)$ steps (full, a straight line here). A "
        "frozen step needs many more (dashed).",
        alt=f"Steps against 1/epsilon, on a logarithmic axis, from 1/{targets[0]} to 1/{targets[-1]}. The scaled step "
        f"takes {taken[False][0]:.0f} to {taken[False][-1]:.0f} steps on a straight line; the frozen step "
        f"{taken[True][0]:.0f} to {taken[True][-1]:.0f}, bending upwards.",
        data={"epsilon": list(targets), "steps, scaled": taken[False], "steps, frozen": taken[True]},
    )  # fmt: skip


LADDER = {  # column of the data: short name, marker, dash
    "Baum": ("Baum", "x", "-"),
    "derivative neurons, exact": ("derivative", "s", "-"),
    "derivative neurons, steps x median": ("its typical part", "s", ":"),
    "harmonic": ("harmonic", "^", "-"),
    "pairs at s = 0.5": ("pairs, large step", "D", "-."),
}


def growth(ns: Sequence[int], ratio: int, measured: dict, slopes: dict) -> Published:
    """Total weights of four networks against n, and a floor; ``measured`` and ``slopes`` as checks.weights gives
    them."""
    middle = {name: np.median(measured[name], axis=1) for name in LADDER}
    floor, most = measured["floor"], measured["most this test could show"]

    def draw(ax):
        ax.fill_between(ns, floor, most, color=figures.OURS.colour, alpha=0.3, linewidth=0)
        ax.plot(ns, floor, **figures.OURS.line())
        ends = [(ns[-1], floor[-1], "floor", figures.OURS)]
        for name, (short, marker, dash) in LADDER.items():
            hollow = {"markerfacecolor": "none"} if dash == ":" else {}
            ax.plot(ns, middle[name], **figures.NETWORK.line(marker=marker, linestyle=dash, **hollow))
            words = short if figures.layout() == "narrow" else f"{short}, slope {slopes[name]:.1f}"
            ends.append((ns[-1], middle[name][-1], words, figures.NETWORK))
        ax.set(xscale="log", yscale="log", xlabel=f"samples $n$, with $d = n/{ratio}$ (log scale)")
        ax.set(ylabel="total weight\n(unit of the label, log scale)")
        drawing.whole_ticks(ax.xaxis, few(ns))
        drawing.names(ax, ends)

    draws = measured["Baum"].shape[1]
    return figures.publish(
        draw, "fig-weights-growth", height=4.6,
        caption=f"What the networks weigh, n/d = {ratio}, random signs, median of {draws} data sets. The \"typical "
        "part\" is the number of derivative neurons times the median weight of one; a few dominate the sum. Green "
        "band: from a certified floor, on the first data set, to what the same test could show there at best.",
        alt="Logarithmic axes, total weight against n. Slopes: "
        f"{', '.join(f'{name} {value:.1f}' for name, value in slopes.items())}. At n = {ns[-1]} the weights are "
        f"{middle['Baum'][-1]:.1e} for Baum, {middle['derivative neurons, exact'][-1]:.1e} for derivative neurons, "
        f"{middle['harmonic'][-1]:.1e} for harmonic and {middle['pairs at s = 0.5'][-1]:.1e} for pairs with a large "
        f"step; the floor is {floor[-1]:.2g}.",
        data={"n": ns, **{name: middle[name] for name in slopes}, "floor": floor, "most this test could show": most},
    )  # fmt: skip


NAMED = {  # what is drawn of the constructions on a line: dash
    "3: zigzag": "--", "3: yun": "--", "3: windows": "-", "3: pairs": ":", "2: bumps": "-.", "2: interpolate": "-",
}  # fmt: skip
AXES = {  # label of an axis
    "N": "changed labels $N$\n(log scale)", "K": "samples $K$\n(log scale)", "gap": "smallest gap\n(log scale)",
}  # fmt: skip


def fine_tuning(K: int, N: int, over: dict, floors: dict, papers: Sequence[str]) -> Published:
    """Path weights on a line over the floor of two layers, in three panels: ``over`` axis -> construction -> value ->
    ratio, with "floor, any depth" among the constructions; ``floors`` axis -> value -> floor of two layers."""
    values = {axis: list(floors[axis]) for axis in AXES}

    def draw(*axes):
        for ax, axis in zip(axes, AXES):
            x, ends = values[axis], []
            for name, dash in NAMED.items():
                meaning, y = figures.PAPER if name in papers else figures.OURS, list(over[axis][name].values())
                if name == "2: interpolate":  # it lies on the floor
                    ax.plot(x, [1] * len(x), **figures.OURS.line(linewidth=6, alpha=0.35))
                ax.plot(x, y, **meaning.line(linestyle=dash, linewidth=1.6))
                ends.append((x[-1], y[-1], name[3:], meaning))
            y = list(over[axis]["floor, any depth"].values())
            ax.plot(x, y, **figures.OURS.line(linewidth=2, alpha=0.5))
            ends.append((x[-1], y[-1], "any depth", figures.OURS))
            ax.set(
                xscale="log",
                yscale="log",
                xlabel=AXES[axis],
                ylabel="path weight over the\ntwo-layer floor (log scale)",
            )
            ax.minorticks_off()
            if axis == "gap":
                ax.invert_xaxis()
            else:
                drawing.whole_ticks(ax.xaxis, [x[0], x[-1]])
            if figures.layout() == "narrow" or axis == "gap":
                drawing.names(ax, ends)

    highest = {axis: max(over[axis]["3: windows"].values()) for axis in AXES}
    deep = [v for axis in AXES for v in over[axis]["floor, any depth"].values()]
    two = [v for name in ("2: bumps", "2: Baum") for v in over["N"][name].values()]
    columns = {axis: values[axis] for axis in AXES}
    for axis in AXES:
        columns[f"floor of two layers against {axis}"] = list(floors[axis].values())
        columns |= {f"times the floor against {axis}, {name}": list(of.values()) for name, of in over[axis].items()}
    return figures.publish(
        draw, "fig-weights-ftc", panels=(1, 3), height=4.4, sharey=True,
        caption="What fine-tuning networks weigh, over the least weight of two layers: even samples of $[0, 1]$ with "
        f"random signs, against the changed labels ($K = {K}$), all samples ($N = {N}$), and one shrinking gap; "
        "medians over 5 random sets of targets. Grey: constructions of papers; green: this book's. Pale band: the "
        "floor of {prf:ref}`thm-weights-line`, with the interpolant on it; pale line: the floor of "
        "{prf:ref}`thm-weights-depth`. Zigzag, yun, windows and pairs have three layers.",
        alt=f"Three panels with logarithmic axes: path weight over the floor of two layers. The interpolant is at 1 "
        f"throughout. Against N at K = {K} bumps and Baum's network are {min(two):.1f} to {max(two):.1f} times the "
        f"floor, windows up to {highest['N']:.0f} times. Against K at N = {N} the zigzag goes from "
        f"{next(iter(over['K']['3: zigzag'].values())):.0f} to {list(over['K']['3: zigzag'].values())[-1]:.0f} times. "
        f"Against one shrinking gap windows are up to {highest['gap']:.0f} times the floor. The floor for any depth is "
        f"{min(deep):.2f} to {max(deep):.2f} times that for two layers.",
        data=columns,
    )  # fmt: skip


def tradeoff(K: int, N: int, points: list[dict], floor: float, depth_floor: float, papers: Sequence[str]) -> Published:
    """Path weight of each construction, the fewest neurons first; ``points`` and both floors as checks.weights gives
    them."""
    points = sorted(points, key=lambda point: (-point["neurons"], point["path weight"]))
    names = [point["construction"] for point in points]

    def draw(ax):
        ax.axvline(depth_floor, **figures.OURS.line(linewidth=2, alpha=0.5, label="floor, any depth"))
        ax.axvline(floor, **figures.OURS.line(linewidth=6, alpha=0.35, label="floor, two layers"))
        for y, point in enumerate(points):
            meaning = figures.PAPER if point["construction"] in papers else figures.OURS
            marker, w = "s" if point["construction"][0] == "2" else "^", point["path weight"]
            ax.plot([floor, w], [y, y], color=figures.FAINT.colour, linewidth=1.2, zorder=1)
            ax.plot([w], [y], color=meaning.colour, marker=marker, markersize=9, linestyle="none")
        for marker, words in (("s", "two layers"), ("^", "three layers")):
            ax.plot([], [], color=figures.INK.colour, marker=marker, markersize=8, linestyle="none", label=words)
        ax.set(
            xscale="log", xlabel="path weight\n(unit of the label, log scale)", ylabel="construction: hidden neurons"
        )
        ax.set_yticks(range(len(points)), [f"{point['construction'][3:]}: {point['neurons']}" for point in points])
        ax.grid(axis="y", visible=False)
        ax.figure.legend(loc="outside upper center", ncols=2)

    said = ", ".join(
        f"{p['construction'][3:]} ({p['construction'][0]} layers): {p['neurons']} neurons, {p['path weight']:.1e}"
        for p in reversed(points)
    )
    return figures.publish(
        draw, "fig-weights-tradeoff", height=4.8,
        caption=f"Neurons against weight, for {N} changed labels among {K} even samples, medians over 5 draws; the "
        "fewest neurons on top. Grey: constructions of papers; green: this book's. Two layers "
        "cannot be left of the pale band, and no network left of the pale line.",
        alt=f"Path weight on a logarithmic axis, a row for each construction, by hidden neurons. {said}. The floor for "
        f"two layers is {floor:.1e}, for any depth {depth_floor:.1e}.",
        data=[{"construction": name[3:], "hidden layers": int(name[0]) - 1, "neurons": p["neurons"],
               "path weight": p["path weight"]} for name, p in zip(names, points)],
    )  # fmt: skip


# ---------------------------------------------------------------- far from zero


def steps_of(ax: Axes, network: Network, low: Number, high: Number, count: int) -> None:
    """What the first ``count`` layers of one neuron hand on, later ones darker."""
    t, values = handed_on(network, low, high, count)
    for shade, column in zip(np.linspace(0.25, 1, count), values.T):
        ax.plot(t, column, **figures.NETWORK.line(alpha=shade, linewidth=1.2))
    ax.set(ylabel="after each step")


def handed_on(network: Network, low: Number, high: Number, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Places t (n,) and what each of the first ``count`` layers of one neuron hands on there, (n, count)."""
    t = np.linspace(float(low), float(high), 401)
    arriving = network.pre_activations(t[:, None])[:count]
    return t, np.maximum(np.column_stack([layer[:, 0] for layer in arriving]).astype(float), 0)


def savings(ax: Axes, far: np.ndarray, saved: dict, allowed: np.ndarray) -> None:
    """Weights over the floor of two layers against the place of the label, log-log: a line for each k, a pale floor."""
    ax.plot(far, allowed, **figures.OURS.line(linewidth=6, alpha=0.35))
    for dash, values in zip(("-", "--", "-.", ":"), saved.values()):
        ax.plot(far, values, **figures.NETWORK.line(linewidth=1.6, linestyle=dash))
    ax.set(xscale="log", yscale="log", xlabel="place of the label, $T$ (log scale)")
    ax.set(ylabel="weight over the\ntwo-layer floor (log scale)")
    ax.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.set_yticks([0.5, 0.2, 0.1, 0.05, 0.02], ["0.5", "0.2", "0.1", "0.05", "0.02"])
    ax.minorticks_off()
    ends = [(far[-1], values[-1], f"$k = {k}$", figures.NETWORK) for k, values in saved.items()]
    drawing.names(ax, [*ends, (far[-1], allowed[-1], "floor", figures.OURS)])


def far_from_zero(
    t: np.ndarray, y: np.ndarray, walk: Network, count: int, far: np.ndarray, saved: dict, allowed: np.ndarray
) -> Published:
    """A walk of ``count`` steps to the label among samples (t, y), its output, and what depth saves at places
    ``far``."""
    low, high = float(t[0]), float(t[-1])
    places, behind = handed_on(walk, low, high, count)
    vertices = drawing.vertices(walk, low, high)

    def draw(first, second, third):
        steps_of(first, walk, low, high, count)
        drawing.function(second, walk, low, high)
        drawing.samples(second, t, y)
        for ax in (first, second):
            ax.set(xlim=(low, high), xlabel="position on the line, $t$")
        second.set(ylabel="output $g$")
        savings(third, far, saved, allowed)

    label = int(np.argmax(y))
    ends = ", ".join(f"{values[-1]:.3f} for k = {k}" for k, values in saved.items())
    return figures.publish(
        draw, "fig-weights-depth-example", panels=(3, 1), height=7.4, height_ratios=(1, 1, 1.9),
        caption=f"Far from 0 depth saves more than half. First: {count} layers of one neuron walk to a label, darker "
        f"with each step. Second: the output of the network, right at all {len(t)} samples. Third: path weight over "
        "the floor of two layers, for one label at $T$, gaps 0.01 and $k$ steps. No depth is below the pale band, "
        "{prf:ref}`thm-weights-depth`.",
        alt=f"First: {count} ramps, each starting further right, the last at {float(t[label - 2]):.1f}. Second: a tent "
        f"of height 1 at {float(t[label]):.0f}, zero at all other samples. Third: weight over two-layer floor falls "
        f"from {allowed[0]:.2f} at T = {far[0]:.1f}; at T = {far[-1]:.0f} they are {ends}, and the floor for any depth "
        f"is {allowed[-1]:.3f}.",
        data={"t": places, **{f"after step {j + 1}": v for j, v in enumerate(behind.T)},
              "vertex t": vertices[0], "vertex g": vertices[1], "T": far, "any depth": allowed,
              **{f"built, k = {k}": values for k, values in saved.items()}},
        networks={"vertex g": (walk, "vertex t")}
        | {f"after step {j + 1}": (part(walk, j + 1, [1]), "t") for j in range(count)},
    )  # fmt: skip
