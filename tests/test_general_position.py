"""Networks that use dimension: exact in general position with the neurons promised, refused by name elsewhere."""

from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from math import comb

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog
from sklearn.datasets import load_iris

from ftc_lib import general_position, training
from ftc_lib.baum import neurons
from ftc_lib.core import bounds, certify, exact
from ftc_lib.core.network import to_fractions
from ftc_lib.general_position.check import _PRIME
from tests.strategies import thorough, whole

LABELS = {
    "none changes": lambda K, ints: [0] * K,
    "all equal": lambda K, ints: [3] * K,
    "one": lambda K, ints: [-2] + [0] * (K - 1),
    "one sign": lambda K, ints: [abs(v) for v in ints],
    "any": lambda K, ints: ints,
    "tiny and huge": lambda K, ints: [Fraction(v) * Fraction(10) ** (300 * (-1) ** i) for i, v in enumerate(ints)],
}
any_labels = st.sampled_from(list(LABELS.values()))


@st.composite
def in_general_position(draw, labels=any_labels):
    """Exact samples in general position: integers drawn and filtered, the moment curve, or the curve nearly tied."""
    d = draw(st.sampled_from([1, 2, 3, 5]))
    K = draw(st.integers(1, 9))
    kind = draw(st.sampled_from(["drawn", "moment curve", "nearly tied"]))
    if kind == "drawn":
        rows = st.lists(st.lists(st.integers(-30, 30), min_size=d, max_size=d), min_size=K, max_size=K)
        X = to_fractions(draw(rows))
        seen = general_position.check(X)
        assume(len({tuple(x) for x in X}) == K and seen.general)
    else:
        t = to_fractions(draw(st.lists(st.integers(-9, 9), min_size=K, max_size=K, unique=True)))
        if kind == "nearly tied":
            t = t // 3 + (t % 3) / 10**12
        X = np.stack([t**power for power in range(1, d + 1)], axis=1)
    z = to_fractions(draw(labels)(K, draw(st.lists(whole, min_size=K, max_size=K))))
    return X, z


def cloud(K, d, N, seed=0):
    rng = np.random.default_rng(seed)
    z = np.zeros(K)
    z[rng.permutation(K)[:N]] = rng.normal(size=N)
    return rng.normal(size=(K, d)), z


def signs(z):
    return int((z > 0).sum()), int((z < 0).sum())


def least(method, X, z):
    """The neurons that a method promises."""
    (positive, negative), d = signs(z), X.shape[1]
    return {
        "slabs": 4 * bounds.ceil_div(positive + negative, d),
        "signs": 3 * (bounds.ceil_div(positive, d) + bounds.ceil_div(negative, d)),
        "mixed": bounds.general_position(positive, negative, d),
        "slices": bounds.slices(len(X), d),
        "exposed": positive + negative,
        "faces": positive + negative,
    }[method]


# ---------------------------------------------------------------- the networks


@pytest.mark.parametrize("method", ["slabs", "signs", "mixed"])
@given(samples=in_general_position(), seed=st.integers(0, 5))
@thorough
def test_groups_are_exact_on_fractions_with_the_neurons_claimed(method, samples, seed):
    X, z = samples
    g = general_position.fit(X, z, method, rng=seed)
    assert (g(X) == z).all() and g.n_neurons == least(method, X, z)


@given(samples=in_general_position(), seed=st.integers(0, 5))
@thorough
def test_slices_are_exact_on_fractions_with_the_neurons_claimed(samples, seed):
    X, z = samples
    g = general_position.fit(X, z, "slices", rng=seed)
    assert (g(X) == z).all() and g.n_neurons <= bounds.slices(*X.shape)


@pytest.mark.parametrize("method", ["exposed", "faces"])
@given(samples=in_general_position())
@thorough
def test_exposed_targets_are_exact_on_fractions_or_named(method, samples):
    X, z = samples
    try:
        g = general_position.fit(X, z, method)
    except ValueError as error:
        assert "is not exposed" in str(error)
        return
    assert (g(X) == z).all()
    assert g.n_neurons == least(method, X, z) if method == "exposed" else g.n_neurons <= least(method, X, z)


@given(samples=in_general_position(), seed=st.integers(0, 5))
@thorough
def test_auto_is_exact_and_takes_the_fewest_neurons(samples, seed):
    X, z = samples
    g = general_position.fit(X, z, rng=seed)
    assert (g(X) == z).all()
    assert g.n_neurons <= min(least(method, X, z) for method in ("slabs", "signs", "mixed", "slices"))


@pytest.mark.parametrize("K, d", [(1, 3), (2, 3), (4, 3), (5, 3), (8, 3), (9, 1), (23, 2), (40, 10)])
def test_generic_labels_take_exactly_the_neurons_of_the_slices(K, d):
    """One neuron for d + 1 samples, two for each d + 1 more, one for a single one that is left."""
    X, z = cloud(K, d, K)
    g = general_position.fit(X, z, "slices")
    full, left = divmod(K, d + 1)
    assert g.n_neurons == bounds.slices(K, d) == (min(K - 1, 1) if full == 0 else 2 * full - 1 + min(left, 2))


def changed_first(K, d, N, seed):
    """K Gaussian samples of R^d, of which the first N change: the samples of chapter 5."""
    rng = np.random.default_rng([seed, K, d, N])
    X, z = rng.standard_normal((K, d)), np.zeros(K)
    z[:N] = rng.uniform(0.5, 1.5, N) * rng.choice([-1, 1], N)
    return X, z


def test_slices_of_the_chapter_take_117_neurons():
    """Slices that are right already are passed over, although floats miss their labels by a rounding error."""
    X, z = changed_first(200, 2, 60, 0)
    assert general_position.fit(X, z, "slices").n_neurons == 117 < bounds.slices(200, 2)


@given(K=st.integers(1, 40), d=st.integers(1, 6), part=st.sampled_from([0, 0.1, 0.3, 1]), seed=st.integers(0, 10**6))
@thorough
def test_slices_of_floats_take_as_many_neurons_as_of_fractions(K, d, part, seed):
    """In the same direction: the first one that is drawn, which is the one that Fractions take."""
    X, z = changed_first(K, d, int(np.ceil(part * K)), seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neurons, "ATTEMPTS", 1)
        near = general_position.fit(X, z, "slices", rng=seed, tol=1)
    exact = general_position.fit(to_fractions(X), to_fractions(z), "slices", rng=seed)
    assert near.n_neurons == exact.n_neurons <= bounds.slices(K, d)


@pytest.mark.parametrize("seed", range(5))
def test_slices_pass_between_samples_in_special_position(seed):
    """Nine samples lie on one line of the plane, but no three in a slice."""
    rng = np.random.default_rng(seed)
    X = to_fractions(np.concatenate([[[i, 2 * i] for i in range(-40, 50, 10)], rng.integers(-90, 90, (40, 2))]))
    z = to_fractions(rng.integers(-9, 10, 49))
    g = general_position.fit(X, z, "slices", rng=seed)
    assert general_position.check(X).general is False and (g(X) == z).all() and g.n_neurons <= bounds.slices(49, 2)


@pytest.mark.parametrize("method", general_position.METHODS)
def test_equal_rows_are_one_sample_or_refused(method):
    X = np.array([[0.0, 1.0], [2.0, 5.0], [3.0, 3.0], [0.0, 1.0]])
    g = general_position.fit(X, [1, 0, 0, 1], method)
    assert np.abs(g(X) - [1, 0, 0, 1]).max() <= 1e-12
    with pytest.raises(ValueError, match="rows 0 and 3 of X are equal"):
        general_position.fit(X, [1, 0, 0, 2], method)


@pytest.mark.parametrize("method", general_position.METHODS)
def test_no_change_takes_no_neuron(method):
    X, z = cloud(12, 3, 0)
    assert general_position.fit(X, z, method).n_neurons == 0


@pytest.mark.parametrize("method", general_position.METHODS)
@given(
    seed=st.integers(0, 10**6),
    shift=st.sampled_from([0, 1e3, 1e6]),
    spread=st.sampled_from([1e-100, 1.0, 1e100]),
    scale=st.sampled_from([1e-300, 1.0, 1e300]),
    shape=st.tuples(st.integers(1, 14), st.integers(1, 4)),
)
@thorough
def test_floats_are_right_or_refused(method, seed, shift, spread, scale, shape):
    X, z = cloud(*shape, shape[0] // 2, seed)
    X, z = spread * (X + shift), z * scale
    try:
        g = general_position.fit(X, z, method)
    except ValueError:
        assert shift or method in ("exposed", "faces")
        return
    error = float(certify.certify(g, X, z).max_error)
    assert np.abs(g(X) - z).max() <= g.error <= 1e-4 * np.abs(z).max() and error <= 1e-4 * np.abs(z).max()


@pytest.mark.parametrize("K, d, N", [(40, 3, 9), (200, 10, 40), (100, 30, 100)])
@pytest.mark.parametrize("method", ["slabs", "signs", "mixed", "slices"])
def test_random_floats_are_fitted(method, K, d, N):
    X, z = cloud(K, d, N)
    g = general_position.fit(X, z, method)
    c = certify.certify(g, X, z)
    assert g.error <= 1e-8 and c.max_error <= 1e-8
    if method == "slices":
        assert g.n_neurons <= bounds.slices(K, d)
    else:
        assert g.n_neurons == least(method, X, z) and c.kept_zero == K - N


def test_patients_are_repaired_with_the_exact_count():
    """235 of the patients share a hyperplane, yet the hyperplanes that are used are clean."""
    frozen = training.diabetes()
    z = frozen.worst(40)
    g = general_position.fit(frozen.X, z)
    c = certify.certify(g, frozen.X, z)
    assert g.n_neurons == bounds.general_position(*signs(z), 10) and c.kept_zero == 402 and c.max_error < 1e-6
    seen = general_position.check(frozen.X)
    assert seen.general is False and len(seen.rows) == 11
    assert (general_position.margins(frozen.X) > 0).all()  # they lie on the graph of a logarithm
    assert general_position.fit(frozen.X, z, "exposed").n_neurons == 40


@pytest.mark.parametrize("seed", range(5))
def test_exposed_targets_leave_the_others_at_zero_even_in_float32(seed):
    X, z = cloud(120, 40, 30, seed)
    g = general_position.fit(X, z, "exposed")
    assert g.n_neurons == 30 and certify.certify(g, X, z).kept_zero == 90
    small = g.astype(np.float32)(X.astype(np.float32))
    assert (small[z == 0] == 0).all() and np.abs(small - z).max() <= 1e-5


def test_the_kink_of_an_exposed_target_is_halfway_to_the_hull_of_the_others():
    X, z = to_fractions([[0, 0], [4, 1], [4, -3], [9, 0]]), to_fractions([6, 0, 0, 0])
    g = general_position.fit(X, z, "exposed")
    ahead = to_fractions([[2, 0], [Fraction(199, 100), 0], [2, 7]])
    assert list(g(ahead)) == [0, Fraction(6, 200), 0]


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("method", ["exposed", "faces"])
def test_a_target_inside_the_hull_is_named(method, exact):
    X, z = [[0, 0], [9, 0], [0, 9], [2, 3], [8, 8]], [1, 0, 0, 1, 0]
    X, z = (to_fractions(X), to_fractions(z)) if exact else (np.array(X, dtype=float), np.array(z, dtype=float))
    with pytest.raises(ValueError, match="row 3 of X is not exposed"):
        general_position.fit(X, z, method)


def test_margins_are_distances_from_the_hull_of_the_others():
    X = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [1.0, 1.0], [5.0, 5.0]])
    wanted = np.sqrt([2, 8, 8, 0, 18])
    for samples, unit in ((X, 1), (to_fractions(X), 1), (X * 1e-200, 1e-200)):
        assert np.abs(general_position.margins(samples) / unit - wanted).max() < 1e-12
    assert (general_position.margins(X[[0, 1, 1]]) == [4, 0, 0]).all()
    assert (general_position.margins(X[:1]) == np.inf).all()


def test_margins_do_not_depend_on_where_the_origin_is():
    X = np.random.default_rng(0).integers(-(2**20), 2**20, (60, 3)) / 2**20
    here, there = general_position.margins(X), general_position.margins(X + 2.0**26)
    assert 10 < (here > 0).sum() < 50 and np.abs(here - there).max() < 1e-12


@pytest.mark.parametrize("d, N", [(2, 3), (4, 6), (6, 9)])
def test_faces_of_the_moment_curve_take_half_the_dimension_at_a_time(d, N):
    """Any d/2 of its samples span a face, since a square of a polynomial vanishes there and is positive elsewhere."""
    t = to_fractions(range(-6, 7))
    X = np.stack([t**power for power in range(1, d + 1)], axis=1)
    z = to_fractions([1 + i if i < N else 0 for i in range(13)])
    g = general_position.fit(X, z, "faces")
    assert (g(X) == z).all() and g.n_neurons <= bounds.ceil_div(2 * N, d)


# ---------------------------------------------------------------- the nearest point


@given(n=st.integers(1, 7), d=st.integers(1, 4), seed=st.integers(0, 10**6))
@thorough
def test_nearest_point_is_in_the_hull_and_no_sample_is_nearer(n, d, seed):
    """p is nearest to 0 exactly when p . x >= p . p at all points; in the hull because floats find the same."""
    P = np.random.default_rng(seed).integers(-4, 9, (n, d))
    p = general_position.nearest(to_fractions(P))
    assert (to_fractions(P) @ p >= p @ p).all()
    near = general_position.nearest(P.astype(float))
    assert np.abs(near - p.astype(float)).max() <= 1e-6


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("kind", [to_fractions, lambda a: np.array(a, dtype=float)])
def test_a_sample_between_others_on_a_grid_is_named_and_the_rest_has_margins(kind):
    """Row 2 lies halfway between two others. Ties of the nearest points once ended here in a division by zero."""
    X = kind([[0, 1, 2], [2, 3, 0], [2, 3, 2], [2, 3, 4], [3, 3, 3], [4, 2, 0]])
    found = general_position.margins(X)
    assert found[2] == 0 and (np.delete(found, 2) > 0.5).all()
    for method in ("exposed", "faces"):
        with pytest.raises(ValueError, match="row 2 of X is not exposed"):
            general_position.fit(X, kind([0, 0, 1, 0, 1, 0]), method)
        z = kind([1, 0, 0, 0, 2, 0])
        assert np.abs(general_position.fit(X, z, method)(X) - z).max() <= 1e-12


def is_vertex(X, row):
    """Whether an affine function is 1 at a row of X and at most 0 at all others: a linear program."""
    A = np.column_stack([X, np.ones(len(X))]).astype(float)
    others = np.delete(A, row, axis=0)
    free = np.zeros(A.shape[1])
    return linprog(free, others, np.zeros(len(others)), A[[row]], [1], bounds=(None, None)).status == 0


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("seed", range(300))
def test_vertices_of_small_grids(seed):
    """Grids are full of ties: rows twice, rows between others, faces with more rows than they need."""
    rng = np.random.default_rng(seed)
    d, n = rng.integers(1, 5), rng.integers(2, 12)
    X = rng.integers(0, 5, (n, d))
    exact, near = general_position.margins(to_fractions(X)), general_position.margins(X.astype(float))
    assert np.abs(exact - near).max() <= 1e-7 and ((exact > 0) == (near > 0)).all()
    vertices = np.array([is_vertex(X, row) for row in range(n)])
    assert (vertices == (exact > 0)).all()
    z = np.where(vertices, rng.integers(1, 4, n) * rng.choice([-1, 1], n), 0)
    for method in ("exposed", "faces"):
        g = general_position.fit(to_fractions(X), to_fractions(z), method)
        assert (g(to_fractions(X)) == z).all() and g.n_neurons <= vertices.sum()
        g = general_position.fit(X.astype(float), z.astype(float), method)
        assert np.abs(g(X.astype(float)) - z).max() <= 1e-9 and g.n_neurons <= vertices.sum()


@pytest.mark.parametrize("K, d", [(2, 1), (30, 3), (30, 12), (12, 30)])
def test_margins_do_not_hang_on_the_order_of_the_rows(K, d):
    """The nearest point is computed from its face alone, whichever way the search took: the last bits may not tell."""
    X = np.random.default_rng(K).normal(size=(K, d))
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(K)
        again = general_position.margins(X[order])
        assert np.abs(again - general_position.margins(X)[order]).max() <= 1e-13


# ---------------------------------------------------------------- special positions


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("method", ["slabs", "signs", "mixed", "slices", "auto"])
def test_collinear_samples_are_refused_with_what_works_instead(method, exact):
    X, z = np.outer(np.arange(8), [1, 2, 3]), np.array([0, 1, 2, -1, 3, -2, -1, 0])
    X, z = (to_fractions(X), to_fractions(z)) if exact else (X.astype(float), z.astype(float))
    with pytest.raises(ValueError, match=r"lie on one line of R\^3: not in general position.*two_layer or three_layer"):
        general_position.fit(X, z, method)


@pytest.mark.parametrize("exact", [True, False])
def test_samples_in_a_plane_are_told_so(exact):
    rng = np.random.default_rng(0)
    X, z = rng.integers(-50, 50, (9, 2)) @ [[1, 0, 2, 1], [0, 1, 1, 3]], rng.integers(-3, 4, 9) * 2 + 1
    X, z = (to_fractions(X), to_fractions(z)) if exact else (X.astype(float), z.astype(float))
    with pytest.raises(ValueError, match=r"a flat of dimension 2 of R\^4.*Use 2 coordinates within the flat"):
        general_position.fit(X, z)


def test_bad_input_is_named():
    X, z = cloud(5, 2, 2)
    with pytest.raises(ValueError, match="method is 'hull'"):
        general_position.fit(X, z, "hull")
    with pytest.raises(ValueError, match=r"z has shape \(5, 2\), expected \(K,\)"):
        general_position.fit(X, np.stack([z, z], axis=1))
    with pytest.raises(ValueError, match="X is nan in row 2, column 1"):
        general_position.fit(np.where(np.arange(10).reshape(5, 2) == 5, np.nan, X), z)


# ---------------------------------------------------------------- check


@given(samples=in_general_position(st.just(LABELS["none changes"])))
@thorough
def test_check_agrees_with_every_determinant(samples):
    X, _ = samples
    K, d = X.shape
    seen = general_position.check(X)
    assert seen.general is True and seen.exhaustive and seen.margin > 0 and seen.rows == ()
    assert seen.flats == (comb(K, min(d, K - 1)) if K > 1 else 0)


@given(data=st.data(), d=st.sampled_from([1, 2, 3, 5]), n=st.integers(2, 9))
@thorough
def test_check_finds_samples_in_special_position(data, d, n):
    """Small integers, on which hyperplanes with d + 1 samples are common, against brute force."""
    rows = st.lists(st.tuples(*[st.integers(-2, 2)] * d), min_size=n, max_size=n, unique=True)
    X = to_fractions(data.draw(rows))
    size = min(d + 1, n)

    def dependent(rows):
        edges = (X[rows[1:]] - X[rows[0]]).astype(int)
        return size > 1 and np.linalg.matrix_rank(edges) < size - 1

    guilty = {rows for rows in combinations(range(n), size) if dependent(list(rows))}
    for samples in (X, X.astype(float), X.astype(float) + 1000):
        seen = general_position.check(samples)
        assert seen.general is not bool(guilty) and (seen.rows in guilty if guilty else seen.rows == ())


def test_check_decides_near_ties_exactly():
    """One unit in the last place off a line: floats see nothing, Fractions do."""
    X = np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 3.0], [2.0, 7.0]])
    assert general_position.check(X).rows == (0, 1, 2)
    X[2, 1] = np.nextafter(3.0, 4)
    seen = general_position.check(X)
    assert seen.general is True and 0 <= seen.margin < 1e-15
    tiny = to_fractions([[0, 0], [1, 1], [3, 3], [2, 7]])
    tiny[2, 1] += Fraction(1, 10**100)
    assert general_position.check(tiny).general is True


def test_check_looks_at_what_floats_cannot_tell_with_whole_numbers(monkeypatch):
    """Of samples that leave a plane by rounding alone every flat is in doubt, and few are worth Fractions."""
    X = np.random.default_rng(0).normal(size=(30, 2)) @ np.random.default_rng(1).normal(size=(2, 3))
    looked = []
    rank = exact.rank
    monkeypatch.setattr(exact, "rank", lambda edges: looked.append(1) or rank(edges))
    seen = general_position.check(X)
    assert seen.general is True and seen.exhaustive and seen.margin < 1e-15 and len(looked) <= 1
    on_a_plane = np.column_stack([X[:, :2], X[:, 0]])
    assert general_position.check(on_a_plane).rows == (0, 1, 2, 3) and len(looked) <= 2


@pytest.mark.parametrize("d", [2, 3])
def test_check_is_not_misled_by_a_determinant_that_a_prime_divides(d):
    X = np.vstack([np.zeros(d), np.eye(d)])
    X[1, 0] = _PRIME
    X[2] = X[1] + 2.0**-26 * X[2]  # so flat that floats cannot tell
    assert general_position.check(X).general is True
    X[2] = 2 * X[1]
    assert general_position.check(X).general is False


def test_check_claims_no_more_than_it_saw():
    X, _ = cloud(60, 5, 0)
    seen = general_position.check(X)
    assert seen.general is None and not seen.exhaustive and seen.looked_at == 10_000 < seen.flats == comb(60, 5)
    assert seen.margin > 0 and general_position.check(X[:12]).general is True
    far = general_position.check(X + 1e12)  # looked at without a Fraction for each sample and hyperplane
    assert far.general is None and far.margin > 0
    X[:30, 2] = 1.0
    found = general_position.check(X)
    assert found.general is False and len(found.rows) == 6 and (X[list(found.rows), 2] == 1).all()


def test_check_counts_equal_rows_once():
    X = to_fractions([[0, 0], [0, 0], [1, 3], [2, 5]])
    assert general_position.check(X).general is True
    assert general_position.check(X[:2]).flats == 0
    assert general_position.check(to_fractions([[0, 0], [0, 0], [1, 1], [2, 2]])).rows == (0, 2, 3)


# ---------------------------------------------------------------- how deep a target lies, and why that takes three


def ring(n):
    """n rational points of the unit circle, nearly evenly spread, and the origin as the last row."""
    t = to_fractions([round(1000 * np.tan(np.pi * k / n)) for k in range(n)]) / 1000
    X = np.stack([(1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)], axis=1)
    return np.concatenate([X, to_fractions([[0, 0]])])


@pytest.mark.parametrize("n", [3, 5, 7, 9, 11])
def test_depth_in_the_middle_of_a_ring(n):
    X, z = ring(n), to_fractions([0] * n + [-2])
    assert general_position.check(X).general and general_position.depth(X, n) == n // 2
    assert general_position.depth(X, 0) == 0
    g = general_position.fit_one(X, z)
    assert (g(X) == z).all() and g.n_neurons == (2 if n < 7 else 3)


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_depth_is_the_least_count_over_half_spaces(d):
    rng = np.random.default_rng(d)
    X = rng.integers(-99, 100, (12, d)).astype(float)
    rays = X[1:] - X[0]
    counts = (rays @ rng.normal(size=(d, 20_000)) >= 0).sum(axis=0)
    assert general_position.depth(X, 0) == counts.min() == general_position.depth(to_fractions(X) / 7, 0)


@given(samples=in_general_position(st.just(LABELS["one"])))
@thorough
def test_one_label_costs_what_its_depth_says(samples):
    """And no target among 3d others or fewer lies deeper than d, which the proof needs."""
    X, z = samples
    K, d = X.shape
    assume(K > 1)
    for row in range(K):
        moved, deep = np.roll(z, row), general_position.depth(X, row)
        g = general_position.fit_one(X, moved)
        assert (g(X) == moved).all() and g.n_neurons == (1 if deep == 0 else 2 if deep <= d else 3)
        assert deep <= max(K - d, 0) // 2


def test_vertices_are_the_samples_of_depth_zero():
    X = to_fractions(np.random.default_rng(3).integers(-99, 100, (14, 3)))
    for row in range(14):
        z = to_fractions(np.arange(14) == row)
        if general_position.depth(X, row) == 0:
            assert (general_position.fit(X, z, "exposed")(X) == z).all()
        else:
            with pytest.raises(ValueError, match=f"row {row} of X is not exposed"):
                general_position.fit(X, z, "exposed")


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: general_position.depth([[0, 0], [1, 1], [2, 2], [3, 0]], 0),
            "through row 0 of X holds more than d - 1",
        ),
        (
            lambda: general_position.depth([[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 0, 1]], 0),
            "through row 0 of X holds more",
        ),
        (lambda: general_position.depth([[0.0, 1.0]], 1), "row is 1: X has 1 rows"),
        (lambda: general_position.fit_one([[0.0], [1.0], [2.0]], [1, 2, 0]), "2 nonzero targets for 3 samples"),
        (lambda: general_position.fit_one([[0.0]], [1]), "1 nonzero targets for 1 samples"),
        (lambda: general_position.fit_one([[0.0], [np.nan]], [1, 0]), "X is nan in row 1, column 0"),
    ],
)
def test_bad_input_about_one_target_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def halves(X):
    """All sets of samples of the plane that an open half-plane cuts out, as booleans (they are in general position)."""
    found = {(True,) * len(X), (False,) * len(X)}
    for i, j in combinations(range(len(X)), 2):
        u = np.array([X[j, 1] - X[i, 1], X[i, 0] - X[j, 0]])
        side = list(X @ u > X[i] @ u)
        for side[i], side[j] in product([True, False], repeat=2):
            found |= {tuple(side), tuple(not s for s in side)}
    return [np.array(half) for half in sorted(found)]


def test_two_neurons_cannot_move_the_middle_of_a_ring_of_seven():
    """By search over all pairs of half-planes, with a linear program for each that could work. No theory enters."""
    X, z = ring(7), np.eye(8)[7]
    A = np.column_stack([X.astype(float), np.ones(8)])
    sets = halves(X)
    assert len(sets) == 2 * (1 + 7 + comb(7, 2))
    programs = 0
    for first, second in combinations_with_replacement(sets, 2):
        # a1 h1 and a2 h2 with three numbers each, and the output bias
        equations = np.column_stack([A * first[:, None], A * second[:, None], np.ones(8)])
        if np.abs(equations @ np.linalg.lstsq(equations, z)[0] - z).max() > 1e-9:
            continue
        for signs_of_outputs in product([1, -1], repeat=2):
            below = [A * (sign * (1 - 2 * half))[:, None] for sign, half in zip(signs_of_outputs, (first, second))]
            none = np.zeros((8, 3))
            inequalities = np.block([[below[0], none, none[:, :1]], [none, below[1], none[:, :1]]])
            answer = linprog(np.zeros(7), inequalities, np.zeros(16), equations, z, bounds=(None, None))
            assert answer.status == 2, "two neurons suffice"
            programs += 1
    assert programs > 100
    assert general_position.fit(X, to_fractions(z), "mixed").n_neurons == 3


@pytest.mark.parametrize("offset", [1e12, 1e13, 1e14, 3e15])
@pytest.mark.parametrize("method", ["auto", "slices", "mixed"])
def test_samples_far_from_zero_are_fitted_or_refused(offset, method):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X, z = offset + rng.normal(size=(20, 3)), np.where(rng.random(20) < 0.4, rng.normal(size=20), 0)
        try:
            g = general_position.fit(X, z, method, rng=seed)
        except ValueError:
            continue
        assert np.abs(g(X) - z).max() <= g.error <= 1e-4 * np.abs(z).max()


def test_auto_passes_over_a_method_that_the_irises_break():
    iris = load_iris()
    g = general_position.fit(iris.data, iris.target + 1)
    assert np.abs(g(iris.data) - iris.target - 1).max() <= g.error <= 3e-4


def test_margins_of_fractions_are_right_at_any_size():
    X = to_fractions([[0, 0], [4, 0], [0, 4]])
    for power in (0, 160, -160, 300):
        margins = general_position.margins(X * Fraction(10) ** power)
        assert np.allclose(margins / 10.0**power, np.sqrt([8, 16, 16]), rtol=1e-12)
    assert (general_position.margins(X * 10**400) == np.inf).all()
    assert (general_position.margins(X / 10**400) == 0).all()
