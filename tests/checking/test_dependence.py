"""A variable that training moves does harm only if something depends on it, now or some steps later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite.inspection.dependence import Dependence

FOUND: Any = SimpleNamespace(parts=[])


class Variable:
    def __init__(self, value: Any, dtype: str = "float32") -> None:
        self.value = np.asarray(value, dtype)

    def assign(self, value: Any) -> None:
        self.value = np.asarray(value, self.value.dtype)


class World:
    kept: dict[int, Any]

    def __init__(self) -> None:
        self.kept = {}

    def read(self, variables: Iterable[Variable]) -> list[Any]:
        return [variable.value.copy() for variable in variables]

    values = read

    def write(self, variables: Iterable[Variable], values: Iterable[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


class Steps:
    """An evaluation's loss, and a training step's that may move something."""

    def __init__(self, loss: Callable[[], float], move: Callable[[], None] = lambda: None) -> None:
        self.world, self.loss, self.move = World(), loss, move

    def test(self) -> float:
        return float(self.loss())

    def train(self) -> float:
        self.move()
        return float(self.loss())


def harmless(kept: Variable, steps: Any, after: Any, watched: Iterable[Variable] = ()) -> bool:
    before = kept.value.copy()
    dependence = Dependence(FOUND, steps, [kept, *watched], list(watched))
    told = dependence.harmless([(kept, np.asarray(after, kept.value.dtype))])
    assert np.array_equal(kept.value, before)
    return id(kept) in told


@pytest.mark.parametrize(
    ("value", "dtype", "after", "loss", "nothing_depends"),
    [
        (0, "int32", 3, lambda _: 1.0, True),
        (0, "int32", 3, lambda steps: 2.0 if steps > 1000 else 1.0, False),
        ([0.0, 1.0], "float32", [0.1, 0.9], lambda _: 1.0, True),
        ([0.0, 1.0], "float32", [1e-9, 1.0], lambda mean: 1.0 + 1e-9 * mean.sum(), False),
        (1.0, "float32", 1.1, lambda largest: 2.0 if largest > 1e5 else 1.0, False),
        ([1, 2], "uint32", [3, 4], lambda _: 1.0, True),
        ("a", "U1", "b", lambda _: 1.0, False),
    ],
)
def test_nothing_may_depend_on_what_moves(
    value: Any, dtype: str, after: Any, loss: Callable[[Any], float], nothing_depends: bool
) -> None:
    kept = Variable(value, dtype)
    assert harmless(kept, Steps(lambda: loss(kept.value)), after) is nothing_depends


def test_a_random_loss_tells_of_nothing_but_whether_it_is_finite() -> None:
    kept, random = Variable([0.0]), np.random.RandomState(0)
    assert harmless(kept, Steps(random.normal), [0.1])
    assert not harmless(kept, Steps(lambda: random.normal() + kept.value.sum()), [0.1])


def test_what_cannot_be_tried_is_harmful() -> None:
    kept = Variable(0.0)

    def loss() -> float:
        if kept.value > 10:
            raise ValueError("out of range")
        return 1.0

    assert not harmless(kept, Steps(loss), 1.0)


@pytest.mark.parametrize("every", [2, 5, 16, 100, 1000])
def test_what_moves_every_so_many_steps_is_found_by_setting_counters_ahead(every: int) -> None:
    steps, mean = Variable(0, "int64"), Variable([0.0])

    def move() -> None:
        steps.assign(steps.value + 1)
        if steps.value % every == 0:
            mean.assign(mean.value + 1)

    dependence = Dependence(FOUND, Steps(lambda: 1.0, move), [steps, mean], [mean])
    assert dependence.when_due([steps]) == {id(mean)}
    assert not steps.value.any()
    assert not mean.value.any()
    idle = Dependence(FOUND, Steps(lambda: 1.0), [steps, mean], [mean])
    assert idle.when_due([steps]) == set()


def test_what_decides_whether_others_move_is_harmful() -> None:
    steps, mean = Variable(0, "int32"), Variable([0.0])

    def move() -> None:
        if steps.value > 1000:
            mean.assign(mean.value + 1)

    assert not harmless(steps, Steps(lambda: 1.0, move), 3, [mean])
