"""What the checks of chapter 4 do (book/04_deeper), and the tables that the page prints of what they measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ftc_lib import deep
from ftc_lib.book.ledger import Outcome
from ftc_lib.book.words import scientific
from ftc_lib.core import bounds
from ftc_lib.core.bounds import ceil_div, ceil_sqrt
from ftc_lib.core.certify import Certificate, certify
from ftc_lib.core.network import ConditioningError, Network, to_fractions
from ftc_lib.core.types import Number

DEPTHS = (4, 5, 8)  # layers at which instances are built
LABELS = (-3, -2, -1, 1, 2, 3)
TRIPLES = [
    (n, k, L)
    for k in (5, 9, 20, 50, 120, 300, 1000)
    for n in range(1, k + 1, max(1, k // 25))
    for L in (4, 5, 6, 9, 17, 33)
]


def widths(most: int, rng: np.random.Generator) -> dict[str, dict[tuple, float]]:
    """Method -> (N, K, L) -> width of an exact network on a random instance with K <= ``most`` samples.

    The positions are uneven. The width of a network that is wrong anywhere, or has another depth, is infinite.
    """
    pairs = [(n, k) for k in range(3, most + 1, 7) for n in sorted({1, k // 4, k // 2, k}) if n]
    return {
        method: {(n, k, L): _width(method, n, k, L, rng) for n, k in pairs for L in DEPTHS} for method in deep.METHODS
    }


def _width(method, n, k, L, rng):
    z = np.zeros(k, dtype=int)
    z[rng.choice(k, n, replace=False)] = rng.choice(LABELS, n)
    X, z = to_fractions(np.sort(rng.choice(6 * k, k, replace=False)))[:, None], to_fractions(z)
    g = deep.fit(X, z, L, method)
    return max(g.widths) if (g(X) == z).all() and len(g.widths) == L - 1 else math.inf


def paper(table: Mapping) -> Outcome:
    """Proposition 6.1: the networks of its proof, built for the ``widths`` of some triples, are as narrow as it says.

    Shows the construction on finitely many instances, in whole groups and slots, with the roots rounded up.
    """
    return (
        all(w <= bounds.deep_width(*case) for case, w in table["paper"].items()),
        f"the stacked hard-tanhs and windows of the proof, built for {len(table['paper'])} triples (N, K, L): exactly "
        "right, width at most 4 min{sqrt(3N/B + 5), sqrt(K)} + 2 rounded up",
    )


def blocks(
    table: Mapping, sums: Sequence[Network], x: np.ndarray, y: np.ndarray, ends: Sequence[int], base: Number
) -> Outcome:
    """Blocks are as narrow as the table of the proposition allows, and each is zero outside its run.

    ``sums``: the network up to each block, on the line; ``ends``: how many of the samples x (K,) it should have put on
    their labels y (K,), the others being at ``base``. Says nothing about how large the weights are.
    """
    rows = [g(x[:, None]) for g in sums]
    zero_outside = all((row[:end] == y[:end]).all() and (row[end:] == base).all() for row, end in zip(rows, ends))
    cases = list(table["zigzag"])
    return (
        zero_outside
        and all(w <= bounds.deep_windows(n, L) for (n, _, L), w in table["windows"].items())
        and all(w <= bounds.deep_zigzag(k, L) for (_, k, L), w in table["zigzag"].items()),
        f"{len(cases)} triples (N, K, L) with K <= {max(k for _, k, _ in cases)} and L <= {max(DEPTHS)}: windows and "
        "zigzags exactly right and no wider than the table allows; "
        f"in the picture each of {len(ends)} blocks is exactly zero outside its run",
    )


def relay(table: Mapping, most: int = 2000) -> Outcome:
    """Relays are as narrow as their count, and the count is within the closed forms of the proposition.

    The closed forms are compared for N = K < ``most``, in steps, and L < 40. Nothing is said about weights.
    """
    sizes, depths = range(1, most, 7), range(4, 40)
    zigzags = all(
        bounds.relay_grids(k, L, "zigzag")[0] <= ceil_sqrt(ceil_div(k, L - 2) + 1) + 2 for k in sizes for L in depths
    )
    windows = all(
        (w := bounds.relay_grids(n, L, "windows")[0]) <= 7 or 4 * n > (L - 2) * (w - 7) * (w - 8)
        for n in sizes
        for L in depths
    )
    return (
        zigzags and windows and all(w <= bounds.deep_relay(*case) for case, w in table["relay"].items()),
        f"{len(table['relay'])} triples (N, K, L): exactly right and no wider than the count; with zigzags and with "
        f"windows the count is within the closed form for 1 <= N = K < {most} (in steps) and 4 <= L < 40",
    )


def theorem(table: Mapping) -> Outcome:
    """The bounds of the library enclose one another and are within the theorem; what ``fit`` builds is within them.

    The lower bounds are formulas whose proofs are on the page; no search over networks.
    """
    theory = {case: bounds.deep(*case) for case in TRIPLES}
    within = all(
        b.lower <= b.upper <= b.paper_upper
        and (L - 2) * max(b.upper - 4, 0) ** 2 <= k
        and (L - 2) * max(b.upper - 8, 0) ** 2 <= 4 * n
        and (L - 2) * (2 * b.lower + 1) ** 2 >= 4 * (n - 1)
        for (n, k, L), b in theory.items()
    )
    apart = max(b.upper - b.lower for (n, k, _), b in theory.items() if n == k)
    return (
        within and all(w <= bounds.deep(*case).upper for case, w in table["auto"].items()),
        f"{len(TRIPLES)} triples (N, K, L) with K <= 1000: lower <= upper <= the paper's bound, both within the "
        f"theorem; for N = K they are at most {apart} apart",
    )


def numbers(network: Network) -> int:
    """The numbers that matter in a network on the line: the left side of the count of parameters."""
    w = network.widths
    return w[0] + sum(a * b for a, b in zip(w, w[1:])) + w[-1] + 1


def lower(made: Mapping, K: int) -> Outcome:
    """No network ``made`` (method -> layers -> network) for K labels has fewer numbers that matter than labels.

    The width below which the count fails is compared with the floor of the library. That nobody does with fewer
    numbers is the proof's part.
    """
    spent = {method: {L: numbers(g) for L, g in by_depth.items()} for method, by_depth in made.items()}
    floors = {(k, L): bounds.deep_floor(k, k, L) for k in range(30, 2000, 17) for L in (4, 5, 9)}
    return (
        all(count >= K for by_depth in spent.values() for count in by_depth.values())
        and all((L - 2) * (w - 1) ** 2 + 2 * (w - 1) + 1 < k for (k, L), w in floors.items()),
        f"no network that was built for {K} labels has fewer numbers that matter; with 9 layers the relay has "
        f"{spent['relay'][9]}, the blocks {spent['zigzag'][9]}, the paper's network {spent['paper'][9]}",
    )


def most_numbers(most: int) -> np.ndarray:
    """For m = 0, .., most neurons in two hidden layers or more: the most numbers that matter, however spread."""
    best = np.full((most + 1, most + 1), -1)  # w_1 + the sum of w_i w_(i+1), m neurons so far, w in the last layer
    found = np.zeros(most + 1, dtype=int)
    for m in range(1, most + 1):
        for w in range(1, m):
            before = best[m - w, 1 : m - w + 1]
            best[m, w] = (before + np.arange(1, m - w + 1) * w)[before >= 0].max()
            found[m] = max(found[m], best[m, w] + w + 1)
        best[m, m] = m
    return found


def any_depth(neurons: int = 60, most: int = 100_000) -> Outcome:
    """No depth has more numbers than the proof says, and three layers come within two neurons of the floor.

    All ways to spread up to ``neurons`` neurons are looked at; the comparison goes up to K < ``most``. That every label
    needs a number is the proof's part; nothing is said about sparse changes.
    """
    found = most_numbers(neurons)
    spare = {bounds.zigzag(k) - bounds.any_depth_floor(k) for k in range(2, most)}
    return (
        all(found[m] == (m + 2) ** 2 // 4 for m in range(2, neurons + 1))
        and all(bounds.two_layer(k, k).lower >= bounds.any_depth_floor(k) for k in range(1, 1000))
        and spare == {2},
        f"over all ways to put m <= {neurons} neurons into two hidden layers or more, at most floor((m + 2)^2 / 4) "
        f"numbers matter, {found[neurons]} for m = {neurons}; two layers never need fewer for K < 1000; for all K from "
        f"2 to {most - 1} the three-layer zigzag has {max(spare)} neurons more than any network must have",
    )


def real_data(repairs: Mapping[tuple, Certificate]) -> Outcome:
    """Repairs of the diabetes data, (method, layers) -> certificate: as narrow as the counts, the others untouched.

    Needs 3, 5, 9 and 13 layers of "windows" and "zigzag". Says nothing about new patients.
    """
    thin = {key: proof for key, proof in repairs.items() if key[1] > 3}
    patients = repairs["zigzag", 3].K
    repaired = repairs["windows", 3].N
    narrow = {
        "windows": all(
            max(p.widths) <= bounds.deep_windows(repaired, L) for (m, L), p in thin.items() if m == "windows"
        ),
        "zigzag": all(max(p.widths) <= bounds.deep_zigzag(patients, L) for (m, L), p in thin.items() if m == "zigzag"),
    }
    wide = {key: max(proof.widths) for key, proof in repairs.items()}
    return (
        all(float(proof.max_error) < 1e-3 for proof in thin.values())
        and all(proof.kept_zero == patients - repaired for proof in thin.values() if proof.N == repaired)
        and all(narrow.values())
        and 2 * wide["zigzag", 13] < wide["zigzag", 3],
        f"diabetes, 5 to 13 layers: {repaired} patients repaired at width "
        f"{', '.join(str(wide['windows', L]) for L in (5, 9, 13))} (the other {patients - repaired} exactly "
        "untouched), "
        f"all {patients} at width {', '.join(str(wide['zigzag', L]) for L in (5, 9, 13))}, where three layers have "
        f"{wide['zigzag', 3]}; exact errors up to {max(float(proof.max_error) for proof in thin.values()):.1e}",
    )


def refused(X: np.ndarray, z: np.ndarray, layers: int = 5) -> bool:
    """Whether a relay in float64 is refused."""
    try:
        deep.fit(X, z, layers, "relay")
    except ConditioningError:
        return True
    return False


def floats(X: np.ndarray, z: np.ndarray, depths: Sequence[int] = (4, 5, 7, 9)) -> dict[tuple, Certificate]:
    """(method, layers) -> the exact errors of blocks and of relays in float64, whatever they are."""
    return {
        (method, L): certify(deep.fit(X, z, L, method, tol=np.inf), X, z)
        for method in ("zigzag", "relay")
        for L in depths
    }


def price_of_depth(measured: Mapping[tuple, Certificate], was_refused: bool) -> Outcome:
    """In float64 blocks are off by less than 1e-10 where relays are off by more, and the patients' relay is refused.

    ``measured`` as ``floats`` gives it, for labels up to 1: a measurement on one set of samples.
    """
    off = {
        method: max(float(p.max_error) for (m, _), p in measured.items() if m == method)
        for method in ("zigzag", "relay")
    }
    depths = [L for _, L in measured]
    return (
        off["zigzag"] < 1e-10 < off["relay"] and was_refused,
        f"{measured['zigzag', depths[0]].K} evenly spaced samples, {min(depths)} to {max(depths)} layers: blocks are "
        f"off by {off['zigzag']:.0e} at most, relays by up to {off['relay']:.0e}; on the 442 patients the relay is "
        "refused in float64",
    )


def second_root(K: int, stack: Network) -> Outcome:
    """The main text's form of Proposition 6.1 is never below the proof's, and looser on some triples with L >= 5.

    ``stack``: the paper's network of 9 layers for K labels, whose width is told.
    Nothing false follows from the printed form.
    """
    deeper = [case for case in TRIPLES if case[2] >= 5]
    looser = sum(bounds.deep_width(*case) < _printed(*case) - 1 for case in deeper)
    return (
        all(bounds.deep_width(*case) <= np.ceil(_printed(*case)) for case in TRIPLES) and looser > 0,
        f"the printed bound is never below the proved one on {len(TRIPLES)} triples, and looser by a neuron or more on "
        f"{looser} of the {len(deeper)} with L >= 5; at N = K = {K}, L = 9 it allows {int(_printed(K, K, 9))}, the "
        f"proof {bounds.deep_width(K, K, 9)}, and the network of the proof has width {max(stack.widths)}",
    )


def _printed(n, k, L):
    """The main text's reading, 4 min{sqrt(3N / sqrt(B) + 5), sqrt(K)} + 2, as a real number."""
    return 4 * min(np.sqrt(3 * n / np.sqrt((L - 1) // 2) + 5), np.sqrt(k)) + 2


def repair_table(repairs: Mapping[tuple, Certificate]) -> str:
    """The repairs of the diabetes data as a Markdown table."""
    lines = ["| $N$ | blocks of | layers | width | neurons | error, changed | error, others |", "|---" * 7 + "|"]
    for (method, L), proof in sorted(repairs.items()):
        kept = scientific(proof.max_error_kept) if proof.max_error_kept else "exactly 0"
        kept = "none left" if proof.N == proof.K else kept
        size = f"{max(proof.widths)} | {proof.n_neurons}"
        lines.append(f"| {proof.N} | {method} | {L} | {size} | {scientific(proof.max_error_changed)} | {kept} |")
    return "\n".join(lines)


def price_table(measured: Mapping[tuple, Certificate]) -> str:
    """Width and error of blocks and of relays in float64, by depth, as a Markdown table."""
    lines = ["| layers | width, blocks | error, blocks | width, relay | error, relay |", "|---" * 5 + "|"]
    for L in sorted({L for _, L in measured}):
        pair = [measured[method, L] for method in ("zigzag", "relay")]
        lines.append(f"| {L} | " + " | ".join(f"{max(p.widths)} | {scientific(p.max_error)}" for p in pair) + " |")
    return "\n".join(lines)
