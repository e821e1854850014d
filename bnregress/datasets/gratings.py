"""The images of gratings10: generated, deterministic, no download."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.suite import seeded

SIZE = 32
DIRECTIONS = 5
FREQUENCIES = (3.0, 6.0)
CLASSES = DIRECTIONS * len(FREQUENCIES)
#: Red, green and blue of the mean image. Far from the grey of the surrogate's source domain, so that a network which
#: normalises with the batch's own statistics in training meets another distribution at test time.
MEAN = (185.0, 70.0, 127.5)
AMPLITUDE = (12.0, 36.0)
NOISE = 7.0
#: How many images each split of gratings10 has.
SPLITS = {"train": 512, "test": 128}


def gratings10() -> dict[str, NDArray[Any]]:
    """The data set gratings10: arrays `x_train y_train x_test y_test`, the same as its builder's."""
    arrays: dict[str, NDArray[Any]] = {}
    for split, count in SPLITS.items():
        arrays[f"x_{split}"], arrays[f"y_{split}"] = gratings(count, split)
    return arrays


def gratings(count: int, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Gratings of five directions and two frequencies, with random phase, colour and pixel noise.

    Args:
        count: how many; classes are as equal in number as can be.
        split: seeds the draw, as `train` and `test`.

    Returns:
        images (count, 32, 32, 3) in RGB, and their classes (count,), in random order.
    """

    def draw(name: str, *shape: int) -> NDArray[np.float64]:
        uniform: NDArray[np.float32] = seeded.uniform(f"gratings10/{split}/{name}", (count, *shape))
        return uniform.astype(np.float64)

    classes = (np.arange(count) % CLASSES)[np.argsort(draw("order"), kind="stable")]
    angle = np.pi * (classes % DIRECTIONS) / DIRECTIONS
    frequency = np.asarray(FREQUENCIES)[classes // DIRECTIONS]
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    along = np.cos(angle)[:, None, None] * rows + np.sin(angle)[:, None, None] * columns
    wave = np.sin(2 * np.pi * frequency[:, None, None] * along + np.pi * draw("phase", 1, 1))[..., None]
    low, high = AMPLITUDE
    amplitude = low + (high - low) * (draw("colour", 1, 1, 3) + 1) / 2
    images = wave * amplitude + np.asarray(MEAN) + NOISE * draw("noise", SIZE, SIZE, 3)
    return np.rint(images).astype(np.uint8), classes.astype(np.int64)
