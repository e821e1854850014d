"""What a person's pixel values mean: their range is told from the values themselves, of all images together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.errors import UsageError

#: How far beyond its range a value may lie that was made by resizing or in float16, as share of the range.
SLACK = 2e-3


def pixels(images: Mapping[str, NDArray[Any]], name: str, notes: list[str]) -> dict[str, NDArray[Any]]:
    """Bring the images of all splits to [0, 255]: float32, or uint8 where they were so.

    Args:
        images: of each split, of any shape.
        name: of the data, for messages.
        notes: gets a sentence where values were not taken as they are.

    Raises:
        UsageError: the values are not finite, all the same, or of no range that pixels have.
    """
    for split, each in images.items():
        if each.dtype.kind == "f" and not np.isfinite(each).all():
            raise UsageError(f"{name}: x_{split} holds values that are not finite. Remove those images.")
    low = min(float(each.min()) for each in images.values())
    high = max(float(each.max()) for each in images.values())
    for split, each in images.items():
        if each.min() == each.max():
            raise UsageError(f"{name}: all values of x_{split} are {each.min():g}, so there is nothing to see.")
    if low >= -SLACK and high <= 1 + SLACK:
        notes.append("pixels of 0 to 1 are taken as 0 to 255")
        return {split: _spread(each, 0.0, 1.0) for split, each in images.items()}
    if low >= -1 - 2 * SLACK and high <= 1 + 2 * SLACK:
        notes.append("pixels of -1 to 1 are taken as 0 to 255")
        return {split: _spread(each, -1.0, 1.0) for split, each in images.items()}
    if low >= -255 * SLACK and high <= 255 * (1 + SLACK):
        return {split: each if each.dtype == np.uint8 else _spread(each, 0.0, 255.0) for split, each in images.items()}
    raise UsageError(
        f"{name}: the images hold values from {low:g} to {high:g}. Give pixels in [0, 1], in [-1, 1] or in [0, 255],"
        " before they are standardised or preprocessed for a network."
    )


def _spread(images: NDArray[Any], low: float, high: float) -> NDArray[np.float32]:
    shares = (images.astype(np.float32) - np.float32(low)) / np.float32(high - low)
    spread: NDArray[np.float32] = np.clip(shares, 0, 1) * np.float32(255)
    return spread
