"""A person's own model in two releases: what each layer normalises with in training must stay, frozen or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.checking.diagnosis import Layer, ModelDiagnosis
from bnregress.checking.model_cells import model_cell
from bnregress.checking.target import require_module
from bnregress.checking.two_releases import compare_model
from bnregress.errors import UsageError
from bnregress.judging.gate.upgrade import judge_upgrade
from bnregress.results.model import CellResult
from tests.judging.gate.conftest import cell, results

BEFORE, AFTER = "tf2.15.1", "tf2.21.0"
SOUND = cell(f"{BEFORE}/vgg16", "pass"), cell(f"{AFTER}/vgg16", "pass")


def layer(name: str, verdict: str, statistics: str | None, moved: list[str] | None = None) -> Layer:
    return Layer(
        name=name,
        class_="BatchNormalization",
        frozen=verdict != "not-frozen",
        verdict=verdict,
        reason=verdict,
        cure=None,
        evidence={"training_statistics": statistics, "moved_by_training": moved or []},
    )


def inspected(release: str, *layers: Layer, unseen: tuple[str, ...] = ()) -> CellResult:
    found = ModelDiagnosis(facts={}, target="models:build", layers=layers, unseen=unseen)
    return model_cell(CellId(release=release, path="own-model"), "cpu", found)


def word(older: CellResult, newer: CellResult) -> str:
    compared = compare_model(results(*SOUND, older, newer), BEFORE, AFTER)
    return judge_upgrade(compared, BEFORE, AFTER, "regression").word


def test_a_layer_that_is_not_frozen_and_changes_its_statistics_makes_an_upgrade_unsafe() -> None:
    frozen = layer("a", "sound", "own")
    inference, batch = layer("b", "not-frozen", "own"), layer("b", "not-frozen", "batch")
    assert word(inspected(BEFORE, frozen, inference), inspected(AFTER, frozen, inference)) == "safe"
    assert word(inspected(BEFORE, frozen, inference), inspected(AFTER, frozen, batch)) == "unsafe"
    assert word(inspected(BEFORE, frozen, batch), inspected(AFTER, frozen, inference)) == "unsafe"
    # With nothing frozen at all there is no verdict of either release, and still a difference.
    assert word(inspected(BEFORE, inference), inspected(AFTER, batch)) == "unsafe"


def test_statistics_that_begin_to_move_are_the_batchs() -> None:
    still, moving = layer("b", "not-frozen", "own"), layer("b", "not-frozen", "own", ["moving_mean"])
    assert word(inspected(BEFORE, still), inspected(AFTER, moving)) == "unsafe"


def test_the_reason_names_both_releases_and_the_layers() -> None:
    older, newer = (inspected(r, layer("b", "not-frozen", s)) for r, s in ((BEFORE, "own"), (AFTER, "batch")))
    found = compare_model(results(older, newer), BEFORE, AFTER).cells[1]
    assert found.reason == (
        "1 BatchNorm layer (b) trains in inference mode in tf2.15.1 and with the batch's statistics in tf2.21.0"
    )


@pytest.mark.parametrize("newer", [[layer("b", "sound", "unseen")], [layer("b", "sound", "own")] * 2])
def test_what_cannot_be_compared_is_not_safe(newer: list[Layer]) -> None:
    assert word(inspected(BEFORE, layer("b", "sound", "own")), inspected(AFTER, *newer)) == "cannot tell"


def test_layers_of_other_kinds_are_not_compared() -> None:
    frozen = layer("a", "sound", "own")
    assert word(inspected(BEFORE, frozen), inspected(AFTER, frozen, layer("c", "sound", None))) == "safe"


def test_what_could_not_be_measured_is_inconclusive_with_its_reason() -> None:
    found = inspected(AFTER, layer("a", "sound", "own"), unseen=("the training step fails",))
    assert (found.status, found.reason) == (
        "inconclusive",
        "not all of models:build could be measured: the training step fails",
    )


@pytest.mark.parametrize("target", ["missing:build", "models", ":build"])
def test_a_module_that_is_not_there_is_refused_at_once(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").touch()
    with pytest.raises(UsageError):
        require_module(target)
    require_module("models:build")
