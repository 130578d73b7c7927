"""The checks of chapter 1. Each returns (holds, evidence) for one claim; ``counts`` measures what two of them judge."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ftc_lib import baum
from ftc_lib.book.ledger import Outcome
from ftc_lib.book.words import scientific
from ftc_lib.core import Network, bounds, certify, samples, to_fractions
from ftc_lib.core.types import Number

Repair = tuple[Network, np.ndarray, np.ndarray]  # a network, the samples X (n, d) and the labels (n,) that it repairs


def relu_exact(network: Network, X: np.ndarray, y: np.ndarray) -> Outcome:
    """A network of Fractions equals all labels y (n,) of X (n, d) with ==, with the neurons of the theorem.

    One data set; that it is so for all points in general position is the proof's part.
    """
    holds = bool((network(X) == y).all()) and network.n_neurons == bounds.baum_relu(*X.shape)
    return holds, f"{network.n_neurons} ReLUs on Fractions equal all {len(y)} labels with ==."


def finite_delta(seed: int, n: int = 12) -> Outcome:
    """The identity of four ReLUs holds up to the largest step that the lemma allows, and fails a little beyond.

    One group of two among ``n`` points of a parabola, four steps, exactly; the equivalence is the proof's part.
    """
    t = np.random.default_rng(seed).permutation(7 * n)[:n]  # on a parabola no line holds three of them
    X = to_fractions(np.column_stack([t, t**2]))
    group = baum.slab(samples.validate(X, to_fractions(np.ones(n))), [0, 1])
    value = X @ to_fractions([3, -2]) + 1  # any affine function will do; this one is 0 at no whole t
    member = np.arange(n) < 2
    room = np.where(member, group.tau, np.abs(group.heights) - group.tau)
    pull = np.where(member, np.abs(value), -np.sign(group.heights) * value)
    largest = min(r / p for r, p in zip(room, pull, strict=True) if p > 0)
    factors = (Fraction(1, 10**6), Fraction(1, 2), 1, 1 + Fraction(1, 10**6))
    seen = [bool((four_relus(group, value, largest * f) == np.where(member, value, 0)).all()) for f in factors]
    return seen == [True, True, True, False], (
        f"On {n} Fraction samples the identity holds with == at 1e-6, 1/2 and 1 times the largest delta, and fails at "
        "1 + 1e-6 times."
    )


def four_relus(group: baum.Slab, value: np.ndarray, delta: Number) -> np.ndarray:
    """What the four ReLUs of a slab make of an affine function with these values (n,) at the samples."""

    def relu(s):
        return np.maximum(s, 0)

    s, tau = group.heights, group.tau
    return (relu(s + tau + delta * value) - relu(s + tau) - relu(s - tau + delta * value) + relu(s - tau)) / delta


def relu_floor(sizes: Sequence[tuple[int, int]], seed: int, n: int = 200) -> Outcome:
    """At random networks of (m, d) in ``sizes`` the labels at n points move in at most m(d + 1) + 1 directions.

    The rank of the derivative in all m(d + 2) + 1 parameters; that no network does better is the proof's part.
    """
    ranks = [labels_rank(m, d, n, seed) for m, d in sizes]
    holds = all(rank <= m * (d + 1) + 1 < m * (d + 2) + 1 for (m, d), rank in zip(sizes, ranks, strict=True))
    (m, d), rank = sizes[-1], ranks[-1]
    return holds, (
        f"At {len(sizes)} random networks the derivative has rank at most m(d+1)+1; the largest has rank {rank} with "
        f"{m * (d + 2) + 1} parameters."
    )


def labels_rank(m: int, d: int, n: int, seed: int) -> int:
    """Rank of the derivative of n labels in all parameters of a random network of m ReLUs in R^d."""
    rng = np.random.default_rng([seed, m, d])
    x, w, b, a = (rng.standard_normal(shape) for shape in ((n, d), (m, d), m, m))
    active = (x @ w.T + b > 0) * 1.0
    by_w = (active * a)[:, :, None] * x[:, None, :]
    every = np.column_stack([active * (x @ w.T + b), by_w.reshape(n, -1), active * a, np.ones(n)])
    return int(np.linalg.matrix_rank(every))


def threshold_floor(n: int, d: int, seed: int, hyperplanes: int = 20000) -> Outcome:
    """n points of the moment curve with alternating labels: the network has the floor's units or one more.

    Random hyperplanes change sides at most d times along the curve; that none does more often is the proof's part.
    """
    t = to_fractions(range(1, n + 1))
    X, alternating = np.column_stack([t**k for k in range(1, d + 1)]), to_fractions(np.arange(n) % 2)
    h = baum.fit_threshold(X, alternating, rng=seed)
    roots = np.random.default_rng(seed).uniform(0, n + 1, (hyperplanes, 1, d))
    sides = np.prod(np.arange(1, n + 1)[None, :, None] - roots, axis=2) >= 0
    crossings = (np.diff(sides, axis=1) != 0).sum(axis=1)
    floor = bounds.ceil_div(n - 1, d)
    holds = (h(X) == alternating).all() and crossings.max() <= d and floor <= h.n_neurons <= floor + 1
    return bool(holds), (
        f"Of {hyperplanes} hyperplanes none changes sides more than {crossings.max()} times along {n} points of the "
        f"moment curve in R^{d}; the floor is {floor} units, the exact network has {h.n_neurons}."
    )


def counts(ns: Sequence[int], ds: Sequence[int], seed: int) -> list[dict]:
    """Networks for random samples, n in ``ns`` and d in ``ds``: neurons built, their bounds and floors, exact errors.

    Half of the binary labels are 1; of the real labels all change, or floor(n/4) of them.
    """
    rows = []
    for d in ds:
        for n in ns:
            rng = np.random.default_rng([seed, n, d])
            X, y, half = rng.standard_normal((n, d)), rng.standard_normal(n), rng.permutation(np.arange(n) % 2)
            g, h = baum.fit_relu(X, y, rng=rng), baum.fit_threshold(X, half, rng=rng)
            few = baum.fit_relu(X, (np.arange(n) < n // 4) * 1.0, rng=rng)
            rows.append({
                "n (samples)": n, "d (dimension)": d,
                "threshold units built": h.n_neurons, "threshold units, bound": bounds.baum_threshold(n, d),
                "threshold units, floor": bounds.ceil_div(n - 1, d),
                "ReLUs built": g.n_neurons, "ReLUs, bound": bounds.baum_relu(n, d),
                "ReLUs, floor": bounds.parameter_floor(n, d),
                "ReLUs built, n // 4 labels": few.n_neurons,
                "largest error, ReLUs": certify.certify(g, X, y).max_error,
                "stated error, ReLUs": g.error,
                "largest error, threshold units": certify.certify(h, X, half).max_error,
            })  # fmt: skip
    return rows


def threshold_count(rows: list[dict]) -> Outcome:
    """Every threshold network of ``counts`` is right and has 2 ceil(floor(n/2)/d) units, within the bound.

    Random data sets; the construction for all points in general position is the proof's part.
    """
    holds = all(
        row["threshold units built"] == 2 * bounds.ceil_div(row["n (samples)"] // 2, row["d (dimension)"])
        and row["threshold units built"] <= row["threshold units, bound"]
        and row["largest error, threshold units"] == 0
        for row in rows
    )
    return holds, (
        f"{len(rows)} data sets with half the labels 1: 2 ceil(floor(n/2)/d) threshold units each, all labels right."
    )


def relu_count(rows: list[dict]) -> Outcome:
    """Every ReLU network of ``counts`` has 4 ceil(n/d) neurons, and 4 ceil(N/d) when N = floor(n/4) labels change.

    Random data sets. It does not show that 4 is the least factor.
    """
    error = max(row["largest error, ReLUs"] for row in rows)
    holds = all(
        row["largest error, ReLUs"] <= row["stated error, ReLUs"]
        and row["ReLUs built"] == row["ReLUs, bound"]
        and row["ReLUs built, n // 4 labels"] == 4 * bounds.ceil_div(row["n (samples)"] // 4, row["d (dimension)"])
        for row in rows
    )
    return bool(holds), (
        f"{len(rows)} data sets: 4 ceil(n/d) ReLUs each, and 4 ceil(N/d) when N = floor(n/4) labels change; largest "
        f"exact error {float(error):.0e}."
    )


def repaired(floats: Repair, fractions: Repair, binary: Repair) -> Outcome:
    """Three repairs (network, X, labels): ReLUs on floats and on Fractions, threshold units; evaluated exactly.

    Memorising says nothing about new samples.
    """
    (g, X, z), (_, _, _), (h, _, _) = floats, fractions, binary
    wrong = [
        np.abs(certify.exact_values(network, at) - to_fractions(y)) for network, at, y in (floats, fractions, binary)
    ]
    error = float(max(wrong[0]))
    holds = (
        g.n_neurons == bounds.baum_relu(*X.shape)
        and h.n_neurons <= bounds.baum_threshold(*X.shape)
        and not wrong[1].any()
        and not wrong[2].any()
        and error < 1e-4 * np.abs(z).max()
    )
    return bool(holds), (
        f"All {len(z)} residuals with {g.n_neurons} ReLUs: exact on Fractions, within {error:.0e} on floats (evaluated "
        f"exactly); all {len(z)} median labels with {h.n_neurons} threshold units."
    )


def clean_hyperplanes(network: Network, X: np.ndarray, shared: int) -> Outcome:
    """Samples X (n, d) of Fractions are not in general position, for ``shared`` of them lie on one hyperplane; yet each
    lies on exactly one hyperplane of the ReLU network, with d - 1 others at most.

    That clean hyperplanes exist is found out by trying.
    """
    first = network.layers[0]
    middle = (first.b[1::4] + first.b[3::4]) / 2  # -b of each group
    on_plane = X @ first.W[1::4].T + middle == 0
    most, (n, d) = on_plane.sum(axis=0).max(), X.shape
    holds = shared > d >= most and (on_plane.sum(axis=1) == 1).all()
    return bool(holds), (
        f"{shared} of {n} patients share a hyperplane, yet the {len(middle)} hyperplanes used hold {most} at most, and "
        "every patient lies on exactly one of them."
    )


def through_origin(network: Network, X: np.ndarray, y: np.ndarray) -> Outcome:
    """A network of Fractions is right where the first two samples lie on a line through the origin in the plane, and no
    linear function has their labels. One data set."""
    (a, b), (c, d) = X[0], X[1]
    no_linear = a * d == b * c and a * y[1] != c * y[0]
    return bool(no_linear and (network(X) == y).all()), (
        f"v.({a},{b}) = {y[0]} and v.({c},{d}) = {y[1]} has no solution; with an affine function {network.n_neurons} "
        "ReLUs are exact on Fractions."
    )


def classes(networks: dict[int, Network], first: Number, X: np.ndarray, labels: np.ndarray) -> Outcome:
    """``first`` plus (v - first) times the threshold network of each other value v is the label (n,) everywhere, and
    there are at most 2 times the sum of ceil(n_v/d) units. One data set; an exercise, no claim."""
    total = first + sum((v - first) * h(X) for v, h in networks.items())
    units = sum(h.n_neurons for h in networks.values())
    most = 2 * sum(bounds.ceil_div(int((labels == v).sum()), X.shape[1]) for v in networks)
    return bool(
        (total == labels).all() and units <= most
    ), f"{units} units, {most} allowed, all {len(labels)} labels right."


# ---------------------------------------------------------------- tables


def exact_table(X: np.ndarray, y: np.ndarray, network: Network) -> str:
    """Samples in the plane, their labels and what the network gives, and its first neuron; Markdown."""
    rows = [f"| $({x[0]}, {x[1]})$ | {label} | {value} |" for x, label, value in zip(X, y, network(X), strict=True)]
    first, last = network.layers
    (w1, w2), b = first.W[0], first.b[0]
    neuron = f"$\\max(0, {w1}\\,x_1 + {w2}\\,x_2 + {b})$".replace("+ -", "- ")
    text = f"\n\nThe first of the {network.n_neurons} neurons is {neuron}, with outgoing weight ${last.W[0]}$."
    return "| sample | label | network |\n|---|---|---|\n" + "\n".join(rows) + text


def repair_table(cases: dict[str, Repair]) -> str:
    """What each network makes of its labels, exactly: name -> (network, X, labels); Markdown."""
    lines = [
        "| label | neurons | bound | largest error | labels exactly right | total weight |",
        "|---|---|---|---|---|---|",
    ]
    for name, (g, X, z) in cases.items():
        wrong = np.abs(certify.exact_values(g, X) - to_fractions(z))
        bound = (bounds.baum_relu if g.activation == "relu" else bounds.baum_threshold)(*X.shape)
        weight = scientific(g.total_weight) if g.activation == "relu" else "no scale"
        error = f"{float(max(wrong)):.1e}" if max(wrong) else "0"
        lines.append(f"| {name} | {g.n_neurons} | {bound} | {error} | {(wrong == 0).sum()} of {len(z)} | {weight} |")
    return "\n".join(lines)
