"""A notebook's parameters: what is admitted, what is said of the rest."""

import pytest

from ftc_lib.book import parameters
from ftc_lib.book.parameters import whole, wholes


def checked(values, **ranges):
    """`parameters.check` called from a notebook whose variables are these."""
    exec("parameters.check(**ranges)", values | {"parameters": parameters, "ranges": ranges})


@pytest.mark.parametrize("value", [5, 17, 40])
def test_values_inside_a_range_pass_without_a_word(value, capsys):
    checked({"K": value}, K=whole(5, 40))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("value", [4, 41, 7.0, "7", True, None, [7]])
def test_other_values_are_named_with_the_range(value):
    with pytest.raises(ValueError, match=r"K is .*: expected a whole number from 5 to 40"):
        checked({"K": value}, K=whole(5, 40))


@pytest.mark.parametrize(
    "values", [[], [10], [20, 10], [10, 10], [10, 15], [0, 10], [10, 110], [10.0, 20.0], 10, (10, 20)]
)
def test_other_lists_are_named_with_the_range(values):
    wanted = "a list of 2 or more increasing whole numbers from 10 to 100, multiples of 10"
    with pytest.raises(ValueError, match=wanted):
        checked({"n": values}, n=wholes(10, 100, least=2, step=10))
    checked({"n": [10, 100]}, n=wholes(10, 100, least=2, step=10))


def test_both_ends_are_admitted():
    for allowed in (whole(3, 8), wholes(3, 80), wholes(3, 80, least=3, step=5), wholes(7, 8, least=2)):
        assert all(allowed.admits(end) for end in allowed.ends())
    assert wholes(3, 82, least=2, step=5).ends() == ([5, 10], [75, 80])


def test_what_takes_minutes_is_said(capsys):
    checked({"K": 30, "n": [5, 9]}, K=whole(5, 40, slow=30), n=wholes(1, 10, slow=10))
    assert capsys.readouterr().out == "K = 30: this run takes minutes.\n"


def test_a_misspelt_parameter_is_named_with_the_others():
    cells = ["K = 7\nN = 2", "# Parameters\nk = 8\nN = 3\n"]
    with pytest.raises(ValueError, match="there is no parameter 'k'; this notebook has K, N"):
        checked({"K": 7, "N": 3, "In": cells}, K=whole(5, 40), N=whole(1, 9))
    checked({"K": 7, "N": 3, "In": [cells[0], "# Parameters\nN = 3\n"]}, K=whole(5, 40), N=whole(1, 9))


def test_what_does_not_go_together_is_said():
    parameters.need(True, "never")
    with pytest.raises(ValueError, match="N = 9: at most K = 5"):
        parameters.need(False, "N = 9: at most K = 5 labels can change")
