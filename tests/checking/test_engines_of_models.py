"""Which engine a model is inspected on, and when a step that was compiled before cannot be seen."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bnregress.checking.diagnosis import ModelDiagnosis, _release
from bnregress.checking.interpreter import find_inspected
from bnregress.checking.printing import environment_line
from bnregress.errors import ExitCode, UsageError
from bnregress.suite.inspection import main, steps, which_keras
from bnregress.suite.inspection.problem import Problem
from bnregress.suite.inspection.runtimes import runtime_of
from bnregress.suite.inspection.runtimes.jax import Runtime
from bnregress.suite.inspection.synthetic_inputs import Batch
from bnregress.suite.inspection.variables import EagerWorld

FACTS = {
    "tensorflow": None,
    "engine": {"name": "jax", "version": "0.11.2"},
    "keras": "3.15.1",
    "python": "3.13.0",
    "executable": "/venv/python",
    "eager": True,
}


@pytest.mark.parametrize(
    ("installed", "variable", "configured", "expected"),
    [
        (["tensorflow", "jax"], None, "jax", "tensorflow"),
        (["tensorflow", "jax"], "jax", None, "jax"),
        (["jax"], None, None, "jax"),
        (["jax"], None, "torch", "torch"),
        (["jax"], None, "tensorflow", "jax"),
        ([], None, None, "tensorflow"),
    ],
)
def test_the_engine_of_an_environment(
    installed: list[str],
    variable: str | None,
    configured: str | None,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", variable or "")
    if configured:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": configured}), encoding="utf-8")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in installed else None)
    assert which_keras.engine_here() == expected


@pytest.mark.parametrize(
    ("packages", "lacks"),
    [
        (["numpy", "keras", "jax"], None),
        (["numpy", "keras"], "lacks tensorflow"),
        (["numpy", "jax"], "lacks tensorflow"),
        (["keras", "jax"], "lacks numpy"),
    ],
)
def test_an_environment_needs_keras_and_an_engine(packages: list[str], lacks: str | None, tmp_path: Path) -> None:
    for name in packages:
        (tmp_path / "site" / name).mkdir(parents=True)
        (tmp_path / "site" / name / "__init__.py").touch()
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path / "site"} exec "{sys.executable}" -S "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    if lacks is None:
        assert find_inspected(str(python)).executable == python
        return
    with pytest.raises(UsageError, match=lacks):
        find_inspected(str(python))


def test_an_environment_without_tensorflow_is_named_after_its_engine() -> None:
    assert _release(FACTS) == "keras3.15.1-jax0.11.2"
    assert environment_line(FACTS) == "JAX 0.11.2, Keras 3.15.1, Python 3.13.0, /venv/python"


def test_a_model_of_which_a_step_was_not_seen_is_undecided() -> None:
    found = ModelDiagnosis(facts=FACTS, target="models:build", layers=(), unseen=("its step was compiled before",))
    assert found.exit_code is ExitCode.UNDECIDED


class Layer:
    """A layer, which a step that is compiled already does not call."""

    def __call__(self) -> None:
        """Do nothing."""


class Compiled:
    """A model whose step was compiled before for one form of data."""

    def __init__(self, known: str) -> None:
        self.known, self.kept, self.layer, self.optimizer = {known}, 1, Layer(), None

    def _step(self, form: str) -> float:
        self.kept += 1  # also kept for where its arguments lie
        if form not in self.known:
            self.layer()
        self.known.add(form)
        return 0.5

    def train_on_batch(self, x: object, y: object) -> float:
        """Take one step."""
        return self._step("train_on_batch")

    def fit(self, x: object, y: object, **_: object) -> Any:
        """Take one step."""
        return SimpleNamespace(history={"loss": [self._step("fit")]})


@pytest.mark.parametrize(("known", "by_fit", "retraced"), [("fit", True, False), ("train_on_batch", False, False)])
@pytest.mark.parametrize("first", [True, False])
def test_the_step_that_was_compiled_is_the_one_that_is_looked_at(
    known: str, by_fit: bool, retraced: bool, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(Compiled(known), monkeypatch)
    if not first:
        world.traced = False
    batch = steps.as_traced(world, steps_batch())
    assert (batch.by_fit, world.retraced) == ((by_fit, retraced) if first else (False, False))


def test_a_step_that_was_compiled_for_other_batches_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(Compiled("a batch of another size"), monkeypatch)
    assert not steps.as_traced(world, steps_batch()).by_fit
    assert world.retraced


def world_of(model: Compiled, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A world in which a model's step is kept as often as the model says."""
    engine = SimpleNamespace(key="jax", module=None)
    framework: Any = SimpleNamespace(engine=engine, keras=SimpleNamespace(layers=SimpleNamespace(Layer=Layer)))
    monkeypatch.setattr(Runtime, "traces", lambda self, model: model.kept)
    monkeypatch.setattr(Runtime, "fitting", lambda self, model: monkeypatch.context())
    return EagerWorld(framework, model)


def steps_batch() -> Any:
    """A batch of two samples with targets."""
    return Batch([[0.0], [1.0]], [0, 1])


def test_a_refused_step_says_that_the_flags_changed() -> None:
    framework: Any = SimpleNamespace(engine=SimpleNamespace(module=None, refuses_late="1:1"), keras=None)
    runtime = Runtime(framework)
    assert "compile the model again" in runtime.told(ValueError("the variables must correspond 1:1"))
    assert runtime.told(ValueError("shapes differ")) == ""


def test_loading_paths_are_not_inspected_on_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    told: Any = SimpleNamespace(tell=lambda *_, **__: None)
    with pytest.raises(Problem, match="not measured on PyTorch") as raised:
        main._framework(told)
    assert raised.value.kind == "undecided"


def test_on_pytorch_steps_are_watched_as_they_run_with_their_gradients() -> None:
    framework: Any = SimpleNamespace(engine=SimpleNamespace(module=None, key="torch"), keras=None)
    runtime = runtime_of(framework)
    for context in (runtime.running_eagerly(None, None), runtime.recording_stopped()):
        with context as nothing:
            assert nothing is None
    assert "stateless_apply" not in runtime.idle_optimizer()
