"""Constructions, bounds and exact checks for memorising and additive fine-tuning with small ReLU networks.

A room for each chapter of the book. A room may use those below it, and its files are the steps of the chapter's proofs:

    book    training                        figures, ledger, checks | the model that is repaired
    deep                                    chapter 4: four layers and more
    three_layer    general_position         chapters 3 and 5: 4 sqrt(N) neurons | d samples at a time
    baum    two_layer    weights            chapters 1, 2 and 6: hyperplanes | 3N neurons | size against weights
    core                                    networks, samples, bounds, certificates: what all rooms speak

Begin with ``fit``:

    >>> from ftc_lib import two_layer
    >>> g = two_layer.fit([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]], [0, 0, 7.0, 0, 0, 0])
    >>> g.n_neurons, g.error < 1e-12
    (3, True)

``import ftc_lib`` loads nothing else; a room is loaded when it is first named. What stands deep inside a room and is
called from everywhere has a short name here: ``bounds``, ``certify``, ``least_width``, ``figures`` and so on.
"""

import importlib
from types import ModuleType

SHORT_NAMES = {
    "bounds": "core.bounds",
    "exact": "core.exact",
    "network": "core.network",
    "samples": "core.samples",
    "instances": "two_layer.instances",
    "least_kinks": "two_layer.least_kinks",
    "least_width": "two_layer.search",
    "one_sign": "three_layer.one_sign",
    "slots": "three_layer.slots",
    "harmonic": "weights.harmonic",
    "ntk": "weights.ntk",
    "drawing": "book.drawing",
    "figures": "book.figures",
    "ledger": "book.ledger",
    "parameters": "book.parameters",
}
ROOMS = (
    "core",
    "baum",
    "two_layer",
    "weights",
    "three_layer",
    "general_position",
    "deep",
    "training",
    "book",
)


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS or name in SHORT_NAMES:
        return importlib.import_module(f"{__name__}.{SHORT_NAMES.get(name, name)}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *ROOMS, *SHORT_NAMES, "certify"})
