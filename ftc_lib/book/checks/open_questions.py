"""What the checks of chapter 7 do (book/07_open), and the tables that the page prints of what they measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from ftc_lib import three_layer, two_layer
from ftc_lib.book import ledger
from ftc_lib.book.ledger import Outcome
from ftc_lib.core import bounds
from ftc_lib.core.network import Layer, Network, to_fractions
from ftc_lib.core.types import Data
from ftc_lib.three_layer import one_sign, search
from ftc_lib.two_layer import instances

SHAPES = [(d1, d2) for d1 in (1, 2, 3) for d2 in (1, 2, 3)]
REFUTED = ((3, (1, 1)), (4, (2, 1)), (5, (2, 1)), (5, (1, 2)))  # K zigzag labels, and widths that cannot pass them


def sign_changes(d1: int, d2: int, rng: np.random.Generator) -> int:
    """How often the slopes of a random network change sign on a fine grid: never more often than in truth."""
    t = np.sort(np.concatenate([rng.uniform(-4, 4, 400), np.linspace(-40, 40, 80)]))
    first = Layer(rng.choice([-1.0, 1.0], (d1, 1)), rng.uniform(-3, 3, d1))
    second = Layer(rng.standard_cauchy((d2, d1)), rng.standard_cauchy(d2))
    rises = np.diff(Network((first, second, Layer(rng.standard_cauchy(d2), np.zeros(()))))(t[:, None]))
    signs = np.sign(rises[np.abs(rises) > 1e-9 * np.abs(rises).max(initial=1)])
    return int((signs[1:] != signs[:-1]).sum())


def alternation(rng: np.random.Generator, draws: int = 200) -> Outcome:
    """Random networks stay within the alternation lemma, and exact programs refute what its corollary forbids.

    Random networks rarely come near the bound; that none exceeds it is the proof's part.
    """
    seen = {shape: max(sign_changes(*shape, rng) for _ in range(draws)) for shape in SHAPES}
    closed = {(K, shape): search.refute(range(K), [i % 2 for i in range(K)], shape) for K, shape in REFUTED}
    sharper = [K for K in range(2, 200) if bounds.alternation_floor(K, K) > bounds.any_depth_floor(K)]
    return (
        all(seen[shape] <= bounds.alternations(*shape) for shape in SHAPES)
        and None not in closed.values()
        and (bounds.alternation_floor(4, 8), bounds.alternation_floor(5, 11)) == (5, 6),
        f"{draws} random networks of each of {len(SHAPES)} shapes stay within the lemma; "
        f"{sum(r.programs for r in closed.values() if r)} exact linear programs refute "
        f"{', '.join(f'{shape} at K = {K}' for K, shape in closed)}; for N = K < 200 the bound beats the count of "
        f"parameters at K = {', '.join(map(str, sharper))}",
    )


def least_found(found: Mapping[tuple, Network]) -> dict[int, int]:
    """K -> the neurons with which networks were found for all labels tried; ``found``: (K, kind) -> network."""
    return {K: max(g.n_neurons for (k, _), g in found.items() if k == K) for K, _ in found}


def small(found: Mapping, labels: Mapping, seven: Network, t_seven: Data, z_seven: Data) -> Outcome:
    """The networks found by search pass their labels exactly, with fewer neurons than the constructions.

    ``found`` and ``labels``: (K, kind) -> network, labels at 0, .., K-1; ``seven``: a network through z at t, seven
    samples. Says nothing about other labels.
    """
    least = least_found(found)
    open_cases = [K for K in least if K >= 6]
    above = {K: bounds.three_layer(K, K).upper for K in open_cases}
    six = found[6, "growing"]
    first = six.layers[0]
    facing = first.W.scale[np.argsort(-first.b / first.W.scale)]
    turns = np.diff(z_seven)
    return (
        all((g(to_fractions(range(len(labels[case])))[:, None]) == labels[case]).all() for case, g in found.items())
        and all(least[K] < above[K] for K in open_cases)
        and (least[6], least[8]) == (4, 5)
        and bool(facing[0] > 0 > facing[1])
        and len(set(np.sign(six.layers[2].W.astype(float)))) == 1
        and seven.n_neurons == 4
        and bool((turns[1:] * turns[:-1] < 0).all())
        and len(z_seven) - 2 == bounds.alternations(2, 2)
        and bool((seven(to_fractions(t_seven)[:, None]) == z_seven).all()),
        f"four neurons, {seven.widths}, for one zigzag of seven samples, with the {len(z_seven) - 2} changes of sign "
        "that the lemma allows; on three zigzags each: "
        + ", ".join(f"K = {K} with {least[K]} neurons, where the constructions take {above[K]}" for K in open_cases),
    )


def small_table(found: Mapping[tuple, Network]) -> str:
    """What is proved and what was found for a handful of samples, as a Markdown table."""
    lines = ["| $K$ | proved from below | found, on three zigzags | proved from above | status |", "|---" * 5 + "|"]
    for K, least in least_found(found).items():
        b = bounds.three_layer(K, K)
        status = "least for these labels; open for others" if least == b.lower else "open"
        lines.append(f"| {K} | {b.lower} | {least} | {b.upper} | {'known' if b.lower == b.upper else status} |")
    return "\n".join(lines)


def cheapest(n: int) -> int:
    """The fewest neurons of triangles for n targets: the least G + 3 ceil(n / G)."""
    return min(g + 3 * bounds.ceil_div(n, g) for g in range(1, n + 1))


def triangles(rng: np.random.Generator, pair: tuple[Network, Network], most: int = 41) -> Outcome:
    """Triangles are exact on residuals of one sign with as few neurons as the theorem says, which is ceil(2 sqrt(3N)).

    Built for up to ``most`` - 1 targets among 4N + 1 samples; ``pair`` is told: triangles and windows for one instance.
    """
    built, exact = {}, True
    for n in range(1, most, 3):
        z = to_fractions([0] * (4 * n + 1))
        z[2:-2:4] = to_fractions(rng.integers(1, 9, n)) * (-1) ** n
        x = to_fractions(range(len(z)))[:, None]
        g = one_sign.fit(x, z)
        exact &= bool((g(x) == z).all())
        built[n] = g.n_neurons
    return (
        exact
        and all(m <= cheapest(n) for n, m in built.items())
        and all(cheapest(n) == bounds.ceil_sqrt(12 * n) for n in range(1, 2001)),
        f"{len(built)} exact networks for up to {max(built)} targets of one sign; min over G of G + 3 ceil(N/G) is "
        f"ceil(2 sqrt(3N)) for N up to 2000; {pair[0].n_neurons} neurons where windows take {pair[1].n_neurons}",
    )


def crowded(rng: np.random.Generator, K: int = 60, most: int = 120) -> Outcome:
    """If all K residuals are of one sign the zigzag is narrower than triangles; the two sides of the theorem enclose.

    For all pairs with up to ``most`` samples; for K <= 4N the two sides may be further apart.
    """
    x, z = to_fractions(range(K))[:, None], to_fractions(rng.integers(1, 9, K))
    wide, narrow = one_sign.fit(x, z), three_layer.fit(x, z, "zigzag")
    sides = {(n, k): bounds.one_sign(n, k) for k in range(2, most + 1) for n in range(1, k + 1)}
    return (
        bool((wide(x) == z).all() and (narrow(x) == z).all())
        and narrow.n_neurons == bounds.one_sign(K, K).upper < wide.n_neurons
        and all(b.lower <= b.upper <= min(bounds.zigzag(k), cheapest(n)) for (n, k), b in sides.items())
        and all(b.upper - b.lower <= 2 for (n, k), b in sides.items() if k >= 4 * n + 1),
        f"N = K = {K}: zigzag {narrow.n_neurons} neurons, triangles {wide.n_neurons}, exact; for {len(sides)} pairs "
        f"with K <= {most} the two sides enclose one another, at most 2 apart where K >= 4N + 1, and up to "
        f"{max(b.upper - b.lower for b in sides.values())} below",
    )


def one_sign_lower(most: int = 40) -> Outcome:
    """The instance of the lower bound forces three kinks a target, and the two bounds are at most two neurons apart.

    The kinks are counted for N up to ``most``; that a network has no more of them is the proof's part.
    """
    floors = {n: max(bounds.ceil_sqrt(4 * (3 * n + 1)) - 2, 0) for n in range(1, 5 * most + 1)}
    forced = {n: sum(instances.forced_kinks(range(4 * n + 1), instances.two_sided(n, 0))) for n in range(1, most + 1)}
    apart = max(cheapest(n) - low for n, low in floors.items())
    return (
        all(count == 3 * n for n, count in forced.items()) and apart <= 2,
        f"the instance forces exactly 3N kinks for N = 1..{most}; for N up to {max(floors)} the two bounds are at most "
        f"{apart} neurons apart",
    )


def failures() -> str:
    """The smallest counterexamples to two attempts at the additive constant, as Markdown."""
    D = next(D for D in range(3, 20) if bounds.alternations(2, D) < 3 * D - 2)
    mixed = 2 + 2 * len(one_sign.TRIANGLE[0])  # a group and a slot for each
    return (
        f"The smallest counterexamples: one target of either sign takes {mixed} neurons with triangles and "
        f"{bounds.windows(2)} with a window. And without the ramp two neurons, then {D}, do not serve {3 * D} zigzag "
        "samples. For $D = 2$ the ramp can be saved on the zigzags that we tried, as {numref}`fig-open-six` shows."
    )


def stretch(t: np.ndarray, y: np.ndarray) -> list:
    """In units of the largest secant: the largest slope and kink of the bent network, and how much all kinks grew."""
    secants = np.diff(y) / np.diff(t)
    _, slopes, _ = two_layer.bend(t, y)
    kinks = abs(np.diff(slopes))
    grew = kinks.sum() - abs(np.diff(secants)).sum()
    return [value / max(abs(secants)) for value in (max(abs(slopes)), max(kinks, default=Fraction(0)), grew)]


def bend(rng: np.random.Generator, draws: int) -> Outcome:
    """On random instances the bent network has slopes up to 2Q and kinks up to 3Q that grew by 3Q at most; 2Q is met.

    Q is the largest secant. Whether another network of that width has smaller slopes is not asked.
    """
    ratios = []
    for _ in range(draws):
        size = int(rng.integers(5, 12))
        y = to_fractions(rng.integers(-9, 10, size))
        if (y != y[0]).any():
            ratios.append(stretch(to_fractions(np.sort(rng.choice(40, size, replace=False))), y))
    worst = stretch(to_fractions(range(5)), to_fractions([0, 1, 0, 4, 0]))
    slope, kink, growth = (max(r[i] for r in ratios) for i in range(3))
    return (
        bool(slope <= 2 and kink <= 3 and growth <= 3 and worst[0] == 2),
        f"{len(ratios)} random instances: slopes up to {float(slope):.2f} Q, kinks up to {float(kink):.2f} Q, all "
        f"kinks together grow by up to {float(growth):.2f} Q; the labels 0, 1, 0, 4, 0 reach {worst[0]} Q exactly",
    )


def weights_table(rng: np.random.Generator, K: int = 24) -> str:
    """Neurons and total weight of two-layer networks for four kinds of labels on K uneven samples, as Markdown."""
    families = {
        "alternating, $N = K$": instances.alternating(K, K),
        "alternating, $N = K/4$": instances.alternating(K // 4, K),
        "random, $N = K$": to_fractions(rng.integers(1, 10, K) * rng.choice([-1, 1], K)),
        "all equal but one": to_fractions([5] * (K - 1) + [4]),
    }
    x = to_fractions(np.sort(rng.choice(4 * K, K, replace=False)) - 2 * K)[:, None]
    lines = [
        f"Neurons: total weight, on {K} uneven samples:",
        "",
        "| labels | `tight` | `interpolate` | `bumps` |",
        "|---" * 4 + "|",
    ]
    for name, z in families.items():
        nets = [two_layer.fit(x, z, method=method) for method in ("tight", "interpolate", "bumps")]
        lines.append(f"| {name} | " + " | ".join(f"{g.n_neurons}: {g.total_weight:.0f}" for g in nets) + " |")
    return "\n".join(lines)


def weight(method: str, K: int, seed: int, draw: int | None = None) -> float:
    """Total weight of one float network through K random signs; at even places, or at random ones for a ``draw``."""
    rng = np.random.default_rng([seed, K, draw or 0])
    t = np.arange(K) * 1.0 if draw is None else np.sort(rng.random(K)) * K
    return three_layer.fit(t[:, None], rng.choice([-1.0, 1.0], K), method, tol=np.inf).total_weight


def weight_growth(K: Sequence[int], exponents: Mapping[str, float], draws: int) -> Outcome:
    """The weights grew like powers of K below 6, a smaller one for even spacing, a similar one for windows.

    ``exponents``: fitted over the samples ``K`` for "zigzag, random", "windows, random" and "zigzag, even". None where
    the range or the number of ``draws`` is too small to tell; no bound is proved.
    """
    even, dense, sparse = (exponents[name] for name in ("zigzag, even", "zigzag, random", "windows, random"))
    holds = all(1 < e < 6 for e in exponents.values()) and even < dense and abs(sparse - dense) < 1
    return (
        ledger.if_large(K[-1] >= 10 * K[0] and draws >= 15, holds),
        f"K from {min(K)} to {max(K)}: fitted powers "
        + ", ".join(f"{power:.1f} ({name})" for name, power in exponents.items()),
    )
