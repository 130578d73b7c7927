"""The frozen model on real data, and what the constructions do to it."""

import numpy as np
import pytest

from ftc_lib import bounds, side_training, three_layer, two_layer
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
