"""Numbers as the tables of several chapters print them."""

from __future__ import annotations

from ftc_lib.core.types import Number


def scientific(value: Number) -> str:
    """A number with two digits and a power of ten, as a formula for a page; 0 is "0"."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{float(value):.1e}".split("e")
    return f"${mantissa} \\cdot 10^{{{int(exponent)}}}$"
