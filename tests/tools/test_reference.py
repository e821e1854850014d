"""The float64 ResNet50 against plain loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bnregress.datasets.numpy_networks import Reference
from bnregress.suite import probes, surrogate
from bnregress.suite.arithmetic import normalised, relative_deviation
from tools.reference import source_images


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (1, 2), (3, 1), (7, 2)])
def test_a_convolution_is_the_sum_over_each_window(size: int, stride: int) -> None:
    images = np.random.RandomState(0).normal(size=(2, 9, 9, 3))
    found = Reference().convolve("a_conv", images, 4, size, stride)
    kernel, bias = surrogate.kernel("a_conv", (size, size, 3, 4)), surrogate.bias("a_conv", (4,))
    for row in range(found.shape[1]):
        for column in range(found.shape[2]):
            window = images[:, row * stride : row * stride + size, column * stride : column * stride + size]
            expected = np.einsum("nhwc,hwcf->nf", window, kernel.astype(np.float64)) + bias
            np.testing.assert_allclose(found[:, row, column], expected, rtol=1e-12)
    assert found.shape[1] == (9 - size) // stride + 1


def test_a_sample_does_not_depend_on_its_batch() -> None:
    images = probes.images()
    whole, alone = Reference()(images), Reference()(images[3:4])
    assert relative_deviation(alone, whole[3:4]) < 1e-12


@pytest.mark.parametrize("forward", [Reference.__call__, Reference.small], ids=["resnet50", "small"])
def test_the_stored_features_are_the_reference_s_and_told_by_the_layers(forward: Any) -> None:
    reference = Reference()
    expected = forward(reference, probes.images())
    stored = surrogate.features_of(reference.names)
    assert stored is not None
    assert relative_deviation(stored, expected) < 1e-6
    assert surrogate.features_of(reference.names - {"conv1_bn"}) is None


def test_the_reference_is_resnet50() -> None:
    names: list[str] = []

    def note(name: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        names.append(name)
        return np.zeros(images.shape[-1]), np.ones(images.shape[-1])

    assert Reference(note)(np.zeros((1, 32, 32, 3))).shape == (1, 2048)
    assert len(names) == len(set(names)) == 53


def test_normalising_with_its_own_statistics_gives_mean_0_and_variance_1() -> None:
    images = np.random.RandomState(0).normal(3, 2, (64, 5))
    found = normalised(images, np.ones(5), np.zeros(5), images.mean(0), images.var(0), epsilon=0.0)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(found.var(0), 1, rtol=1e-12)


def test_the_source_domain_is_centred_smooth_and_of_the_stated_deviation() -> None:
    images = source_images(16)
    assert abs(images.mean()) < 1e-9
    assert images.std() == pytest.approx(60)
    neighbours = np.mean(images[:, 1:] * images[:, :-1]) / 60**2
    assert neighbours > 0.5
