"""What a way to build a network is called, how it is built, how many neurons it takes and where it comes from.

Each room keeps one table of these records. ``fit`` picks from it, tests and chapters walk through it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Construction:
    """One construction of a room.

    ``name``: what ``fit`` calls its ``method``. ``build``: the function that makes the network; the room says of what.
    ``count``: the most neurons that it takes (in ``deep``: the largest width), a function of the integers that the room
    says. ``source``: the paper and the number of the theorem, or "this book".
    """

    name: str
    build: Callable
    count: Callable[..., int]
    source: str


def table(*constructions: Construction) -> dict[str, Construction]:
    """Constructions by their names, in this order."""
    return {construction.name: construction for construction in constructions}


def known(constructions: dict[str, Construction], method: str) -> None:
    """Raise ValueError unless ``method`` is a construction of the room, or "auto"."""
    if method != "auto" and method not in constructions:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(constructions)}, auto")
