"""Scripts that show a failure without bnregress."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from typing import Any

import pytest

from bnregress.suite import repro, sound
from bnregress.suite.checks import CHECKS
from bnregress.suite.engines.jax import Jax
from bnregress.suite.engines.keras3 import Keras3
from bnregress.suite.engines.torch import Torch
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import Check, LoadingPath

#: Their verdict is a comparison with arrays that a short script cannot carry.
WITHOUT_SCRIPT = {"oracle", "release-drift"}

#: What a person needs beside TensorFlow, and what Python has.
MODULES = {"keras", "keras_applications", "tf_keras", "tensorflow_hub", "keras_hub", "copy", "os", "pickle"}

#: Of the backbones one: their scripts are those of ResNet50 with other words.
SCRIPTS = {id: path for id, path in PATHS.items() if path.group != "backbones" or id.endswith(".xception")}


def framework(*, eager: bool, keras: SimpleNamespace | None = None, engine: Any = None) -> SimpleNamespace:
    def sound_code(name: str) -> str:
        return str(sound.CANDIDATES[name][0][0])

    return SimpleNamespace(
        name="TensorFlow 2.1.0",
        eager=eager,
        sound_code=sound_code,
        keras=keras or SimpleNamespace(),
        engine=engine or SimpleNamespace(keras_name=None, reads_flags=False, script=lambda text: text),
    )


@pytest.mark.parametrize("eager", [True, False])
@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
@pytest.mark.parametrize("path", SCRIPTS.values(), ids=list(SCRIPTS))
def test_every_path_and_check_gives_a_script_that_stands_alone(path: LoadingPath, check: Check, eager: bool) -> None:
    script = repro.script(framework(eager=eager), path, check)
    if check.name in WITHOUT_SCRIPT:
        assert script is None
        return
    assert script is not None
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {"numpy", "tensorflow", *MODULES}
    assert isinstance(ast.parse(script).body[-1], ast.Assert)
    assert path.id in script


@pytest.mark.parametrize("engine", [Jax, Torch])
@pytest.mark.parametrize("variant", ["default", "train=dataset", "freeze=two-stage,wrap=preprocessing"])
@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
def test_on_another_engine_a_script_imports_keras_alone(engine: type[Keras3], variant: str, check: Check) -> None:
    there = framework(eager=True, keras=SimpleNamespace(ops=True), engine=engine.__new__(engine))

    script = repro.script(there, PATHS["small"], check, variant)

    if check.name in WITHOUT_SCRIPT:
        assert script is None
        return
    assert script is not None
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {"numpy", "os", "keras", "torch.utils.data"}
    assert f'os.environ["KERAS_BACKEND"] = "{engine.key}"' in script
    assert "tf." not in script
    assert ".numpy()" not in script


def test_a_script_that_needs_tensorflow_is_none_on_another_engine() -> None:
    there = framework(eager=True, keras=SimpleNamespace(ops=True), engine=Jax.__new__(Jax))
    assert repro.script(there, PATHS["savedmodel-raw"], CHECKS["mode-parity"]) is None


def test_what_declares_no_lines_gives_no_script() -> None:
    nothing = LoadingPath(id="new", family="rebuilt", summary="", build=lambda framework: None)
    assert repro.script(framework(eager=True), nothing, CHECKS["mode-parity"]) is None


@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
def test_every_check_states_its_property_its_source_and_its_tolerance(check: Check) -> None:
    assert check.statement.endswith(".")
    assert "Source:" in (check.decide.__doc__ or "")
    assert "Tolerance:" in (check.decide.__doc__ or "")


@pytest.mark.parametrize("id", ["weights-h5", "weights-h5-by-name.nested"])
def test_a_script_writes_legacy_weights_where_save_weights_refuses_the_name_of_the_file(id: str) -> None:
    script = repro.script(framework(eager=True), PATHS[id], CHECKS["weights-kept"]) or ""
    carry = script[script.index("def carry") : script.index("network = carry")]
    calls: list[str] = []

    def refuse(file: str) -> None:
        raise ValueError(f"The filename must end in `.weights.h5`. Received: {file}")

    saved = SimpleNamespace(save_weights=refuse, save=lambda file: calls.append(f"save {file}"))
    loaded = SimpleNamespace(load_weights=lambda file, **_: calls.append(f"load {file}"))
    names: dict[str, Any] = {"set_trainable": lambda network, _: network}
    exec(carry, names)  # noqa: S102 - the project's own script
    names["carry"](saved, loaded)
    assert calls == ["save weights.h5", "load weights.h5"]
