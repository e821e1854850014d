"""Models of a person's own in real releases of TensorFlow."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.checking.conftest import ROOT, Check, release_python

pytestmark = pytest.mark.end_to_end

HERE = Path(__file__).parent
OLD, MIDDLE, NEW, GRAPH = "tf2.1.0", "tf2.15.1", "tf2.21.0", "tf1.15.5"


def verdicts(check: Check, release: str, name: str) -> tuple[int, dict[str, str]]:
    said = check(f"models:{name}", "--python", release_python(release), "--format", "json", cwd=HERE)
    assert said.exit_code in {0, 1, 3}, said.stderr
    return said.exit_code, {name: layer["verdict"] for name, layer in said.layers.items()}


@pytest.mark.parametrize(
    ("release", "name", "code", "expected"),
    [
        (OLD, "sound", 0, {"backbone/first": "sound", "backbone/second": "sound"}),
        (OLD, "partly", 0, {"first": "sound", "second": "not-frozen"}),
        (OLD, "several_inputs", 0, {"first": "sound", "second": "sound"}),
        (MIDDLE, "sound", 0, {"backbone/first": "sound", "backbone/second": "sound"}),
        (MIDDLE, "drifting", 1, {"first": "affected", "second": "affected"}),
        (NEW, "drifting", 1, {"first": "affected", "second": "affected"}),
        (NEW, "partly", 0, {"first": "sound", "second": "not-frozen"}),
        (NEW, "several_inputs", 0, {"first": "sound", "second": "sound"}),
    ],
)
def test_frozen_layers_are_judged_and_others_are_not(
    check: Check, release: str, name: str, code: int, expected: dict[str, str]
) -> None:
    assert verdicts(check, release, name) == (code, expected)


@pytest.mark.parametrize("name", ["unfrozen", "frozen_around", "none", "preprocessing", "tokens_and_batch"])
def test_other_ways_of_building_in_the_newest_release(check: Check, name: str) -> None:
    expected: dict[str, tuple[int, set[str]]] = {
        "unfrozen": (3, {"not-frozen"}),
        "frozen_around": (1, {"affected"}),
        "none": (3, set()),
        "preprocessing": (0, {"sound"}),
        "tokens_and_batch": (0, {"sound"}),
    }
    code, found = verdicts(check, NEW, name)
    assert (code, set(found.values())) == expected[name]


def test_a_model_whose_own_training_step_fails_is_not_sound(check: Check) -> None:
    # Keras 3 trains no layer through the person's own tf.function: a plain script gets the same error.
    said = check("models:subclassed_and_batch", "--python", release_python(NEW), "--format", "json", cwd=HERE)
    assert said.exit_code == 4, said.stderr
    assert "No gradients provided" in said.document["unseen"][0]


def test_a_subclassed_model_is_seen_through_its_own_tf_function(check: Check) -> None:
    said = check("models:subclassed_and_batch", "--python", release_python(OLD), "--format", "json", cwd=HERE)
    assert said.exit_code == 0, said.stderr
    assert said.document["unseen"] == []
    assert len(said.layers) == 2
    for layer in said.layers.values():
        assert layer["evidence"]["training_statistics"] == "own"
        assert layer["evidence"]["moved_by_training"] == []


def test_an_old_layer_is_named_with_a_cure_that_was_tried(check: Check) -> None:
    said = check("models:old", "--python", release_python(OLD), cwd=HERE)
    assert said.exit_code == 1, said.stderr
    assert "backbone/first, backbone/second" in said.stdout
    assert "uses the batch's own statistics in training" in " ".join(said.stdout.split())
    assert "build the model from tf.keras.layers.BatchNormalization" in " ".join(said.stdout.split())
    assert "tried on a copy in TensorFlow 2.1.0" in " ".join(said.stdout.split())
    assert "noise of a person's own" not in said.stdout
    assert check("models:old", "--python", release_python(NEW), cwd=HERE).exit_code == 0


def test_graph_mode_is_judged_by_the_graph_that_there_is(check: Check) -> None:
    said = check("models:sound", "--python", release_python(GRAPH), "--format", "json", cwd=HERE)
    assert said.exit_code == 1, said.stderr
    assert {layer["evidence"]["training_statistics"] for layer in said.layers.values()} == {"batch"}
    assert "compat.v2" in said.layers["backbone/first"]["cure"]


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("tokens", 2, "The input 'words' holds int32"),
        ("subclassed", 2, "Return the batch too"),
        ("killed", 4, "killed by SIGKILL"),
        ("sond", 2, "Did you mean sound?"),
    ],
)
def test_what_stands_in_the_way_is_told(check: Check, name: str, code: int, told: str) -> None:
    said = check(f"models:{name}", "--python", release_python(NEW), cwd=HERE)
    assert said.exit_code == code
    assert told in said.stderr
    assert said.stdout == ""


ASSERTION = """
import numpy as np
import pytest

import models


def values(model):
    return [np.array(each) for each in model.weights]


def test_sound(frozen_batchnorm):
    model = models.sound()
    model.compile("sgd", "mse")
    before = values(model)
    frozen_batchnorm(model)
    frozen_batchnorm(model, np.ones((4, 8, 8, 3), "float32"))
    assert all(map(np.array_equal, before, values(model)))


def test_affected(frozen_batchnorm):
    model = models.drifting()
    before = values(model)
    with pytest.raises(AssertionError) as raised:
        frozen_batchnorm(model)
    assert "2 of 2 frozen layers do not behave as frozen" in str(raised.value)
    assert "a training step moves its moving_mean" in str(raised.value)
    assert "Cure: build the model from" in str(raised.value)
    assert all(map(np.array_equal, before, values(model)))


@pytest.mark.parametrize(("name", "told"), [("none", "no BatchNorm layer"), ("unfrozen", "none of the model's 2")])
def test_nothing_frozen(frozen_batchnorm, name, told):
    with pytest.raises(ValueError, match=told):
        frozen_batchnorm(getattr(models, name)())


def test_no_batch(frozen_batchnorm):
    with pytest.raises(ValueError, match="the input 'words' holds int32"):
        frozen_batchnorm(models.tokens())
    frozen_batchnorm(*models.tokens_and_batch())


def test_told(frozen_batchnorm):
    frozen_batchnorm(models.drifting())
"""


def test_the_fixture_asserts_in_a_persons_own_tests_and_leaves_the_model_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(ASSERTION, encoding="utf-8")
    variables = {"PYTHONPATH": f"{ROOT}:{HERE}", "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [
        "-m",
        "pytest",
        "-p",
        "bnregress.pytest_plugin",
        "-p",
        "no:cacheprovider",
        "-W",
        "error:::bnregress",
        "-q",
    ]
    finished = subprocess.run(
        [release_python(NEW), *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "1 failed, 5 passed" in finished.stdout, finished.stdout + finished.stderr
    # What fails points at the person's own line, with the sentence, and shows nothing of bnregress itself.
    assert "AssertionError: 2 of 2 frozen layers" in finished.stdout
    assert "bnregress/suite" not in finished.stdout
