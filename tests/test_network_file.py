"""The file of a network: what is written comes back, and no file of someone else does harm."""

import io
import os
import random
import struct
import sys
import tracemalloc
import zipfile
from fractions import Fraction

import numpy as np
import pytest

from ftc_lib import three_layer, two_layer
from ftc_lib.core import network_file
from ftc_lib.core.network import Layer, Network, RankOne, to_fractions

LINE = np.arange(6.0)[:, None]
HAT = [0, 1, 0, -2, 0, 0.5]


def by_hand(kind=np.array, **changes):
    """3 inputs, 2 neurons, 2 outputs; ``changes`` take the place of W1, b1, W2 or b2."""
    W1, b1, W2, b2 = [[1, 2, 3], [0, -1, 0]], [1, -1], [[1, 0], [2, -2]], [0, 5]
    arrays = {"W1": kind(W1), "b1": kind(b1), "W2": kind(W2), "b2": kind(b2)} | changes
    return Network((Layer(arrays["W1"], arrays["b1"]), Layer(arrays["W2"], arrays["b2"])))


def same(old, new):
    """Whether two networks are the same bits, but for integers and floats among Fractions."""
    assert (new.activation, new.error, type(new.error)) == (old.activation, old.error, type(old.error))
    assert len(new.layers) == len(old.layers)
    for left, right in zip(old.layers, new.layers):
        assert left.arrays().keys() == right.arrays().keys()
        for a, b in zip(left.arrays().values(), right.arrays().values()):
            a = np.asarray(a)
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            if a.dtype == object:
                assert (a == b).all() and all(type(v) is Fraction for v in b.ravel().tolist())
            else:
                assert a.tobytes() == b.tobytes()
    return True


# ---------------------------------------------------------------- what is saved comes back

LONG = Fraction(7**9000, 3**2000)  # 7606 digits over 955
KEPT = {
    "integers": by_hand(),
    "float32": by_hand(lambda v: np.array(v, dtype=np.float32)),
    "extended": by_hand(lambda v: np.array(v, dtype=np.longdouble) / 3),
    "big-endian": by_hand(lambda v: np.array(v, dtype=">f8")),
    "truth values": by_hand(W2=np.array([[True, False], [True, True]])),
    "smallest and largest": by_hand(b2=np.array([5e-324, -sys.float_info.max])),
    "minus zero": by_hand(b2=np.array([0.0, -0.0])),
    "columns first": by_hand(np.asfortranarray),
    "Fractions": by_hand(to_fractions),
    "long": by_hand(to_fractions, b2=to_fractions([LONG, -LONG])),
    "long below": by_hand(to_fractions, b2=to_fractions([1 / LONG, -(10**4299)])),
    "at the limit of digits": by_hand(to_fractions, b2=to_fractions([10**4300 - 1, 1 - 10**4300])),
    "past the limit of digits": by_hand(to_fractions, b2=to_fractions([10**4300, Fraction(-1, 10**4300)])),
    "no neuron": Network((Layer(np.zeros((0, 3)), np.zeros(0)), Layer(np.zeros(0), np.array(2.0)))),
    "no neuron, Fractions": Network((Layer(to_fractions(np.zeros((0, 3))), to_fractions([])),)),
    "no input": Network((Layer(np.zeros((2, 0)), np.ones(2)), Layer(np.ones(2), np.array(0.0)))),
    "rank one": Network((Layer(RankOne(np.ones(2), np.ones(3)), np.ones(2)), Layer(np.ones((4, 2)), np.ones(4)))),
    "threshold": Network(by_hand().layers, "threshold"),
    "error 0": Network(by_hand().layers, error=0.0),
    "infinite error": Network(by_hand().layers, error=float("inf")),
    "exact error": Network(by_hand().layers, error=Fraction(1, 3)),
    "long error": Network(by_hand().layers, error=abs(LONG)),
    "fitted": three_layer.fit(LINE, np.array(HAT)),
    "fitted, two outputs": two_layer.fit(LINE, np.stack([HAT, HAT[::-1]], axis=1), "interpolate"),
    "fitted on Fractions": two_layer.fit(to_fractions(LINE), to_fractions(HAT) / 7, "tight"),
}


@pytest.mark.parametrize("network", KEPT.values(), ids=KEPT)
def test_what_is_saved_comes_back_to_the_same_bits(network, tmp_path):
    assert same(network, Network.load(network.save(tmp_path / "g.npz")))


def test_other_exact_numbers_come_back_as_fractions(tmp_path):
    mixed = np.empty(2, dtype=object)
    mixed[:] = [3, 0.1]
    back = Network.load(by_hand(to_fractions, b2=mixed).save(tmp_path / "g.npz"))
    assert back.layers[1].b.tolist() == [Fraction(3), Fraction(0.1)]


def test_short_fractions_are_text_that_fraction_reads(tmp_path):
    path = by_hand(to_fractions, b2=to_fractions([Fraction(-1, 3), 10**4299])).save(tmp_path / "g.npz")
    with np.load(path) as stored:
        assert stored["layer1.b"].tolist() == ["-1/3", "1" + 4299 * "0"]


def anything(*values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (by_hand(b1=np.array([0, np.nan])), "layer0.b holds something else than finite real numbers"),
        (by_hand(W2=np.array([[0, np.inf], [0, 0]])), "layer1.W holds something else than finite"),
        (by_hand(b1=np.array([0, 1j])), "layer0.b holds something else than finite real"),
        (by_hand(b1=np.array(["1", "2"])), "layer0.b holds something else than finite real"),
        (by_hand(b1=anything(Fraction(1), None)), "layer0.b holds something else than finite real"),
        (by_hand(b1=anything(Fraction(1), float("nan"))), "layer0.b holds something else than finite real"),
        (by_hand(b1=to_fractions([0, 2**400_000])), "layer0.b holds a fraction of more than 100000 hexadecimal digits"),
        (by_hand(b1=np.zeros(1)), r"layer0 has the arrays W \(2, 3\), b \(1,\)"),
        (by_hand(b2=np.zeros(())), r"layer1 has the arrays W \(2, 2\), b \(\)"),
        (Network(()), "it has no layer"),
        (Network(by_hand().layers, error=float("nan")), "error is no number >= 0"),
        (Network(by_hand().layers, error=-1), "error is no number >= 0"),
    ],
)
def test_what_could_not_be_loaded_is_not_saved(network, message, tmp_path):
    path = by_hand().save(tmp_path / "g.npz")
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"^the network cannot be saved: {message}"):
        network.save(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------- files of others


def refused(path, message):
    with pytest.raises(ValueError, match="is no network that Network.save wrote: " + message) as caught:
        Network.load(path)
    assert str(path) in str(caught.value)


GOOD = {
    "activation": np.array(0),
    "layer0.W": np.ones((2, 3)),
    "layer0.b": np.zeros(2),
    "layer1.W": np.ones(2),
    "layer1.b": np.zeros(()),
}
RANK_ONE = {"layer0.W": None, "layer0.scale": np.ones(2), "layer0.direction": np.ones(3)}
FOREIGN = [
    ({"activation": None}, "activation is neither 0 nor 1"),
    ({"activation": np.array(-1)}, "activation is neither 0 nor 1, for relu or threshold"),
    ({"activation": np.array(7)}, "activation is neither 0 nor 1"),
    ({"activation": np.array([0, 1])}, "activation is neither 0 nor 1"),
    ({"activation": np.array([0])}, "activation is neither 0 nor 1"),
    ({"activation": np.array(0.0)}, "activation is neither 0 nor 1"),
    ({"activation": np.array("1")}, "activation is neither 0 nor 1"),
    ({"activation": np.array("relu")}, "activation holds 'relu', expected fractions p/q"),
    ({"error": np.array(np.nan)}, "error is no number >= 0"),
    ({"error": np.array(-1.0)}, "error is no number >= 0"),
    ({"error": np.zeros(2)}, "error is no number >= 0"),
    ({"error": np.array(1j)}, "error is no array of real numbers or text"),
    ({"layer0.W": None}, r"layer0 has the arrays b \(2,\)"),
    ({"layer0.b": None}, "'layer0.W' belongs to no layer"),
    ({"layer0.W": None, "layer0.b": None}, "'layer1.W' belongs to no layer"),
    ({name: None for name in GOOD if name != "activation"}, "it has no layer"),
    ({"layer0.scale": np.ones(2)}, "layer0 has the arrays W .*scale"),
    (RANK_ONE | {"layer0.W": np.ones((2, 3))}, "layer0 has the arrays W .*scale .*direction"),
    (RANK_ONE | {"layer0.direction": None}, r"layer0 has the arrays scale \(2,\), b \(2,\)"),
    (RANK_ONE | {"layer0.scale": np.array(1.0), "layer0.direction": np.ones((2, 3))}, "layer0 has the arrays scale"),
    (RANK_ONE | {"layer0.scale": np.ones((2, 1))}, "layer0 has the arrays scale"),
    ({"layer0.W": np.ones((3, 3))}, r"layer0 has the arrays W \(3, 3\), b \(2,\)"),
    ({"layer0.W": np.ones((1, 2, 3))}, r"layer0 has the arrays W \(1, 2, 3\)"),
    ({"layer0.W": np.ones(3), "layer0.b": np.zeros(())}, r"layer0 has the arrays W \(3,\), b \(\)"),
    ({"layer0.b": np.zeros((2, 1))}, r"layer0 has the arrays W \(2, 3\), b \(2, 1\)"),
    ({"layer1.b": np.zeros(1)}, r"layer1 has the arrays W \(2,\), b \(1,\)"),
    ({"layer1.W": np.ones(3)}, "layer0 gives 2 numbers, layer1 takes 3"),
    ({"layer0.b": np.array([0, np.nan])}, "layer0.b holds something else than finite real numbers"),
    ({"layer0.b": np.array([0, -np.inf])}, "layer0.b holds something else than finite real numbers"),
    ({"layer0.b": np.array([0, 1j])}, "layer0.b is no array of real numbers or text"),
    ({"layer0.b": np.array([b"0", b"1"])}, "layer0.b is no array of real numbers or text"),
    ({"layer0.b": np.zeros(2, dtype="M8[s]")}, "layer0.b is no array of real numbers or text"),
    ({"layer0.b": np.zeros(2, dtype=[("x", "f8")])}, "layer0.b is no array of real numbers or text"),
    ({"layer0.b": np.array([1, None])}, "layer0.b is no array of real numbers or text"),
    ({"layer.W": np.ones(2)}, "'layer.W' belongs to no layer"),
    ({"layerx.W": np.ones(2)}, "'layerx.W' belongs to no layer"),
    ({"layer00.b": np.ones(2)}, "'layer00.b' belongs to no layer"),
    ({"layer7.b": np.ones(2)}, "'layer7.b' belongs to no layer"),
    ({"layer" + "9" * 5000 + ".b": np.ones(2)}, "'layer9999.*' belongs to no layer"),
    ({"layer0.other": np.ones(2)}, "'layer0.other' belongs to no layer"),
    ({"more": np.ones(2)}, "'more' belongs to no layer"),
    *(
        ({"layer1.b": np.array(text)}, "layer1.b holds .*, expected fractions p/q")
        for text in ("1/0", "-1/0", "0x1/0x0", "1e9999999", "1e5", "0.5", "1.", "nan", "inf", "", " 1", "1_0", "1/-2")
    ),
    *(
        ({"layer1.b": np.array(t)}, "layer1.b holds .*, expected fractions p/q")
        for t in ("+1", "1/2/3", "/2", "1/", "٣", "0x", "0x1/2")
    ),
    ({"layer1.b": np.array(4301 * "9")}, "layer1.b holds a fraction of too many digits, 999"),
    ({"layer1.b": np.array("1/" + 4301 * "9")}, "layer1.b holds a fraction of too many digits, 1/999"),
    ({"layer1.b": np.array("-0x" + 100_001 * "f")}, "layer1.b holds a fraction of too many digits, -0xfff"),
]


@pytest.mark.parametrize(("changes", "message"), FOREIGN, ids=[f"{i} {m[:30]}" for i, (_, m) in enumerate(FOREIGN)])
def test_other_archives_of_arrays_are_no_networks(changes, message, tmp_path):
    arrays = {name: a for name, a in (GOOD | changes).items() if a is not None}
    np.savez(tmp_path / "g.npz", **arrays)
    refused(tmp_path / "g.npz", message)


def test_the_archive_without_changes_is_a_network(tmp_path):
    np.savez(tmp_path / "g.npz", **GOOD)
    assert Network.load(tmp_path / "g.npz")(np.ones((1, 3))).tolist() == [6]


def test_what_is_no_file_or_empty_is_no_network(tmp_path):
    refused(tmp_path, "it is no regular file")
    refused(os.devnull, "it is no regular file")
    (tmp_path / "empty").touch()
    refused(tmp_path / "empty", "")
    (tmp_path / "start").write_bytes(b"PK\x03\x04")
    refused(tmp_path / "start", "")
    for missing in (tmp_path / "none.npz", tmp_path / "none" / "g.npz"):
        with pytest.raises(FileNotFoundError, match="none"):
            Network.load(missing)


def test_a_pipe_is_no_network_and_nobody_waits_for_it(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "it is no regular file")


def archive(path, contents, kind=zipfile.ZIP_STORED):
    """An archive of (name, bytes), as zipfile writes it."""
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, content in contents:
            file.writestr(name, content)
    return path


def as_npy(a):
    content = io.BytesIO()
    np.save(content, a, allow_pickle=True)
    return content.getvalue()


def entries(arrays):
    return [(f"{name}.npy", as_npy(a)) for name, a in arrays.items()]


def header(text, version=b"\x01\x00"):
    text = text.encode() + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text


LIMIT = 4 * 2**20  # what a small hostile file may take; zipfile and numpy need a part of it for themselves
MANY = 10**10


def bomb(name):
    """GOOD with 64 MB of zeros in one array, compressed to a thousandth."""
    return [*entries(GOOD | {name: np.zeros(2**23)})], zipfile.ZIP_DEFLATED


HOSTILE = {
    "zip bomb in a used array": (*bomb("layer0.b"), "it is compressed"),
    "zip bomb in an unused array": (*bomb("more"), "it is compressed"),
    "more numbers than bytes": header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({MANY},), }}"),
    "more text than bytes": header(f"{{'descr': '<U{MANY}', 'fortran_order': False, 'shape': (), }}"),
    "text of no length": header(f"{{'descr': '<U0', 'fortran_order': False, 'shape': ({MANY},), }}"),
    "negative lengths": header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }") + 8 * b"0",
    "lengths in vast numbers": header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'0, ' * 9000}0), }}"),
    "a vast length": header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'9' * 9000},), }}"),
    "Python 2": header("{'descr': '<f8', 'fortran_order': False, 'shape': (0L,), }"),
    "a deep literal": header("-" * 9000 + "1"),
    "deep brackets": header("(" * 9000),
    "another version": header("{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", b"\x02\x00"),
    "no header": b"\x93NUMPY\x01\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_before_it_is_unpacked(content, tmp_path):
    if isinstance(content, bytes):
        content = [*entries(GOOD | {"layer0.b": None})[:2], ("layer0.b.npy", content)], zipfile.ZIP_STORED, "layer0.b"
    contents, kind, message = content
    path = archive(tmp_path / "g.npz", contents, kind)
    assert path.stat().st_size < LIMIT // 4
    tracemalloc.start()
    try:
        refused(path, message)
        assert tracemalloc.get_traced_memory()[1] < LIMIT
    finally:
        tracemalloc.stop()


def test_entries_that_share_their_bytes_are_refused(tmp_path):
    """Many names of one block of bytes: nothing is compressed, and the sum is far above the file's size."""
    path = tmp_path / "g.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a" * 9, bytes(2**18))
        info = file.infolist()[0]
        for number in range(100):
            again = zipfile.ZipInfo(f"a{number:08}")
            again.CRC, again.file_size, again.compress_size = info.CRC, info.file_size, info.compress_size
            again.header_offset = info.header_offset
            file.filelist.append(again)
    refused(path, "it claims to hold more than its own size")


def test_a_name_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive(tmp_path / "g.npz", [*entries(GOOD), *entries(GOOD)[:1]])
    refused(tmp_path / "g.npz", "it holds a name twice")


def test_memory_goes_with_the_size_of_the_file(tmp_path):
    """A network of 8 MB is held about twice while it is read."""
    network = Network((Layer(np.ones((2**10, 2**10)), np.ones(2**10)), Layer(np.ones(2**10), np.zeros(()))))
    path = network.save(tmp_path / "g.npz")
    tracemalloc.start()
    Network.load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4.5 * path.stat().st_size


# ---------------------------------------------------------------- mutations

SMALL = [KEPT[name] for name in ("integers", "rank one", "Fractions", "no neuron", "exact error", "fitted")]
PIECES = [b"", b"0", b"\xff", b"9", b"/", b"1e9", b"0x", b"(", b"-", b"PK", b"<f8", b"|O", b"<U9", b"L", bytes(8)]


def mutated(content: bytes, rng: random.Random) -> bytes:
    """The bytes with a few of them flipped, replaced, inserted, cut out or moved."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        way = rng.randrange(5)
        if way == 0 and at < len(content):
            content = content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
        elif way == 1:
            piece = rng.choice(PIECES)
            content = content[:at] + piece + content[at + len(piece) :]
        elif way == 2:
            content = content[:at] + rng.choice(PIECES) + content[at:]
        elif way == 3:
            content = content[:at] + content[min(end, at + 9) :]
        else:
            content = content[:end] if rng.random() < 0.5 else content[:end] + content[at:]
    return content


def whole_files(good: bytes, path, rng):
    path.write_bytes(mutated(good, rng))


def inside_the_archive(good: bytes, path, rng):
    """Mutations that the archive's check sums agree with."""
    with zipfile.ZipFile(io.BytesIO(good)) as file:
        contents = [(name, file.read(name)) for name in file.namelist()]
    at = rng.randrange(len(contents))
    name, content = contents[at]
    if rng.random() < 0.2:
        name = mutated(name.encode(), rng).decode(errors="ignore").replace("\0", "") or "x"
    else:
        content = mutated(content, rng)
    contents[at] = (name, content)
    if rng.random() < 0.1:
        del contents[rng.randrange(len(contents))]
    archive(path, contents)


def swapped_arrays(good: bytes, path, rng):
    """Arrays of other shapes and types in the right places."""
    with np.load(io.BytesIO(good)) as file:
        arrays = dict(file)
    shape = tuple(rng.choice((0, 1, 2, 3)) for _ in range(rng.randrange(4)))
    values = [0, 1, -1, 7, 0.5, float("inf"), float("nan"), 1j, "1/2", "1/0", "1e99999999", "x", None, True]
    arrays[rng.choice([*arrays, "layer1.W", "layer9.b", "error"])] = np.full(shape, rng.choice(values))
    archive(path, entries(arrays))


@pytest.mark.filterwarnings("ignore:Duplicate name")  # of the archives made here
@pytest.mark.parametrize("way", [whole_files, inside_the_archive, swapped_arrays])
def test_a_mutated_file_is_a_network_or_a_value_error(way, tmp_path):
    rng, path, loaded = random.Random(0), tmp_path / "g.npz", 0
    originals = [network.save(path).read_bytes() for network in SMALL]
    for number in range(2000):
        way(originals[number % len(SMALL)], path, rng)
        try:
            network = Network.load(path)
        except ValueError as error:
            assert str(path) in str(error)
            continue
        loaded += 1
        exact = network.to_fractions()(to_fractions(np.ones((2, network.dim))))  # floats could overflow
        assert exact.shape[0] == 2 and all(isinstance(v, Fraction | int) for v in exact.ravel().tolist())
    assert loaded > 0


def test_the_file_keeps_the_place_of_an_activation():
    """A list in another order would give old files another meaning."""
    assert network_file.ACTIVATIONS == ("relu", "threshold")
