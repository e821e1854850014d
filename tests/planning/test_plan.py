"""What is planned, and what the plan's hash depends on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.errors import NothingToDoError, UsageError
from bnregress.machine.interpreters import Interpreter
from bnregress.planning.durations import Durations, load_durations
from bnregress.planning.finetune import Finetune
from bnregress.planning.placement import Placement
from bnregress.planning.plan import Plan
from bnregress.releases.catalog import Release, load_catalog
from tests.planning.plans import plan_of

PATHS = ("h5", "json", "tf-keras-applications")


@pytest.fixture
def catalog(tmp_path: Path) -> dict[str, Release]:
    rows = {
        "tf1.15.5": ("3.7", {"default", "legacy"}),
        "tf2.1.0": ("3.7", {"default"}),
        "tf2.1.1": ("3.7", {"patch"}),
        "tf2.21.0": ("3.13", {"default"}),
    }
    releases = {}
    for name, (python, groups) in rows.items():
        (tmp_path / f"{name}.cpu.txt").write_text(f"# {name}\n", encoding="utf-8")
        releases[name] = Release(
            id=name,
            tensorflow=name[2:],
            keras="2.2.4-tf",
            python=python,
            cpu="tensorflow",
            gpu="tensorflow",
            constraints=("a", "b"),
            groups=frozenset(groups),
            locks=tmp_path,
        )
    return releases


Releases = dict[str, Release]


def find_37(python: str) -> Interpreter | None:
    return Interpreter("3.7.16", Path("/opt/python3.7")) if python == "3.7" else None


def plan(catalog: dict[str, Release], **changes: Any) -> Plan:
    options: dict[str, Any] = {"find": find_37, "known_paths": PATHS, "suite_sha256": lambda: "5" * 64}
    return plan_of(catalog=catalog, **options | changes)


def cells(plan: Plan) -> list[str]:
    return [str(cell) for cell in plan.cells]


def test_the_default_is_the_group_default_with_every_path(catalog: dict[str, Release]) -> None:
    made = plan(catalog)
    assert [release.id for release in made.releases] == ["tf1.15.5", "tf2.1.0", "tf2.21.0"]
    assert len(made.cells) == 3 * len(PATHS)
    assert made.device == "cpu"


def test_a_release_without_an_interpreter_is_planned_as_unavailable_with_its_remedy(catalog: Releases) -> None:
    made = plan(catalog)
    assert [release.id for release in made.available] == ["tf1.15.5", "tf2.1.0"]
    missing = made.release("tf2.21.0")
    assert "3.13" in str(missing.unavailable)
    assert "3.13" in str(missing.remedy)
    assert missing.cells


@pytest.mark.parametrize(
    ("select", "paths", "expected"),
    [
        (["tf2.1.*"], ["h5"], ["tf2.1.0/h5", "tf2.1.1/h5"]),
        (["group:patch"], ["{json,h5}"], ["tf2.1.1/h5", "tf2.1.1/json"]),
        (["group:{patch,legacy}"], ["h5"], ["tf1.15.5/h5", "tf2.1.1/h5"]),
        (["*/h5"], [], ["tf1.15.5/h5", "tf2.1.0/h5", "tf2.1.1/h5", "tf2.21.0/h5"]),
        (["tf2.21.0/json", "tf2.1.0"], ["*j*", "h5"], ["tf2.1.0/h5", "tf2.1.0/json", "tf2.21.0/json"]),
    ],
)
def test_selectors_choose_cells(
    catalog: dict[str, Release], select: list[str], paths: list[str], expected: list[str]
) -> None:
    assert cells(plan(catalog, select=select, paths=paths)) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": ["tf2.1.9"]}, "No release is named 'tf2.1.9'.*tf2.1.[01]"),
        ({"select": ["group:defualt"]}, "No group of releases is named 'defualt'.*default"),
        ({"select": ["tf2.1.0/h6"]}, "No cell is named.*Did you mean h5"),
        ({"paths": ["H5"]}, "No path is named"),
        ({"paths": ["tf-keras-aplications"]}, "Did you mean tf-keras-applications"),
        ({"variants": ["freeze=modle"]}, "No variant is named.*did you mean model\\? `bnregress"),
        ({"device": "cpus"}, "Did you mean cpu"),
    ],
)
def test_what_fits_nothing_is_a_usage_error_with_the_nearest_names(
    catalog: dict[str, Release], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        plan(catalog, **options)


def test_of_releases_that_no_selector_names_no_cell_is_made(
    catalog: dict[str, Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make(release: str, path: str, variant: str) -> CellId:
        made.append(release)
        return CellId(release=release, path=path, variant=variant)

    monkeypatch.setattr("bnregress.planning.selection.CellId", make)
    chosen = plan(catalog, select=["tf2.1.0/h5", "{tf2.1.0/json,tf2.21.0/h5}"]).cells
    assert [str(cell) for cell in chosen] == ["tf2.1.0/h5", "tf2.1.0/json", "tf2.21.0/h5"]
    assert set(made) == {"tf2.1.0", "tf2.21.0"}


def test_more_cells_than_results_can_hold_are_refused_before_anything_runs(
    catalog: dict[str, Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = len(plan(catalog).cells)
    monkeypatch.setattr("bnregress.planning.plan.MOST_CELLS", cells)
    plan(catalog)
    monkeypatch.setattr("bnregress.planning.plan.MOST_CELLS", cells - 1)
    with pytest.raises(UsageError, match="Select fewer with --select"):
        plan(catalog)


def test_selectors_that_exclude_each_other_leave_nothing_to_do(catalog: dict[str, Release]) -> None:
    with pytest.raises(NothingToDoError):
        plan(catalog, select=["tf2.1.0/h5"], paths=["json"])


def test_a_plan_survives_its_json(catalog: dict[str, Release]) -> None:
    made = plan(catalog)
    again = Plan.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.hash == made.hash


def test_the_hash_does_not_depend_on_where_interpreters_are(catalog: dict[str, Release]) -> None:
    elsewhere = plan(catalog, find=lambda python: Interpreter(f"{python}.99", Path("/elsewhere")))
    assert plan(catalog, find=lambda python: None).hash == plan(catalog).hash == elsewhere.hash


def on_the_gpu(made: Plan) -> Plan:
    placed = tuple(replace(release, placement=Placement(device="gpu")) for release in made.releases)
    return replace(made, device="gpu", releases=placed)


def test_the_hash_depends_on_cells_locks_and_suite(catalog: dict[str, Release], tmp_path: Path) -> None:
    before = plan(catalog)
    others = [plan(catalog, paths=["h5"]), plan(catalog, suite_sha256=lambda: "6" * 64), on_the_gpu(before)]
    (tmp_path / "tf2.1.0.cpu.txt").write_text("# changed\n", encoding="utf-8")
    hashes = {before.hash, plan(catalog).hash, *(other.hash for other in others)}
    assert len(hashes) == 5


def test_the_predicted_time_counts_what_is_to_be_built_and_what_runs_side_by_side(catalog: dict[str, Release]) -> None:
    made, durations = plan(catalog), load_durations()
    one = durations.plan_seconds(made)
    assert durations.plan_seconds(made, ready={"tf2.1.0"}) == one - durations.build
    alone = [durations.plan_seconds(plan(catalog, select=[release])) for release in ("tf1.15.5", "tf2.1.0")]
    assert durations.plan_seconds(made, jobs=2) == max(alone) < one == sum(alone)
    assert durations.plan_seconds(plan(catalog, select=["tf2.21.0"])) == 0


@pytest.mark.parametrize(
    ("release", "h5", "json_"),
    [("tf2.18.0", 3.0, 1.0), ("tf2.18.1", 5.0, 1.0), ("tf2.18.1-keras3.6.0", 5.0, 7.0), ("nightly", 2.0, 1.0)],
)
def test_a_release_without_figures_of_its_own_takes_those_of_its_patch_and_minor_version(
    release: str, h5: float, json_: float
) -> None:
    own = {
        "tf2.18": {"path": {"h5": 3.0}},
        "tf2.18.1": {"path": {"h5": 5.0}},
        "tf2.18.1-keras3.6.0": {"path": {"json": 7.0}},
        "tf2.1": {"path": {"h5": 99.0}},
    }
    durations = Durations(build=0, import_=0, cell=1.0, path={"h5": 2.0}, finetune=0.0, releases=own)

    assert (durations.cell_seconds(release, "h5"), durations.cell_seconds(release, "json")) == (h5, json_)


def test_the_shipped_catalog_and_paths_make_a_plan() -> None:
    made = plan_of(catalog=load_catalog(), find=lambda python: None)
    assert {"tf1.15.5", "tf2.1.0", "tf2.21.0"} <= {release.id for release in made.releases}
    assert "tf2.1.0/tf-keras-applications-layers" in cells(made)


GROUPS = {"h5": "default", "json": "default", "h5.resnet50": "full", "tf-keras-applications.xception": "backbones"}


@pytest.mark.parametrize(
    ("select", "paths", "expected"),
    [
        (["tf2.1.0"], [], ["h5", "json"]),
        (["tf2.1.0"], ["group:full"], ["h5.resnet50"]),
        (["tf2.1.0"], ["group:{default,full}"], ["h5", "json", "h5.resnet50"]),
        (["tf2.1.0"], ["h5*"], ["h5"]),
        (["tf2.1.0"], ["h5.*"], ["h5.resnet50"]),
        (["tf2.1.0"], ["{h5*,h5.resnet50}"], ["h5", "h5.resnet50"]),
        (["tf2.1.0"], ["{json,*.xception}"], ["json", "tf-keras-applications.xception"]),
        (["tf2.1.0/{json,*.resnet50}"], [], ["json", "h5.resnet50"]),
        (["tf2.1.0/*5*"], [], ["h5"]),
        (["tf2.1.0/*.resnet50"], [], ["h5.resnet50"]),
        (["tf2.1.0"], ["json", "group:backbones"], ["json", "tf-keras-applications.xception"]),
        (["tf2.1.0/h5.resnet50"], [], ["h5.resnet50"]),
    ],
)
def test_a_path_outside_the_group_default_must_be_asked_for(
    catalog: Releases, select: list[str], paths: list[str], expected: list[str]
) -> None:
    made = plan(catalog, known_paths=GROUPS, select=select, paths=paths)
    assert [cell.path for cell in made.cells] == expected


def test_an_unknown_group_of_paths_is_a_usage_error_with_the_nearest_name(catalog: Releases) -> None:
    with pytest.raises(UsageError, match=r"No group of paths is named 'backbone'.*backbones"):
        plan(catalog, known_paths=GROUPS, paths=["group:backbone"])


def test_what_is_asked_of_the_cells_is_part_of_the_plan(catalog: Releases) -> None:
    plain, tuned, more = (
        plan(catalog),
        plan(catalog, suite="finetune"),
        plan(catalog, suite="finetune", finetune=Finetune(seeds=2)),
    )
    assert len({plain.hash, tuned.hash, more.hash, plan(catalog, suite="all").hash}) == 4
    assert Plan.from_json(json.loads(json.dumps(more.to_json()))) == more
    assert plain.finetune is None


def test_the_plan_knows_data_and_weights_by_their_content_not_by_their_place(catalog: Releases, tmp_path: Path) -> None:
    files = [tmp_path / folder / "mine.h5" for folder in ("one", "two")]
    for file in files:
        file.parent.mkdir()
        file.write_bytes(b"weights")
    one, two = (plan(catalog, suite="finetune", finetune=Finetune(weights=str(file))).hash for file in files)
    files[1].write_bytes(b"others")
    assert one == two != plan(catalog, suite="finetune", finetune=Finetune(weights=str(files[1]))).hash


def test_fine_tunes_take_the_time_of_their_seeds() -> None:
    durations = load_durations()
    once, twice = (durations.asking("finetune", seeds).cell_seconds("tf2.1.0", "h5") for seeds in (1, 2))
    assert twice == 2 * once == 2 * durations.finetune
    assert durations.asking("all").cell_seconds("tf2.1.0", "h5") == once + durations.cell_seconds("tf2.1.0", "h5")
    assert durations.asking("properties") == durations
