"""ResNet50, and the small network, in float64 NumPy, independent of every release (He et al. 2015, arXiv:1512.03385).

It says what a network with given weights must answer, and it gives the
surrogate its moving statistics: `python -m tools.reference` writes both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.suite import probes, seeded, surrogate

Array = NDArray[np.float64]
#: Takes a BatchNorm's name and its input, returns the mean and variance to normalise with.
Statistics = Callable[[str, Array], "tuple[Array, Array]"]

#: Epsilon of every BatchNorm in Keras' ResNet50 (keras_applications/resnet_common.py, since 1.0.5).
EPSILON = 1.001e-5
#: (name, filters, blocks, stride of the first block)
STAGES = (("conv2", 64, 3, 1), ("conv3", 128, 4, 2), ("conv4", 256, 6, 2), ("conv5", 512, 3, 2))

SOURCE_IMAGES = 256
SOURCE_DEVIATION = 60.0


def _pad(images: Array, width: int, value: float = 0.0) -> Array:
    return np.pad(images, ((0, 0), (width, width), (width, width), (0, 0)), constant_values=value)


def _windows(images: Array, size: int, stride: int) -> Array:
    """Views (images, rows, columns, channels, size, size) of every window of an image batch."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride]


class Reference:
    """ResNet50 without top, average-pooled, on the surrogate's weights.

    Args:
        statistics: what each BatchNorm normalises with; the surrogate's moving
            statistics if it is left out.
    """

    def __init__(self, statistics: Statistics | None = None) -> None:
        self.statistics = statistics or _moving_statistics
        self.names: set[str] = set()

    def convolve(self, name: str, images: Array, filters: int, size: int = 1, stride: int = 1) -> Array:
        """Valid convolution with bias: (n, h, w, c) to (n, h', w', filters)."""
        self.names.add(name)
        shape = (size, size, images.shape[-1], filters)
        kernel = surrogate.kernel(name, shape).astype(np.float64)
        bias = surrogate.bias(name, (filters,)).astype(np.float64)
        sums: Array = np.tensordot(_windows(images, size, stride), kernel, axes=((4, 5, 3), (0, 1, 2))) + bias
        return sums

    def normalise(self, name: str, images: Array) -> Array:
        """Batch normalisation at inference (Ioffe & Szegedy 2015, algorithm 2)."""
        self.names.add(name)
        gamma, beta = (weight.astype(np.float64) for weight in surrogate.scale(name, images.shape[-1]))
        mean, variance = self.statistics(name, images)
        scaled: Array = (images - mean) / np.sqrt(variance + EPSILON) * gamma + beta
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


def _moving_statistics(name: str, images: Array) -> tuple[Array, Array]:
    mean, variance = surrogate.moving_statistics(name, images.shape[-1])
    return mean.astype(np.float64), variance.astype(np.float64)


def source_images(count: int = SOURCE_IMAGES, size: int = 32) -> Array:
    """The source domain: 1/f noise, whose spectrum is that of natural images (Field 1987).

    Returns:
        float64 array (count, size, size, 3) of mean 0 and standard deviation 60.
    """
    white = seeded.uniform("source/white", (count, size, size, 3)).astype(np.float64)
    frequency = np.hypot(np.fft.fftfreq(size)[:, np.newaxis], np.fft.fftfreq(size)[np.newaxis, :])
    frequency[0, 0] = 1.0 / size
    spectrum = np.fft.fft2(white, axes=(1, 2)) / frequency[..., np.newaxis]
    pink = np.fft.ifft2(spectrum, axes=(1, 2)).real
    scaled: Array = (pink - pink.mean()) / pink.std() * SOURCE_DEVIATION
    return scaled


def source_statistics() -> dict[str, NDArray[np.float32]]:
    """Mean and variance that each BatchNorm meets on the source domain.

    Returns:
        `NAME/mean` and `NAME/variance` of each layer: float32 arrays of shape (channels,).
    """
    found: dict[str, NDArray[np.float32]] = {}

    def observe(name: str, images: Array) -> tuple[Array, Array]:
        mean, variance = images.mean(axis=(0, 1, 2)), images.var(axis=(0, 1, 2))
        found[f"{name}/mean"] = mean.astype(np.float32)
        found[f"{name}/variance"] = variance.astype(np.float32)
        return mean, variance

    Reference(observe)(source_images())
    return found


def main() -> int:
    """Write the surrogate's statistics and the features; run it after any change to the surrogate or the probes."""
    _write(Path(surrogate.STATISTICS), source_statistics())
    surrogate.forget_statistics()
    _write(Path(surrogate.FEATURES), features())
    return 0


def features() -> dict[str, NDArray[Any]]:
    """What each network must answer to the probes: `NAME/features`, and the layers that tell it: `NAME/layers`."""
    found: dict[str, NDArray[Any]] = {}
    for name, forward in {"resnet50": Reference.__call__, "small": Reference.small}.items():
        reference = Reference()
        found[f"{name}/features"] = forward(reference, probes.images()).astype(np.float32)
        found[f"{name}/layers"] = np.array(sorted(reference.names))
    return found


def _write(target: Path, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    np.savez_compressed(target, **arrays)  # type: ignore[arg-type]
    print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    raise SystemExit(main())
