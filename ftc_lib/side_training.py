"""A frozen model that is wrong somewhere: a small network trained on real data, for the chapters to repair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Frozen:
    """Data (X (K, d), y (K,)) and what a frozen model f says about them: ``predicted`` (K,) = f(X)."""

    X: np.ndarray
    y: np.ndarray
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


def diabetes(width: int = 16, steps: int = 400, seed: int = 0) -> Frozen:
    """scikit-learn's diabetes data, 442 patients x 10 measurements, and a two-layer ReLU net trained on them.

    Columns have mean 0 and variance 1; y is the disease progression a year later, 25 to 346 in the units of
    the data set. Full-batch Adam in float64 on one thread for ``steps`` steps: the same f at every run.
    """
    import torch
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    X = data.data * np.sqrt(len(data.data))
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    f = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], width), torch.nn.ReLU(), torch.nn.Linear(width, 1), torch.nn.Flatten(0)
    ).double()
    centre, scale = data.target.mean(), data.target.std()
    inputs, targets = torch.tensor(X), torch.tensor((data.target - centre) / scale)
    optimiser = torch.optim.Adam(f.parameters(), lr=1e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = ((f(inputs) - targets) ** 2).mean()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        return Frozen(X, data.target, f(inputs).numpy() * scale + centre)
