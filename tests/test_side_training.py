"""The frozen model on real data, and what the constructions do to it."""

import numpy as np
import pytest

from ftc_lib import baum, bounds, side_training, three_layer, two_layer
from ftc_lib.certify import certify


@pytest.fixture(scope="module")
def frozen():
    return side_training.diabetes()


def test_the_frozen_model_has_learned_something(frozen):
    assert frozen.X.shape == (442, 10)
    assert np.abs(frozen.residual).mean() < 0.6 * np.abs(frozen.y - frozen.y.mean()).mean()


def test_training_is_the_same_at_every_run(frozen):
    assert (side_training.diabetes().predicted == frozen.predicted).all()


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
