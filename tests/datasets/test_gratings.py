"""The generated images."""

from __future__ import annotations

import numpy as np

from bnregress.datasets.gratings import CLASSES, gratings


def test_they_are_the_same_each_time_and_differ_between_splits() -> None:
    (first, classes), (again, _), (other, _) = (gratings(40, split) for split in ("train", "train", "test"))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (40, 32, 32, 3)
    assert first.dtype == np.uint8
    assert sorted(classes) == sorted(np.arange(40) % CLASSES)


def test_no_pixel_is_clipped_and_the_mean_is_far_from_grey() -> None:
    images, _ = gratings(200, "train")
    assert images.min() > 0
    assert images.max() < 255
    assert np.all(np.abs(images.mean(axis=(0, 1, 2))[:2] - 127.5) > 50)


def test_a_class_is_a_direction_and_a_frequency() -> None:
    images, classes = gratings(200, "train")
    spectra = np.abs(np.fft.fft2(images[..., 0] - images[..., 0].mean(axis=(1, 2), keepdims=True)))
    peaks = [np.unravel_index(np.argmax(each[:16]), (16, 32)) for each in spectra]
    frequency = np.array([np.hypot(row, min(column, 32 - column)) for row, column in peaks])
    assert np.all((frequency > 4.5) == (classes >= 5))
