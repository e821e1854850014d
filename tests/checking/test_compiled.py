"""Two training steps are told apart by what they report, random or not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite.inspection import which_keras
from bnregress.suite.inspection.compiled import tell_apart
from bnregress.suite.inspection.traced import same_operations
from bnregress.suite.inspection.whole import silenced

FOUND: Any = SimpleNamespace(parts=[])


class Reported:
    """Losses that a step reports: a mean, and how far it varies."""

    def __init__(self, mean: float, spread: float, seed: int = 0) -> None:
        self.mean, self.spread, self.random = mean, spread, np.random.RandomState(seed)
        self.values: list[list[float]] = []

    def up_to(self, count: int) -> list[list[float]]:
        while len(self.values) < count:
            self.values.append([self.mean + self.spread * self.random.normal(), 0.5])
        return self.values


@pytest.mark.parametrize(
    ("other", "spread", "apart"),
    [(1.0, 0.0, False), (1.01, 0.0, True), (2.0, 0.1, True), (1.0, 0.1, None), (1.02, 0.1, None)],
)
def test_steps_are_told_apart_if_chance_does_not_explain_it(other: float, spread: float, apart: bool | None) -> None:
    for seed in range(0, 100, 2):
        assert tell_apart(FOUND, Reported(1.0, spread, seed), Reported(other, spread, seed + 1)) is apart, seed


def test_a_step_whose_first_draws_agree_by_chance_is_random_all_the_same() -> None:
    # As where images are mixed in every fourth batch.
    mixed = SimpleNamespace(values=[[1.0 + 0.1 * (draw % 4 == 2)] for draw in range(32)])
    mixed.up_to = lambda count: mixed.values[:count]
    other = SimpleNamespace(up_to=lambda count: [[1.01]] * count)
    assert tell_apart(FOUND, mixed, other) is None


def test_random_steps_that_are_known_to_do_the_same_are_not_drawn_again() -> None:
    one = Reported(1.0, 0.1)
    assert tell_apart(FOUND, one, Reported(1.0, 0.1, 1), lambda: True) is False
    assert len(one.values) == 8
    assert tell_apart(FOUND, Reported(1.0, 0.0), Reported(2.0, 0.0), lambda: True) is True


def test_a_step_that_reports_nothing_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="reports no loss"):
        tell_apart(FOUND, SimpleNamespace(up_to=lambda _: [[]]), Reported(1.0, 0.0))


class Node:
    def __init__(self, op: str, training: bool | None = None) -> None:
        self.op = op
        mode = SimpleNamespace(b=training)
        self.attr = {} if training is None else {"is_training": mode}


def function(*nodes: Node) -> Any:
    graph = SimpleNamespace(node=nodes, library=SimpleNamespace(function=[]))
    trace = SimpleNamespace(graph=SimpleNamespace(as_graph_def=lambda: graph))
    return SimpleNamespace(get_concrete_function=None, _list_all_concrete_functions=lambda: [trace])


def test_traces_are_compared_by_their_operations() -> None:
    frozen, live = (function(Node("Conv2D"), Node("FusedBatchNormV3", training)) for training in (False, True))
    again = function(Node("FusedBatchNormV3", False), Node("Conv2D"))
    assert same_operations(frozen, again)
    assert not same_operations(frozen, live)
    assert not same_operations(None, None)


def test_only_a_call_of_its_own_makes_a_random_layer_more_than_random() -> None:
    framework = type("Dropout", (), {"__module__": "keras.layers", "weights": (), "call": lambda self, x: x})
    own = type("Mine", (framework,), {"__module__": "models"})
    calling = type("Calling", (framework,), {"__module__": "models", "call": lambda self, x: x + 1})
    layers = [kind() for kind in (framework, own, calling)]
    for layer in layers:
        layer.rate = 0.5
    assert [which_keras.own_call(layer) for layer in layers] == [False, False, True]
    parts = [SimpleNamespace(layer=layer, leaf=True) for layer in layers]
    with silenced(parts) as any_silent:
        assert any_silent
        assert [layer.rate for layer in layers] == [0.5, 0.5, 0.0]
    assert layers[2].rate == 0.5
