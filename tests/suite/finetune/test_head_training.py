"""What of the training needs no framework: the head's arithmetic and its first weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from bnregress.suite.finetune import head_training, preprocessing
from bnregress.suite.finetune.config import Request
from bnregress.suite.finetune.data import load

SHAPES = [(20, 256), (256,), (256, 10), (10,)]


def trained(weights: list[np.ndarray]) -> head_training.Trained:
    return head_training.Trained(curves={"loss": [1.0, 0.5]}, weights=weights, model=None)


def test_first_weights_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    first, again, other = (head_training.initial_weights(SHAPES, seed) for seed in (0, 0, 1))
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first[0], other[0])
    assert not np.any(first[1])
    assert np.abs(first[0]).max() <= np.sqrt(6 / 276)


def test_a_head_predicts_by_its_two_layers() -> None:
    weights = [np.eye(2, 256), np.zeros(256), np.eye(256, 2)[:, ::-1], np.array([0.0, 0.5])]
    # Of (3, 1) the hidden layer passes both on, the last swaps them: (1, 3.5). Of (-3, 1) it drops the first: (1, 0.5).
    assert trained(weights).predict(np.array([[3.0, 1.0], [-3.0, 1.0]])).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("losses", "weight"), [([2.0, np.nan], 0.0), ([2.0, np.inf], 0.0), ([2.3, 400.0], 0.0), ([2.0, 1.0], np.nan)]
)
def test_losses_that_run_away_and_weights_that_are_no_numbers_are_a_divergence(
    losses: list[float], weight: float
) -> None:
    weights = [np.zeros((4, 10)), np.full(10, weight)]
    assert head_training.Trained(curves={"loss": losses}, weights=weights, model=None).diverged
    # On features of a large scale the first epoch is far off, whatever the rate.
    assert not head_training.Trained(curves={"loss": [400.0, 0.2]}, weights=[np.zeros(10)], model=None).diverged


def test_the_suite_reads_the_arrays_that_the_host_wrote_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    images = np.full((4, 8, 8, 3), 255, np.uint8)
    np.savez(file, x_train=images, y_train=np.array([0, 1, 2, 2]), x_test=images[:2], y_test=np.array([1, 1]))
    request = Request(data=str(file), data_sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    data = load(request, preprocessing.scaling("surrogate", normalised=True))
    assert (data.classes, data.chance()) == (3, 1.0)
    assert data.x_train.dtype == np.float32
    assert data.x_train.max() == 255.0
    assert data.one_hot(data.y_train).tolist()[3] == [0, 0, 1]
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ValueError, match=r"data\.npz has changed since the run was planned"):
        load(request, lambda images: images)
