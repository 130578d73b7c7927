"""Ratios measured side by side in one run: what a construction costs against the least that it must do.

Floor: one projection X @ a and one sort of its K values. Rivals: Adam and L-BFGS in torch, trained on the
same samples until a budget is spent. Machines differ and are noisy, so ratios are printed and nothing is
asserted. Run with ``make bench``.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from functools import partial

import numpy as np

from ftc_lib import baum, deep, general_position, three_layer, two_layer
from ftc_lib.core.certify import certify


def task(K: int, d: int, N: int, seed: int = 0):
    """Gaussian samples, N residuals uniform in [-1, 1]."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((K, d))
    z = np.zeros(K)
    z[rng.choice(K, N, replace=False)] = rng.uniform(-1, 1, N)
    return X, z


def best(function, repeats: int) -> float:
    """Least wall-clock seconds of several runs."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def floor_ratio(K: int, d: int, N: int, repeats: int) -> None:
    """Build time of the 3N bumps against the floor, and the memory they take beside X."""
    X, z = task(K, d, N)
    a = np.ones(d)
    floor = fit = np.inf
    build = partial(two_layer.fit, X, z, "bumps", tol=np.inf)  # at any error: this is about time
    for _ in range(repeats):  # in turn, so that both meet the same noise
        floor = min(floor, best(lambda: np.sort(X @ a), 1))
        fit = min(fit, best(build, 1))
    tracemalloc.start()
    g = build()
    vectors = tracemalloc.get_traced_memory()[1] / (8 * K)
    tracemalloc.stop()
    print(
        f"K = {K:>9,}  d = {d}  N = {N:>5,}:  floor {1e3 * floor:7.2f} ms   bumps {1e3 * fit:7.2f} ms   "
        f"ratio {fit / floor:5.2f}   memory X + {vectors:.1f} vectors of length K   stated error {g.error:.1e}",
        flush=True,
    )


def forward_ratio(K: int, d: int, N: int) -> None:
    """Three layers, the cheapest that floats carry: build time against one forward pass of the network built."""
    X, z = task(K, d, N)
    start = time.perf_counter()
    g = three_layer.fit(X, z)
    fit = time.perf_counter() - start
    forward = best(lambda: g(X), 1)
    print(
        f"K = {K:>9,}  d = {d}  N = {N:>5,}:  three_layer auto {g.n_neurons} neurons, widths {g.widths}   "
        f"build {fit:.2f} s   its forward pass {forward:.2f} s   ratio {fit / forward:.2f}   "
        f"stated error {g.error:.1e}",
        flush=True,
    )


def constructions(K: int, d: int, N: int, repeats: int) -> None:
    """All constructions on one task: neurons, build time, stated and exact error, time of the certificate."""
    X, z = task(K, d, N)
    builders = {
        **{f"two_layer {m}": partial(two_layer.fit, X, z, m, tol=np.inf) for m in two_layer.METHODS[:-1]},
        **{f"three_layer {m}": partial(three_layer.fit, X, z, m, tol=np.inf) for m in three_layer.METHODS[:-1]},
        **{f"deep {m}, 6 layers": partial(deep.fit, X, z, 6, m, tol=np.inf) for m in deep.METHODS[:-1]},
        "baum relu": partial(baum.fit_relu, X, z, tol=np.inf),
        "general position mixed": partial(general_position.fit, X, z, "mixed", tol=np.inf),
        "general position slices": partial(general_position.fit, X, z, "slices", tol=np.inf),
    }
    print(f"\nall constructions, K = {K}, d = {d}, N = {N}; seen: the largest miss of one forward pass")
    for name, build in builders.items():
        try:
            g = build()
        except ValueError as error:
            print(f"  {name:24s} {type(error).__name__}: {str(error)[:80]}")
            continue
        seconds, seen = best(build, repeats), np.abs(g(X) - z).max()
        start = time.perf_counter()
        certificate = certify(g, X, z)
        print(
            f"  {name:24s} {g.n_neurons:5d} neurons   build {1e3 * seconds:8.2f} ms   error: stated {g.error:.1e}  "
            f"seen {seen:.1e}  exact {float(certificate.max_error):.1e}   "
            f"certificate {1e3 * (time.perf_counter() - start):8.1f} ms",
            flush=True,
        )


def trained(K: int, d: int, N: int, width: int, budget: float) -> None:
    """Adam and L-BFGS on a two-layer net of the given width, against the closed form."""
    import torch

    torch.manual_seed(0)
    X, z = task(K, d, N)
    start = time.perf_counter()
    g = two_layer.fit(X, z, "bumps")
    closed = time.perf_counter() - start
    print(f"\ntraining against building, K = {K}, d = {d}, N = {N}, {budget:g} s each")
    print(f"  {'bumps':8s} {g.n_neurons:5d} neurons   {1e3 * closed:9.2f} ms   max error {g.error:.1e}")
    for name in ("Adam", "L-BFGS"):
        seconds, error = _train(name, torch.tensor(X), torch.tensor(z), width, budget)
        print(
            f"  {name:8s} {width:5d} neurons   {1e3 * seconds:9.2f} ms   max error {error:.1e}   "
            f"{seconds / closed:,.0f} times the time of bumps",
            flush=True,
        )


def _train(name: str, inputs, targets, width: int, budget: float) -> tuple[float, float]:
    """Seconds spent and the largest error of one network trained from scratch."""
    import torch

    net = torch.nn.Sequential(
        torch.nn.Linear(inputs.shape[1], width), torch.nn.ReLU(), torch.nn.Linear(width, 1), torch.nn.Flatten(0)
    ).double()
    if name == "Adam":
        optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    else:
        optimiser = torch.optim.LBFGS(net.parameters(), max_iter=20, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = ((net(inputs) - targets) ** 2).mean()
        value.backward()
        return value

    start = time.perf_counter()
    while time.perf_counter() - start < budget:
        optimiser.step(loss)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        return seconds, float((net(inputs) - targets).abs().max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budget", type=float, default=10.0, help="seconds for each optimiser")
    budget = parser.parse_args().budget
    print("build against the floor (X @ a and one sort)")
    for K, N, repeats in ((10**4, 100, 50), (10**5, 100, 20), (10**6, 1000, 7)):
        floor_ratio(K, 64, N, repeats)
    forward_ratio(10**6, 64, 1000)
    constructions(442, 10, 40, 5)
    trained(1000, 64, 100, 256, budget)


if __name__ == "__main__":
    main()
