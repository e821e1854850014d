"""A person's own model is one more cell of each release."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.checking import model_cells
from bnregress.checking.diagnosis import Layer, ModelDiagnosis
from bnregress.checking.model_cells import model_cell, with_model
from bnregress.errors import UsageError
from bnregress.judging.gate.upgrade import judge_upgrade
from bnregress.machine.locations import ENVIRONMENTS_VARIABLE
from bnregress.results import planhash
from bnregress.results.file import load_results, write_results
from bnregress.results.merging import Source, merge
from bnregress.results.model import CellResult
from bnregress.run.engine import Measured
from tests.judging.gate.conftest import cell, results


def layer(name: str, verdict: str) -> Layer:
    return Layer(
        name=name,
        class_="BatchNormalization",
        frozen=verdict != "not-frozen",
        verdict=verdict,
        reason=f"{name} is {verdict}",
        cure="Do.",
        evidence={"off_by": 0.5},
    )


def inspected(*verdicts: str, release: str = "tf2.1.0") -> CellResult:
    layers = tuple(layer(f"bn{index}", verdict) for index, verdict in enumerate(verdicts))
    found = ModelDiagnosis(facts={}, target="models:build", layers=layers, notes=("a note",))
    return model_cell(CellId(release=release, path="own-model"), "cpu", found)


@pytest.mark.parametrize(
    ("verdicts", "status", "reason"),
    [
        (["sound", "sound", "not-frozen"], "pass", "all 2 frozen BatchNorm layers behave as frozen"),
        (["sound", "affected"], "regress", "1 of 2 frozen layers (bn1): bn1 is affected"),
        (["undecided", "sound"], "inconclusive", "1 of 2 frozen layers (bn0): bn0 is undecided"),
        (["not-frozen"], "not-applicable", "models:build has no frozen BatchNorm"),
        ([], "not-applicable", "models:build has no frozen BatchNorm"),
        (["affected"] * 5, "regress", "5 of 5 frozen layers (bn0, bn1, bn2, …): bn0 is affected"),
    ],
)
def test_its_layers_make_its_verdict(verdicts: list[str], status: str, reason: str) -> None:
    found = inspected(*verdicts)
    assert (found.status, found.reason) == (status, reason)
    assert (found.remedy is not None) == (status in ("regress", "inconclusive"))


def test_it_fits_into_a_results_file(tmp_path: Path) -> None:
    run = results(inspected("affected"), cell("tf2.1.0/h5", "pass"))
    write_results(run, tmp_path / "results.json")
    assert load_results(tmp_path / "results.json") == run


def test_it_decides_an_upgrade_and_nothing_takes_its_place() -> None:
    sound = cell("tf2.1.0/vgg16", "pass"), cell("tf2.15.1/vgg16", "pass")
    broken = judge_upgrade(
        results(*sound, inspected("sound"), inspected("affected", release="tf2.15.1")), "tf2.1.0", "tf2.15.1", "never"
    )
    assert broken.word == "unsafe"
    assert broken.sections[0].findings[0].title == "own-model"
    lost = judge_upgrade(
        results(*sound, inspected("sound"), inspected(release="tf2.15.1")), "tf2.1.0", "tf2.15.1", "never"
    )
    assert [section.kind for section in lost.sections] == ["gone"]


def test_where_a_release_cannot_be_had_nor_can_the_model_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENTS_VARIABLE, str(tmp_path / "environments"))
    run = results(
        cell("tf2.1.0/h5", "unavailable", reason="no CPython 3.7", remedy="Install it."),
        cell("tf2.15.1/h5", "error", reason="disk full"),
    )
    said: list[str] = []
    measured = Measured(run, interrupted=False)
    found = with_model(measured, "models:build", suite=tmp_path, say=said.append).results.cells[-2:]
    assert [str(each.id) for each in found] == ["tf2.1.0/own-model", "tf2.15.1/own-model"]
    assert (found[0].status, found[0].reason, found[0].remedy) == ("unavailable", "no CPython 3.7", "Install it.")
    assert (found[1].status, found[1].kind) == ("error", "infra")
    assert said[-1] == "tf2.15.1: models:build error"


def test_the_shards_of_a_plan_have_it_once_and_another_model_is_another_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENTS_VARIABLE, str(tmp_path / "environments"))
    ids = ["tf2.1.0/vgg16", "tf2.1.0/h5", "tf2.15.1/h5"]
    planned = tuple(map(CellId.parse, ids))
    whole = results(*(cell(each, "pass") for each in ids))
    plan = planhash.sha256(
        planhash.ingredients(
            cells=ids,
            devices=dict.fromkeys(whole.releases, "cpu"),
            locks={name: release.lock_sha256 for name, release in whole.releases.items()},
            asked={"suite": "2" * 64},
        )
    )

    def shard(index: int, *held: str, model: str = "models:build") -> Source:
        own = results(*(cell(each, "pass") for each in held))
        run = replace(
            own,
            run="run-1",
            shard=Shard(index, 2),
            places={id: place for place, id in enumerate(planned) if str(id) in held},
            asked={"suite": "2" * 64, "devices": dict.fromkeys(own.releases, "cpu")},
            plan=plan,
        )
        measured = with_model(
            Measured(run, interrupted=False, planned=planned), model, suite=tmp_path, say=lambda _: None
        )
        return Source(name=f"shard {index}", results=measured.results)

    # tf2.1.0 is in both shards; its first cell is in the second.
    one, two = shard(1, ids[1], ids[2]), shard(2, ids[0])
    merged = merge([one, two])
    assert [str(each.id) for each in merged.cells] == [
        *ids[:2], "tf2.1.0/own-model", ids[2], "tf2.15.1/own-model",
    ]  # fmt: skip
    for own in merged.cells:
        assert own.status == ("error" if own.id.path == "own-model" else "pass")
    with pytest.raises(UsageError, match="a different plan"):
        merge([one, shard(2, ids[0], model="models:other")])
    lost = next(each for each in one.results.cells if each.id.path == "own-model")
    rest = replace(
        one.results,
        cells=tuple(each for each in one.results.cells if each is not lost),
        places={id: place for id, place in (one.results.places or {}).items() if id != lost.id},
    )
    with pytest.raises(UsageError, match=r"tf2\.15\.1/own-model is planned, and in none of them"):
        merge([Source(name="shard 1", results=rest), two])
    write_results(one.results, tmp_path / "results.json")
    assert load_results(tmp_path / "results.json") == one.results


def test_what_an_interrupt_kept_from_being_measured_is_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> CellResult:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_cells, "_cell", interrupted)
    run = results(cell("tf2.1.0/h5", "pass"), cell("tf2.15.1/h5", "pass"))
    found = with_model(Measured(run, interrupted=False), "models:build", suite=tmp_path, say=lambda _: None)
    assert found.interrupted
    assert not found.results.complete
    assert [str(each) for each in found.results.undecided] == ["tf2.1.0/own-model", "tf2.15.1/own-model"]
