"""Every way of feeding hands over the same batches in the same order."""

from __future__ import annotations

from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite.finding import NotApplicable
from bnregress.suite.finetune import feeding
from bnregress.suite.variants.train import TRAIN

TRAIN_PAIR = np.arange(70.0), np.arange(70) % 3
TEST_PAIR = np.arange(5.0), np.arange(5) % 3


class Model:
    """Notes what it is fed."""

    def fit_generator(self, batches: Any, steps_per_epoch: int, epochs: int, **_more: Any) -> Any:
        fed = list(islice(batches, steps_per_epoch * epochs))
        return SimpleNamespace(history=[fed[start::steps_per_epoch] for start in range(steps_per_epoch)])


def test_a_generator_gives_every_epoch_the_same_batches_as_arrays_do() -> None:
    by_place = feeding.generator(None, Model(), TRAIN_PAIR, TEST_PAIR, 3)
    assert [len(batches) for batches in by_place] == [3] * 3
    for place, batches in enumerate(by_place):
        for images, labels in batches:
            start = place * feeding.BATCH
            assert np.array_equal(images, TRAIN_PAIR[0][start : start + feeding.BATCH])
            assert np.array_equal(labels, TRAIN_PAIR[1][start : start + feeding.BATCH])


def test_the_ways_are_values_of_the_variants_axis() -> None:
    assert set(feeding.FEEDINGS) < set(TRAIN)
    assert next(iter(feeding.FEEDINGS)) == next(iter(TRAIN))


def test_a_release_without_fit_generator_says_so_before_anything_is_trained() -> None:
    feeding.require(Model, "generator")
    feeding.require(object, "dataset")
    with pytest.raises(NotApplicable, match="have no fit_generator"):
        feeding.require(object, "generator")
