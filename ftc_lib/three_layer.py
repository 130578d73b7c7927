"""Three-layer networks: groups of samples share the neurons of the second layer.

Layer 1 cuts the line into groups. On a group every pre-activation of layer 2 is affine, so one neuron of
layer 2 can serve one sample in every group: about sqrt(K) groups of about sqrt(K) samples. Main paper:
2408.00359, section 5; its constructions are in ``three_layer_paper``, this book's are here. What both share,
the slots, is in ``slots``. Chapter: book/03_three_layer.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ftc_lib import bounds, slots, three_layer_paper, two_layer
from ftc_lib.network import ConditioningError, Layer, Network, RankOne
from ftc_lib.rounding import checked_on_a_line
from ftc_lib.samples import Line, check_tol, half_width, on_a_line, project, validate

_DENSE = 2**27  # weights of a dense layer that are built: a gigabyte
METHODS = ("yun", "bumps", "kept", "appendix", "windows", "zigzag", "pairs", "through", "auto")


def fit(X, z, method="auto", *, rng=0, tol=1e-4, dtype=np.float64) -> Network:
    """A three-layer ReLU network g with g(x_i) = z_i for every sample; m = d1 + d2 neurons.

    X (K, d), z (K,) or (K, o): targets, zero for the samples that must not move. ``method``, for one output:

    * "yun": 2 ceil(2 sqrt(K)), about 4 sqrt(K), in hard-tanhs (2408.00359, Theorem 5.1, after Yun et al.);
    * "bumps": 2 ceil(sqrt(K)) + 3N, a bump at each changed sample (2408.00359, Theorem 5.1);
    * "kept": 2 min over G of G + 2 ceil(p/G), for the p <= min{3N+2, K} points that two layers would have to
      interpolate (2408.00359, Theorem 5.1, with a window that does not jump);
    * "appendix": 4N + 4, a notch at each changed sample and one window (2408.00359, Appendix A);
    * "windows": min over G of G + 4 ceil(N/G) <= 4 sqrt(N) + 1, whatever K is (this book);
    * "zigzag": ceil(2 sqrt(K)), for any labels (this book);
    * "pairs": 2N, one more if N is odd, two changed samples share four neurons (this book); a dense N x N layer for
      each output, so with one it is refused above N = 11 585;
    * "through": 1 + min{3N, K-2} for K >= 5, a two-layer network behind one neuron (this book);
    * "auto": the one with the fewest neurons for this N and K that meets ``tol``.

    Targets that are all the same take no neuron. Several outputs share layer 1. Exact on Fractions; on floats
    the network carries its ``error``: no evaluation in ``dtype`` (float64 or float32; floats X are rounded to it)
    misses a sample by more, in whatever order it sums. Raises ValueError for bad input and ConditioningError when the
    error exceeds tol * max |z| in every direction tried. ``rng`` draws the directions.

    >>> X, z = np.arange(400.0)[:, None], (np.arange(400) % 40 == 7) * 1.0  # of 400 labels change ten
    >>> g = fit(X, z)
    >>> g.widths, bool(np.abs(g(X) - z).max() <= g.error <= 1e-4)
    ((5, 8), True)
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(METHODS)}")
    tol = check_tol(tol)
    samples = validate(X, z, dtype)
    builders = {
        "yun": three_layer_paper.yun,
        "bumps": three_layer_paper.bumps,
        "kept": three_layer_paper.kept,
        "appendix": three_layer_paper.appendix,
        "windows": _windows,
        "zigzag": _zigzag,
        "pairs": _pairs,
        "through": _through,
    }
    chosen = [method]
    if method == "auto":  # the paper's four never take fewer neurons than these
        line = project(samples, rng)
        samples, outputs = line.samples, samples.z[:1].size
        N, K = samples.N, len(line.points()[0])  # repeated rows do not count
        two_layers = bounds.two_layer(N, K).upper if outputs == 1 else min(3 * N, K - 1)
        neurons = {
            "pairs": N + N % 2 + N * outputs,
            "windows": sum(slots.grid(N, 4 * outputs)),
            "through": 1 + two_layers,
            "zigzag": sum(slots.grid(K, outputs)),
        }
        if N * N * outputs > _DENSE:
            del neurons["pairs"]
        chosen = sorted(neurons, key=neurons.get)  # stable: on a tie the zigzag, with its large weights, comes last
    if (samples.z == samples.z[0]).all():
        return on_a_line(samples, rng, partial(_constant, tol=tol))
    return on_a_line(samples, rng, *(partial(builders[name], tol=tol) for name in chosen))


# ---------------------------------------------------------------- windows: 4 sqrt(N), zeros need no slot


def _windows(line: Line, tol) -> Network:
    """Each slot is a zigzag alpha seen through a window: alpha where |alpha| <= 1, nothing where |alpha| >= 2.

    In every group the zigzag of slot k crosses the band at the sample it serves, so steeply that it is out of
    the window at every other sample. Labels are in units of the largest one.
    """
    t, y, unit = slots.unit_labels(line)
    groups, D = slots.split(np.flatnonzero((y != 0).any(axis=1)), 4 * y.shape[1])
    b = slots.boundaries(t, groups)
    blocks = []
    for labels in y.T:
        rows, offsets, out = slots.windowed(t, labels, b, groups, D, slots.on_ramps)
        blocks.append((rows, offsets, unit * out))
    return slots.assemble(line, _ramps(line, b), blocks, np.zeros(len(blocks)), tol)


# ---------------------------------------------------------------- zigzag: 2 sqrt(K), no kink wasted


def _zigzag(line: Line, tol) -> Network:
    """g = base + sum of sigma_k (beta_k)+ with sigma = +, -, +, ..: each neuron makes one kink in each group.

    In even groups the neurons switch on one after the other, each just before its sample and with the slope
    that puts g on the label; in odd groups they switch off in the opposite order. The further below zero a
    neuron starts, the steeper it gets in every group.
    """
    t, y, unit = slots.unit_labels(line)
    groups, D = slots.split(np.arange(len(t)), y.shape[1])
    b = slots.boundaries(t, groups)
    blocks, bases = [], []
    for labels in y.T:
        base = labels.min() - 1
        starts, slopes = switch_in_turn(t, labels - base, b, groups, D)
        sigma = np.where(np.arange(D) % 2, -1, 1)
        blocks.append((np.array([slots.on_ramps(s) for s in slopes]), starts, unit * sigma))
        bases.append(unit * base)
    return slots.assemble(line, _ramps(line, b), blocks, np.array(bases), tol)


def switch_in_turn(t, heights, b, groups, D):
    """Start values (D,) and slopes (D, G) of the zigzags, for positive heights above the base.

    Neuron k starts at -w with the first w of a doubling sequence that lets it switch next to its sample in
    every group and leaves residuals of the right sign to neuron k + 1. As w grows it only gets steeper, so
    some w does, and no earlier neuron is disturbed. Raises ConditioningError for floats beyond 1e150.
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
            if t.dtype != object and not w <= 1e150:  # also catches NaN, of a line that is too long
                raise ConditioningError(
                    "the samples on the line are too unevenly spaced for float64: neurons would have to start beyond "
                    '1e150. Use method "windows", another rng, or Fractions'
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


# ---------------------------------------------------------------- pairs: 2 N, everything stays local


def _pairs(line: Line, tol) -> Network:
    """Two neighbouring targets are the difference of two trapezoids, a lone last one is a tent.

    The two neurons of layer 1 look outward from kinks just inside the pair. The trapezoids fall from 1 on both
    sides: over the distance h, to zero at the target, or over a longer one, so that the difference is a tent on
    the target. Between the kinks they cancel, further out both are off.
    """
    samples = line.samples
    weights = samples.N * samples.z[samples.changed].size
    if weights > _DENSE:
        raise ConditioningError(
            f'method "pairs" needs a dense layer of {weights:.2g} weights for {samples.N} changed samples, '
            f'{8 * weights / 2**30:.1f} GiB. Use "windows" or "through"'
        )
    order = np.argsort(line.t[samples.changed])
    t, h = line.t[samples.changed][order], half_width(line.gaps[order] / 2)
    labels = samples.z[samples.changed][order].reshape(len(t), -1)
    inset, lone = h.copy(), len(t) % 2
    if lone:  # a pair with itself, both kinks at the target
        inset[-1] = 0 * h[0]
        t, h, inset = (np.append(a, a[-1]) for a in (t, h, inset))
    outward = np.resize([-1, 1], len(t))
    kinks = t - outward * inset
    first = Layer(RankOne(outward / h, line.direction), -outward * kinks / h)
    blocks = []
    for y in labels.T:
        rows, out = np.zeros((len(y), len(t)), dtype=h.dtype), y.copy()
        for i in range(0, len(y) - lone, 2):
            pair = slice(i, i + 2)
            unit = 2 * np.abs(labels[pair]).max()
            rows[i, pair] = np.maximum(y[pair], 0) / unit - 1
            rows[i + 1, pair] = np.maximum(-y[pair], 0) / unit - 1
            out[pair] = unit, -unit
        if lone:
            rows[-1, -2:] = -1
        blocks.append((rows, np.ones(len(y), dtype=int), out))
    return slots.assemble(line, first, blocks, np.zeros(len(blocks)), tol)


# ---------------------------------------------------------------- through: few labels, or few samples


def _through(line: Line, tol) -> Network:
    """Layer 1 is one neuron, on at all samples, that passes t - b_0 on; layer 2 is a two-layer network of t."""
    inner, outer = two_layer.fit(line.t[:, None], line.samples.z, tol=np.inf).layers
    b_0 = line.t.min() - (line.t.max() - line.t.min())
    first = Layer(RankOne(np.ones(1, dtype=line.t.dtype), line.direction), np.array([-b_0]))
    second = Layer(inner.W.scale[:, None], inner.b + inner.W.scale * b_0)
    return checked_on_a_line(Network((first, second, outer)), line, tol=tol)


# ---------------------------------------------------------------- small parts


def _ramps(line: Line, b) -> Layer:
    """Layer 1: (t - b_0)+, .., (t - b_{G-1})+."""
    return Layer(RankOne(np.ones(len(b) - 1, dtype=b.dtype), line.direction), -b[:-1])


def _constant(line: Line, tol) -> Network:
    """A network without neurons, for targets that are all the same."""
    z = line.samples.z[:1].ravel()
    empty = np.zeros(0, dtype=line.t.dtype)
    block = empty.reshape(0, 0), empty, empty
    first = Layer(RankOne(empty, line.direction), empty)
    return slots.assemble(line, first, [block] * len(z), z, tol)
