"""Certificates: exact errors against slow Fractions, and a ten-line script that can check one again."""

import hashlib
import json
import signal
import subprocess
import sys
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ftc_lib import baum, three_layer, two_layer
from ftc_lib.core import certify
from ftc_lib.core.network import Layer, Network, RankOne, to_fractions

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Z = np.where(np.arange(60) % 4 == 0, RNG.normal(size=60), 0)
NETWORKS = {
    **{f"two_layer {m}": two_layer.fit(X, Z, m) for m in two_layer.METHODS},
    **{f"three_layer {m}": three_layer.fit(X, Z, m) for m in three_layer.METHODS},
    "baum relu": baum.fit_relu(X, Z),
}
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


def slowly(network, rows):
    """The network at the rows, one multiplication of Fractions at a time; a rank-one layer is a (w . x) + b."""
    result = []
    for row in rows:
        h = [Fraction(float(v)) for v in row]
        for depth, layer in enumerate(network.layers):
            if isinstance(layer.W, RankOne):
                t = sum(Fraction(float(w)) * v for w, v in zip(layer.W.direction, h))
                h = [Fraction(float(a)) * t for a in layer.W.scale]
            else:
                h = [sum((Fraction(float(w)) * v for w, v in zip(ws, h)), Fraction(0)) for ws in np.atleast_2d(layer.W)]
            h = [v + Fraction(float(b)) for v, b in zip(h, np.atleast_1d(layer.b))]
            if depth < len(network.layers) - 1:
                h = [max(v, Fraction(0)) if network.activation == "relu" else Fraction(v >= 0) for v in h]
        result.append(h)
    return np.array(result, dtype=object)


def recheck(certificate, network, data):
    """Errors of a certificate, again, from files alone: an empty list says that it holds."""
    record, net, given = json.loads(Path(certificate).read_text()), np.load(network), np.load(data)
    digest = lambda *arrays: hashlib.sha256(b"".join(f"{a.shape}\n".encode() + a.tobytes() for a in arrays)).hexdigest()  # noqa: E731
    exact = lambda a: np.array([Fraction(v) for v in a.ravel().tolist()]).reshape(a.shape)  # noqa: E731
    names, H = [n for n in net.files if n.startswith("layer")], exact(given["X"])
    for i in range(last := int(names[-1][5]) + 1):
        L = {n.split(".")[1]: exact(net[n]) for n in names if n.startswith(f"layer{i}.")}
        H = (H @ L["W"].T if "W" in L else np.outer(H @ L["direction"], L["scale"])) + L["b"]
        H = H if i == last - 1 else np.maximum(H, 0)
    found = {"max_error": str(abs(H - exact(given["z"])).max()), "data_sha256": digest(given["X"], given["z"])}
    found["weights_sha256"] = digest(*(net[n] for n in names))
    return [name for name, value in found.items() if record[name] != value]


@every_network
def test_exact_values_equal_slow_fractions(network):
    values = certify.exact_values(network, X[:12])
    assert (values == slowly(network, X[:12])[:, 0]).all()
    assert (values == network.to_fractions()(X[:12])).all()


@every_network
def test_certificate_says_what_slow_fractions_say(network):
    rows = np.r_[0:12, 50:54]
    errors = np.abs(slowly(network, X[rows])[:, 0] - to_fractions(Z[rows]))
    c = certify.certify(network, X[rows], Z[rows])
    changed = Z[rows] != 0
    assert (c.K, c.N, c.d) == (16, changed.sum(), 4) and isinstance(c.max_error, Fraction)
    assert c.max_error == errors.max() == max(c.max_error_changed, c.max_error_kept)
    assert c.max_error_changed == errors[changed].max() and c.max_error_kept == errors[~changed].max()
    assert c.kept_zero == (errors[~changed] == 0).sum()
    assert (c.widths, c.n_neurons, c.total_weight) == (network.widths, network.n_neurons, network.total_weight)


@pytest.mark.parametrize("name", ["two_layer bumps", "three_layer windows", "baum relu"])
def test_kept_samples_are_exactly_zero(name):
    c = certify.certify(NETWORKS[name], X, Z)
    assert c.kept_zero == c.K - c.N == 45 and c.max_error_kept == 0


def test_threshold_networks_are_certified():
    labels = (Z != 0).astype(float)
    network = baum.fit_threshold(X, labels)
    assert certify.certify(network, X, labels).max_error == 0
    assert (certify.exact_values(network, X[:9]) == slowly(network, X[:9])[:, 0]).all()


def test_several_outputs_are_certified():
    z = np.stack([Z, 1 - Z], axis=1)
    network = three_layer.fit(X, z, "yun")
    expected = np.abs(slowly(network, X[:8]) - to_fractions(z[:8])).max()
    assert certify.certify(network, X[:8], z[:8]).max_error == expected


@pytest.mark.parametrize("method", two_layer.METHODS)
def test_exact_networks_have_error_exactly_zero(method):
    x, z = to_fractions(range(9))[:, None] / 7, to_fractions([0, 3, 0, 0, 1, -1, 0, 0, 2])
    c = certify.certify(two_layer.fit(x, z, method), x, z)
    assert c.max_error == 0 and json.loads(c.to_json())["max_error"] == "0"


def test_a_network_without_neurons_is_certified():
    c = certify.certify(three_layer.fit(X, Z * 0 + 2), X, Z)
    assert c.n_neurons == 0 and c.max_error == max(abs(2 - Fraction(float(v))) for v in Z)


def test_an_affine_map_is_certified():
    g = Network((Layer(np.arange(4.0), np.array(0.5)),))
    assert (certify.exact_values(g, X[:9]) == slowly(g, X[:9])[:, 0]).all()


def test_hairs_are_seen():
    """(t + 1e16)+ - 1e16: a forward pass loses the float 0.1 in rounding, the exact value is that float."""
    g = Network((Layer(np.array([[1.0]]), np.array([1e16])), Layer(np.array([1.0]), np.array(-1e16))))
    assert g(np.array([[0.1]])).tolist() == [0]
    assert certify.certify(g, np.array([[0.1]]), np.array([0.1])).max_error == 0


@every_network
def test_a_ten_line_script_rechecks_the_certificate_and_notices_tampering(network, tmp_path):
    record = certify.certify(network, X, Z).save(tmp_path / "certificate.json")
    weights = network.save(tmp_path / "g.npz")
    np.savez(tmp_path / "data.npz", X=X, z=Z)
    assert recheck(record, weights, tmp_path / "data.npz") == []

    bent = Network((*network.layers[:-1], Layer(np.nextafter(network.layers[-1].W, 9), network.layers[-1].b)))
    assert "weights_sha256" in recheck(record, bent.save(tmp_path / "bent.npz"), tmp_path / "data.npz")
    np.savez(tmp_path / "moved.npz", X=np.nextafter(X, 9), z=Z)
    assert "data_sha256" in recheck(record, weights, tmp_path / "moved.npz")
    claim = json.loads(record.read_text()) | {"max_error": "0"}
    (tmp_path / "boast.json").write_text(json.dumps(claim))
    boasted = recheck(tmp_path / "boast.json", weights, tmp_path / "data.npz")
    assert boasted == ([] if certify.certify(network, X, Z).max_error == 0 else ["max_error"])


def test_fingerprints_depend_on_values_and_shapes_only():
    a = np.arange(6.0)
    assert certify.fingerprint(a) == certify.fingerprint(a.astype(np.float32)) == certify.fingerprint(a.astype(">f8"))
    different = [a, a.reshape(2, 3), a.reshape(3, 2), a + 1, to_fractions(a)]
    assert len({certify.fingerprint(v) for v in different}) == len(different)
    assert certify.fingerprint(a[:3], a[3:]) != certify.fingerprint(a)


@pytest.mark.parametrize(
    "network, X, z, message",
    [
        (NETWORKS["baum relu"], X, np.stack([Z, Z], 1), r"z has shape \(60, 2\), the network gives \(K"),
        (NETWORKS["baum relu"], X[:3] * np.nan, Z[:3], "NaN or infinity"),
        (NETWORKS["baum relu"], X[:3], Z[:3] * np.nan, "z is nan in row 0"),
        (Network((Layer(np.array([[np.inf]]), np.zeros(1)),) * 2), X[:, :1], Z[:, None], "NaN or infinity"),
    ],
)
def test_what_has_no_exact_value_is_refused(network, X, z, message):
    with pytest.raises(ValueError, match=message):
        certify.certify(network, X, z)


def test_a_network_for_another_dimension_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(60, 3\)"):
        certify.certify(NETWORKS["baum relu"], X[:, :3], Z)


def test_memory_grows_with_the_width_and_not_with_the_samples():
    """Samples used to be taken 256 at a time, whatever the width: here 32 MB, and 3.8 GB for 90,000 neurons."""
    m, K = 4000, 50
    network = Network((Layer(RNG.normal(size=(m, 1)), RNG.normal(size=m)), Layer(RNG.normal(size=m), np.array(0.0))))
    points = RNG.normal(size=(K, 1))
    tracemalloc.start()
    values = certify.exact_values(network, points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    assert (values[-2:] == certify.exact_values(network, points[-2:])).all()


# Many interrupts in one process: an object that was freed too early shows when its memory is used again.
INTERRUPTED = """
import signal
import numpy as np
from ftc_lib.core import certify
from ftc_lib.core.network import Layer, Network, RankOne

rng = np.random.default_rng(0)


def wide(*shape):
    return rng.normal(size=shape) * np.exp2(rng.integers(-300, 300, shape))


X, network = wide(20, 3), Network((Layer(RankOne(wide(400), wide(3)), wide(400)), Layer(wide(400), np.array(0.0))))
right, stopped = certify.exact_values(network, X), 0
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
for delay in rng.uniform(0.001, 0.015, 300):
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        while True:
            certify.exact_values(network, X)
    except KeyboardInterrupt:
        stopped += 1
print(stopped, (certify.exact_values(network, X) == right).all())
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer that interrupts")
def test_an_interrupt_at_any_moment_ends_cleanly():
    """numpy's product of objects crashed here: it frees a number of its result when a multiplication raises."""
    run = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=300)
    assert (run.returncode, run.stdout.split()) == (0, ["300", "True"]), run.stderr


def test_a_certificate_of_numbers_of_any_length_is_written():
    """Python writes no more than 4300 decimal digits; beyond, the text is in hexadecimals."""
    huge = Fraction(10**5000 + 1, 3)
    g = Network((Layer(to_fractions([[1]]), to_fractions([0])), Layer(to_fractions([huge]), to_fractions(0))))
    proof = certify.certify(g, to_fractions([[1]]), to_fractions([0]))
    p, q = json.loads(proof.to_json())["max_error"].split("/")
    assert Fraction(int(p, 16), int(q, 16)) == proof.max_error == huge
