"""A frozen model that is wrong somewhere: a small network trained on real data, for the chapters to repair.

*Frozen* is meant literally. ``train_diabetes`` made f once, and ``diabetes_frozen.json`` beside this file keeps its
weights and its predictions, so f is the same model on every machine. Training again, on another processor or
with another torch, ends at other weights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftc_lib.core import files
from ftc_lib.core.network import Layer, Network

_KEPT = Path(__file__).with_name("diabetes_frozen.json")


@dataclass(frozen=True, eq=False)
class Frozen:
    """Data (X (K, d), y (K,)) and what a frozen model f says about them: ``predicted`` (K,) = f(X)."""

    X: np.ndarray
    y: np.ndarray
    network: Network
    predicted: np.ndarray

    @property
    def residual(self) -> np.ndarray:
        """y - f(x), shape (K,): what g has to add."""
        return self.y - self.predicted

    def worst(self, N: int) -> np.ndarray:
        """Targets z (K,): the residual at the N samples where |y - f(x)| is largest, zero at the others."""
        if not 0 <= N <= len(self.y):
            raise ValueError(f"N is {N}: between 0 and K = {len(self.y)} labels can change")
        z = np.zeros(len(self.y))
        rows = np.argsort(-np.abs(self.residual), kind="stable")[:N]
        z[rows] = self.residual[rows]
        return z


def diabetes() -> Frozen:
    """scikit-learn's diabetes data, 442 patients x 10 measurements, and the frozen two-layer ReLU net f.

    Columns have mean 0 and variance 1; y is the disease progression a year later, 25 to 346 in the units of
    the data set. ``predicted`` are the kept predictions: ``network`` gives the same up to rounding.
    """
    X, y = _patients()
    kept = json.loads(_KEPT.read_text(encoding="utf-8"))
    hidden = Layer(np.array(kept["W1"]), np.array(kept["b1"]))
    out = Layer(np.array(kept["w2"]), np.array(kept["b2"]))
    return Frozen(X, y, Network((hidden, out)), np.array(kept["predicted"]))


def train_diabetes(width: int = 16, steps: int = 400, seed: int = 0) -> Frozen:
    """Train such an f: full-batch Adam on the squared error, in float64, for ``steps`` steps.

    Labels are centred and scaled for training; the network that comes back has that undone in its output layer.
    """
    import torch

    X, y = _patients()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    f = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], width), torch.nn.ReLU(), torch.nn.Linear(width, 1), torch.nn.Flatten(0)
    ).double()
    centre, scale = y.mean(), y.std()
    inputs, targets = torch.tensor(X), torch.tensor((y - centre) / scale)
    optimiser = torch.optim.Adam(f.parameters(), lr=1e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = ((f(inputs) - targets) ** 2).mean()
        loss.backward()
        optimiser.step()
    W1, b1, w2, b2 = (parameter.detach().numpy() for parameter in f.parameters())
    network = Network((Layer(W1, b1), Layer(w2[0] * scale, b2[0] * scale + centre)))
    return Frozen(X, y, network, network(X))


def keep(frozen: Frozen, path: Path = _KEPT) -> None:
    """Write f's weights and predictions as text. Floats print as their shortest exact decimals."""
    hidden, out = frozen.network.layers
    arrays = {"W1": hidden.W, "b1": hidden.b, "w2": out.W, "b2": out.b, "predicted": frozen.predicted}
    files.write_json(path, {name: np.asarray(a).tolist() for name, a in arrays.items()})


def _patients() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    return data.data * np.sqrt(len(data.data)), data.target
