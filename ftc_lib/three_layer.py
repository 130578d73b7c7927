"""Three-layer networks: groups of samples share the neurons of the second layer.

Layer 1 cuts the line into groups. On a group every pre-activation of layer 2 is affine, so one neuron of
layer 2 can serve one sample in every group: about sqrt(K) groups of about sqrt(K) samples. Main paper:
2408.00359, section 5; ``windows`` and ``zigzag`` are this book's. Chapter: book/03_three_layer.

Inside a group the samples take their neurons in turn, in the next group in the opposite order: the path of
an ox at the plough, boustrophedon. It keeps the slopes from growing from group to group.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ftc_lib import bounds, two_layer
from ftc_lib.bounds import ceil_div, ceil_sqrt
from ftc_lib.network import ConditioningError, Layer, Network, RankOne, checked
from ftc_lib.samples import Line, on_a_line, project, validate

METHODS = ("yun", "windows", "zigzag", "through", "auto")


def fit(X, z, method="auto", *, rng=0, tol=1e-4) -> Network:
    """A three-layer ReLU network g with g(x_i) = z_i for every sample; m = d1 + d2 neurons.

    X (K, d), z (K,) or (K, o): targets, zero for the samples that must not move. ``method``, for one output:

    * "yun": 2 ceil(2 sqrt(K)), about 4 sqrt(K), in hard-tanhs (2408.00359, Theorem 5.1, after Yun et al.);
    * "windows": min over G of G + 4 ceil(N/G) <= 4 sqrt(N) + 5, whatever K is (this book);
    * "zigzag": ceil(2 sqrt(K)), for any labels (this book);
    * "through": 1 + min{3N, K-2} for K >= 5, a two-layer network behind one neuron (this book);
    * "auto": the one with the fewest neurons for this N and K that meets ``tol``.

    Targets that are all the same take no neuron. Several outputs share layer 1. Exact on Fractions; on floats
    the network carries its measured ``error``. Raises ValueError for bad input and ConditioningError when the
    error exceeds tol * max |z| in every direction tried. ``rng`` draws the directions.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}")
    samples = validate(X, z)
    builders = {"yun": _yun, "windows": _windows, "zigzag": _zigzag, "through": _through}
    chosen = [method]
    if method == "auto":
        line = project(samples, rng)
        samples, outputs = line.samples, samples.z[:1].size
        N, K = samples.N, len(line.points()[0])  # repeated rows do not count
        two_layers = bounds.two_layer(N, K).upper if outputs == 1 else min(3 * N, K - 1)
        neurons = {
            "zigzag": sum(grid(K, outputs)),
            "windows": sum(grid(N, 4 * outputs)),
            "through": 1 + two_layers,
        }
        chosen = sorted(neurons, key=neurons.get)
    if (samples.z == samples.z[0]).all():
        return on_a_line(samples, rng, partial(_constant, tol=tol))
    return on_a_line(samples, rng, *(partial(builders[name], tol=tol) for name in chosen))


def grid(n: int, cost: int) -> tuple[int, int]:
    """(G, cost * D): groups and layer-2 neurons for n samples in G groups of D, G + cost * D least."""
    most = min(n, ceil_sqrt(4 * ceil_div(n, cost)) + 2)  # beyond, the second layer alone exceeds the best sum
    sizes = [(ceil_div(n, D), cost * D) for D in range(1, most + 1)]
    return min(sizes, key=lambda size: (sum(size), size), default=(0, 0))


# ---------------------------------------------------------------- windows: 4 sqrt(N), zeros need no slot


def _windows(line: Line, tol) -> Network:
    """Each slot is a zigzag alpha seen through a window: alpha where |alpha| <= 1, nothing where |alpha| >= 2.

    In every group the zigzag of slot k crosses the band at the sample it serves, so steeply that it is out of
    the window at every other sample. Labels are in units of the largest one.
    """
    t, y, unit = _unit_labels(line)
    targets = np.flatnonzero((y != 0).any(axis=1))
    G, neurons = grid(len(targets), 4 * y.shape[1])
    D = neurons // (4 * y.shape[1])
    groups = [targets[g * D : (g + 1) * D] for g in range(G)]
    b = _boundaries(t, groups)
    window = np.array([2, 1, -1, -2]), np.array([-1, 2, -2, 1])
    blocks = []
    for labels in y.T:
        rows, offsets = [], []
        for served in _boustrophedon(groups, D):
            start, slopes = _steep_zigzag(t, labels, b, served, reach=2)
            rows += [_on_layer_1(slopes)] * 4
            offsets += list(start + window[0])
        blocks.append((np.array(rows), np.array(offsets), unit * np.tile(window[1], D)))
    W1 = RankOne(np.ones(G, dtype=b.dtype), line.direction)
    return _assemble(line, Layer(W1, -b[:-1]), blocks, np.zeros(len(blocks)), tol)


# ---------------------------------------------------------------- Yun et al.: 4 sqrt(K), everything clipped


def _yun(line: Line, tol) -> Network:
    """Both layers are hard-tanhs of two ReLUs each. Slots rise and fall in turn, so the clipped ones cancel.

    At the sample that slot k serves, the others stand at +1 or -1 and add up to 1 when D is even, to 0 when
    D is odd, in every group: a constant that the output bias removes.
    """
    t, y, unit = _unit_labels(line)
    G, neurons = grid(len(t), y.shape[1])
    D = neurons // y.shape[1]
    groups = [np.arange(g * D, min((g + 1) * D, len(t))) for g in range(G)]
    b = _boundaries(t, groups)
    steep = 2 / np.diff(b)  # hard-tanh j: -1 + (steep (t - b_j))+ - (steep (t - b_{j+1}))+
    scale = np.repeat(steep, 2)
    W1 = RankOne(scale, line.direction)
    first = Layer(W1, -scale * np.stack([b[:-1], b[1:]], axis=1).ravel())
    blocks = []
    for labels in y.T:
        rows, offsets = [], []
        for k, served in enumerate(_boustrophedon(groups, D)):
            sign = 1 if k % 2 else -1  # the first slot starts at the bottom and rises
            start, slopes = _steep_zigzag(t, sign * labels, b, served, reach=1)
            # between its kinks hard-tanh j rises by 2 and slot k by slope * (b_{j+1} - b_j)
            half = sign * slopes * np.diff(b) / 2
            rows += [np.stack([half, -half], axis=1).ravel()] * 2
            offsets += [sign * start + 1, sign * start - 1]
        blocks.append((np.array(rows), np.array(offsets), unit * np.tile([1, -1], D)))
    clipped = 1 if D % 2 == 0 else 0
    return _assemble(line, first, blocks, -unit * (D + clipped) * np.ones(len(blocks), dtype=int), tol)


# ---------------------------------------------------------------- zigzag: 2 sqrt(K), no kink wasted


def _zigzag(line: Line, tol) -> Network:
    """g = base + sum of sigma_k (beta_k)+ with sigma = +, -, +, ..: each neuron makes one kink in each group.

    In even groups the neurons switch on one after the other, each just before its sample and with the slope
    that puts g on the label; in odd groups they switch off in the opposite order. The further below zero a
    neuron starts, the steeper it gets in every group.
    """
    t, y, unit = _unit_labels(line)
    G, neurons = grid(len(t), y.shape[1])
    D = neurons // y.shape[1]
    groups = [np.arange(g * D, min((g + 1) * D, len(t))) for g in range(G)]
    b = _boundaries(t, groups)
    blocks, bases = [], []
    for labels in y.T:
        base = labels.min() - 1
        starts, slopes = _switch_in_turn(t, labels - base, b, groups, D)
        sigma = np.where(np.arange(D) % 2, -1, 1)
        blocks.append((np.array([_on_layer_1(s) for s in slopes]), starts, unit * sigma))
        bases.append(unit * base)
    W1 = RankOne(np.ones(G, dtype=b.dtype), line.direction)
    return _assemble(line, Layer(W1, -b[:-1]), blocks, np.array(bases), tol)


def _switch_in_turn(t, heights, b, groups, D):
    """Start values (D,) and slopes (D, G) of the zigzags, for positive heights above the base.

    Neuron k starts at -w with the first w of a doubling sequence that lets it switch next to its sample in
    every group and leaves residuals of the right sign to neuron k + 1. As w grows it only gets steeper, so
    some w does, and no earlier neuron is disturbed.
    """
    height = [heights[members if g % 2 == 0 else members[::-1]] for g, members in enumerate(groups)]
    at = [t[members if g % 2 == 0 else members[::-1]] for g, members in enumerate(groups)]
    starts, slopes = [], []
    residual = height
    w = 1 + 0 * t[0]
    for k in range(D):
        while True:
            neuron = _one_zigzag(b, at, residual, k, w)
            if neuron is not None:
                break
            w = 2 * w
            if t.dtype != object and w > 1e150:
                raise ConditioningError(
                    "the samples on the line are too unevenly spaced for float64: neurons would have to start beyond "
                    '1e150. Use method "windows" or "yun", another rng, or Fractions'
                )
        slope, residual = neuron
        starts.append(-w)
        slopes.append(slope)
    return np.array(starts), np.array(slopes)


def _one_zigzag(b, at, residual, k, w):
    """Neuron k with start value -w: its slopes (G,) and the residuals it leaves; None if w is too small.

    ``at[g]`` lists the samples of group g in the order in which the neurons serve them, ``residual[g]`` what
    is missing there in the direction of neuron k: positive at its own sample. What it leaves is counted in
    the direction of neuron k + 1, and has to be positive at the next one.
    """
    value, slopes, left_over = -w, [], []
    for g, (t, r) in enumerate(zip(at, residual)):
        left, right, sign = b[g], b[g + 1], 1 if g % 2 == 0 else -1
        w = abs(value)
        if k >= len(t):  # a last group with room to spare: switch where there are no data
            switch = right if sign == 1 else (left + t[-1]) / 2
        elif r[k] >= w:
            return None
        else:
            switch = (w * t[k] + sign * r[k] * left) / (w + sign * r[k])
            before = t[k - 1] if k else (left if sign == 1 else right)
            if sign * (switch - before) <= 0:
                return None
        slopes.append(-value / (switch - left))
        r = -(r - np.maximum(slopes[-1] * (t - switch), 0))
        if k + 1 < len(t) and not r[k + 1] > 0:
            return None
        left_over.append(r)
        value = value + slopes[-1] * (right - left)
    return np.array(slopes), left_over


# ---------------------------------------------------------------- through: few labels, or few samples


def _through(line: Line, tol) -> Network:
    """Layer 1 is one neuron, on at all samples, that passes t - b_0 on; layer 2 is a two-layer network of t."""
    inner, outer = two_layer.fit(line.t[:, None], line.samples.z, tol=tol).layers
    b_0 = line.t.min() - (line.t.max() - line.t.min())
    first = Layer(RankOne(np.ones(1, dtype=line.t.dtype), line.direction), np.array([-b_0]))
    second = Layer(inner.W.scale[:, None], inner.b + inner.W.scale * b_0)
    return checked(Network((first, second, outer)), line.samples.X, line.samples.z, tol=tol, gap=line.gap)


# ---------------------------------------------------------------- what they share


def _unit_labels(line: Line):
    """Distinct positions t (n,), labels (n, o) divided by the largest one, and that unit."""
    t, z = line.points()
    z = z.reshape(len(t), -1)
    unit = np.abs(z).max()
    unit = unit if unit > 0 else unit + 1
    return t, z / unit, unit


def _boundaries(t, groups) -> np.ndarray:
    """b_0 < .. < b_G around groups of indices into t: in the widest free gap between two neighbouring groups."""
    reach = (t[-1] - t[0]) / len(groups) if len(t) > 1 else t[0] * 0 + 1
    b = [t[0] - reach]
    for before, after in zip(groups, groups[1:]):
        gaps = np.diff(t[before[-1] : after[0] + 1])
        widest = before[-1] + int(np.argmax(gaps))
        b.append((t[widest] + t[widest + 1]) / 2)
    return np.array([*b, t[-1] + reach])


def _boustrophedon(groups, D):
    """For each slot 0..D-1 the index it serves in each group, in turn from the left and from the right.

    None where a last, partly filled group has no sample left for the slot.
    """
    padded = [list(members) + [None] * (D - len(members)) for members in groups]
    return list(zip(*(row if g % 2 == 0 else row[::-1] for g, row in enumerate(padded))))


def _steep_zigzag(t, labels, b, served, reach):
    """The zigzag through (t_i, label_i) for the served i of each group: its start v > 0 at b_0, its slopes (G,).

    v is the least that puts it at or beyond +-reach at all other samples. All its values are affine in v, so
    that is a maximum over groups. A slot without a sample crosses zero half-way to the last boundary.
    """
    at = [(t[-1] + b[-1]) / 2 if i is None else t[i] for i in served]
    to = [labels[0] * 0 if i is None else labels[i] for i in served]
    still, moving = _slopes(b, at, to, 0), _slopes(b, at, to, 1)
    growth = abs(moving - still)
    v = 0 * t[0]
    for i, a, y, s, grow in zip(served, at, to, still, growth):
        near = [a - t[-1]] if i is None else [*(t[i] - t[i - 1 : i]), *(t[i + 1 : i + 2] - t[i])]
        if near:
            v = max(v, ((reach + abs(y)) / min(near) + abs(s)) / grow)
    v = v + v / 2**20
    v = v + 1 - v % 1  # clear of rounding; whole, so that v + 1 and v + 2 are exact and cancel
    return v, _slopes(b, at, to, v)


def _slopes(b, at, to, start):
    """Slopes (G,) of the zigzag with kinks at b_0..b_{G-1}, value ``start`` at b_0, through each (at, to)."""
    slopes = []
    for left, right, a, y in zip(b, b[1:], at, to):
        slopes.append((y - start) / (a - left))
        start = start + slopes[-1] * (right - left)
    return np.array(slopes)


def _on_layer_1(slopes):
    """Weights on (t - b_0)+, .., (t - b_{G-1})+ that give these slopes between the kinks."""
    return np.concatenate([slopes[:1], np.diff(slopes)])


def _constant(line: Line, tol) -> Network:
    """A network without neurons, for targets that are all the same."""
    z = line.samples.z[:1].ravel()
    empty = np.zeros(0, dtype=line.t.dtype)
    block = empty.reshape(0, 0), empty, empty
    first = Layer(RankOne(empty, line.direction), empty)
    return _assemble(line, first, [block] * len(z), z, tol)


def _assemble(line: Line, first: Layer, blocks, biases, tol) -> Network:
    """Stack the layer-2 neurons (rows, offsets, output weights) of each output over one layer 1, and measure."""
    W2, b2 = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
    if line.samples.z.ndim == 1:
        W3, b3 = blocks[0][2], biases[0]
    else:
        W3, b3 = np.zeros((len(blocks), len(b2)), dtype=W2.dtype), biases
        ends = np.cumsum([0] + [len(block[1]) for block in blocks])
        for o, block in enumerate(blocks):
            W3[o, ends[o] : ends[o + 1]] = block[2]
    kind = object if line.samples.exact else float
    network = Network((first, Layer(W2.astype(kind), b2.astype(kind)), Layer(W3.astype(kind), np.asarray(b3, kind))))
    return checked(network, line.samples.X, line.samples.z, tol=tol, gap=line.gap)
