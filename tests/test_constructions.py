"""The tables of constructions: what each is called, who builds it, how many neurons it takes, where it comes from."""

import re

import pytest

from ftc_lib import baum, deep, general_position, three_layer, two_layer
from ftc_lib.core.construction import Construction, known
from tests.strategies import counts, random_samples

ROOMS = (two_layer, three_layer, deep, general_position)
RECORDS = [(room, record) for room in ROOMS for record in room.CONSTRUCTIONS.values()]
each = pytest.mark.parametrize(
    ("room", "record"),
    RECORDS,
    ids=[f"{room.__name__.removeprefix('ftc_lib.')}-{record.name}" for room, record in RECORDS],
)


@pytest.mark.parametrize("room", [*ROOMS, baum])
def test_a_table_is_keyed_by_its_names(room):
    assert all(isinstance(record, Construction) and name == record.name for name, record in room.CONSTRUCTIONS.items())
    assert room is baum or (*room.CONSTRUCTIONS, "auto") == room.METHODS


@each
def test_fit_tells_its_reader_of_every_construction(room, record):
    assert f'* "{record.name}": ' in room.fit.__doc__


@each
def test_a_source_is_a_paper_or_this_book(room, record):
    assert record.source == "this book" or re.match(r"\d{4}\.\d{5}(, (Theorem|Proposition|App\.) |$)", record.source)


@pytest.mark.parametrize("name", two_layer.CONSTRUCTIONS)
@pytest.mark.parametrize("N", [0, 1, 4, 13, 40])
def test_two_layers_take_no_more_than_is_said(name, N):
    X, z = random_samples(40, N, seed=N)
    assert two_layer.fit(X, z, name).n_neurons <= two_layer.CONSTRUCTIONS[name].count(*counts(X, z))


@pytest.mark.parametrize("name", general_position.CONSTRUCTIONS)
@pytest.mark.parametrize(("N", "d"), [(1, 2), (4, 3), (7, 3), (8, 2)])
def test_general_position_takes_no_more_than_is_said(name, N, d):
    X, z = random_samples(8, N, seed=N, d=d)
    size = int((z > 0).sum()), int((z < 0).sum()), *X.shape
    if name in ("exposed", "faces"):  # only for vertices of the hull
        out = general_position.margins(X.astype(float)) > 1e-6
        z[~out] = 0 * z[0]
        size = int((z > 0).sum()), int((z < 0).sum()), *X.shape
    g = general_position.fit(X, z, name)
    assert (g(X) == z).all() and g.n_neurons <= general_position.CONSTRUCTIONS[name].count(*size)


def test_a_method_that_is_none_is_named():
    with pytest.raises(ValueError, match="method is 'bump', expected one of bumps, interpolate, tight, least, auto"):
        known(two_layer.CONSTRUCTIONS, "bump")
