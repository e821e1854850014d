"""Each BatchNorm against the formula, on layers made of NumPy that are right or wrong in one known way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite import surrogate
from bnregress.suite.alone import Alone, beyond
from bnregress.suite.checks import CHECKS

Formula = Callable[["Layer", np.ndarray, bool], Any]


class Layer:
    """A BatchNorm by a formula; variables are arrays, changed in place."""

    epsilon, momentum = 1.001e-5, 0.99

    def __init__(self, name: str, formula: Formula) -> None:
        self.name, self.formula = name, formula
        self.weights = [each.astype(np.float64) for each in surrogate.layer_weights(name, [(6,)] * 4)]
        self.gamma, self.beta, self.moving_mean, self.moving_variance = self.weights


class Execution:
    """Runs such layers."""

    eager = True

    def read(self, variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [variable.copy() for variable in variables]

    def write(self, variables: Sequence[np.ndarray], values: Sequence[np.ndarray]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable[...] = value

    def forward_layers(self, layers: Sequence[Layer], inputs: Sequence[np.ndarray], training: bool) -> list[np.ndarray]:
        return [layer.formula(layer, images, training) for layer, images in zip(layers, inputs, strict=True)]


def frozen(layer: Layer, images: np.ndarray, training: bool) -> Any:
    return (images - layer.moving_mean) / np.sqrt(layer.moving_variance + layer.epsilon) * layer.gamma + layer.beta


def following(layer: Layer, images: np.ndarray, training: bool) -> Any:
    if not training:
        return frozen(layer, images, training)
    mean, variance = images.mean((0, 1, 2), dtype=np.float64), images.var((0, 1, 2), dtype=np.float64)
    return (images - mean) / np.sqrt(variance + layer.epsilon) * layer.gamma + layer.beta


def epsilon_outside(layer: Layer, images: np.ndarray, training: bool) -> Any:
    return (images - layer.moving_mean) / (np.sqrt(layer.moving_variance) + layer.epsilon) * layer.gamma + layer.beta


def swapped(layer: Layer, images: np.ndarray, training: bool) -> Any:
    return (images - layer.moving_mean) / np.sqrt(layer.moving_variance + layer.epsilon) * layer.beta + layer.gamma


def subject(*layers: Layer, source: Any = None) -> Any:
    @contextlib.contextmanager
    def statistics_restored() -> Iterator[None]:
        before = [layer.moving_variance.copy() for layer in layers]
        yield
        for layer, old in zip(layers, before, strict=True):
            layer.moving_variance[...] = old

    asked = SimpleNamespace(
        execution=Execution(),
        batchnorms=list(layers),
        network=SimpleNamespace(layers=list(layers)),
        source=source,
        dtype="float32",
        images=np.zeros((8, 32, 32, 3), np.float32),
        statistics_restored=statistics_restored,
    )
    asked.alone = Alone(asked)
    return asked


def test_a_sound_layer_equals_the_formula_and_keeps_its_variables() -> None:
    layer = Layer("conv1_bn", frozen)
    before = [weight.copy() for weight in layer.weights]
    assert CHECKS["oracle"].decide(subject(layer, Layer("conv2_bn", frozen))).status == "pass"
    assert all(map(np.array_equal, before, layer.weights))


@pytest.mark.parametrize("formula", [epsilon_outside, swapped])
def test_a_wrong_formula_is_found_and_the_layer_named(formula: Formula) -> None:
    finding = CHECKS["oracle"].decide(subject(Layer("first_bn", frozen), Layer("second_bn", formula)))
    assert finding.status == "regress"
    assert "second_bn" in finding.reason
    assert "first_bn" not in finding.reason


def test_an_epsilon_that_was_lost_on_the_way_is_found_by_the_network_it_came_from() -> None:
    saved, loaded = Layer("conv1_bn", frozen), Layer("conv1_bn", frozen)
    loaded.epsilon = 1e-3
    finding = CHECKS["oracle"].decide(subject(loaded, source=SimpleNamespace(layers=[saved])))
    assert finding.status == "regress"


def test_a_layer_that_follows_the_batch_is_told_from_one_that_is_frozen() -> None:
    alone = Alone(subject(Layer("first_bn", frozen), Layer("second_bn", following)))
    trainings = alone.outputs(training=True)
    assert beyond(alone.deviations(trainings, alone.outputs(training=False)), 1e-5) == ["second_bn"]
    assert beyond(alone.deviations(trainings, alone.by_batch_statistics()), 1e-5) == ["first_bn"]


def moving(layer: Layer, images: np.ndarray, training: bool) -> Any:
    answer = frozen(layer, images, training=False)
    if training:
        layer.moving_variance += 1
    return answer


def test_what_is_shared_of_inference_mode_is_from_before_the_statistics_moved() -> None:
    asked = subject(Layer("conv1_bn", moving))
    shared = asked.alone.inference
    asked.alone.outputs(training=True)
    assert asked.alone.inference is shared
    assert beyond(asked.alone.deviations(asked.alone.outputs(training=False), shared), 1e-5) == ["conv1_bn"]


def test_a_smaller_batch_is_the_end_of_the_whole_one() -> None:
    alone = Alone(subject(Layer("first_bn", frozen)))
    np.testing.assert_array_equal(alone.outputs(training=True, count=3)[0], alone.outputs(training=True)[0][-3:])


def test_a_layer_follows_the_batch_by_the_variables_it_has_whatever_was_lost_on_the_way() -> None:
    saved, loaded = Layer("conv1_bn", following), Layer("conv1_bn", following)
    loaded.gamma += 1
    loaded.epsilon = 1e-3
    alone = Alone(subject(loaded, source=SimpleNamespace(layers=[saved])))
    assert not beyond(alone.deviations(alone.outputs(training=True), alone.by_batch_statistics()), 1e-5)
    assert beyond(alone.deviations(alone.outputs(training=False), alone.by_moving_statistics()), 1e-5) == ["conv1_bn"]


def test_a_layer_that_does_not_tell_its_epsilon_has_that_of_the_network_it_came_from() -> None:
    saved = Layer("conv1_bn", following)
    told = ("name", "weights", "gamma", "beta", "moving_mean", "moving_variance")
    loaded: Any = SimpleNamespace(**{name: getattr(saved, name) for name in told})
    silent, open_ = (
        Alone(subject(layer, source=SimpleNamespace(layers=[saved]))).by_batch_statistics() for layer in (loaded, saved)
    )
    np.testing.assert_array_equal(silent, open_)
