"""ResNet50 without its top, and the suite's small network, in float64 NumPy, independent of every release.

Architecture: He et al. 2015 (arXiv:1512.03385), as Keras lays it out. It says what a network with given weights must
answer: the surrogate's features and moving statistics come from it, and the learning rate of a fine-tune.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.suite import surrogate

Array = NDArray[np.float64]
#: Takes a BatchNorm's name and its input, returns the mean and variance to normalise with.
Statistics = Callable[[str, Array], "tuple[Array, Array]"]
#: Takes a layer's name and the shapes of its variables in Keras' order, returns their values.
Weights = Callable[[str, "list[tuple[int, ...]]"], Sequence[NDArray[Any]]]

#: Epsilon of every BatchNorm in Keras' ResNet50 (keras_applications/resnet_common.py, since 1.0.5).
EPSILON = 1.001e-5
#: (name, filters, blocks, stride of the first block)
STAGES = (("conv2", 64, 3, 1), ("conv3", 128, 4, 2), ("conv4", 256, 6, 2), ("conv5", 512, 3, 2))


def _pad(images: Array, width: int, value: float = 0.0) -> Array:
    return np.pad(images, ((0, 0), (width, width), (width, width), (0, 0)), constant_values=value)


def _windows(images: Array, size: int, stride: int) -> Array:
    """Views (images, rows, columns, channels, size, size) of every window of an image batch."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride]


class Reference:
    """ResNet50 without top, average-pooled.

    Args:
        statistics: what each BatchNorm normalises with; its own moving statistics where it is left out.
        weights: of each layer; the surrogate's where they are left out. They are taken once and kept.
    """

    def __init__(self, statistics: Statistics | None = None, weights: Weights = surrogate.layer_weights) -> None:
        self.statistics = statistics
        self._weights = weights
        self._taken: dict[str, list[Array]] = {}

    @property
    def names(self) -> set[str]:
        """The layers that have answered so far."""
        return set(self._taken)

    def convolve(self, name: str, images: Array, filters: int, size: int = 1, stride: int = 1) -> Array:
        """Valid convolution with bias: (n, h, w, c) to (n, h', w', filters)."""
        channels = images.shape[-1]
        kernel, bias = self._of(name, [(size, size, channels, filters), (filters,)])
        if size == 1:
            mixed: Array = images[:, ::stride, ::stride] @ kernel[0, 0] + bias
            return mixed
        seen = np.moveaxis(_windows(images, size, stride), 3, 5)
        rows = seen.reshape(-1, size * size * channels)
        sums: Array = (rows @ kernel.reshape(-1, filters)).reshape(*seen.shape[:3], filters) + bias
        return sums

    def normalise(self, name: str, images: Array) -> Array:
        """Batch normalisation at inference (Ioffe & Szegedy 2015, algorithm 2)."""
        gamma, beta, mean, variance = self._of(name, [(images.shape[-1],)] * 4)
        if self.statistics is not None:
            mean, variance = self.statistics(name, images)
        factor = gamma / np.sqrt(variance + EPSILON)
        scaled: Array = (images - mean) * factor + beta
        return scaled

    def block(self, name: str, images: Array, filters: int, stride: int, *, projects: bool) -> Array:
        """One residual block; the first of a stage projects its shortcut."""
        shortcut = images
        if projects:
            shortcut = self.normalise(f"{name}_0_bn", self.convolve(f"{name}_0_conv", images, 4 * filters, 1, stride))
        branch = self.convolve(f"{name}_1_conv", images, filters, 1, stride)
        branch = np.maximum(self.normalise(f"{name}_1_bn", branch), 0)
        branch = self.convolve(f"{name}_2_conv", _pad(branch, 1), filters, 3)
        branch = np.maximum(self.normalise(f"{name}_2_bn", branch), 0)
        branch = self.normalise(f"{name}_3_bn", self.convolve(f"{name}_3_conv", branch, 4 * filters))
        return np.maximum(shortcut + branch, 0)

    def __call__(self, images: NDArray[Any]) -> Array:
        """Features (n, 2048) in float64 of images (n, h, w, 3)."""
        x: Array = self.convolve("conv1_conv", _pad(images.astype(np.float64), 3), 64, 7, 2)
        x = np.maximum(self.normalise("conv1_bn", x), 0)
        x = _windows(_pad(x, 1), 3, 2).max(axis=(4, 5))
        for stage, filters, blocks, stride in STAGES:
            for number in range(1, blocks + 1):
                x = self.block(f"{stage}_block{number}", x, filters, stride if number == 1 else 1, projects=number == 1)
        features: Array = x.mean(axis=(1, 2))
        return features

    def small(self, images: NDArray[Any]) -> Array:
        """Features (n, 64) of `bnregress.suite.small.build`, in float64, of images (n, 32, 32, 3)."""
        x = np.pad(images.astype(np.float64), ((0, 0), (2, 3), (2, 3), (0, 0)))
        x = np.maximum(self.normalise("conv1_bn", self.convolve("conv1_conv", x, 64, 7, 2)), 0)
        # Each mean is over the pixels that there are, as TensorFlow takes it: the padding does not count.
        inside = np.pad(np.ones(x.shape[1:3]), (0, 1))[np.newaxis, :, :, np.newaxis]
        x = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)))
        x = _windows(x, 3, 2).sum(axis=(4, 5)) / _windows(inside, 3, 2).sum(axis=(4, 5))
        x = np.maximum(self.normalise("conv2_block1_1_bn", self.convolve("conv2_block1_1_conv", x, 64)), 0)
        x = self.convolve("conv2_block1_2_conv", _pad(x, 1), 64, 3)
        features: Array = np.maximum(self.normalise("conv2_block1_2_bn", x), 0).mean(axis=(1, 2))
        return features

    def _of(self, name: str, shapes: list[tuple[int, ...]]) -> list[Array]:
        if name not in self._taken:
            self._taken[name] = [np.asarray(value, np.float64) for value in self._weights(name, shapes)]
        return self._taken[name]
