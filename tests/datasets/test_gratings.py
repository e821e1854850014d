"""The generated images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bnregress.datasets import store
from bnregress.datasets.gratings import CLASSES, SPLITS, gratings, gratings10


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


def test_the_data_set_is_made_without_an_environment_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def installed(*_arguments: object, **_options: object) -> None:
        raise AssertionError

    monkeypatch.setattr("bnregress.datasets.store.read_tfds", installed)
    prepared = store.prepare("gratings10", tmp_path, offline=True)
    with np.load(prepared.path) as arrays:
        assert {split: len(arrays[f"y_{split}"]) for split in SPLITS} == SPLITS
        assert {image.tobytes() for image in arrays["x_test"]} == {each.tobytes() for each in gratings10()["x_test"]}
    # The builder's own is another name.
    assert store.check_name("tfds:gratings10") == "tfds:gratings10"
    with pytest.raises(AssertionError):
        store.prepare("tfds:gratings10", tmp_path)
