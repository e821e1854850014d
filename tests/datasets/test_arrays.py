"""A person's own arrays: what is made of them, and what is said of those that cannot be used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.datasets import arrays
from bnregress.errors import UsageError


def given_arrays(train: int = 80, test: int = 70, shape: tuple[int, ...] = (8, 8, 3), **changes: Any) -> dict[str, Any]:
    random = np.random.default_rng(0)
    made = {
        "x_train": random.integers(0, 256, (train, *shape), dtype=np.uint8),
        "y_train": np.arange(train) % 5,
        "x_test": random.integers(0, 256, (test, *shape), dtype=np.uint8),
        "y_test": np.arange(test) % 5,
    }
    return {name: array for name, array in (made | changes).items() if array is not None}


def prepared_of(arrays_given: dict[str, Any]) -> dict[str, Any]:
    prepared, _notes = arrays.prepare(arrays_given, "mine.npz")
    return prepared


def notes_of(arrays_given: dict[str, Any]) -> str:
    _prepared, notes = arrays.prepare(arrays_given, "mine.npz")
    return "; ".join(notes)


def test_images_are_resized_and_stay_uint8() -> None:
    prepared = prepared_of(given_arrays())
    assert prepared["x_train"].shape == (80, 32, 32, 3)
    assert prepared["x_train"].dtype == np.uint8
    assert prepared["y_test"].shape == (70,)


@pytest.mark.parametrize("shape", [(32, 32), (32, 32, 1)])
def test_grey_images_become_rgb(shape: tuple[int, ...]) -> None:
    images = prepared_of(given_arrays(shape=shape))["x_train"]
    assert images.shape == (80, 32, 32, 3)
    assert np.array_equal(images[..., 0], images[..., 2])


def test_an_alpha_channel_is_dropped() -> None:
    assert prepared_of(given_arrays(shape=(32, 32, 4)))["x_test"].shape == (70, 32, 32, 3)


def test_pixels_in_0_to_1_mean_what_those_in_0_to_255_mean() -> None:
    whole = given_arrays(shape=(32, 32, 3))
    ways: tuple[tuple[Any, str], ...] = (
        (lambda x: x / 255, "0 to 1 are taken"),
        (lambda x: x / 127.5 - 1, "-1 to 1 are taken"),
        (lambda x: (x / 127.5 - 1).astype(np.float16), "-1 to 1 are taken"),
        (lambda x: x.astype(np.float64), ""),
        (lambda x: x.astype(np.int64), ""),
    )
    for scaled, words in ways:
        parts = {name: scaled(array) if name.startswith("x") else array for name, array in whole.items()}
        np.testing.assert_allclose(prepared_of(parts)["x_train"], prepared_of(whole)["x_train"], atol=0.2)
        assert words in notes_of(parts)


def test_the_range_is_that_of_training_and_held_out_images_together() -> None:
    """Held-out images that happen to be dark, of 0 and 1 alone, are not stretched."""
    dark = np.zeros((70, 32, 32, 3), np.uint8)
    dark[:, :5] = 1
    assert prepared_of(given_arrays(shape=(32, 32, 3), x_test=dark))["x_test"].max() == 1


def test_of_many_classes_the_largest_are_taken_and_said() -> None:
    labels = np.concatenate([np.arange(1000), np.repeat(np.arange(0, 400, 20), 30)])
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 4, 4), dtype=np.uint8)
    both = given_arrays(x_train=images, y_train=labels, x_test=images, y_test=labels)
    prepared = prepared_of(both)
    assert sorted(np.unique(prepared["y_train"])) == list(range(16))
    assert np.bincount(prepared["y_train"]).min() == 31
    assert "of 1000 classes the 16 with the most images" in notes_of(both)
    with pytest.raises(UsageError, match="1700 classes, but at most 1000 are supported"):
        arrays.prepare(given_arrays(train=1700, y_train=np.arange(1700)), "mine.npz")


def test_unbalanced_classes_and_images_in_both_parts_are_said() -> None:
    both = given_arrays()
    assert not notes_of(both)
    assert "70 of 70 held-out images are among those trained on too" in notes_of(
        both | {"x_test": both["x_train"][:70]}
    )
    assert "93% of the held-out images are of one class" in notes_of(
        both | {"y_test": (np.arange(70) >= 65).astype(int)}
    )


@pytest.mark.parametrize("change", [lambda y: y[:, None], lambda y: np.eye(5)[y], lambda y: y * 10 + 3, None])
def test_labels_may_be_a_column_one_hot_or_any_numbers(change: Any) -> None:
    plain = given_arrays()
    change = change or (lambda y: y.astype(float))
    other = {name: change(array) if name.startswith("y") else array for name, array in plain.items()}
    prepared = prepared_of(other)
    assert np.array_equal(prepared["y_train"], prepared_of(plain)["y_train"])


def test_of_many_images_classes_are_taken_in_equal_number_and_mixed() -> None:
    labels = np.sort(np.arange(3000) ** 2 % 7 % 4)
    chosen = labels[arrays._balanced(labels, 512)]
    counts = np.bincount(chosen)
    assert len(chosen) == 512
    assert counts.max() - counts.min() <= 1 or counts.min() == np.bincount(labels).min()
    assert len(np.unique(chosen[:32])) == len(np.unique(labels))


@given(st.integers(1, 70), st.integers(1, 70), st.floats(0, 255))
def test_resizing_leaves_a_uniform_image_uniform(height: int, width: int, value: float) -> None:
    resized = arrays.resize(np.full((1, height, width, 3), value, np.float32), 32)
    np.testing.assert_allclose(resized, value, rtol=1e-5, atol=1e-3)


def test_halving_weighs_pixels_by_a_triangle_of_twice_the_step() -> None:
    columns = np.tile(np.array([0, 0, 100, 100], np.float32), (1, 4, 1))[..., np.newaxis]
    assert np.allclose(arrays.resize_to(columns, 2, 2)[0, :, :, 0], [[25 / 1.75, 150 / 1.75]] * 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"y_train": None}, "has no y_train"),
        ({"y_train": np.zeros(80, int)}, "y_train has one class only"),
        ({"y_test": np.full(70, 9)}, "y_test has class 9"),
        ({"x_train": np.zeros((80, 8), np.uint8)}, "x_train has the shape"),
        ({"x_train": np.zeros((80, 8, 8, 2), np.uint8)}, "x_train has the shape"),
        ({"x_test": np.zeros((71, 8, 8, 3), np.uint8)}, "71 images, y_test 70 labels"),
        ({"x_train": np.zeros((10, 8, 8, 3)), "y_train": np.arange(10) % 5}, "10 images, but at least 64 are needed"),
        ({"x_train": np.full((80, 8, 8, 3), np.nan)}, "not finite"),
        ({"x_train": np.full((80, 8, 8, 3), -2.1)}, "all values of x_train are -2.1"),
        ({"x_train": np.random.default_rng(0).normal(size=(80, 8, 8, 3))}, "before they are standardised"),
        ({"x_train": np.zeros((80, 3, 8, 8), np.uint8)}, "channels come last"),
        ({"x_train": np.full((80, 8, 8, 3), "a")}, "values. Images are uint8 or float"),
        ({"y_train": np.full(80, 0.5)}, "are not classes"),
        ({"y_train": np.full(80, "cat")}, "are not classes"),
        ({"y_train": np.ones((80, 5))}, "not one-hot"),
        ({"y_train": np.zeros((80, 5, 2))}, "y_train has the shape"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_is_wanted(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        arrays.prepare(given_arrays(**changes), "mine.npz")
    assert "mine.npz" in str(caught.value)
