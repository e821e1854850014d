"""Which batches of a dataset a model is inspected on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bnregress.suite.inspection import datasets
from bnregress.suite.inspection.datasets import is_dataset, sample_of
from bnregress.suite.inspection.problem import Problem


def batches(*sizes: int) -> Iterator[tuple[Any, Any]]:
    return ((np.ones((size, 2)), np.zeros(size)) for size in sizes)


class Sequence:
    def __init__(self, *sizes: int) -> None:
        self.batches = list(batches(*sizes))

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, place: int) -> tuple[Any, Any]:
        return self.batches[place]


def test_more_than_one_batch_is_a_dataset() -> None:
    arrays = np.ones((4, 2))
    assert not any(map(is_dataset, (None, arrays, (arrays, arrays), [arrays], {"x": arrays})))
    assert is_dataset(iter([arrays]))


@pytest.mark.parametrize("kind", [batches, Sequence])
@pytest.mark.parametrize(
    ("sizes", "taken", "whole"),
    [((8,), [1], True), ((8, 8, 3), [1, 2, 3], True), ((8,) * 4, [1, 2, 3, 4], True)],
)
def test_a_short_dataset_is_taken_whole(kind: Any, sizes: tuple[int, ...], taken: list[int], whole: bool) -> None:
    sample = sample_of(kind(*sizes))
    assert ([number for number, _ in sample.batches], sample.whole) == (taken, whole)
    assert [len(batch[0]) for _, batch in sample.batches] == list(sizes)


@pytest.mark.parametrize("kind", [batches, Sequence])
def test_of_a_long_dataset_the_last_batch_is_taken_too(kind: Any) -> None:
    sample = sample_of(kind(*[8] * 20, 3))
    assert sample.batches[0][0] == 1
    assert sample.batches[-1][0] == 21
    assert len(sample.batches[-1][1][0]) == 3
    assert not sample.whole


def test_a_dataset_without_end_is_read_no_further_than_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MOST", 10)
    sample = sample_of(batches(*[8] * 6, 5, *[8] * 1000))
    assert [number for number, _ in sample.batches] == [1, 2, 3, 4, 7]
    assert not sample.whole


def test_one_batch_is_no_dataset() -> None:
    pair = (np.ones((4, 2)), np.zeros(4))
    assert sample_of(pair).batches == [(1, pair)]
    assert sample_of(None).batches == [(1, None)]


def test_a_dataset_that_gives_nothing_is_a_problem() -> None:
    with pytest.raises(Problem, match="is empty"):
        sample_of(iter([]))
    with pytest.raises(Problem, match="cannot be read: ZeroDivisionError"):
        sample_of(1 / 0 for _ in range(3))
    with pytest.raises(Problem, match="from which no batch can be taken"):
        sample_of(object())
