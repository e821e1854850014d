"""The repro script of a variant."""

from __future__ import annotations

import ast
from types import SimpleNamespace

import pytest

from bnregress.suite import repro
from bnregress.suite.checks import CHECKS
from bnregress.suite.paths import PATHS
from bnregress.suite.variants import names
from tests.suite.test_repro import framework

ASKED = [(path, variant) for path in ("small", "h5", "tf-keras-applications") for variant in names(path)]


@pytest.mark.parametrize("check", ["mode-parity", "fit-eval-parity", "frozen-state"])
@pytest.mark.parametrize(("path", "variant"), ASKED)
def test_a_variant_gives_a_script_that_stands_alone(path: str, variant: str, check: str) -> None:
    script = repro.script(framework(eager=True), PATHS[path], CHECKS[check], variant)
    assert script is not None
    tree = ast.parse(script)
    assert isinstance(tree.body[-1], ast.Assert)
    assert "TRAINABLE" not in script
    assert variant == "default" or f"{path}@{variant}" in script


def test_a_mode_is_switched_before_anything_is_built() -> None:
    graph = repro.script(framework(eager=False), PATHS["small"], CHECKS["mode-parity"], "mode=graph") or ""
    assert graph.index("disable_eager_execution()") < graph.index("tf.keras")
    old = repro.script(framework(eager=True), PATHS["small"], CHECKS["mode-parity"], "mode=tf2-behavior-0") or ""
    assert old.index("TF2_BEHAVIOR") < old.index("import tensorflow")


def test_a_network_frozen_after_compiling_must_train_un_frozen_in_the_script() -> None:
    script = repro.script(framework(eager=True), PATHS["small"], CHECKS["frozen-state"], "freeze=after-compile") or ""
    assert "changed == len(before)" in script
    assert script.index("model.compile") < script.index("part.trainable = False")


@pytest.mark.parametrize(
    ("keras", "frozen"), [(SimpleNamespace(), "changed == len(before)"), (SimpleNamespace(ops=None), "changed == 0")]
)
def test_an_eager_step_of_keras_3_reads_the_flags_in_the_script_too(keras: SimpleNamespace, frozen: str) -> None:
    variant = "freeze=after-compile,train=eager"
    made = framework(eager=True, keras=keras)
    assert frozen in (repro.script(made, PATHS["small"], CHECKS["frozen-state"], variant) or "")


@pytest.mark.parametrize("check", ["mode-parity", "batch-independence"])
def test_where_the_call_freezes_it_is_the_model_that_a_script_runs(check: str) -> None:
    script = repro.script(framework(eager=True), PATHS["small"], CHECKS[check], "freeze=call,wrap=nested") or ""
    checked = script[script.index("model.compile") :]
    assert "forward(model, images" in checked
    assert "forward(network, images" not in checked
    assert "network(inputs, training=False)" in script


def test_a_script_of_two_stages_trains_the_head_then_unfreezes_and_compiles_again() -> None:
    variant = "freeze=two-stage,wrap=functional,train=tf-function"
    script = repro.script(framework(eager=True), PATHS["small"], CHECKS["frozen-state"], variant) or ""
    steps = [
        "part.trainable = False",
        "model.compile",
        "step(model",
        "part.trainable = True",
        "model.compile",
        "def step",
    ]
    places = [script.index(steps[0])]
    for step in steps[1:]:
        places.append(script.index(step, places[-1] + 1))
    assert "assert not moved and not still" in script[places[-1] :]


def test_a_script_of_layers_in_front_calls_the_un_frozen_model_without_its_mode() -> None:
    script = repro.script(framework(eager=True), PATHS["small"], CHECKS["mode-parity"], "wrap=preprocessing") or ""
    checked = script[script.index("model.compile") :]
    assert checked.index("layer.trainable = True") < checked.index("untold = model(images)")
