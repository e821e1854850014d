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


def test_images_are_resized_and_stay_uint8() -> None:
    prepared = arrays.prepare(given_arrays(), "mine.npz")
    assert prepared["x_train"].shape == (80, 32, 32, 3)
    assert prepared["x_train"].dtype == np.uint8
    assert prepared["y_test"].shape == (70,)


@pytest.mark.parametrize("shape", [(32, 32), (32, 32, 1)])
def test_grey_images_become_rgb(shape: tuple[int, ...]) -> None:
    images = arrays.prepare(given_arrays(shape=shape), "mine.npz")["x_train"]
    assert images.shape == (80, 32, 32, 3)
    assert np.array_equal(images[..., 0], images[..., 2])


def test_an_alpha_channel_is_dropped() -> None:
    assert arrays.prepare(given_arrays(shape=(32, 32, 4)), "mine.npz")["x_test"].shape == (70, 32, 32, 3)


def test_pixels_in_0_to_1_mean_what_those_in_0_to_255_mean() -> None:
    whole = given_arrays(shape=(32, 32, 3))
    parts = {name: array / 255 if name.startswith("x") else array for name, array in whole.items()}
    first, second = (arrays.prepare(each, "mine.npz")["x_train"] for each in (whole, parts))
    np.testing.assert_allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("change", [lambda y: y[:, None], lambda y: np.eye(5)[y], lambda y: y * 10 + 3, None])
def test_labels_may_be_a_column_one_hot_or_any_numbers(change: Any) -> None:
    plain = given_arrays()
    change = change or (lambda y: y.astype(float))
    other = {name: change(array) if name.startswith("y") else array for name, array in plain.items()}
    prepared = arrays.prepare(other, "mine.npz")
    assert np.array_equal(prepared["y_train"], arrays.prepare(plain, "mine.npz")["y_train"])


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
        ({"x_train": np.full((80, 8, 8, 3), -1.0)}, "from -1 to -1"),
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
