"""Where a loss scale skips steps, training goes on until something moves, and no longer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bnregress.suite.subject import Subject


@pytest.mark.parametrize(
    ("dtype", "steps_until_moved", "taken"),
    [("float16", 0, 0), ("float16", 3, 3), ("float16", 99, 15), ("bfloat16", 3, 0), ("float32", 3, 0)],
)
def test_further_steps_are_taken_in_float16_alone_until_something_moves(
    dtype: str, steps_until_moved: int, taken: int
) -> None:
    steps: list[Any] = []

    def fit_loss(model: Any, images: Any) -> float:
        steps.append(images)
        return float(len(steps))

    subject: Any = SimpleNamespace(dtype=dtype, fit_loss=fit_loss)
    losses = Subject.fit_past_skipped(subject, None, lambda: len(steps) >= steps_until_moved, "images")
    assert losses == [float(step + 1) for step in range(taken)]
    assert steps == ["images"] * taken
