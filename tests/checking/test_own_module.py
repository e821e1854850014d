"""MODULE:CALLABLE, and what a person is told of their own code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bnregress.suite.inspection.own import load
from bnregress.suite.inspection.problem import Problem

SOURCE = """
class Model:
    layers = weights = trainable_weights = ()
    def call(self): ...
    def get_config(self): ...

model = Model()
number = 3

def build_model():
    return model

def with_batch():
    return Model(), [1, 2]

def needs_size(size):
    return Model()

def nothing():
    Model()

def fails():
    raise FileNotFoundError("weights.h5")

class names:
    build = staticmethod(build_model)

class Unbuilt(Model):
    @property
    def weights(self):
        raise ValueError("Weights for model have not yet been created.")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "own_models.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "own_broken.py").write_text("\nimport no_such_package\n", encoding="utf-8")
    (tmp_path / "own_exit.py").write_text("import sys\nsys.exit('usage: ...')\n", encoding="utf-8")
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    for name in [name for name in sys.modules if name.startswith("own_")]:
        del sys.modules[name]


def given(target: str, folder: Path) -> Any:
    return load(target, str(folder))


def problem(target: str, folder: Path) -> str:
    with pytest.raises(Problem) as found:
        load(target, str(folder))
    assert found.value.kind == "usage"
    return str(found.value)


@pytest.mark.parametrize("name", ["model", "build_model", "names.build"])
def test_a_model_is_taken_as_it_is_or_from_a_function(name: str, folder: Path) -> None:
    model, batch = given(f"own_models:{name}", folder)
    assert type(model).__name__ == "Model"
    assert batch is None


def test_a_model_that_is_not_built_is_a_model(folder: Path) -> None:
    # In Keras 2 it raises a ValueError when asked for its weights.
    assert type(given("own_models:Unbuilt", folder)[0]).__name__ == "Unbuilt"


def test_a_function_may_return_a_batch_too(folder: Path) -> None:
    assert given("own_models:with_batch", folder)[1] == [1, 2]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("own_models", "is not MODULE:CALLABLE"),
        (":model", "is not MODULE:CALLABLE"),
        ("own_models:", "is not MODULE:CALLABLE"),
        ("own_models.py:model", "as `own_models:model`"),
        ("own_modles:model", "there is no module 'own_modles'"),
        ("own_modles:model", "Did you mean own_models"),
        ("own_models:build_modle", "Did you mean build_model"),
        ("own_models:number", "neither a Keras model nor a function"),
        ("own_models:needs_size", "missing 1 required positional argument: 'size'"),
        ("own_models:nothing", "nothing() returned nothing"),
    ],
)
def test_what_is_wrong_with_the_name_is_told(target: str, told: str, folder: Path) -> None:
    assert told in problem(target, folder)


def test_an_exception_is_told_with_the_line_of_the_persons_own_code(folder: Path) -> None:
    message = problem("own_models:fails", folder)
    assert message.startswith("calling fails() raised FileNotFoundError: weights.h5")
    assert "own_models.py, line 23" in message


def test_a_module_that_misses_a_package_is_not_itself_called_missing(folder: Path) -> None:
    message = problem("own_broken:model", folder)
    assert "importing own_broken raised ModuleNotFoundError: No module named 'no_such_package'" in message
    assert "own_broken.py, line 2" in message


def test_a_module_that_exits_is_an_error_of_the_module(folder: Path) -> None:
    assert "importing own_exit raised SystemExit: usage" in problem("own_exit:model", folder)
