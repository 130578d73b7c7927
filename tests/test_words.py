"""Numbers as the tables of several chapters print them."""

from fractions import Fraction

import pytest

from ftc_lib.book.words import scientific


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00012, r"$1.2 \cdot 10^{-4}$"),
        (-0.00012, r"$-1.2 \cdot 10^{-4}$"),
        (Fraction(1, 3), r"$3.3 \cdot 10^{-1}$"),
        (9.96e9, r"$1.0 \cdot 10^{10}$"),  # rounding carries
        (1, r"$1.0 \cdot 10^{0}$"),
        (0.0, "0"),
        (Fraction(0), "0"),
    ],
)
def test_two_digits_and_a_power_of_ten(value, text):
    assert scientific(value) == text
