"""Kinds of images for measuring the fine-tune's verdict, none of which the surrogate was made with.

Each kind is a function of how many images and of a name that seeds them; it returns uint8 images (n, height, width, 3)
or (n, height, width) and int64 labels (n,).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.datasets.gratings import gratings

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Kind = Callable[[int, str], "tuple[Images, Labels]"]

#: Debian's package dataset-fashion-mnist (Zalando SE 2017, licence Expat).
FASHION = Path("/usr/share/datasets/fashion-mnist")
SIZE = 32
#: Which of the segments a to g of a display each digit lights.
SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def fashion(count: int, seed: str) -> tuple[Images, Labels]:
    """Fashion-MNIST, another choice of its images for each seed; `test` in the seed takes those held out.

    Raises:
        FileNotFoundError: Debian's package is not installed.
    """
    split = "t10k" if "test" in seed else "train"
    images = np.frombuffer(_unpacked(f"{split}-images-idx3-ubyte.gz"), np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(_unpacked(f"{split}-labels-idx1-ubyte.gz"), np.uint8, offset=8)
    chosen = _random("fashion", seed).permutation(len(images))[:count]
    return images[chosen], labels[chosen].astype(np.int64)


def shapes(count: int, seed: str) -> tuple[Images, Labels]:
    """Discs, squares, triangles, crosses and rings of any colour, size and place on a background of another colour."""
    random = _random("shapes", seed)
    labels = random.integers(0, 5, count)
    rows, columns = (axis[np.newaxis] for axis in np.mgrid[0:SIZE, 0:SIZE].astype(float))
    radius, y, x = (random.uniform(*span, (count, 1, 1)) for span in ((7, 11), (12, 20), (12, 20)))
    down, across = (rows - y) / radius, (columns - x) / radius
    distance = np.hypot(down, across)
    drawn = np.stack(
        [
            distance < 1,
            np.maximum(abs(down), abs(across)) < 0.85,
            (down < 0.8) & (abs(across) < (down + 1) / 1.8),
            (np.minimum(abs(down), abs(across)) < 0.3) & (np.maximum(abs(down), abs(across)) < 1),
            (distance < 1) & (distance > 0.6),
        ]
    )[labels, np.arange(count)]
    fore, back = (random.uniform(*span, (count, 1, 1, 3)) for span in ((150, 250), (20, 110)))
    return _pixels(np.where(drawn[..., np.newaxis], fore, back), random), labels


def digits(count: int, seed: str) -> tuple[Images, Labels]:
    """Digits of a seven-segment display, white on black, of any size, place, thickness and slant."""
    random = _random("digits", seed)
    labels = random.integers(0, 10, count)
    images = np.zeros((count, SIZE, SIZE))
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    for image, label in zip(images, labels, strict=True):
        top, left, half, width = (random.uniform(*span) for span in ((3, 6), (7, 11), (9, 12), (9, 13)))
        slant, thick = random.uniform(-0.2, 0.2), random.uniform(1.0, 2.0)
        ends = {
            "a": (0, 0, 0, 1), "b": (0, 1, 1, 1), "c": (1, 1, 2, 1), "d": (2, 0, 2, 1),
            "e": (1, 0, 2, 0), "f": (0, 0, 1, 0), "g": (1, 0, 1, 1),
        }  # fmt: skip
        for segment in SEGMENTS[label]:
            y0, x0, y1, x1 = ends[segment]
            start = np.array([top + y0 * half, left + x0 * width + slant * y0 * half])
            along = np.array([top + y1 * half, left + x1 * width + slant * y1 * half]) - start
            share = np.clip(((rows - start[0]) * along[0] + (columns - start[1]) * along[1]) / (along @ along), 0, 1)
            near = np.hypot(rows - start[0] - share * along[0], columns - start[1] - share * along[1]) < thick
            image[near] = random.uniform(180, 255)
    return _pixels(np.repeat(images[..., np.newaxis], 3, axis=3), random), labels


def textures(count: int, seed: str) -> tuple[Images, Labels]:
    """Grey noise whose spectrum falls as 1/f to the power of 0, 0.7, 1.4 or 2.5."""
    random = _random("textures", seed)
    labels = random.integers(0, 4, count)
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, np.newaxis], np.fft.fftfreq(SIZE)[np.newaxis])
    frequency[0, 0] = 1 / SIZE
    falls = np.array([0.0, 0.7, 1.4, 2.5])[labels][:, np.newaxis, np.newaxis]
    noise = np.fft.ifft2(np.fft.fft2(random.normal(size=(count, SIZE, SIZE))) / frequency**falls).real
    noise /= noise.std(axis=(1, 2), keepdims=True)
    grey = 125 + 45 * noise + random.uniform(-25, 25, (count, 1, 1))
    return _pixels(np.repeat(grey[..., np.newaxis], 3, axis=3), random), labels


def flags(count: int, seed: str) -> tuple[Images, Labels]:
    """Three stripes, across or down, in one of two orders of colours, under any light: 4 classes."""
    random = _random("flags", seed)
    labels = random.integers(0, 4, count)
    palette = np.array([[[190, 60, 60], [200, 200, 190], [60, 80, 180]], [[60, 80, 180], [60, 150, 80], [190, 60, 60]]])
    stripes = np.minimum(np.arange(SIZE) * 3 // SIZE, 2)
    made = palette[labels // 2][:, stripes][:, :, np.newaxis].repeat(SIZE, axis=2)
    made = np.where((labels % 2)[:, np.newaxis, np.newaxis, np.newaxis], made.swapaxes(1, 2), made)
    light, tint = random.uniform(0.5, 1.1, (count, 1, 1, 1)), random.uniform(-20, 20, (count, 1, 1, 3))
    return _pixels(made * light + tint, random), labels


KINDS: dict[str, Kind] = {
    "gratings": gratings,
    "fashion": fashion,
    "shapes": shapes,
    "digits": digits,
    "textures": textures,
    "flags": flags,
}


def _pixels(images: NDArray[Any], random: np.random.Generator, noise: float = 6.0) -> Images:
    """Whole numbers of 0 to 255, with some noise."""
    return np.rint(np.clip(images + noise * random.normal(size=images.shape), 0, 255)).astype(np.uint8)


def _random(kind: str, seed: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(f"{kind}/{seed}".encode()))


def _unpacked(name: str) -> bytes:
    with gzip.open(FASHION / name) as stream:
        return stream.read()
