"""The checks of chapter 6 and of its companion page.

Most return (holds, evidence) for one claim; what several judge or a figure shows is measured by functions of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
from scipy.special import hyp2f1

from ftc_lib import baum, three_layer, two_layer, weights
from ftc_lib.book import ledger
from ftc_lib.book.ledger import Outcome
from ftc_lib.core import Layer, Network
from ftc_lib.core.types import Data
from ftc_lib.weights import harmonic, ntk


def slope(x: Data, y: Data) -> float:
    """The exponent of y in x, fitted to logarithms."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def sphere(n: int, d: int, seed: int, *more: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """n random points of the unit sphere in R^d, random signs, and the generator that drew them."""
    X = (rng := np.random.default_rng([seed, n, d, *more])).standard_normal((n, d))
    return X / np.linalg.norm(X, axis=1, keepdims=True), rng.choice([-1.0, 1.0], n), rng


def relus(a: np.ndarray, W: np.ndarray) -> Network:
    """The network of ReLUs without biases with outgoing weights a (m,) and rows W (m, d)."""
    return Network((Layer(W, np.zeros(len(W))), Layer(a, np.zeros(()))))


def missing(network: Network, X: np.ndarray, y: np.ndarray) -> float:
    """The squared error over that of no network."""
    rest = network(X) - y
    return float(rest @ rest / (y @ y))


# ---------------------------------------------------------------- Baum's network


def baum_weights(ns: Sequence[int], d: int, draws: int, seed: int) -> np.ndarray:
    """Baum's networks for random signs on the sphere: (sizes, draws, 2), the total weight, and the number of neurons
    times the median neuron's weight."""

    def weigh(n, s):
        X, y, rng = sphere(n, d, seed, s)
        g = baum.fit_relu(X, y, rng=rng)
        w, b, a = g.layers[0].W, g.layers[0].b, g.layers[1].W
        each = np.abs(a) * np.hypot(np.linalg.norm(w, axis=1), b)
        return each.sum(), len(each) * np.median(each)

    return np.array([[weigh(n, s) for s in range(draws)] for n in ns])


def baum_slopes(ns: Sequence[int], measured: np.ndarray) -> list[float]:
    """The exponents in n of the medians over the data sets: of the total weight, of its typical part."""
    return [slope(ns, column) for column in np.median(measured, axis=1).T]


def baum_growth(ns: Sequence[int], d: int, measured: np.ndarray) -> Outcome:
    """``baum_weights`` grow faster than n^1.5, if there are enough sizes and data sets to tell.

    One dimension, a sum with heavy tails; no exponent is proved.
    """
    total, typical = baum_slopes(ns, measured)
    enough = ns[-1] >= 8 * ns[0] >= 32 * d and measured.shape[1] >= 9
    return ledger.if_large(enough, total > 1.5 and typical > 1.5), (
        f"Fitted slopes over n = {ns[0]} to {ns[-1]} at d = {d}, {measured.shape[1]} seeds: {total:.2f} for the total "
        f"weight, {typical:.2f} for neurons times median."
    )


def baum_growth_words(ns: Sequence[int], d: int, measured: np.ndarray) -> str:
    """The same for the page."""
    if baum_growth(ns, d, measured)[0] is None:
        return (
            "These $n$ lie too close together, are too small for the dimension, or come with too few data sets, "
            "to show how the weights grow."
        )
    total, typical = baum_slopes(ns, measured)
    return (
        f"The total weight grows like $n^{{{total:.1f}}}$ here. The number of neurons times the median weight grows "
        f"like $n^{{{typical:.1f}}}$; the rest comes from a few very thin slabs, so the sum scatters. A heuristic (an "
        "exercise in full) predicts $n^2$ for the typical part."
    )


# ---------------------------------------------------------------- floors


def weight_floor(X: np.ndarray, y: np.ndarray, seed: int, trials: int = 200) -> Outcome:
    """No network that is tried weighs less than the floor for its own labels, nor Baum's and the interpolant than that
    of (X, y); and no neuron that gradient ascent finds is above the bound that certifies.

    Finitely many networks; that none is lighter is the proof's part.
    """
    n, d = X.shape
    floor, seen, q = weights.weight_floor(X, y), weights.observed(X, y, rng=seed), y - y.mean()
    built = [baum.fit_relu(X, y, rng=seed).total_weight, two_layer.fit(X, y, rng=seed).total_weight]
    shares = []
    for m in range(1, trials + 1):
        rng = np.random.default_rng([seed, m - 1])
        first = Layer(rng.standard_normal((m, d)), rng.standard_normal(m))
        g = Network((first, Layer(rng.standard_normal(m), np.array(5.0))))
        shares.append(weights.weight_floor(X, g(X)).floor / g.total_weight)
    return bool(max(shares) <= 1 and seen <= floor.sup and floor.floor <= min(built)), (
        f"{trials} random networks: the floor for their own labels is at most {max(shares):.2f} of their weight. For "
        f"{n} random signs in R^{d} the floor is {floor.floor:.1f}; this test could show at most {q @ y / seen:.1f}."
    )


def random_labels(X: np.ndarray, seed: int, draws: int = 20) -> Outcome:
    """Gradient ascent finds no larger mean correlation with random signs than the proposition allows.

    It finds lower bounds of the supremum only; the bound of its mean is the proof's part.
    """
    n = len(X)
    tops = [
        weights.observed(X, np.random.default_rng([seed, 2, i]).choice([-1.0, 1.0], n), starts=8, steps=50, rng=seed)
        for i in range(draws)
    ]
    return bool(np.mean(tops) <= n / weights.random_labels_floor(n)), (
        f"{draws} random label vectors, less their mean: the largest correlation that gradient ascent finds is "
        f"{np.mean(tops) / np.sqrt(n):.2f} sqrt(n) in the mean, below 3/sqrt(2) = 2.12."
    )


# ---------------------------------------------------------------- derivative neurons


def ntk_runs(shapes: Sequence[tuple[int, int]], runs: int, seed: int) -> dict:
    """(n, d) -> the errors of ``runs`` boosted networks after each step, and the rate lambda/omega of the bound."""
    found = {}
    for n, d in shapes:
        X, y, _ = sphere(n, d, seed)
        paths = [ntk.fit(X, y, error=0.03, rng=[seed, i]).errors for i in range(runs)]
        found[n, d] = paths, float(np.linalg.eigvalsh(ntk.kernel(X))[0] / ntk.omega(X))
    return found


def ntk_monotone(found: dict, seed: int, draws: int = 200) -> Outcome:
    """No step of ``ntk_runs`` raised the error, and the two identities of a derivative neuron hold up to rounding.

    Finitely many draws.
    """
    paths = [path for runs, _ in found.values() for path in runs]
    worst = 0.0
    for i in range(draws):
        rng = np.random.default_rng([seed, 3, i])
        X, r = rng.standard_normal((30, 6)), rng.standard_normal(30)
        v, f = ntk.neuron(X, r, rng.standard_normal(6))
        scale = v @ v + 1
        worst = max(worst, abs(f @ r - v @ v) / scale, (f @ f - ntk.omega(X) * (v @ v)) / scale)
    return bool(worst < 1e-12 and all((np.diff(path) <= 0).all() for path in paths)), (
        f"f.r = |v|^2 and |f|^2 <= omega |v|^2 on {draws} random draws, up to rounding; {len(paths)} runs with at most "
        f"{max(map(len, paths)) - 1} steps in which no step raised the error."
    )


def ntk_steps(found: dict, shapes: Sequence[tuple[int, int]], seed: int) -> Outcome:
    """The mean error of ``ntk_runs`` is below its bound at every step, and the least eigenvalue of the kernel above its
    own, on random data of these shapes (n, d).

    Few runs and one label vector for each data set; the bound is about the mean and all labels.
    """
    within = all(
        np.mean([path[t] for path in paths]) <= (1 - rate) ** t
        for paths, rate in found.values()
        for t in range(1, min(map(len, paths)))
    )
    margins = []
    for n, d in shapes:
        X = sphere(n, d, seed)[0]
        gamma = np.abs(X @ X.T - np.eye(n)).max()
        p0 = np.log(2 * n) / np.log(1 / gamma)
        margins.append(np.linalg.eigvalsh(ntk.kernel(X))[0] * 4 * np.sqrt(2) * np.pi * np.sqrt(p0 + 1))
    runs = len(next(iter(found.values()))[0])
    return bool(within and min(margins) >= 1), (
        f"The mean error of {runs} runs is below (1 - lambda/omega)^t at every step; on {len(shapes)} random data sets "
        f"the least eigenvalue is {min(margins):.1f} to {max(margins):.1f} times its lower bound."
    )


# ---------------------------------------------------------------- harmonic neurons


def turned(angles: Sequence[int] = tuple(range(6, 65, 2))) -> tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]]:
    """For the picture: 16 ReLUs on the unit circle in place of Re phi_4 (361,), the numbers of ``angles``, and m -> how
    far so many are from phi_m."""
    circle, counts = np.exp(1j * np.linspace(0, 2 * np.pi, 361)), np.array(angles)
    sixteen = relus(*harmonic.bundle(np.eye(2), np.zeros(2), np.array([1, 1j]), 1.0))  # v = 0: phi_4 of z alone
    spread = {m: np.array([off_harmonic(circle, m, M) for M in angles]) for m in (2, 4, 6)}
    return sixteen(np.column_stack([circle.real, circle.imag])), counts, spread


def off_harmonic(circle: np.ndarray, m: int, angles: int) -> float:
    """How far the mean over so many angles is from phi_m on a circle of points."""
    mean = harmonic.angular_mean(circle, m, angles=angles) / harmonic.coefficient(m)
    return np.abs(mean - harmonic.phi(circle, m)).max()


def angular(power: int = 14) -> Outcome:
    """Many angles reproduce the even harmonics, and 16 miss the fourth by no more than the aliases add up to.

    A grid of phases.
    """
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 361))
    fine = max(off_harmonic(circle, m, 2**power) * abs(harmonic.coefficient(m)) for m in (2, 4, 6, 8))
    k = 4 + 16 * np.arange(-2000, 2001)
    aliases = 15 * np.sum(1 / np.abs(k[k != 4] ** 2 - 1.0)) + 15 / (128 * 1999)  # the tail by an integral
    missed = off_harmonic(circle, 4, 16)
    return bool(fine < 1e-8 and missed <= aliases), (
        f"2^{power} angles reproduce the harmonics 2, 4, 6, 8 to 1e-8; 16 angles miss phi_4 by at most {missed:.3f}, "
        f"and the aliases add up to {aliases:.3f}."
    )


def harmonic_orders(X: np.ndarray, seed: int, draws: int = 50) -> Outcome:
    """g_m is the hypergeometric function and at most m, the first order is (m+1)/2 |v|^2, and the kernel of X (n, d) is
    within n gamma^m of the identity.

    At the sizes of a laptop the last bound is vacuous; the spectrum is measured.
    """
    (n, d), t = X.shape, np.linspace(0, 0.95, 20)

    def series(m):
        return (m + 1) / 2 * hyp2f1(-(m - 1) / 2, (m - 1) / 2, 2, t**2)

    off = max(np.abs(harmonic.response(t, m) - series(m)).max() for m in (2, 4, 6))
    bounded = all(np.abs(harmonic.response(np.linspace(0, 30, 300), m)).max() <= m for m in (2, 4, 6))
    first = 0.0
    for i in range(draws):
        rng = np.random.default_rng([seed, 5, i])
        Z, r = rng.standard_normal((30, 6)), rng.standard_normal(30)
        u = rng.standard_normal(6) + 1j * rng.standard_normal(6)
        v = harmonic.direction(Z, r, u, 4)
        order_one = np.sum(r * 2.5 * np.exp(3j * np.angle(Z @ u)) * (Z @ v))
        first = max(first, abs(order_one - 2.5 * np.linalg.norm(v) ** 2) / np.linalg.norm(v) ** 2)
    spectrum, gamma = np.linalg.eigvalsh(harmonic.kernel(X)), np.abs(X @ X.T - np.eye(n)).max()
    rho = np.linspace(-1, 1, 401)
    below = all((np.abs(harmonic.coherence(rho, p)) <= np.abs(rho) ** p + 1e-12).all() for p in (1, 3, 5))
    holds = off < 1e-9 and bounded and first < 1e-12 and below and np.abs(spectrum - 1).max() <= n * gamma**4
    return bool(holds), (
        f"g_m agrees with the hypergeometric series to 9 digits, is at most m, and the first order is (m+1)/2 |v|^2 on "
        f"{draws} draws; the spectrum of K for n = {n}, d = {d} is {spectrum[0]:.2f} to {spectrum[-1]:.2f}, though "
        f"n gamma^4 = {n * gamma**4:.0f} would allow much more."
    )


STEPS = (0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0)  # s = delta |r| / sqrt(d)


def correlations(X: np.ndarray, residuals: dict, draws: int, seed: int) -> tuple[dict, dict]:
    """f . r / |r|^2 of random neurons f, for residuals name -> r (n,) and the sizes of ``STEPS``.

    Returns two mappings (kind, name) -> (steps,), means and standard errors over the draws, for the kinds "real" (a
    pair of ReLUs), "relus" (16 ReLUs) and "harmonic" (averaged over the phase).
    """
    at = np.concatenate([[0], np.geomspace(1e-3, 1e3, 4000)])
    response = np.concatenate([harmonic.response(some, 4) for some in np.array_split(at, 40)])
    d, mean, error = X.shape[1], {}, {}

    def neurons(r, s, i):
        delta, rng = s * np.sqrt(d) / np.linalg.norm(r), np.random.default_rng([seed, 4, i])
        u, turn = rng.standard_normal(d), rng.uniform(0, 2 * np.pi)
        w = (rng.standard_normal(d) + 1j * rng.standard_normal(d)) / np.sqrt(2)
        pair = relus(*ntk.pair(X, r, u, s))
        c, R = harmonic.bundle(X, r, w, delta, turn=turn)
        _, still = harmonic.bundle(X, 0 * r, w, delta, turn=turn)  # v = 0: of mean zero, and most of the scatter
        z, p = X @ w, X @ harmonic.direction(X, r, w, 4)
        g = np.interp(delta * np.abs(p) / np.abs(z), at, response)
        turned = (relus(c, R)(X) - relus(c, still)(X)) @ r
        return np.array([pair(X) @ r, turned, (r * p * np.exp(3j * np.angle(z)) * g).real.sum()]) / (r @ r)

    for name, r in residuals.items():
        found = np.array([[neurons(r, s, i) for i in range(draws)] for s in STEPS])
        for kind, values in zip(("real", "relus", "harmonic"), np.moveaxis(found, 2, 0)):
            mean[kind, name], error[kind, name] = values.mean(axis=1), values.std(axis=1, ddof=1) / np.sqrt(draws)
    return mean, error


def why_complex(X: np.ndarray, mean: dict, error: dict, draws: int) -> Outcome:
    """In ``correlations`` the real pair for the residual "all -1" points in the wrong direction at the largest step,
    and the harmonic averaged over its phase never does; the 16 ReLUs agree with it. Too few draws cannot tell.

    Three residuals on one data set; a bound for every residual is not proved.
    """
    names, (n, d) = [name for kind, name in mean if kind == "harmonic"], X.shape
    above = min((mean["harmonic", name] / error["harmonic", name]).min() for name in names)
    weakest = min((mean["relus", name] / error["relus", name]).min() for name in names)
    apart = max(
        (np.abs(mean["relus", r] - mean["harmonic", r]) / np.hypot(error["relus", r], error["harmonic", r])).max()
        for r in names
    )
    below = -mean["real", "all -1"][-1] / error["real", "all -1"][-1]
    return ledger.if_large(draws >= 60, above > 5 and below > 5 and apart < 5), (
        f"n = {n}, d = {d}, {draws} draws: for r = -1 the real pair is at {mean['real', 'all -1'][-1]:.1f} at s = 2, "
        f"{below:.0f} standard errors below zero. The harmonic averaged over its phase is at least {above:.0f} "
        f"standard errors above zero for {len(names)} residuals and {len(STEPS)} steps, though as small as "
        f"{min(mean['harmonic', name].min() for name in names):.2f}; the 16 ReLUs agree with it within {apart:.1f} "
        f"standard errors, and their own means are {weakest:.1f} standard errors above zero at the least."
    )


def one_sign(n: int, d: int, seed: int) -> Outcome:
    """With all labels -1 and a large fixed step pairs of ReLUs run away, and the harmonic network converges.

    One data set, one step for each network; smaller steps help the pairs.
    """
    X, y = sphere(n, d, seed)[0], -np.ones(n)
    try:
        ntk.fit(X, y, s=1.0, max_steps=1000, rng=seed)
        diverged = False
    except ValueError:
        diverged = True
    calm = harmonic.fit(X, y, s=0.5, rng=seed)
    return bool(diverged and calm.errors[-1] <= 0.1), (
        f"All labels -1, n = {n}, d = {d}, fixed steps: pairs of ReLUs at s = 1 run away; the harmonic network reaches "
        f"the error 0.1 after {calm.steps} steps with W = {calm.weights[-1] / np.sqrt(n):.0f} sqrt(n)."
    )


TARGETS = (0.3, 0.1, 0.03, 0.01, 0.003)  # errors that are left
RUNS = 15  # the scatter of a single run is a seventh of its steps


def steps_taken(n: int, d: int, seed: int, runs: int = RUNS) -> dict:
    """frozen or not -> (targets,): how many harmonic neurons reach ``TARGETS``, mean of runs on as many data sets."""

    def taken(frozen, i):
        X, y, _ = sphere(n, d, seed, 10, i)
        run = harmonic.fit(X, y, error=TARGETS[-1], step="line search", frozen=frozen, rng=[seed, i])
        return [int(np.argmax(run.errors <= left)) for left in TARGETS]

    return {frozen: np.mean([taken(frozen, i) for i in range(runs)], axis=0) for frozen in (False, True)}


def steps(n: int, d: int, taken: dict, runs: int = RUNS) -> Outcome:
    """In ``steps_taken`` the scaled step takes about equally many for each unit of log(1/error), the frozen one ever
    more; too few samples cannot tell. One size of data."""
    scaled, frozen = (np.diff(taken[frozen]) / np.diff(np.log(1 / np.array(TARGETS))) for frozen in (False, True))
    last = frozen[-1] / frozen[0]
    many = last > 3 and taken[True][-1] > 1.5 * taken[False][-1]
    return ledger.if_large(n >= 200, scaled.max() <= 1.5 * scaled.min() and many), (
        f"n = {n}, d = {d}, mean of {runs} runs: the scaled step takes {scaled.min():.0f} to {scaled.max():.0f} steps "
        f"per unit of log(1/epsilon); with the frozen step the last such unit costs {last:.1f} times the first."
    )


# ---------------------------------------------------------------- the floor against what was built

BUILT = ("Baum", "derivative neurons, exact", "pairs at s = 0.5", "harmonic", "derivative neurons, steps x median")


def growth(ns: Sequence[int], ratio: int, draws: int, seed: int) -> dict:
    """Total weights for random signs in R^(n/ratio): name of ``BUILT`` -> (sizes, draws), and on the first data set of
    each size the certified "floor" and the "most this test could show"; a tenth of the squared error may be left, but
    for Baum's network."""

    def weigh(n, s):
        X, y, rng = sphere(n, n // ratio, seed, s)
        heavy, exact = baum.fit_relu(X, y, rng=rng), ntk.fit(X, y, rng=rng)
        nets = heavy, exact.network, ntk.fit(X, y, s=0.5, rng=rng).network, harmonic.fit(X, y, rng=rng).network
        return [g.total_weight for g in nets] + [exact.steps * np.median(np.diff(exact.weights))]

    def floors(n):
        X, y, _ = sphere(n, n // ratio, seed, 0)
        q, left = y - y.mean(), np.sqrt(0.1 * n)
        most = (q @ y - left * np.linalg.norm(q)) / weights.observed(X, y, starts=16, steps=60, rng=seed)
        return weights.weight_floor(X, y, 0.1).floor, most

    table = np.array([[weigh(n, s) for s in range(draws)] for n in ns])
    floor, most = np.array([floors(n) for n in ns]).T
    return dict(zip(BUILT, np.moveaxis(table, 2, 0))) | {"floor": floor, "most this test could show": most}


def exponents(ns: Sequence[int], measured: dict) -> dict:
    """The exponents in n of the medians over the data sets of ``growth``."""
    return {name: slope(ns, np.median(measured[name], axis=1)) for name in BUILT}


def growth_holds(ns: Sequence[int], ratio: int, measured: dict) -> Outcome:
    """In ``growth`` no network is below the floor; harmonic weight grows about like a root of n and the others faster,
    if there are enough sizes and data sets to tell.

    Exponents are fitted to few n and to sums with heavy tails.
    """
    slopes, draws = exponents(ns, measured), measured["Baum"].shape[1]
    above = all((measured["floor"] <= measured[name].min(axis=1)).all() for name in BUILT[:4])
    enough = ns[-1] >= 4 * ns[0] >= max(400, 80 * ratio) and draws >= 5
    apart = min(slopes[BUILT[4]], slopes["Baum"]) > slopes["harmonic"] + 0.4
    over = np.median(measured["harmonic"][-1]) / measured["floor"][-1]
    return bool(above) and ledger.if_large(enough, 0.25 < slopes["harmonic"] < 0.75 and apart), (
        f"n/d = {ratio}, n = {ns[0]} to {ns[-1]}, median of {draws}: exponents {slopes['harmonic']:.1f} (harmonic), "
        f"{slopes[BUILT[4]]:.1f} (derivative neurons, typical part), {slopes['Baum']:.1f} (Baum); harmonic weight "
        f"{over:.0f} times the certified floor at n = {ns[-1]}."
    )


def growth_words(ns: Sequence[int], measured: dict) -> str:
    """What ``growth`` measured, for the page."""
    root, slopes = np.sqrt(ns), exponents(ns, measured)
    harmonic_, floor = np.median(measured["harmonic"], axis=1) / root, measured["floor"] / root
    return (
        f"The harmonic network weighs {harmonic_.min():.0f} to {harmonic_.max():.0f} times $\\sqrt n$, and the "
        f"certified floor is {floor.min():.2f} to {floor.max():.2f} times $\\sqrt n$. The exact networks have fitted "
        f"exponents {slopes['Baum']:.1f} for Baum, {slopes[BUILT[1]]:.1f} for derivative neurons (their typical part "
        f"{slopes[BUILT[4]]:.1f}). These are measurements, on few sizes and with heavy tails; no exponent but that of "
        "the floor is proved."
    )


def ladder_table(n: int, d: int, seed: int) -> str:
    """Neurons, weight and error of six ways to fit random signs on the sphere, on one data set; Markdown."""
    X, y, _ = sphere(n, d, seed, 7)
    rows = np.random.default_rng([seed, 8]).standard_normal((4 * n, d + 1))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    first = Layer(rows[:, :-1], rows[:, -1])
    outgoing = Layer(np.linalg.lstsq(np.maximum(first(X), 0), y, rcond=None)[0], np.zeros(()))
    nets = {
        "two layers on a line, interpolate": two_layer.fit(X, y, "interpolate", rng=seed, tol=1e-2),
        "Baum": baum.fit_relu(X, y, rng=seed),
        "derivative neurons, exact": ntk.fit(X, y, rng=seed).network,
        "harmonic": harmonic.fit(X, y, rng=seed).network,
        f"{4 * n} random ReLUs, least squares": Network((first, outgoing)),
    }
    found = {name: (g.n_neurons, g.total_weight, missing(g, X, y)) for name, g in nets.items()}
    found["floor, any width"] = "", weights.weight_floor(X, y, 0.1).floor, 0.1
    lines = [
        f"n = {n} points of the sphere in $\\R^{{{d}}}$, random signs.\n",
        "| network | neurons | total weight | over $\\sqrt n$ | squared error, over that of 0 |",
        "|---|---|---|---|---|",
    ]
    for name, (m, w, left) in found.items():
        error = "below 1e-6" if left < 1e-6 else f"{left:.2g}"
        lines.append(f"| {name} | {m} | {w:.1e} | {w / np.sqrt(n):.1e} | {error} |")
    return "\n".join(lines)


# ---------------------------------------------------------------- on a line

PAPERS = ("2: interpolate", "2: Baum", "3: yun", "3: kept", "3: appendix", "3: bumps")
BOOKS = ("2: bumps", "2: tight", "3: windows", "3: zigzag", "3: pairs")
DRAWN = ("2: bumps", "2: interpolate", "2: Baum", "3: yun", "3: windows", "3: zigzag", "3: pairs")


def on_the_line(K: int, N: int, seed: int, draw: int, closer: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """K even samples of [0, 1] and N random signs among them; one gap is ``closer`` times as small."""
    rng = np.random.default_rng([seed, 9, draw])
    t, z = np.linspace(0, 1, K), np.zeros(K)
    z[2 + rng.choice(K - 4, N, replace=False)] = rng.choice([-1, 1], N)
    i = np.flatnonzero(z)[N // 2]
    t[i] = t[i + 1] - (t[i + 1] - t[i]) / closer
    return t, z


def built(t: np.ndarray, z: np.ndarray, name: str, seed: int) -> Network:
    """The network for samples on a line of a construction, named by its layers and its method."""
    if name == "2: Baum":
        return baum.fit_relu(t[:, None], z, rng=seed)
    room = {"2": two_layer, "3": three_layer}[name[0]]
    return room.fit(t[:, None], z, name[3:], tol=1e-2)  # windows round


def weighed(K: int, N: int, seed: int, draws: int = 5, names: Sequence[str] = DRAWN) -> list[dict]:
    """Path weights against N, against K and against one gap that shrinks, with both floors: a row a network."""
    cases = [("N", k, {"N": k}) for k in (1, 2, 4, 8, 16, 32, 64) if 4 * k <= K]
    cases += [("K", k, {"K": k}) for k in (40, 80, 160, 320, 640) if 4 * N <= k]
    cases += [("gap", 1 / (K - 1) / c, {"closer": c}) for c in (1, 4, 16, 64, 256, 1024)]
    rows = []
    for axis, value, change in cases:
        for draw in range(draws):
            t, z = on_the_line(**{"K": K, "N": N} | change, seed=seed, draw=draw)
            floors = {"floor": weights.line_floor(t, z), "depth floor": weights.depth_floor(t, z)}
            for name in names:
                weight = weights.path_weight(built(t, z, name, seed))
                rows.append({"axis": axis, "value": value, "construction": name, "weight": weight} | floors)
    return rows


def medians(rows: list[dict], axis: str, of: Callable[[dict], float]) -> dict:
    """construction -> value on the axis -> median over the draws of ``of(row)``."""
    found = {}
    for row in rows:
        if row["axis"] == axis:
            found.setdefault(row["construction"], {}).setdefault(row["value"], []).append(of(row))
    return {name: {value: median(seen) for value, seen in values.items()} for name, values in found.items()}


def over_floors(rows: list[dict]) -> tuple[dict, dict]:
    """For the picture: axis -> construction -> value -> median of ``over_floor``, "floor, any depth" among the
    constructions; and axis -> value -> median of the floor of two layers."""
    over, floors = {}, {}
    for axis in ("N", "K", "gap"):
        over[axis] = medians(rows, axis, over_floor)
        deep, floor = (
            medians(rows, axis, of) for of in (lambda r: r["depth floor"] / r["floor"], lambda r: r["floor"])
        )
        over[axis]["floor, any depth"] = deep[DRAWN[0]]
        floors[axis] = floor[DRAWN[0]]
    return over, floors


def over_floor(row: dict) -> float:
    """A path weight over the floor of two layers."""
    return row["weight"] / row["floor"]


def line(rows: list[dict]) -> Outcome:
    """No two-layer network of ``weighed`` is below the floor of two layers, and the interpolant lies on it.

    Networks of the book; that none is lighter is the proof's part.
    """
    interpolants = [over_floor(row) for row in rows if row["construction"] == "2: interpolate"]
    lowest = min(over_floor(row) for row in rows if row["construction"][0] == "2")
    return bool(lowest >= 1 - 1e-9 and max(interpolants) <= 1.01), (
        f"{len(interpolants)} instances on a line: no two-layer network is below the floor, and the interpolant is at "
        f"most {max(interpolants):.4f} times as heavy."
    )


def price(gaps: int = 20) -> Outcome:
    """A float bump for one label weighs 4/3 to 8/3 of the floor of two layers. One place of the line."""
    ratios = []
    for gap in np.linspace(0.01, 0.02, gaps + 1)[:-1]:
        t = np.concatenate([np.linspace(0, 0.5, 9), 0.5 + gap * np.arange(1, 4), np.linspace(0.7, 1, 9)])
        z = (np.arange(len(t)) == 10) * 1.0
        ratios.append(two_layer.fit(t[:, None], z, "bumps").total_weight / weights.line_floor(t, z))
    return bool(min(ratios) >= 4 / 3 * 0.999 and max(ratios) <= 8 / 3 * 1.001), (
        f"One label between zeros at {len(ratios)} different gaps: a float bump weighs {min(ratios):.2f} to "
        f"{max(ratios):.2f} times the floor of two layers (4/3 to 8/3)."
    )


def depth(rows: list[dict], seed: int, trials: int = 200) -> Outcome:
    """No network of ``weighed`` and no random one of two to four hidden layers is below the floor for any depth, and a
    bump behind a fold nearly reaches it.

    Finitely many networks; that none is lighter is the proof's part.
    """
    folded = []
    for h in (0.1, 0.01, 0.001):
        fold, tent = Layer(np.array([[1.0], [-1.0]]), np.zeros(2)), Layer(np.full((1, 2), -1 / h), np.ones(1))
        bump, t = Network((fold, tent, Layer(np.ones(1), np.zeros(())))), h * np.arange(-3, 4)
        folded.append(weights.path_weight(bump) / weights.depth_floor(t, bump(t[:, None])))
    above = {k: min(r["weight"] / r["depth floor"] for r in rows if r["construction"][0] == k) for k in "23"}
    shares = []
    for k in range(trials):
        rng = np.random.default_rng([seed, 11, k])
        sizes = [1, *rng.integers(1, 8, 2 + k % 3)]
        hidden = [
            Layer(rng.standard_normal((wide, before)), rng.standard_normal(wide))
            for before, wide in zip(sizes, sizes[1:])
        ]
        g = Network((*hidden, Layer(rng.standard_normal(sizes[-1]), np.zeros(()))))
        t = np.sort(rng.uniform(-3, 3, 200))
        shares.append(weights.depth_floor(t, g(t[:, None])) / weights.path_weight(g))
    holds = min(above.values()) >= 1 and max(shares) <= 1 and min(folded) >= 1 and max(folded) <= 1.01
    return bool(holds), (
        f"On {len(rows)} networks of the picture the path weight is at least {above['2']:.2f} (two layers) and "
        f"{above['3']:.2f} (three) times the floor for any depth; {trials} random networks with two to four hidden "
        f"layers: the floor for their own values is at most {max(shares):.2f} of it. A bump behind a fold is "
        f"{min(folded):.5f} to {max(folded):.4f} times as heavy as the floor."
    )


def weighed_words(K: int, N: int, rows: list[dict]) -> str:
    """What ``weighed`` measured, for the page."""
    over = {axis: medians(rows, axis, over_floor) for axis in ("N", "K", "gap")}
    even = [v for a in "NK" for c in ("2: bumps", "2: Baum") for v in over[a][c].values()]
    pairs = [v for a in over for v in over[a]["3: pairs"].values()]
    two = [over_floor(row) for row in rows if row["construction"][0] == "2"]
    within = max(over_floor(row) for row in rows if row["construction"] == "2: interpolate") - 1
    floor = {axis: slope_at_end(medians(rows, axis, lambda row: row["floor"])["2: bumps"]) for axis in "NK"}
    zigzag = slope_at_end(medians(rows, "K", lambda row: row["weight"])["3: zigzag"])
    windows = over["gap"]["3: windows"][1 / (K - 1)]
    return (
        f"* **Two layers.** The interpolant lies on the floor, within {100 * within:.1g} per cent. On even samples "
        f"bumps and Baum's slabs weigh {min(even):.1f} to {max(even):.1f} times as much, for their margins. The floor "
        f"grows like $N^{{{floor['N']:.1f}}}$ and like $K^{{{floor['K']:.1f}}}$, since the gap is $1/(K-1)$. Where two "
        "changed samples with the same label come close, bumps need a slope between them that the interpolant does "
        f"not need, and weigh up to {max(two):.0f} times the floor.\n"
        "* **Three layers.** Windows and zigzag are heavier. The zigzag's path weight grows like "
        f"$K^{{{zigzag:.1f}}}$, fitted over the last points. The windows' depends on the draw; at $N = {N}$, $K = {K}$ "
        f"it is {windows:.0f} times the two-layer floor. The pairs, two neurons a label, stay between "
        f"{min(pairs):.1f} and {max(pairs):.1f} times that floor. These are measurements: whether few neurons *must* "
        "be heavy is open."
    )


def slope_at_end(values: dict) -> float:
    """The exponent over the last four values of an axis."""
    x, y = zip(*list(values.items())[-4:])
    return slope(x, y)


def tradeoff(K: int, N: int, seed: int, draws: int = 5) -> tuple[list[dict], float, float]:
    """Neurons and path weight of every construction for N of K labels, medians over the draws, and both floors."""
    cases, points = [on_the_line(K, N, seed, draw) for draw in range(draws)], []
    for name in (*PAPERS, *BOOKS):
        nets = [built(t, z, name, seed) for t, z in cases]
        points.append({
            "construction": name, "neurons": int(median(g.n_neurons for g in nets)),
            "path weight": float(median(weights.path_weight(g) for g in nets)),
        })  # fmt: skip
    floors = (float(median(floor(t, z) for t, z in cases)) for floor in (weights.line_floor, weights.depth_floor))
    return points, *floors


def fine_tuning(K: int, N: int, points: list[dict]) -> Outcome:
    """In ``tradeoff`` windows have fewer neurons than two layers need, and windows and zigzags weigh more than twice
    what bumps weigh; very few labels cannot tell.

    A few draws on even samples. That few neurons must be heavy is not shown.
    """
    (m, w), (_, zigzag), (bumps, light), (tight, _) = (
        next((p["neurons"], p["path weight"]) for p in points if p["construction"] == name)
        for name in ("3: windows", "3: zigzag", "2: bumps", "2: tight")
    )
    return ledger.if_large(N >= 4, m < tight and min(w, zigzag) > 2 * light), (
        f"N = {N}, K = {K}: windows take {m} neurons and weigh {w:.1e}, the zigzag weighs {zigzag:.1e}; the bumps of "
        f"two layers take {bumps} neurons and weigh {light:.1e}."
    )


# ---------------------------------------------------------------- far from zero


def savings(far: np.ndarray, ks: Sequence[int], gap: float = 0.01) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """One label at each place ``far``: k -> path weight of the walk in k steps over the floor of two layers, and the
    same ratio of the floor for any depth."""

    def ratios(T):
        t, y = T + gap * np.arange(-3, 4), (np.arange(7) == 3) * 1.0
        deep = [weights.path_weight(weights.deep_bump(t, y, k)) for k in ks]
        return np.array([*deep, weights.depth_floor(t, y)]) / weights.line_floor(t, y)

    *saved, allowed = np.array([ratios(T) for T in far]).T
    return dict(zip(ks, saved)), allowed


def deep_instances(seed: int) -> list[dict]:
    """Four sets of labels on a line, their floors, and the path weight of a deep network that has them."""
    signs = np.random.default_rng([seed, 12]).choice([-1.0, 1.0], 41)
    near, distant, few = 1e-3 * np.arange(1001), 1e-2 * np.arange(1003), np.linspace(0, 1, 41)
    cases = (
        ("one label at 0.998, gaps 0.001", near, (near == near[998]) * 1.0, weights.deep_bump, 128),
        ("one label at 10, gaps 0.01", distant, (distant == distant[1000]) * 1.0, weights.deep_bump, 128),
        ("41 random signs on $[0, 1]$", few, signs, weights.deep_interpolant, 1024),
        ("41 random signs on $[0, 5]$", 5 * few, signs, weights.deep_interpolant, 1024),
    )
    return [
        {
            "labels": name, "k": k, "two layers": weights.line_floor(t, y), "any depth": weights.depth_floor(t, y),
            "built": weights.path_weight(g := build(t, y, k)), "error": g.error,
            "factor": np.sqrt(1 + t.max() ** 2 / k + 2 * np.diff(t).max() ** 2),
        }
        for name, t, y, build, k in cases
    ]  # fmt: skip


def deep_table(rows: list[dict]) -> str:
    """``deep_instances`` as Markdown."""
    lines = [
        "| labels | $k$ | floor, two layers | floor, any depth | built | of two layers |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['labels']} | {r['k']} | {r['two layers']:.1f} | {r['any depth']:.1f} | {r['built']:.1f} | "
        f"{r['built'] / r['two layers']:.3f} |"
        for r in rows
    ]
    return "\n".join(lines)


def depth_reached(
    walk: Network, t: np.ndarray, y: np.ndarray, far: np.ndarray, saved: dict, allowed: np.ndarray, rows: list[dict]
) -> Outcome:
    """A walk (Fractions) is right at all samples and lighter than half of what two layers weigh; ``savings`` are above
    the floor and near it; random signs of ``deep_instances`` are built within the factor of the proposition.

    Labels that climb far are not tried; their least path weight is known up to a factor only.
    """
    heavy, light, most = weights.line_floor(t, y), weights.path_weight(walk), max(saved)
    above = all(bool((values >= allowed * (1 - 1e-9)).all()) for values in saved.values())
    near = bool((saved[most] <= 1.01 * np.sqrt(1 + np.square(far) / most) * allowed).all())
    signs = [(r["built"] / r["any depth"], r["factor"]) for r in rows if "signs" in r["labels"]]
    within = all(1 - 1e-9 <= over <= factor for over, factor in signs) and all(r["error"] < 1e-9 for r in rows)
    holds = (walk(t[:, None]) == y).all() and 2 * light < heavy and above and near and within
    return bool(holds), (
        f"the walk to {float(t[int(np.argmax(y))]):.0f} is exact on Fractions, and any two layers weigh "
        f"{heavy / light:.1f} times as much or more; in {most} steps the weight at T = {far[-1]:.0f} is "
        f"{saved[most][-1]:.4f} of the two-layer floor, and no depth is below {allowed[-1]:.4f} of it; random signs "
        f"are built within {100 * (max(over for over, _ in signs) - 1):.2f} per cent of the floor for any depth."
    )


# ---------------------------------------------------------------- real data


def patients_table(nets: dict, z: np.ndarray, certified: weights.Floor, rough: weights.Floor) -> str:
    """Neurons and path weight of repairs of real data, and two floors; Markdown."""
    rows = [f"| {name} | {g.n_neurons} | {weights.path_weight(g):.1e} |" for name, g in nets.items()]
    head = f"{np.count_nonzero(z)} of {len(z)} patients, residuals up to {np.abs(z).max():.0f}.\n\n"
    floors = (
        f"| floor, exact fit, two layers, any width | | {certified.floor:.1e} |",
        f"| floor, a tenth of the error left | | {rough.floor:.1e} |",
    )
    return head + "\n".join(["| network | neurons | path weight |", "|---|---|---|", *rows, *floors])


def real_data(exact: dict, soft: dict, z: np.ndarray, certified: weights.Floor, rough: weights.Floor) -> Outcome:
    """Exact two-layer repairs weigh more than boosted networks that leave a tenth of the squared error, and all are
    above their certified floors.

    The boosted networks touch every patient; the floor is far below all of them.
    """
    heavy, tame = (min(g.total_weight for g in nets.values() if len(g.widths) == 1) for nets in (exact, soft))
    return bool(certified.floor <= heavy and rough.floor <= tame < heavy), (
        f"{np.count_nonzero(z)} patients: certified floor {certified.floor:.2g}; two-layer repairs weigh {heavy:.1e} "
        f"or more, the boosted networks {tame:.1e} or more with a tenth of the squared error left."
    )
