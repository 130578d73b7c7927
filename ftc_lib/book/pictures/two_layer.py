"""The pictures of chapter 2 and of its companion page; the tables of the same pages stand at the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ftc_lib.book import drawing, figures
from ftc_lib.book.figures import Published
from ftc_lib.core import bounds
from ftc_lib.core.certify import Certificate, exact_values
from ftc_lib.core.network import Network, along, kinks

UP_AND_DOWN = {1: 1.0, -1: 0.45}  # how opaque a bar is that asks for a kink upwards, or downwards
CASES = {  # of the proof that K - 2 neurons are enough: what is bent
    "case 1": "case 1: ends steeper",
    "case 2, first piece": "case 2: first piece flat",
    "case 2, last piece": "case 2: last piece flat",
    "case 3, flat": "case 3: middle flat",
    "case 3, steep": "case 3: middle turned",
    "four points": "four points: not bent",
}


def bumps(X: np.ndarray, z: np.ndarray, g: Network) -> Published:
    """fig-two-bumps. X (K, 2) samples of the plane, z (K,) their targets, g the network of bumps."""
    direction, path = g.layers[0].W.direction, along(g).to_fractions()  # exact: its kinks are counted, not measured
    t, a = X @ direction, direction / np.linalg.norm(direction)
    feet, moved, bends = np.outer(X @ a, a), z != 0, kinks(path)
    reach = 0.1 * np.ptp(t)
    curve = drawing.vertices(path, t.min() - reach, t.max() + reach)

    def draw(plane, line):
        plane.axline((0, 0), a, color=figures.INK.colour, linewidth=1.2)
        for x, foot, changed in zip(X, feet, moved):
            shade = figures.CHANGED if changed else figures.FAINT
            plane.plot(*zip(x, foot), color=shade.colour, linewidth=1.6 if changed else 1)
        plane.plot(*X[~moved].T, **figures.UNTOUCHED.points(zorder=4))
        plane.plot(*X[moved].T, **figures.CHANGED.points(zorder=5, markersize=8))
        plane.set(xlabel="samples in the plane\nand their feet on one line", xticks=[], yticks=[])
        plane.set_aspect("equal", adjustable="datalim")
        line.plot(*curve, **figures.NETWORK.line(zorder=3, linewidth=2.2))
        line.plot(t[~moved], z[~moved], **figures.UNTOUCHED.points(zorder=4))
        line.plot(t[moved], z[moved], **figures.CHANGED.points(zorder=5, markersize=8))
        line.margins(y=0.15)
        line.yaxis.get_major_locator().set_params(nbins=5)
        drawing.ticks(line, bends, height=0.06)
        line.set(xlabel=f"place on that line, $t$\n{len(bends)} neurons, one kink each", ylabel="what $g$ adds")

    return figures.publish(
        draw,
        "fig-two-bumps",
        caption=f"Left: {len(X)} samples in the plane and their feet on one line. Right: {g.n_neurons} ReLUs along "
        f"that line, a bump of three for each of the {moved.sum()} changed samples (diamonds); the {(~moved).sum()} "
        f"others stay at zero. Ticks mark the {len(bends)} kinks.",
        alt=f"Left, {len(X)} points in the plane with feet on a line. Right, the network along the line, the sum of "
        f"{moved.sum()} narrow triangles of heights {', '.join(f'{v:.2f}' for v in z[moved])} and zero elsewhere, with "
        f"{len(bends)} kinks.",
        data={"t (units of x)": t, "z (label units)": z, "vertex t": curve[0], "vertex g": curve[1]},
        networks={"vertex g": (path, "vertex t")},
        panels=(1, 2),
        height=3.4,
    )


def forced(t: np.ndarray, z: np.ndarray, intervals: Sequence[tuple], signs: Sequence[int]) -> Published:
    """fig-two-forced. Points t (K,), labels z (K,); intervals (left, right) that hold a kink, and the kinks' signs."""
    up = sum(sign > 0 for sign in signs)
    down, changed = len(signs) - up, int((z != 0).sum())

    def draw(ax):
        ax.plot(t, z.astype(float), color=figures.FAINT.colour, linewidth=1)
        drawing.samples(ax, t, z)
        _bars(ax, intervals, signs, t[-1], -1.4, -1.8)
        ax.set(xlabel="place on the line, $t$", ylabel="label, $z$", ylim=(-2.1, 1.3), yticks=[-1, 0, 1])

    return figures.publish(
        draw,
        "fig-two-forced",
        caption="Targets of alternating sign (diamonds) with two zeros between them. Each bar is an interval that "
        f"must hold a kink upwards or downwards: {up} + {down} = {up + down} kinks for {changed} labels.",
        alt=f"{len(t)} points, {changed} of them at plus or minus one. Below them {up} disjoint intervals that "
        f"force an upward kink and {down} disjoint intervals that force a downward kink, together {up + down}.",
        data={"t": t, "z (label units)": z, "second difference at t+1": np.diff(z.astype(float), 2)},
        height=3.2,
    )


def bend(
    t: np.ndarray,
    z: np.ndarray,
    secant: Network,
    bent: Network,
    breaks: np.ndarray,
    slopes: np.ndarray,
    left: np.ndarray,
) -> Published:
    """fig-two-bend. Points (t, z), the network of their secants, the bent one, and what ``two_layer.bend`` gave."""
    ends = float(t[0]) - 0.4, float(t[-1]) + 0.4
    straight, curve = drawing.vertices(secant, *ends), drawing.vertices(bent, *ends)

    def draw(ax):
        ax.plot(*straight, **figures.PAPER.line())
        ax.plot(*curve, **figures.NETWORK.line(zorder=3))
        drawing.samples(ax, t, z, label=False)
        _facing(ax, breaks, left, -1)
        ax.set(xlabel="place on the line, $t$", ylabel="label, $z$", ylim=(-1.6, 7), xticks=t.astype(int))
        ax.text(1.45, 0.15, f"secants:\n{secant.n_neurons} neurons", color=figures.PAPER.colour, va="center")
        ax.text(2.1, 5.0, f"first piece steeper:\n{bent.n_neurons} neurons", color=figures.NETWORK.colour)

    return figures.publish(
        draw,
        "fig-two-bend",
        caption=f"Seven labels with {bent.n_neurons} neurons instead of {secant.n_neurons}: the first piece is made "
        "steeper. Triangles stand at the kinks and point to where the neuron faces; the first slope plus the kinks "
        f"of the left-facing ones is {slopes[0] + (np.diff(slopes) * left).sum()}.",
        alt="Two piecewise-linear functions through the same seven points. The dashed one takes the secants and is "
        f"flat before the first point, the solid one has a steeper first piece; its {len(breaks)} kinks are marked, "
        f"{int(left.sum())} of them facing left.",
        data={"t": t, "z (label units)": z, "vertex t": curve[0], "vertex z": curve[1]},
        networks={"vertex z": (bent, "vertex t")},
        height=3.4,
    )


def two_layer_bounds(K: int, on_hard: Sequence[int], some: Sequence[int], on_random: Sequence[int]) -> Published:
    """fig-two-bounds. K samples; neurons built on alternating labels for N = 1..K, and random ones for ``some`` N."""
    counts = np.arange(1, K + 1)
    exact = [bounds.two_layer(int(n), K) for n in counts]
    fewer = sum(m < exact[n - 1].upper for n, m in zip(some, on_random))
    step = max(1, K // 40)  # more marks would hide the line under them

    def draw(ax):
        low, high = [b.paper_lower for b in exact], [b.paper_upper for b in exact]
        ax.fill_between(counts, low, high, color=figures.PAPER.colour, alpha=0.25, linewidth=0)
        ax.plot(counts, high, **figures.PAPER.line())
        ax.plot(counts, [b.upper for b in exact], **figures.OURS.line())
        filled = {"markersize": 4, "label": "built, alternating labels"}
        hollow = {"markersize": 6, "markerfacecolor": "none", "label": "built, random labels"}
        ax.plot(counts[::step], on_hard[::step], **figures.NETWORK.points(**filled))
        ax.plot(some, on_random, **figures.NETWORK.points(**hollow))
        ax.set(xlabel="changed labels, $N$", ylabel="hidden neurons, $m$", ylim=(0, 1.15 * K), xlim=(0, 1.02 * K))
        ax.text(K, 1.05 * K, "paper, upper side (dashed)", color=figures.PAPER.colour, ha="right")
        ax.text(0.15 * K, 0.25 * K, "exact: min{3N, K $-$ 2}", color=figures.OURS.colour)
        ax.legend(loc="lower right")

    return figures.publish(
        draw,
        "fig-two-bounds",
        caption=f"Neurons for {K} samples when $N$ of them change. Alternating labels meet the exact bound; on "
        f"random labels the construction takes fewer for {fewer} of {len(some)} $N$, and never more. "
        "{prf:ref}`thm-two-paper` leaves open the thin grey band between the lines."
        + (f" Filled marks: one in {step} of those built." if step > 1 else ""),
        alt=f"Neurons against changed labels for K = {K}: the exact count rises by 3 a label to {exact[-1].upper} "
        f"at N = {next(int(n) for n, b in zip(counts, exact) if b.upper == K - 2)} and stays there; alternating "
        f"labels lie on it, random labels reach at most {max(on_random)}.",
        data={
            "N (labels)": counts,
            "exact (neurons)": [b.upper for b in exact],
            "paper lower (neurons)": [b.paper_lower for b in exact],
            "paper upper (neurons)": [b.paper_upper for b in exact],
            "built alternating (neurons)": on_hard,
            "N random (labels)": some,
            "built random (neurons)": on_random,
        },
    )


def real(frozen: Any, z: np.ndarray, g: Network) -> Published:
    """fig-two-real. The frozen model (``training.diabetes``), targets z (442,), the network that repairs it."""
    moved = z != 0
    N, after = int(moved.sum()), frozen.predicted + exact_values(g, frozen.X).astype(float)

    def draw(*panels):
        for ax, shown, what in zip(panels, (frozen.predicted, after), ("before: $f$", "after: $f + g$")):
            ax.axline((0, 0), slope=1, color=figures.INK.colour, linewidth=0.8)
            ax.plot(frozen.y[~moved], shown[~moved], **figures.UNTOUCHED.points(markersize=3, alpha=0.6))
            ax.plot(frozen.y[moved], shown[moved], **figures.CHANGED.points(markersize=4.5))
            ax.set(xlabel="true disease score", ylabel="predicted score", ylim=(-20, 400))
            ax.text(0.03, 0.97, what, transform=ax.transAxes, va="top")

    return figures.publish(
        draw,
        "fig-two-real",
        caption=f"Diabetes data: {N} of 442 predictions (diamonds) are put on the diagonal by {g.n_neurons} neurons. "
        "The grey points are the same in both panels.",
        alt=f"Two scatter plots of predicted against true score for 442 patients. Left, {N} marked patients lie up "
        f"to {np.abs(z).max():.0f} units off the diagonal. Right, they lie on it, and all {442 - N} others are "
        "where they were.",
        data={
            "true score": frozen.y,
            "f(x)": frozen.predicted,
            "f(x) + g(x)": after,
            "changed (1 = yes)": moved.astype(int),
        },
        panels=(1, 2),
        height=3.2,
        sharex=True,
        sharey=True,
    )


def kept(t: np.ndarray, z: np.ndarray, followed: np.ndarray, g: Network) -> Published:
    """fig-two-kept. Points (t, z), the places that an interpolation has to follow, the network through them."""
    curve = drawing.vertices(g, t[0] - 0.5, t[-1] + 0.5)
    dropped, bends = ~np.isin(t, followed), kinks(g)

    def draw(ax):
        ax.plot(*curve, **figures.NETWORK.line(zorder=3))
        drawing.samples(ax, t, z, label=False)
        ring = {"markersize": 11, "markerfacecolor": "none", "zorder": 3}
        ax.plot(t[dropped], z[dropped], **figures.UNTOUCHED.points(label="need not be followed", **ring))
        drawing.ticks(ax, bends, height=0.05)
        ax.set(xlabel="place on the line, $t$", ylabel="what $g$ adds", ylim=(-1.2, 1.7), yticks=[-1, 0, 1])
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(loc="upper right")

    return figures.publish(
        draw,
        "fig-two-kept",
        caption=f"Only the changed samples and the ends of each untouched run matter: {len(followed)} of {len(t)} "
        f"points. {{prf:ref}}`thm-two-interpolate` allows {bounds.interpolation(z != 0)} neurons; {g.n_neurons} are "
        "left once kinks of size zero are dropped.",
        alt=f"A zigzag through {len(t)} points with three changed labels; {int(dropped.sum())} untouched points "
        f"inside long runs are circled because the flat pieces pass through them anyway; {g.n_neurons} kinks.",
        data={"t": t, "z (label units)": z, "vertex t": curve[0], "vertex g": curve[1]},
        networks={"vertex g": (g, "vertex t")},
        height=3.0,
    )


def share(
    t: np.ndarray,
    z: np.ndarray,
    breaks: np.ndarray,
    slopes: np.ndarray,
    intervals: Sequence[tuple],
    signs: Sequence[int],
) -> Published:
    """fig-two-share. Points (t, z), the interpolant with the fewest kinks, and the intervals that hold a kink each."""
    places = np.array([t[0], *breaks, t[-1]])
    values = (z[0] + np.concatenate([[0], np.cumsum(slopes * np.diff(places))])).astype(float)
    places, turning = places.astype(float), int((np.diff(z, 2) != 0).sum())

    def draw(ax):
        ax.plot(t.astype(float), z.astype(float), **figures.PAPER.line())
        ax.plot(places, values, **figures.NETWORK.line(zorder=3))
        drawing.samples(ax, t, z, label=False)
        drawing.ticks(ax, breaks, level=0.19, height=0.05)
        _bars(ax, intervals, signs, float(t[-1]), -1.3, -2.0)
        ax.text(1.7, 4.6, f"secants:\n{turning} kinks", color=figures.PAPER.colour, va="center")
        ax.text(5.6, 5.6, f"neighbours share: {len(breaks)} kinks", color=figures.NETWORK.colour)
        ax.set(xlabel="place on the line, $t$", ylabel="label, $z$", ylim=(-2.6, 6.5), yticks=range(0, 7, 2))
        ax.set(xticks=range(1, 13))

    return figures.publish(
        draw,
        "fig-two-share",
        caption=f"Neighbouring turns of one sign share a kink: {len(breaks)} kinks (ticks) instead of {turning} "
        "along the secants (dashed). Each bar is an interval that must contain a kink upwards or downwards; there "
        f"are {len(signs)}, so fewer kinks are impossible.",
        alt=f"Twelve points with their secants dashed and a solid function with {len(breaks)} kinks at "
        f"{', '.join(f'{float(b):.3g}' for b in breaks)}; below them {len(signs)} disjoint bars, each containing "
        "one of these kinks.",
        data={"t": t, "z (label units)": z, "vertex t": places, "vertex z": values},
        height=3.8,
    )


def cases(built: Mapping[str, tuple]) -> Published:
    """fig-two-cases. For each case of the proof its name, points (t, z), what ``two_layer.bend`` gave, the network."""
    curves = {name: drawing.vertices(g, float(t[0]) - 0.3, float(t[-1]) + 0.3) for name, (t, *_, g) in built.items()}
    columns, graphs = {}, {}
    for name, (t, z, *_, g) in built.items():
        columns |= {f"t, {name}": t, f"z, {name}": z}
        columns |= {f"vertex t, {name}": curves[name][0], f"vertex z, {name}": curves[name][1]}
        graphs[f"vertex z, {name}"] = g, f"vertex t, {name}"

    def draw(*panels):
        for ax, (name, (t, z, (breaks, _, left), g)) in zip(panels, built.items()):
            ax.plot(t.astype(float), z.astype(float), **figures.PAPER.line())
            ax.plot(*curves[name], **figures.NETWORK.line(zorder=3))
            drawing.samples(ax, t, z, label=False)
            low, high = ax.get_ylim()
            _facing(ax, breaks, left, low - 0.25 * (high - low))
            ax.set(xticks=[], yticks=[], xlabel=f"{CASES[name]}\n{g.n_neurons} neurons")

    last = list(built.values())[-1][-1]
    return figures.publish(
        draw,
        "fig-two-cases",
        caption="How a piece is bent until the slopes balance, in each case of the proof, drawn from the networks "
        "that the library builds: samples with their secants (dashed) and the bent function. Triangles mark the "
        "kinks and point to the side to which the neuron faces. Last: four points in a true zigzag take three "
        "neurons.",
        alt="Six small pictures of points with dashed secants and a solid bent function through them. In case 1 "
        "the first piece is steeper than its secant, in case 2 the first or the last piece is flat, in case 3 a "
        "middle piece is flat or steeper. Five to six points take three to four neurons; the last picture shows "
        f"four points with {last.n_neurons}.",
        data=columns,
        networks=graphs,
        panels=(2, 3),
        height=4.8,
    )


def least(
    K: int, widths: Sequence[int], K_random: int, widest: Sequence[int], per_N: Mapping[int, Sequence[tuple]]
) -> Published:
    """fig-two-least. ``widths``: the least width of each pattern of K labels -1, 0, 1. For K_random samples and each N
    in ``per_N`` pairs (what Theorem 4.4 counts, least width), one a draw; ``widest``: the worst case for N = 1, 2, ...
    """
    counted, some = Counter(widths), list(per_N)
    average = {n: np.mean(pairs, axis=0) for n, pairs in per_N.items()}
    smallest, largest = ([end(m for _, m in per_N[n]) for n in some] for end in (min, max))
    every = range(1, K_random + 1)

    def draw(small, random):
        small.bar(list(counted), list(counted.values()), color=figures.NETWORK.colour)
        small.set(xlabel=f"neurons that a pattern\nof {K} labels needs", ylabel="how many patterns")
        small.set(xticks=range(max(counted) + 1), xlim=(-0.6, max(counted) + 0.6))
        random.fill_between(some, smallest, largest, color=figures.NETWORK.colour, alpha=0.25, linewidth=0)
        following = [average[n][0] for n in some]
        random.plot(some, following, **figures.PAPER.line())
        random.plot(every, widest, **figures.OURS.line())
        random.plot(some, [average[n][1] for n in some], **figures.NETWORK.line())
        random.set(xlabel=f"changed labels, $N$ of {K_random}", ylabel="neurons", ylim=(0, K_random * 1.1))
        drawing.names(
            random,
            [
                (K_random, following[-1], "secants", figures.PAPER),
                (K_random, widest[-1], "worst labels", figures.OURS),
                (K_random, average[K_random][1], "random labels", figures.NETWORK),
            ],
        )

    return figures.publish(
        draw,
        "fig-two-least",
        caption=f"Left: the least widths of all patterns of {K} labels $-1, 0, 1$ (up to sign). Right: {K_random} "
        f"equally spaced samples, $N$ of them with random Gaussian labels, {len(per_N[some[0]])} draws each: what "
        "they need on average (blue, with its range), what following the secants takes by "
        "{prf:ref}`thm-two-interpolate` (dashed, average), and what the worst labels need. If all labels are "
        f"random, the least width is on average {average[K_random][1] / K_random:.2f} $K$.",
        alt=f"Left, bars: {', '.join(f'{c} patterns need {m}' for m, c in sorted(counted.items()))} neurons. Right, "
        f"against N: when all {K_random} labels are random the least width is {average[K_random][1]:.1f} on "
        f"average, Theorem 4.4 gives {average[K_random][0]:.0f}, the worst case is {K_random - 2}.",
        data={
            "N (labels)": some,
            "least width, mean (neurons)": [average[n][1] for n in some],
            "least width, smallest": smallest,
            "least width, largest": largest,
            "Theorem 4.4, mean (neurons)": [average[n][0] for n in some],
            "width of a pattern": sorted(counted),
            "patterns": [counted[m] for m in sorted(counted)],
        },
        panels=(1, 2),
        height=3.5,
        width_ratios=[2, 3],
    )


def erratum(t: np.ndarray, printed: np.ndarray, repaired: np.ndarray, shortcut: Network) -> Published:
    """fig-two-erratum. Places, labels of the paper's Figure 3 and of the repair, the network of six pieces."""
    curve, bends = drawing.vertices(shortcut, t[0], t[-1]), kinks(shortcut)

    def draw(left, right):
        left.plot(t.astype(float), printed.astype(float), **figures.PAPER.line())
        left.plot(*curve, **figures.ERRATUM.line(zorder=3, linestyle="-"))
        drawing.ticks(left, bends, meaning=figures.ERRATUM, height=0.05)
        drawing.samples(left, t, printed, label=False)
        right.plot(t.astype(float), repaired.astype(float), **figures.OURS.line())
        drawing.ticks(right, t[1:-1], meaning=figures.OURS, height=0.05)
        drawing.samples(right, t, repaired, label=False)
        left.set(
            xlabel="place on the line, $t$\nas printed: six pieces are enough", ylabel="label, $z$", xticks=range(1, 10)
        )
        left.set(yticks=range(-2, 3))
        right.set(
            xlabel="place on the line, $t$\nrepaired: each turn needs its kink", xticks=range(1, 10), ylim=(-2, 2.3)
        )

    return figures.publish(
        draw,
        "fig-two-erratum",
        caption="Left: the instance of Figure 3 in {cite:t}`sohn2024`, with the secants dashed and an "
        f"interpolant of {len(bends) + 1} pieces. Right: a repaired instance, whose kinks alternate; it forces "
        f"{len(t) - 2} of them.",
        alt="Left, nine points with labels 0 -1 0 2 0 -1 0 2 0 and a solid function through all of them that bends "
        f"only at {', '.join(str(k) for k in bends)}. Right, labels alternating between 0 and 2, which force "
        f"{len(t) - 2} kinks.",
        data={"t": t, "z Figure 3": printed, "z repaired": repaired, "vertex t": curve[0], "vertex z": curve[1]},
        networks={"vertex z": (shortcut, "vertex t")},
        panels=(1, 2),
        height=3.2,
        sharey=True,
    )


def _bars(ax, intervals, signs, end, up, down):
    """Where a kink is forced: bars at the heights ``up`` and ``down``, named behind ``end``."""
    for sign, height, word in ((1, up, "up"), (-1, down, "down")):
        own = [(left + 0.08, right - 0.08) for (left, right), of in zip(intervals, signs) if of == sign]
        drawing.bars(ax, own, height, alpha=UP_AND_DOWN[sign])
        ax.text(end + 0.2, height, word, color=figures.OURS.colour, va="center")


def _facing(ax, breaks, left, height):
    """A triangle at each kink that points to where its neuron faces."""
    for at, faces in zip(np.asarray(breaks, dtype=float), left):
        ax.plot(at, height, marker="<" if faces else ">", color=figures.NETWORK.colour, markersize=7)


# ---------------------------------------------------------------- tables


def repair_table(repairs: Mapping[str, Network], proofs: Mapping[str, Certificate]) -> str:
    """The repairs of the real data as Markdown: for each method its network and its certificate."""
    rows = [
        "| method | neurons | exact error, changed | exact error, others | as run, at most | total weight |",
        "|---" * 6 + "|",
    ]
    for name, proof in proofs.items():
        kept_error = f"{float(proof.max_error_kept):.1e}" if proof.max_error_kept else "exactly 0"
        if proof.N == proof.K:
            kept_error = "no others"
        rows.append(
            f"| `{name}` | {proof.n_neurons} | {float(proof.max_error_changed):.1e} | {kept_error} | "
            f"{repairs[name].error:.0e} | {proof.total_weight:.1e} |"
        )
    return "\n".join(rows)


def worst_table(worst: Mapping[tuple[int, int], int]) -> str:
    """The least width of the hardest pattern as Markdown: ``worst`` is (N, K) -> neurons."""
    K_most = max(K for _, K in worst)
    rows = ["| $K$ | " + " | ".join(f"$N = {n}$" for n in range(1, K_most + 1)) + " |", "|---" * (K_most + 1) + "|"]
    for K in range(1, K_most + 1):
        rows.append(f"| {K} | " + " | ".join(str(worst[n, K]) if n <= K else "" for n in range(1, K_most + 1)) + " |")
    return "Least width of the hardest pattern:\n\n" + "\n".join(rows)
