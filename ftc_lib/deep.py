"""Networks of four layers and more: the same labels with narrower layers.

Blocks: the labels are split among B = floor((L-1)/2) three-layer networks, stacked; t and the sum so far are handed
on (main paper: 2408.00359, Proposition 6.1; ``windows`` and ``zigzag`` are this book's). Relay: every layer but
the first and the last is the second layer of one run of samples and the first layer of the next, so no weight
matrix is idle (this book). Chapter: book/04_deeper.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import ceil, isqrt
from numbers import Integral

import numpy as np

from ftc_lib import bounds, slots, two_layer
from ftc_lib.bounds import ceil_div
from ftc_lib.network import ConditioningError, Layer, Network, RankOne, in_order
from ftc_lib.rounding import checked
from ftc_lib.samples import Line, check_tol, on_a_line, project, validate
from ftc_lib.three_layer import switch_in_turn
from ftc_lib.three_layer_paper import on_hard_tanhs

METHODS = ("paper", "windows", "zigzag", "relay", "auto")


def fit(X, z, layers, method="auto", *, rng=0, tol=1e-4, dtype=np.float64) -> Network:
    """A ReLU network g of L >= 4 layers, so L - 1 hidden ones, with g(x_i) = z_i for every sample.

    X (K, d), z (K,): targets, zero for the samples that must not move. ``method``, with B = floor((L-1)/2) and the
    width of the largest hidden layer:

    * "paper": at most 4 min{sqrt(3N/B + 5), sqrt(K)} + 2 (2408.00359, Proposition 6.1);
    * "windows": at most 2 sqrt(N/B + 1) + 4, whatever K is (this book);
    * "zigzag": at most ceil(sqrt(K/B)) + 2, for any labels (this book);
    * "relay": about sqrt(min{K, 4N}/(L-2)), with windows or zigzags, whichever is narrower (this book);
    * "auto": the narrowest of the last three for this N and K that meets ``tol``.

    Targets that are all the same take hidden layers without neurons. Exact on Fractions; on floats the network
    carries its ``error``: no evaluation in ``dtype`` (float64 or float32; floats X are rounded to it) misses a sample
    by more, in whatever order it sums. It grows with L in a relay and hardly in the others. Raises ValueError for
    bad input and ConditioningError when the error exceeds tol * max |z| in every direction tried. ``rng`` draws
    the directions.

    >>> X, z = np.arange(400.0)[:, None], (np.arange(400) % 40 == 7) * 1.0  # of 400 labels change ten
    >>> g = fit(X, z, layers=6)
    >>> g.widths, bool(np.abs(g(X) - z).max() <= g.error <= 1e-4)
    ((6, 5, 5, 5, 1), True)
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}")
    if not isinstance(layers, Integral) or isinstance(layers, bool) or layers < 4:
        raise ValueError(
            f"layers is {layers!r}: expected a whole number L >= 4; two_layer and three_layer make the others"
        )
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    if samples.z.ndim != 1:
        raise ValueError(f"z has shape {samples.z.shape}: deep networks have one output, z of shape (K,)")
    if (samples.z == samples.z[0]).all():
        return on_a_line(samples, rng, partial(_constant, layers=layers, tol=tol))
    builders = {"paper": _paper, "windows": _windows, "zigzag": _zigzag, "relay": _relay}
    chosen = [method]
    if method == "auto":
        line = project(samples, rng)
        samples = line.samples
        N, K = samples.N, len(line.points()[0])  # repeated rows do not count
        width = {
            "zigzag": bounds.deep_zigzag(K, layers),
            "windows": bounds.deep_windows(N, layers),
            "relay": bounds.deep_relay(N, K, layers),
        }
        chosen = sorted(width, key=width.get)  # stable: blocks before the relay, whose weights are larger
    return on_a_line(samples, rng, *(partial(builders[name], layers=layers, tol=tol) for name in chosen))


# ---------------------------------------------------------------- blocks, one behind the other


@dataclass(frozen=True, eq=False)
class Block:
    """A three-layer network of u >= 0: out @ (rows @ (scale * (u - kinks))+ + offsets)+. Its first neuron is u."""

    scale: np.ndarray
    kinks: np.ndarray
    rows: np.ndarray
    offsets: np.ndarray
    out: np.ndarray


def _paper(line: Line, layers, tol) -> Network:
    """Hard-tanhs on the kept points of each block, then a window of four ReLUs for each slot."""
    t, y, unit = slots.unit_labels(line)
    targets = np.flatnonzero(y[:, 0])
    runs = slots.in_groups(targets, ceil_div(len(targets), (layers - 1) // 2))
    alone = [np.where((t[run[0]] <= line.t) & (line.t <= t[run[-1]]), line.samples.z, 0 * unit) for run in runs]
    lines = [replace(line, samples=replace(line.samples, z=z)) for z in alone]  # the labels of one block each
    kept = [np.searchsorted(t, two_layer.kept_points(part)[0]) for part in lines]
    parts = [slots.in_groups(points, isqrt(len(points))) for points in kept]
    b_0 = slots.boundaries(t, parts[0])[0]
    u = t - b_0
    blocks = []
    for part, groups in zip(lines, parts):
        b = _from_zero(slots.boundaries(u, groups))
        scale, kinks = np.repeat(2 / np.diff(b), 2), np.stack([b[:-1], b[1:]], axis=1).ravel()
        rows, offsets, out = slots.windowed(
            u, part.points()[1] / unit, b, groups, len(groups[0]), partial(on_hard_tanhs, b)
        )
        rows = np.column_stack([0 * rows[:, 0], rows])  # u goes along, unseen
        blocks.append(Block(np.append(0 * scale[:1] + 1, scale), np.append(b[:1], kinks), rows, offsets, out))
    return _stack(line, b_0, blocks, 1, -1, unit, layers, tol)


def _windows(line: Line, layers, tol) -> Network:
    """Each block shows its own targets through windows, and is exactly zero at all other samples."""
    t, y, unit = slots.unit_labels(line)
    y = y[:, 0]
    targets = np.flatnonzero(y)
    parts = _cut(targets, bounds.deep_grids(len(targets), layers, "windows")[1])
    b_0 = slots.boundaries(t, parts[0])[0]
    u = t - b_0
    blocks = []
    for groups in parts:
        b = _from_zero(slots.boundaries(u, groups))
        layer_2 = slots.windowed(u, y, b, groups, len(groups[0]), slots.on_ramps)
        blocks.append(Block(np.ones(len(groups), dtype=b.dtype), b[:-1], *layer_2))
    return _stack(line, b_0, blocks, 1, -1, unit, layers, tol)


def _zigzag(line: Line, layers, tol) -> Network:
    """Each block memorises a run of consecutive samples, as heights above the base, and is zero outside.

    The first group of a run rises and goes on to the left, downward: all neurons are off there. So they are to
    the right of an even number of groups.
    """
    t, y, unit = slots.unit_labels(line)
    y = y[:, 0]
    parts = _cut(np.arange(len(t)), bounds.deep_grids(len(t), layers, "zigzag")[1])
    b_0 = slots.boundaries(t, parts[0])[0]
    u = t - b_0
    base = y.min() - 1
    between = np.concatenate([u[:1] * 0, (u[1:] + u[:-1]) / 2, u[-1:] + u[0]])
    blocks = []
    for groups in parts:
        b = between[[members[0] for members in groups] + [groups[-1][-1] + 1]]
        starts, slopes = switch_in_turn(u, y - base, b, groups, len(groups[0]))
        kinks = np.append(between[:1], b[1:-1])
        rows = np.array([slots.on_ramps(s) for s in slopes])
        sigma = np.where(np.arange(len(rows)) % 2, -1, 1)
        blocks.append(Block(np.ones(len(kinks), dtype=b.dtype), kinks, rows, starts - slopes[:, 0] * b[0], sigma))
    return _stack(line, b_0, blocks, 0, base, unit, layers, tol)


def _stack(line: Line, b_0, blocks, lift, base, unit, layers, tol) -> Network:
    """unit * (base + lift + the sum of the blocks); t goes along as u = t - b_0, the sum so far as one neuron.

    ``lift`` keeps the sum >= 0 at the samples, so that its ReLU does nothing there. Order of the neurons: the
    block's own, in a second layer then u, and last the sum.
    """
    kind = line.t.dtype
    first = blocks[0]
    hidden = [Layer(RankOne(first.scale, line.direction), -first.scale * (b_0 + first.kinks))]
    sums, u_at = np.zeros((0, 0), dtype=kind), 0
    for j, block in enumerate(blocks):
        m, n, carried = len(block.scale), len(block.out), int(j > 0)
        if carried:
            W = np.zeros((m + 1, sums.shape[1]), dtype=kind)
            W[:m, u_at] = block.scale
            W[m] = sums
            hidden.append(Layer(W, np.append(-block.scale * block.kinks, lift if j == 1 else 0)))
        u_at, sum_at = n, n + (block is not blocks[-1])
        W = np.zeros((sum_at + carried, m + carried), dtype=kind)
        W[:n, :m] = block.rows
        W[n:sum_at, 0] = 1
        W[sum_at:, m:] = 1
        hidden.append(Layer(W, np.append(block.offsets, np.zeros(len(W) - n, dtype=kind))))
        sums = np.zeros((1, len(W)), dtype=kind)
        sums[0, :n] = block.out
        sums[0, sum_at:] = 1
    return _finish(line, hidden, sums, 1, lift if len(blocks) == 1 else 0, base, unit, layers, tol)


def _from_zero(b):
    """The same boundaries, the first one at 0: left of all samples, where u is."""
    return np.append(0 * b[:1], b[1:])


# ---------------------------------------------------------------- relay: no weight matrix idles


@dataclass(frozen=True, eq=False)
class Leg:
    """One run of samples ``t``, its groups between ``b`` (G+1,), and the n neurons that serve it.

    Their pre-activations: ``starts`` (n,) < 0 to the left of the run, ``slopes`` (n, G) on the groups. ``sums`` (q, n):
    what the sums make of them; neuron ``first`` has a negative weight in all of these. ``end``: a point behind
    b_G and before the next run.
    """

    t: np.ndarray
    b: np.ndarray
    starts: np.ndarray
    slopes: np.ndarray
    sums: np.ndarray
    first: int
    end: object


def _relay(line: Line, layers, tol) -> Network:
    """Layer i + 1 serves run i; behind it, its neurons make the groups of run i + 1.

    On run i the kinks are where the neurons of layer i cross zero. Two more of them, in the gap behind the run, push
    each neuron of layer i + 1 down and let it rise again, as steeply as one likes, through zero on run i + 1.
    """
    t, y, unit = slots.unit_labels(line)
    y = y[:, 0]
    targets = np.flatnonzero(y)
    dense, sparse = bounds.relay_grids(len(t), layers, "zigzag"), bounds.relay_grids(len(targets), layers, "windows")
    zigzags = dense[0] <= sparse[0]
    parts = _cut(np.arange(len(t)), dense[1]) if zigzags else _cut(targets, sparse[1])
    base, solve = (y.min() - 1, _zigzag_leg) if zigzags else (0, _windows_leg)
    reach = (t[-1] - t[0]) / len(parts[0])
    low, left = 0, t[0] - reach
    legs = []
    for groups, following in zip(parts, [*parts[1:], None]):
        if following is None:
            high, right, end, restart = len(t), t[-1] + reach, None, None
        else:
            last = groups[-1][-1]
            high = 1 + last + int(np.argmax(np.diff(t[last : following[0][0] + 1])))
            right, end, restart = (t[high - 1] + (t[high] - t[high - 1]) * k / 4 for k in (1, 2, 3))
        own, groups = t[low:high], [members - low for members in groups]
        b = slots.boundaries(own, groups)
        b[0], b[-1] = left, right
        legs.append(Leg(own, b, *solve(own, y[low:high] - base, b, groups, following is None), end))
        low, left = high, restart
    return _run(line, legs, base, unit, layers, tol)


def _zigzag_leg(t, heights, b, groups, last):
    """One neuron a slot, signs + - + -: the second one is negative."""
    starts, slopes = switch_in_turn(t, heights, b, groups, len(groups[0]))
    return starts, slopes, np.where(np.arange(len(starts)) % 2, -1, 1)[None], 1


def _windows_leg(t, labels, b, groups, last):
    """Four neurons a slot, and two sums, for the positive and for the negative labels.

    One neuron more is off on the run and negative in both sums; behind the last run there is nothing to keep quiet.
    """
    starts, slopes = [], []
    for served in slots.boustrophedon(groups, len(groups[0])):
        v = slots.steep_zigzag(t, -labels, b, served, reach=2)[0] + 4  # out of the window to the left as well
        at = [(t[-1] + b[-1]) / 2 if i is None else t[i] for i in served]
        to = [0 * v if i is None else -labels[i] for i in served]
        slopes += [-slots.zigzag_slopes(b, at, to, v)] * 4
        starts += list(slots.WINDOW[0] - v)
    out = np.tile(slots.WINDOW[1], len(groups[0]))
    sums = np.stack([out, -out])
    if not last:
        starts, slopes = [*starts, 0 * v - 1], [*slopes, 0 * slopes[0]]
        sums = np.append(sums, [[-1], [-1]], axis=1)
    return np.array(starts), np.array(slopes), sums, len(starts) - 1


def _run(line: Line, legs, base, unit, layers, tol) -> Network:
    """The network of the legs. Order of the neurons: those of the leg, then the sums.

    Weights are found from the last leg to the first: how steeply the neurons of a leg rise behind its run depends
    on what the next leg makes of them.
    """
    kind = line.t.dtype
    far = 2 * line.ordered[-1] - line.ordered[0]  # beyond all samples: for kinks that the last run has no use for
    kinks, V = legs[-1].b[:-1], _turns(legs[-1].slopes)
    matrices = []
    for leg, after in zip(legs[-2::-1], legs[:0:-1]):
        n = len(leg.starts)
        taken = [leg.first, *np.delete(np.arange(n), leg.first)][: len(kinks)]
        crossing, weights = np.full(n, far, dtype=kind), np.zeros((len(V), n), dtype=kind)
        crossing[taken], weights[:, taken] = kinks, V
        steep = _steepness(leg, weights, after.starts)
        matrices.insert(0, weights / steep)
        value = leg.starts + in_order(leg.slopes, np.diff(leg.b))
        down = (steep * (leg.end - crossing) - value) / (leg.end - leg.b[-1])
        kinks, V = np.append(leg.b, leg.end), _turns(np.column_stack([leg.slopes, down, steep]))
    hidden = [Layer(RankOne(np.ones(len(kinks), dtype=kind), line.direction), -kinks), Layer(V, legs[0].starts)]
    sums = legs[0].sums
    q = len(sums)
    for leg, W in zip(legs[1:], matrices):
        n, before = W.shape
        with_sums = np.zeros((n + q, sums.shape[1]), dtype=kind)
        with_sums[:n, :before] = W
        with_sums[n:] = sums
        hidden.append(Layer(with_sums, np.append(leg.starts, np.zeros(q, dtype=kind))))
        sums = np.column_stack([leg.sums, np.eye(q, dtype=int)])
    return _finish(line, hidden, sums, q, 0, base, unit, layers, tol)


def _steepness(leg: Leg, weights, starts):
    """How steeply the neurons of a leg rise behind its run, in powers of two.

    The next layer sees them divided by it: so steep that it is still off at the samples of this run. And so steep
    is the first one, negative in all sums, that it outweighs the others behind the run.
    """
    peak = leg.starts + in_order(np.maximum(leg.t[:, None] - leg.b[:-1], 0), _turns(leg.slopes).T)
    need = len(leg.starts) * np.maximum(peak, 0).max(axis=0) * np.maximum(weights / -starts[:, None], 0).max(axis=0)
    steep = np.array([_power_of_two(x) for x in need])
    for c in leg.sums:
        steep[leg.first] = max(steep[leg.first], _power_of_two(np.maximum(c, 0) @ steep / -c[leg.first]))
    return steep


def _turns(slopes):
    """Kinks (n, G) of zigzags that are flat to the left of their slopes (n, G)."""
    return np.diff(slopes, axis=1, prepend=0 * slopes[:, :1])


def _power_of_two(x):
    """The least power of two, 1 or more, that is at least x."""
    if not (isinstance(x, Fraction) or x < 1e150):
        raise ConditioningError(
            "a relay needs weights beyond 1e150 on these samples. Use "
            'method "windows" or "zigzag", fewer layers, another rng, or Fractions'
        )
    return 0 * x + 2 ** (ceil(max(x, 1)) - 1).bit_length()


# ---------------------------------------------------------------- what they share


def _finish(line: Line, hidden, sums, q, lift, base, unit, layers, tol) -> Network:
    """Hand the q sums on to layer L - 1 and put the output on top: unit * (base + first sum - second sum)."""
    signs = np.array([1, -1])[:q]
    out = np.append(sums[0, : sums.shape[1] - q], signs) if len(hidden) > 2 else sums[0]
    while len(hidden) < layers - 1:
        hidden.append(Layer(sums, np.full(q, lift)))
        sums, out, lift = np.eye(q, dtype=int), signs, 0
    kind = object if line.samples.exact else float
    hidden = [hidden[0], *(Layer(layer.W.astype(kind), layer.b.astype(kind)) for layer in hidden[1:])]
    network = Network((*hidden, Layer((unit * out).astype(kind), np.asarray(unit * base, dtype=kind))))
    return checked(network, line.samples, tol=tol, gap=line.gap)


def _cut(members, grids):
    """Fill the blocks from the left: for each its groups, at most G of at most D members; empty blocks are dropped."""
    parts = []
    for G, D in grids:
        own, members = members[: G * D], members[G * D :]
        if len(own):
            parts.append(slots.in_groups(own, ceil_div(len(own), G)))
    return parts


def _constant(line: Line, layers, tol) -> Network:
    """Hidden layers without neurons, for targets that are all the same."""
    empty = np.zeros(0, dtype=line.t.dtype)
    hidden = [Layer(RankOne(empty, line.direction), empty)] + [Layer(empty.reshape(0, 0), empty)] * (layers - 2)
    network = Network((*hidden, Layer(empty, np.asarray(line.samples.z[0], dtype=empty.dtype))))
    return checked(network, line.samples, tol=tol, gap=line.gap)
