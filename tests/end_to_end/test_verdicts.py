"""The verdicts on an old, a middle and a new release, measured in one run."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from packaging.utils import canonicalize_name

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.errors import ExitCode
from bnregress.planning.plan import Plan
from bnregress.releases.catalog import load_catalog
from bnregress.results.file import load_results, results_schema
from bnregress.results.model import CellResult, CheckResult
from bnregress.run.rundir import read_json
from bnregress.suite import tolerances
from bnregress.suite.paths import PATHS
from bnregress.suite.record_files import RecordPaths
from bnregress.suite.variants import default_names
from tests.end_to_end.command import Command, Outcome
from tests.end_to_end.conftest import THREE_RELEASES

pytestmark = pytest.mark.end_to_end

#: BatchNorm layers of ResNet50, and all its layers.
BATCHNORMS = 53
LAYERS = 175


@pytest.fixture
def cells(three_releases: Outcome) -> dict[str, CellResult]:
    return {str(cell.id): cell for cell in three_releases.results.cells}


@pytest.fixture
def broken(cells: dict[str, CellResult]) -> CellResult:
    """The cell of the report that all this began with."""
    return cells["tf2.1.0/tf-keras-applications"]


def checks(cell: CellResult) -> dict[str, CheckResult]:
    return {check.name: check for check in cell.checks}


def test_the_packaged_file_lists_what_regresses_and_nothing_else(three_releases: Outcome) -> None:
    assert three_releases.exit_code == ExitCode.EXPECTED, three_releases.progress
    assert "REGRESS tf2.1.0/tf-keras-applications, listed as known\n" in three_releases.progress
    assert {cell.drift for cell in three_releases.results.cells} == {None}
    assert all(release in three_releases.stdout for release in THREE_RELEASES)
    first = (three_releases.out / "summary.md").read_text(encoding="utf-8").splitlines()[0]
    regressions = list(three_releases.statuses.values()).count("regress")
    assert first.startswith(f"**AS KNOWN**: {regressions} regressions, all known")


def test_each_regression_is_new_if_none_is_known(three_releases: Outcome, command: Command, tmp_path: Path) -> None:
    told = command.ask("report", str(three_releases.out), "--known", "none", "--out", str(tmp_path / "told"))
    assert told.returncode == ExitCode.REGRESSION, told.stderr
    assert "frozen BatchNorm normalises with the batch's own statistics while training" in " ".join(told.stdout.split())
    new = {str(cell.id) for cell in load_results(tmp_path / "told" / "results.json").cells if cell.drift == "new"}
    assert new == {id for id, status in three_releases.statuses.items() if status == "regress"}
    first = (tmp_path / "told" / "summary.md").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("**REGRESS**: 3 of 3 releases break a frozen BatchNorm")


def test_every_planned_cell_is_decided_by_exactly_one_record(three_releases: Outcome) -> None:
    plan = Plan.from_json(read_json(three_releases.run.plan))
    default = [name for path in PATHS.values() if path.group == "default" for name in default_names(path.id)]
    assert len(plan.cells) == len(THREE_RELEASES) * len(default)
    assert [cell.id for cell in three_releases.results.cells] == list(plan.cells)
    assert three_releases.results.complete
    for cell in plan.cells:
        assert RecordPaths(three_releases.run.records(cell.release)).record(cell.subject).exists()


def test_nothing_is_an_error_or_inconclusive(cells: dict[str, CellResult]) -> None:
    assert {cell.status for cell in cells.values()} == {"pass", "regress", "not-applicable"}


def test_the_frozen_resnet50_of_tensorflow_2_1_0_regresses(broken: CellResult) -> None:
    assert broken.status == "regress"
    asked = checks(broken)
    assert asked["mode-parity"].status == asked["fit-eval-parity"].status == "regress"
    sentence = "frozen BatchNorm normalises with the batch's own statistics while training: 53 of 53 layers"
    assert broken.reason.startswith(f"{sentence}, largest deviation ")
    evidence = asked["mode-parity"].evidence
    assert evidence["batchnorms"] == evidence["deviating"] == BATCHNORMS
    assert len({layer["name"] for layer in evidence["layers"]}) == BATCHNORMS
    assert all(layer["deviation"] > evidence["tolerance"] for layer in evidence["layers"])


def test_its_remedy_is_a_path_that_passed_in_the_same_run(broken: CellResult, cells: dict[str, CellResult]) -> None:
    assert broken.remedy is not None
    assert broken.remedy.startswith("Go through tf-keras-applications-layers, ")
    assert PATHS["tf-keras-applications-layers"].summary in broken.remedy
    assert cells["tf2.1.0/tf-keras-applications-layers"].status == "pass"
    assert "take tf2.15.1, the nearest newer release" in broken.remedy
    assert cells["tf2.15.1/tf-keras-applications"].status == "pass"


def test_the_control_passes_in_every_release(cells: dict[str, CellResult]) -> None:
    assert {cells[f"{release}/vgg16"].status for release in THREE_RELEASES} == {"pass"}


@pytest.mark.parametrize(
    ("release", "elsewhere"),
    [
        ("tf2.15.1", {"weights-h5.nested", "weights-h5-by-name.nested", "resumed-savedmodel", "constructor"}),
        # Of the small network's variants those that are frozen by the call.
        (
            "tf2.21.0",
            {"weights-h5.nested", "weights-h5-by-name.nested", "tfsm-layer", "small"}
            | {"flags", "phases", "resumed-h5", "constructor"},
        ),
    ],
)
def test_the_newer_releases_regress_where_they_are_known_to_and_nowhere_else(
    release: str, elsewhere: set[str], cells: dict[str, CellResult]
) -> None:
    regressing = {cell.id.path for cell in cells.values() if cell.id.release == release and cell.status == "regress"}
    assert regressing == elsewhere
    passed = {cell.id.path for cell in cells.values() if cell.id.release == release and cell.status == "pass"}
    assert {"tf-keras-applications", "clone", "json", "h5"} <= passed


def test_every_check_can_fail_on_every_network_that_passes(cells: dict[str, CellResult]) -> None:
    for id, cell in cells.items():
        # Of variants the small network alone is asked, and which checks each is asked is told by the variant.
        if cell.status == "pass" and cell.id.variant == DEFAULT_VARIANT:
            path = PATHS[cell.id.path]
            if path.own is not None:
                # They un-freeze networks of their own; these two have a check for it.
                for name in {f"{path.id}-unfrozen"} & {"training-unfrozen", "layers-unfrozen"}:
                    assert checks(cell)[name].status == "pass", id
                continue
            opaque = path.family == "raw"
            assert checks(cell)["unfreeze-control"].status == ("not-applicable" if opaque else "pass"), id
            if path.network == "resnet50" and path.id != "densenet121":
                expected = 0 if path.control else BATCHNORMS
                assert checks(cell)["mode-parity"].evidence["batchnorms"] == expected, id


def test_all_sound_networks_evaluate_to_the_same_loss_in_every_release(cells: dict[str, CellResult]) -> None:
    on_resnet50 = {
        path.id for path in PATHS.values() if path.network == "resnet50" and path.id not in ("vgg16", "densenet121")
    }
    sound = [cell for cell in cells.values() if cell.status == "pass" and cell.id.path in on_resnet50]
    assert {cell.id.release for cell in sound} == set(THREE_RELEASES)
    losses = {str(cell.id): checks(cell)["fit-eval-parity"].evidence["evaluate_loss"] for cell in sound}
    assert math.isfinite(min(losses.values()))
    assert max(losses.values()) - min(losses.values()) <= tolerances.relative("float32", LAYERS) * min(losses.values())


def test_results_json_fits_its_published_schema(three_releases: Outcome) -> None:
    document = json.loads((three_releases.out / "results.json").read_bytes())
    Draft202012Validator.check_schema(results_schema())
    Draft202012Validator(results_schema()).validate(document)


@pytest.mark.parametrize("release", THREE_RELEASES)
def test_what_was_installed_is_what_the_lock_pins(release: str, three_releases: Outcome) -> None:
    row, found = load_catalog()[release], three_releases.results.releases[release]
    lines = row.lock().read_text(encoding="utf-8").splitlines()
    pins = dict(line.split(" ")[0].split("==") for line in lines if "==" in line)
    assert found.packages is not None
    assert {canonicalize_name(name): version for name, version in found.packages.items()} == pins
    assert found.tensorflow == row.tensorflow
    assert found.keras == row.keras
    assert found.lock_sha256 == row.lock_sha256()
    assert found.python is not None
    assert found.python.startswith(f"{row.python}.")
