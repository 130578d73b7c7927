"""Networks as plain data: evaluation, weights, conversion, files, memory."""

import os
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from ftc_lib import baum, three_layer, two_layer
from ftc_lib.core.network import Layer, Network, RankOne, along, in_order, kinks, part, to_fractions

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Z = np.where(np.arange(40) % 3 == 0, RNG.normal(size=40), 0)
EXACT = to_fractions(RNG.integers(-99, 99, (9, 2))), to_fractions(RNG.integers(-3, 4, 9)) / 7

NETWORKS = {
    "rank one": (two_layer.fit(X, Z, "bumps"), X),
    "rank one, two outputs": (two_layer.fit(X, np.stack([Z, 1 - Z], axis=1), "interpolate"), X),
    "three layers": (three_layer.fit(X, Z, "yun"), X),
    "three layers, two outputs": (three_layer.fit(X, np.stack([Z, 1 - Z], axis=1), "zigzag"), X),
    "dense": (baum.fit_relu(X, Z), X),
    "threshold": (baum.fit_threshold(X, Z != 0), X),
    "no neuron": (three_layer.fit(X, Z * 0 + 2), X),
    "Fractions": (two_layer.fit(*EXACT, "tight"), EXACT[0]),
    "Fractions, three layers": (three_layer.fit(*EXACT, "zigzag"), EXACT[0]),
    "Fractions, no neuron": (three_layer.fit(EXACT[0], EXACT[1] * 0), EXACT[0]),
}
every_network = pytest.mark.parametrize("network, points", NETWORKS.values(), ids=NETWORKS)
float_network = pytest.mark.parametrize(
    "network, points", [v for v in NETWORKS.values() if not v[0].exact], ids=[k for k in NETWORKS if "Frac" not in k]
)


def absolute_value(kind=np.array):
    """|x - 1| in 1-D by hand: 2 neurons, slopes 3 and -2."""
    W1, b1, W2, b2 = [[3], [-2]], [-3, 2], [Fraction(1, 3) if kind is to_fractions else 1 / 3, 0.5], 0
    return Network((Layer(kind(W1), kind(b1)), Layer(kind(W2), kind(b2))))


@pytest.mark.parametrize("kind", [np.array, to_fractions])
def test_values_by_hand(kind):
    g = absolute_value(kind)
    assert np.abs(g(kind([[0], [1], [4]])) - [1, 0, 3]).max() <= (0 if kind is to_fractions else 1e-15)
    assert (g.dim, g.widths, g.n_neurons, g.exact) == (1, (2,), 2, kind is to_fractions)


def test_threshold_is_1_at_0():
    g = Network((Layer(np.ones((1, 1)), np.zeros(1)), Layer(np.ones(1), np.zeros(()))), activation="threshold")
    assert g(np.array([[-1e-300], [0.0], [-0.0], [2.0]])).tolist() == [0, 1, 1, 1]


@float_network
def test_fractions_give_the_floats_values_without_rounding(network, points):
    exact = network(to_fractions(points))
    assert (exact == network.to_fractions()(points)).all() and isinstance(exact.ravel()[0], (Fraction, int))
    assert np.abs(exact.astype(float) - network(points)).max() <= 1e-6


@every_network
def test_rows_are_evaluated_one_by_one(network, points):
    """The blocks of a forward pass do not show, and no rows is no error."""
    whole = network(points)
    again = np.concatenate([network(points[i : i + 1]) for i in range(len(points))])
    assert np.abs(whole - again).max() <= 1e-6 and network(points[:0]).shape == (0, *whole.shape[1:])


def left_to_right(row, column):
    """row . column in floats of their own type, from the first term to the last."""
    total = row[0] * column[0]
    for x, a in zip(row[1:], column[1:]):
        total = total + x * a
    return total


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("K, d, o", [(1, 1, 1), (50, 1, 3), (40, 3, 1), (33, 17, 5), (7, 200, 2), (1, 4, 2)])
def test_in_order_is_the_product_summed_from_left_to_right(K, d, o, dtype):
    rng = np.random.default_rng(d)
    P, A = rng.normal(size=(K, d)).astype(dtype), rng.normal(size=(d, o)).astype(dtype)
    for a in (A, A[:, 0]):
        found, size = in_order(P, a), np.abs(P) @ np.abs(a)
        assert found.dtype == dtype and found.shape == (P @ a).shape
        assert (np.abs(found - P @ a) <= 2 * d * np.finfo(dtype).eps * size).all()
    assert (in_order(P, A) == [[left_to_right(row, column) for column in A.T] for row in P]).all()
    assert (in_order(P, A[:, 0]) == [left_to_right(row, A[:, 0]) for row in P]).all()
    for row in P:
        assert np.allclose(in_order(row, A), row @ A, rtol=0, atol=2 * d * np.finfo(dtype).eps * np.abs(A).sum() * 9)
        assert in_order(row, A[:, 0]).shape == ()


def test_in_order_gives_the_same_bits_however_the_samples_lie_in_memory():
    rng = np.random.default_rng(1)
    P, A = rng.normal(size=(60, 13)), rng.normal(size=(13, 4))
    for a in (A, A[:, 2]):
        wanted = in_order(P, a)
        for same in (np.asfortranarray(P), np.repeat(P, 2, axis=0)[::2], np.repeat(P, 2, axis=1)[:, ::2]):
            assert (in_order(same, a) == wanted).all()
        assert (in_order(P, np.asfortranarray(a)) == wanted).all()
        assert (in_order(P[5:9], a) == wanted[5:9]).all() and (in_order(P[::-3], a) == wanted[::-3]).all()


def test_in_order_is_exact_on_fractions_and_has_an_empty_sum():
    P, a = to_fractions([[1, 2], [3, 4]]) / 7, to_fractions([5, 6]) / 11
    assert (in_order(P, a) == P @ a).all()
    assert (in_order(np.ones((3, 0)), np.ones(0)) == np.zeros(3)).all()


@float_network
def test_a_network_in_order_has_its_values_and_the_same_bits_in_any_batch(network, points):
    values = network.in_order(points)
    assert values.shape == network(points).shape and np.abs(values - network(points)).max() <= 1e-6
    assert (network.in_order(np.asfortranarray(points)) == values).all()
    assert (network.in_order(points[::2]) == values[::2]).all()
    one_by_one = [network.in_order(points[i : i + 1]) for i in range(len(points))]
    assert (np.concatenate(one_by_one) == values).all()
    small = network.astype(np.float32).in_order(points.astype(np.float32))
    assert small.dtype == np.float32 and small.shape == values.shape


def test_a_network_in_order_is_a_sum_from_left_to_right():
    g, points = NETWORKS["dense"]
    hidden, output = g.layers
    wanted = []
    for x in points:
        h = [max(left_to_right(x, w) + b, 0.0) for w, b in zip(hidden.W, hidden.b)]
        wanted.append(left_to_right(h, output.W) + output.b)
    assert (g.in_order(points) == wanted).all()


def test_total_weight_by_hand():
    """Neurons |a| sqrt(|w|^2 + b^2): 1/3 * sqrt(9 + 9) + 1/2 * sqrt(4 + 4) = 2 sqrt(2)."""
    assert absolute_value().total_weight == pytest.approx(2 * np.sqrt(2), rel=1e-15)
    hidden, output = Layer(np.array([[3.0, 0.0]]), np.array([4.0])), Layer(np.array([[6.0], [8.0]]), np.zeros(2))
    assert Network((hidden, output)).total_weight == 50


@float_network
def test_total_weight_does_not_change_when_neurons_are_rescaled(network, points):
    """w, b -> r w, r b and a -> a / r with r > 0 leave the function and the weight alone; so does one hidden layer."""
    first, second = network.layers[:2]
    r = np.exp2(np.arange(len(first.b)) % 5 - 2)
    rescaled = Layer(first.dense() * r[:, None], first.b * r), Layer(second.W / r, second.b)
    if network.activation == "relu":
        other = Network((*rescaled, *network.layers[2:]))
        assert np.abs(other(points) - network(points)).max() <= 1e-5
    two_layers = [Network(layers[:2], network.activation) for layers in (network.layers, rescaled)]
    assert two_layers[0].total_weight == pytest.approx(two_layers[1].total_weight, rel=1e-12)


def test_total_weight_of_huge_labels_does_not_overflow():
    g = two_layer.fit(np.arange(5.0)[:, None], 1e300 * np.array([0, 1, 0, -1, 0]), "bumps")
    assert 1e300 < g.total_weight < 1e304


@float_network
def test_torch_gives_the_same_values(network, points):
    torch = pytest.importorskip("torch")
    module = network.to_torch()
    values = module(torch.from_numpy(points)).detach().numpy()
    assert values.shape == network(points).shape and values.dtype == np.float64
    assert np.abs(values - network(points)).max() <= 1e-6
    kinds = {type(m).__name__ for m in module} - {"Flatten"}
    assert kinds == {"Linear", "ReLU" if network.activation == "relu" else "Threshold"}


@every_network
def test_save_and_load_give_the_same_network(network, points, tmp_path):
    path = network.save(tmp_path / "g.npz")
    with np.load(path, allow_pickle=False) as stored:
        assert all(a.dtype != object for a in stored.values())
    back = Network.load(path)
    assert (back.activation, back.widths, back.error) == (network.activation, network.widths, network.error)
    for old, new in zip(network.layers, back.layers):
        assert type(old.W) is type(new.W)
        for name, a in old.arrays().items():
            b = new.arrays()[name]
            assert np.asarray(a).shape == b.shape and np.asarray(a).dtype == b.dtype and (a == b).all()
    assert (back(points) == network(points)).all()


def test_fractions_of_any_length_are_stored(tmp_path):
    W = to_fractions([Fraction(10**400 + 1, 3**900), Fraction(-1, 7)])
    g = Network((Layer(W[:, None], W), Layer(W, np.asarray(to_fractions(0)))))
    assert (Network.load(g.save(tmp_path / "g.npz")).layers[1].W == W).all()


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = absolute_value().save(tmp_path / "g.npz")
    before = path.read_bytes()

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        NETWORKS["dense"][0].save(path)
    assert path.read_bytes() == before


def test_float32_weights_on_float32_data_stay_float32():
    g = absolute_value().astype(np.float32)
    assert g.error is None and g.layers[0].W.dtype == np.float32
    assert g(np.ones((2, 1), dtype=np.float32)).dtype == np.float32
    assert g(np.ones((2, 1))).dtype == np.float64


def test_rank_one_is_never_made_dense_over_the_samples():
    """K = 1e5, m = 3000: K m numbers are 2.4 GB; the forward pass holds blocks."""
    K, m, d = 100_000, 3000, 8
    g = Network((Layer(RankOne(np.ones(m), np.ones(d)), np.arange(m) * -1.0), Layer(np.ones(m), np.zeros(()))))
    points = np.random.default_rng(0).normal(size=(K, d))
    tracemalloc.start()
    g(points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20


def test_bumps_keep_one_direction_for_all_neurons():
    """N = 3000 bumps store 9000 + d numbers in layer 1, not 9000 d."""
    big = np.random.default_rng(0).normal(size=(6000, 50))
    g = two_layer.fit(big, np.where(np.arange(6000) < 3000, 1.0, 0), "bumps", tol=np.inf)
    W = g.layers[0].W
    assert W.shape == (9000, 50) and (W.scale.size, W.direction.size) == (9000, 50)


@pytest.mark.parametrize("method", two_layer.METHODS)
def test_kinks_are_found_exactly(method):
    """Each neuron on the line bends at -b/w, unless neurons cancel."""
    g = along(two_layer.fit(*EXACT, method))
    own = -g.layers[0].b / g.layers[0].W.scale
    assert set(kinks(g)) <= set(own) and (np.diff(kinks(g)) > 0).all()
    assert len(kinks(g)) == len(set(own))


def test_kinks_of_three_layers_by_hand():
    """relu(|t| - 1) bends at -1 and 1 only: at 0 the second layer is off."""
    W1, W2 = to_fractions([[1], [-1]]), to_fractions([[1, 1]])
    first, second = Layer(W1, to_fractions([0, 0])), Layer(W2, to_fractions([-1]))
    assert kinks(Network((first, second, Layer(to_fractions([1]), np.asarray(to_fractions(0)))))).tolist() == [-1, 1]


def test_along_is_the_network_on_its_line():
    g, points = NETWORKS["three layers"]
    t = points @ g.layers[0].W.direction
    assert np.abs(along(g)(t[:, None]) - g(points)).max() <= 1e-9


def test_a_part_is_what_a_hidden_layer_gives():
    points = to_fractions(range(-3, 9))[:, None]
    g = three_layer.fit(points[3:10], to_fractions([0, 2, 0, 0, -1, 0, 0]), method="pairs")
    arriving = g.pre_activations(points)
    for depth in (1, 2):
        for k in range(g.widths[depth - 1]):
            inside = part(g, depth, np.arange(g.widths[depth - 1]) == k, 5)
            assert (inside(points) == 5 + np.maximum(arriving[depth - 1][:, k], 0)).all()
    assert (part(g, 1, g.layers[1].W[0], g.layers[1].b[0])(points) == arriving[1][:, 0]).all()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: NETWORKS["dense"][0](X[:, :2]), r"X has shape \(40, 2\), expected \(K, 3\)"),
        (lambda: NETWORKS["dense"][0](X[0]), r"X has shape \(3,\), expected \(K, 3\)"),
        (lambda: Network((Layer(X, X[:, 0]), Layer(Z[:3], Z[0]))), "layer 1 gives 40 numbers, layer 2 takes 3"),
        (lambda: Network(absolute_value().layers, "tanh"), "activation is 'tanh', expected one of relu"),
        (lambda: along(NETWORKS["dense"][0]), "does not look in one direction"),
        (lambda: kinks(NETWORKS["rank one"][0]), "d = 1"),
    ],
)
def test_misuse_is_refused_with_the_shape_or_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_network_shows_its_shape_and_not_its_weights():
    assert repr(absolute_value()) == "<relu network 1 -> 2 -> 1: 2 hidden neurons>"


def test_other_files_are_no_networks(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("other.npz", "text.npz"):
        with pytest.raises(ValueError, match="is no network"):
            Network.load(tmp_path / name)


@pytest.mark.parametrize("power", [0, 100, 400, -400])
def test_the_total_weight_of_fractions_is_right_at_any_size(power):
    """Large weights may stand before small ones: their product need not be large."""
    q = Fraction(10) ** power
    hidden = Layer(to_fractions([[3], [0]]) * q, to_fractions([4, 1]) * q)
    last = Layer(to_fractions([2, -1]) / q, np.asarray(Fraction(0)))
    assert Network((hidden, last)).total_weight == 11
    heavy = Network((hidden, Layer(to_fractions([2, -1]) * q, np.asarray(Fraction(0)))))
    assert heavy.total_weight == pytest.approx(
        11 * 10.0 ** (2 * power) if abs(power) < 200 else (np.inf if power > 0 else 0)
    )


def test_fractions_beyond_floats_become_infinite_in_floats():
    g = Network((Layer(to_fractions([[1]]), to_fractions([0])), Layer(to_fractions([10**400]), to_fractions(0))))
    assert g.astype(np.float64).layers[1].W.tolist() == [np.inf]
    assert g.rounding_bound(np.ones((1, 1))).tolist() == [np.inf]


def test_numpys_integers_among_objects_do_not_overflow():
    a = np.array([np.int64(2**62), Fraction(1, 3)], dtype=object)
    assert (to_fractions(a) * 4 == [2**64, Fraction(4, 3)]).all()
