"""Makes what the surrogate stores: `python -m tools.reference` writes its moving statistics and features.

Both come from the float64 ResNet50 of `bnregress.datasets.numpy_networks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.datasets.numpy_networks import Array, Reference
from bnregress.suite import probes, seeded, surrogate

SOURCE_IMAGES = 256
SOURCE_DEVIATION = 60.0


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
