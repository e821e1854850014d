"""The interface of an engine: which one is loaded, what another than TensorFlow refuses, and who may know its name."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import bnregress.suite
from bnregress.suite.engines import MODULES, TITLES, load_engine
from bnregress.suite.engines.base import Engine
from bnregress.suite.engines.jax import Jax
from bnregress.suite.engines.tensorflow import TensorFlow
from bnregress.suite.engines.torch import Torch
from bnregress.suite.finding import NotApplicable
from bnregress.suite.framework import Framework
from bnregress.suite.variants.mode import require_working
from bnregress.suite.variants.train import EFFECT, NO_EFFECT, TRAIN

SUITE = Path(bnregress.suite.__path__[0])
#: Whatever decides, builds or trains. One variant is an engine's own loop, and is asked for by that name.
AGNOSTIC = ("checks", "usage", "finetune", "paths", "variants")


class OnJax(Jax):
    """Keras on an engine that is not installed here."""

    version = "0.11.2"

    def __init__(self, mode: str = "default") -> None:
        self.mode = mode
        ops = SimpleNamespace(convert_to_numpy=np.asarray)
        self.keras = SimpleNamespace(applications=SimpleNamespace(ResNet50="the network"), ops=ops)


def test_an_engine_that_keras_does_not_have_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(ValueError, match="KERAS_BACKEND=theano: Keras runs on tensorflow, jax, torch here"):
        load_engine("default")


def test_the_engines_have_a_module_and_a_title_each_and_one_interface() -> None:
    assert [each.key for each in (TensorFlow, Jax, Torch)] == [*MODULES] == [*TITLES]
    assert [each.title for each in (TensorFlow, Jax, Torch)] == [*TITLES.values()]
    for engine in (TensorFlow, Jax, Torch):
        for name in ("execution", "seed", "array", "compiled", "tracing", "gradient", "total", "dataset"):
            assert getattr(engine, name) is not getattr(Engine, name), (engine.key, name)


def test_what_is_tensorflows_is_no_part_of_a_release_on_another_engine() -> None:
    framework: Any = Framework(OnJax())

    assert framework.name == "JAX 0.11.2"
    assert framework.require("keras.applications.ResNet50") == "the network"
    assert framework.through("keras") is framework
    asks: list[Any] = [
        lambda: framework.require("saved_model.load"),
        lambda: framework.tf,
        lambda: framework.require_engine("tensorflow"),
        lambda: framework.require("keras.applications.ResNet5"),
    ]
    for ask in asks:
        with pytest.raises(NotApplicable):
            ask()


def test_a_switch_of_tensorflow_is_refused_on_another_engine() -> None:
    with pytest.raises(NotApplicable, match="graph is a switch of TensorFlow"):
        require_working(Framework(OnJax("graph")))


def test_values_are_copied_when_they_are_read() -> None:
    variable = np.ones(2)
    execution: Any = Framework(OnJax()).execution()
    (before,) = execution.read([variable])
    variable += 1
    assert before.tolist() == [1, 1]
    assert not execution.unchanged([variable], [before])


@pytest.mark.parametrize("folder", AGNOSTIC)
def test_no_check_path_or_variant_asks_which_engine_it_is_on(folder: str) -> None:
    for file in (SUITE / folder).glob("*.py"):
        code = file.read_text(encoding="utf-8")
        assert not re.search(r"engine\.key|\.title\b|KERAS_BACKEND|import (jax|torch)\b", code), file.name


@pytest.mark.parametrize("name", ["fit", "dataset", "jit"])
def test_where_each_step_runs_as_it_is_freezing_a_compiled_model_must_take_effect(name: str) -> None:
    framework: Any = SimpleNamespace(engine=TensorFlow, keras=None)
    assert TRAIN[name].late_in(framework) == NO_EFFECT
    framework.engine = Torch
    assert TRAIN[name].late_in(framework) == EFFECT
