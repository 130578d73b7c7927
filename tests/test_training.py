"""The frozen model on real data, and what the constructions do to it."""

import numpy as np
import pytest

from ftc_lib import baum, three_layer, training, two_layer
from ftc_lib.core import bounds
from ftc_lib.core.certify import certify
from ftc_lib.training import data


@pytest.fixture(scope="module")
def frozen():
    return training.diabetes()


def test_the_frozen_model_has_learned_something(frozen):
    assert frozen.X.shape == (442, 10)
    assert np.abs(frozen.residual).mean() < 0.6 * np.abs(frozen.y - frozen.y.mean()).mean()


def test_the_kept_predictions_are_those_of_the_kept_network(frozen):
    assert frozen.network.widths == (16,)
    assert np.abs(frozen.network(frozen.X) - frozen.predicted).max() < 1e-9


def test_training_again_gives_as_good_a_model(frozen):
    again = training.train_diabetes()
    assert np.abs(again.residual).mean() < 1.05 * np.abs(frozen.residual).mean()


def test_what_is_kept_comes_back(frozen, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "_KEPT", tmp_path / "kept.json")
    training.keep(frozen, data._KEPT)
    again = training.diabetes()
    assert (again.predicted == frozen.predicted).all()
    for kept, made in zip(again.network.layers, frozen.network.layers, strict=True):
        assert (kept.W == made.W).all() and (kept.b == made.b).all()


def test_worst_keeps_the_largest_residuals(frozen):
    z = frozen.worst(7)
    assert np.count_nonzero(z) == 7
    assert np.abs(z[z != 0]).min() >= np.abs(frozen.residual[z == 0]).max()
    assert not frozen.worst(0).any()
    with pytest.raises(ValueError, match="N is 443"):
        frozen.worst(443)


@pytest.mark.parametrize("N", [1, 40, 442])
def test_bumps_repair_the_worst_patients_and_no_other(frozen, N):
    z = frozen.worst(N)
    proof = certify(two_layer.fit(frozen.X, z, method="bumps"), frozen.X, z)
    assert proof.n_neurons == 3 * N
    assert proof.kept_zero == 442 - N and proof.max_error_kept == 0
    assert proof.max_error < 1e-6


def test_three_layers_repair_and_memorise_the_patients(frozen):
    z = frozen.worst(40)
    repaired = certify(three_layer.fit(frozen.X, z, method="windows"), frozen.X, z)
    assert repaired.n_neurons <= bounds.windows(40) and repaired.kept_zero == 402
    memorised = certify(three_layer.fit(frozen.X, frozen.residual, method="zigzag"), frozen.X, frozen.residual)
    assert memorised.n_neurons <= bounds.zigzag(442)
    assert max(repaired.max_error, memorised.max_error) < 1e-3


def test_baum_memorises_the_patients_although_they_are_not_in_general_position(frozen):
    """One column takes two values only; the hyperplanes that are used are clean all the same."""
    assert min(len(np.unique(column)) for column in frozen.X.T) == 2
    g = baum.fit_relu(frozen.X, frozen.residual)
    assert g.n_neurons == bounds.baum_relu(442, 10)
    assert certify(g, frozen.X, frozen.residual).max_error < 1e-3
    high = frozen.y > np.median(frozen.y)
    h = baum.fit_threshold(frozen.X, high)
    assert h.n_neurons <= bounds.baum_threshold(442, 10) and (h(frozen.X) == high).all()
