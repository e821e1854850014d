"""What a model is run on if nothing came with it, or something that only its own training step understands."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite.inspection.problem import Problem
from bnregress.suite.inspection.steps import Steps
from bnregress.suite.inspection.synthetic_inputs import batch_for

RUNTIME: Any = SimpleNamespace(dtype_name=str, numpy_dtype=np.dtype)


def model(*, own_step: bool) -> Any:
    base = type("Model", (), {"__module__": "keras.models", "train_step": lambda self, data: None})
    own = type(
        "Own", (base,), {"__module__": "models", **({"train_step": lambda self, data: None} if own_step else {})}
    )
    made = own()
    made.inputs = [SimpleNamespace(shape=(None, 2), dtype="float32", name="input")]
    return made


def fails(_inputs: object) -> None:
    raise TypeError("the model takes something else")


def test_a_batch_that_only_the_own_training_step_can_read_is_kept_for_it() -> None:
    given = {"x": np.ones((4, 2)), "y": np.zeros(4)}

    batch, outputs = batch_for(RUNTIME, model(own_step=True), given, fails)

    assert outputs is None
    assert batch.x["x"].shape == (4, 2)
    with pytest.raises(Problem, match="that came with it: TypeError: the model takes something else"):
        batch_for(RUNTIME, model(own_step=False), given, fails)


@pytest.mark.parametrize("own_step", [True, False])
def test_a_made_batch_that_does_not_fit_is_a_problem(own_step: bool) -> None:
    with pytest.raises(Problem, match="made from its input specification: TypeError"):
        batch_for(RUNTIME, model(own_step=own_step), None, fails)


def test_sample_weights_reach_the_steps() -> None:
    given = (np.ones((4, 2)), np.zeros(4), np.arange(4.0))
    batch, _ = batch_for(RUNTIME, model(own_step=True), given, lambda inputs: inputs)
    assert [part.tolist() for part in batch.as_given()] == [part.tolist() for part in given]
    smaller = batch.resized(2)
    told: list[Any] = []

    def train_on_batch(*arrays: Any, **options: Any) -> dict[str, float]:
        told.append((arrays, options))
        return {"loss": 1.0}

    taking = SimpleNamespace(train_on_batch=train_on_batch)
    steps = Steps(SimpleNamespace(model=taking, traces_noted=contextlib.nullcontext), smaller)
    assert (steps.train(), steps.told) == (1.0, [1.0])
    [(arrays, options)] = told
    assert [len(array) for array in arrays] == [2, 2]
    assert options["sample_weight"].tolist() == [0.0, 1.0]
    assert batch.copies().weights.tolist() == [0.0] * 4
