"""Trained weights by layer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite import execution
from bnregress.suite.finetune import trained_weights

SHAPES = [(3, 3, 4, 8), (8,)]
VALUES = {"conv": [np.ones(shape, np.float32) for shape in SHAPES]}


class Execution(execution.Execution):
    """Keeps values in the variables themselves."""

    def __init__(self) -> None:
        """It has no framework."""

    def read(self, variables: list[Any]) -> list[Any]:
        return [variable.value.copy() for variable in variables]

    def write(self, variables: list[Any], values: list[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.value = value


def subject() -> Any:
    variables = [SimpleNamespace(shape=shape, value=np.zeros(shape)) for shape in SHAPES]
    network = SimpleNamespace(layers=[SimpleNamespace(name="conv", weights=variables)])
    names = {f"conv/{place}": variable for place, variable in enumerate(variables)}
    return SimpleNamespace(network=network, variables=names, execution=Execution(), forget_inference=lambda: None)


def test_weights_of_another_architecture_are_named_by_the_first_layer_that_does_not_fit() -> None:
    with pytest.raises(
        trained_weights.WeightsError, match="another architecture: they have nothing for the layer other"
    ):
        trained_weights._of_layer("other", SHAPES, VALUES)
    with pytest.raises(trained_weights.WeightsError, match=r"the layer conv has \[\(1, 1, 4, 8\)\], the weights have"):
        trained_weights._of_layer("conv", [(1, 1, 4, 8)], VALUES)
    assert trained_weights._of_layer("conv", SHAPES, VALUES) is VALUES["conv"]


def test_a_fine_tune_leaves_the_network_as_it_was() -> None:
    asked = subject()
    with trained_weights.kept(asked):
        asked.execution.write(asked.network.layers[0].weights, VALUES["conv"])
    assert not any(variable.value.any() for variable in asked.network.layers[0].weights)


def test_it_does_so_where_the_fine_tune_fails() -> None:
    asked = subject()
    with pytest.raises(ZeroDivisionError), trained_weights.kept(asked):  # noqa: PT012 - it fails after writing
        asked.execution.write(asked.network.layers[0].weights, VALUES["conv"])
        raise ZeroDivisionError
    assert not any(variable.value.any() for variable in asked.network.layers[0].weights)
