"""The pictures of chapter 6 and of its companion page: what networks weigh, and what they could."""

from __future__ import annotations

import numpy as np

from ftc_lib.book import drawing, figures


def few(values) -> list:
    """Of increasing values those that ticks of a logarithmic axis have room for."""
    room = (0.3 if figures.layout() == "narrow" else 0.14) * np.log(values[-1] / values[0])
    kept = [values[-1]]
    for value in values[-2::-1]:
        if np.log(kept[-1] / value) >= room:
            kept.append(value)
    return kept


def baum_weight(ns, d: int, measured, slopes):
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
        caption="What the weights do while the count stays small. Networks with "
        f"$4 \\lceil n/{d} \\rceil$ ReLUs for $n$ random points of the sphere in $\\R^{{{d}}}$ with random signs as "
        f"labels: the total weight of {measured.shape[1]} networks for each $n$ (faint), its median (full line), and "
        "the typical part, the number of neurons times the median neuron's weight (dashed). Slopes are fitted to the "
        "medians; this is our measurement.",
        alt=f"Logarithmic axes. The median total weight goes from {middle[0, 0]:.1e} at n = {ns[0]} to "
        f"{middle[-1, 0]:.1e} at n = {ns[-1]}, slope {slopes[0]:.2f}. Neurons times median weight has slope "
        f"{slopes[1]:.2f}. A thin guide has slope 2.",
        data={"n (samples)": np.repeat(ns, measured.shape[1]), "total weight": measured[:, :, 0].ravel(),
              "neurons times median weight": measured[:, :, 1].ravel()},
    )  # fmt: skip
