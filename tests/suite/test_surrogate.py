"""The weights that stand in for pretrained ones."""

from __future__ import annotations

import numpy as np
import pytest

from bnregress.suite import surrogate
from tools import reference

BATCHNORMS = [key[: -len("/mean")] for key in np.load(surrogate.STATISTICS).files if key.endswith("/mean")]


def test_the_stored_statistics_are_those_that_the_reference_meets_on_the_source_domain() -> None:
    found = reference.source_statistics()
    with np.load(surrogate.STATISTICS) as stored:
        assert sorted(stored.files) == sorted(found)
        for name, values in found.items():
            np.testing.assert_allclose(stored[name], values, rtol=1e-4, atol=1e-4)


def test_resnet50_has_53_batchnorms_with_statistics_unlike_those_of_a_fresh_network() -> None:
    assert len(BATCHNORMS) == 53
    for name in BATCHNORMS:
        channels = np.load(surrogate.STATISTICS)[name + "/mean"].shape[0]
        mean, variance = surrogate.moving_statistics(name, channels)
        assert np.std(mean) > 0.05
        assert np.max(np.abs(variance - 1)) > 0.1
        assert np.min(variance) > 0


@pytest.mark.parametrize("name", ["conv1_bn", "some_other_bn"])
def test_no_two_channels_of_a_batchnorm_are_alike(name: str) -> None:
    for weights in surrogate.layer_weights(name, [(64,)] * 4):
        assert len(np.unique(weights)) > 60


def test_a_layer_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no surrogate weights for layer 'odd'"):
        surrogate.layer_weights("odd", [(3,), (3,)])


def test_weights_depend_on_the_layer_s_name_and_not_on_its_place() -> None:
    first, again = (surrogate.layer_weights("conv2_block1_1_conv", [(1, 1, 4, 4), (4,)]) for _ in range(2))
    other = surrogate.layer_weights("conv2_block2_1_conv", [(1, 1, 4, 4), (4,)])
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first[0], other[0])
