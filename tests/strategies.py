"""Samples that are hard on purpose, shared by the property tests.

Exact samples are arrays of Fractions, so that tests compare with ``==``; float samples are meant to break things.
"""

from fractions import Fraction

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ftc_lib.core.network import to_fractions

# a profile of our own: reproducible, and no stop-watch on shared machines
thorough = settings(derandomize=True, deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])

whole = st.integers(-3, 3)
LABELS = {
    "none changes": lambda K, ints: [0] * K,
    "all equal": lambda K, ints: [3] * K,
    "alternating": lambda K, ints: [(-1) ** i for i in range(K)],
    "every other": lambda K, ints: [2 * (i % 2) for i in range(K)],
    "growing zigzag": lambda K, ints: [(-1) ** i * (i + 1) for i in range(K)],
    "tilted zigzag": lambda K, ints: [5 * i + (-1) ** i * 4 for i in range(K)],
    "convex": lambda K, ints: [i * i - 4 for i in range(K)],
    "first and last": lambda K, ints: [2] + [0] * (K - 2) + [-5] if K > 1 else [2],
    "sparse": lambda K, ints: [ints[i] if i % 4 == 1 else 0 for i in range(K)],
    "any": lambda K, ints: ints,
    "tiny and huge": lambda K, ints: [Fraction(v) * Fraction(10) ** (300 * (-1) ** i) for i, v in enumerate(ints)],
}
POSITIONS = {
    "even": lambda K, cuts: range(K),
    "nearly tied": lambda K, cuts: [i // 3 + Fraction(i % 3, 10**12) for i in range(K)],
    "ratios of 2^60": lambda K, cuts: [Fraction(2) ** (60 * (i - K // 2)) for i in range(K)],
    "any": lambda K, cuts: np.cumsum(cuts),
    "far from zero": lambda K, cuts: 10**6 + np.cumsum(cuts) / 1000,
}


@st.composite
def exact_samples(draw, outputs=None, most=12):
    """X (K, d) and z (K,), or (K, outputs), as Fractions in any order; sometimes a sample is repeated."""
    K = draw(st.integers(1, most))
    ints = st.lists(whole, min_size=K, max_size=K)
    cuts = draw(st.lists(st.fractions(Fraction(1, 100), 100), min_size=K, max_size=K))
    t = to_fractions(list(draw(st.sampled_from(list(POSITIONS.values())))(K, cuts)))
    z = [to_fractions(draw(st.sampled_from(list(LABELS.values())))(K, draw(ints))) for _ in range(outputs or 1)]
    z = z[0] if outputs is None else np.stack(z, axis=1)
    d = draw(st.integers(1, 3))
    X = np.multiply.outer(t, to_fractions(range(1, d + 1)))  # collinear
    if draw(st.booleans()):
        X[:, 1:] = to_fractions(draw(st.lists(whole, min_size=K, max_size=K)))[:, None]
    order = np.array(draw(st.permutations(range(K))) + ([0] if draw(st.booleans()) else []))
    return X[order], z[order]


@st.composite
def float_samples(draw):
    """The same in float64, with labels of 1e-300 or 1e300 and X near 1e6, far out or crowded at one ulp."""
    X, z = draw(exact_samples())
    shift, scale = draw(st.sampled_from([(0, 1), (1e6, 1), (1e6, 2.0**-33), (0, 1e-150), (0, 1e150), (-1e6, 1e-4)]))
    X = shift + X.astype(float) * scale
    z = np.clip(z.astype(float), -1e300, 1e300) * draw(st.sampled_from([1, 1e-300, 1e5]))
    return X, np.clip(z, -1e300, 1e300)


def counts(X, z) -> tuple[int, int]:
    """N and K of the distinct samples."""
    different = {tuple(x): np.any(np.atleast_1d(y) != 0) for x, y in zip(X, z)}
    return sum(different.values()), len(different)


def random_samples(K, N, *, seed=0, d=1):
    """Exact samples in random position with N random nonzero targets."""
    rng = np.random.default_rng(seed)
    X = to_fractions(rng.choice(10**6, (K, d), replace=False)) / 1000
    z = np.zeros(K, dtype=int)
    z[rng.permutation(K)[:N]] = rng.integers(1, 10, N) * rng.choice([-1, 1], N)
    return X, to_fractions(z)
