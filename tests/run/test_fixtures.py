"""Models that one release saves and another loads, with real environments of two releases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir
from bnregress.results.model import CellResult
from bnregress.run.fixtures import content_sha256
from bnregress.run.options import RunOptions
from tests.run.conftest import PATHS, PYTHON, World, make_release, run


def decide(world: World, *paths: str) -> tuple[dict[str, CellResult], ExitCode]:
    """Decide the cells of tf9.9.9, which loads."""
    surroundings = replace(world.surroundings(), known_paths=[*PATHS, "kept-from", "refused-from"])
    options = RunOptions(out=world.out, select=("tf9.9.9",), paths=paths, jobs=1)
    results, code = run(options, surroundings=surroundings)
    return {cell.id.path: cell for cell in results.cells}, code


@pytest.fixture
def two(shared_world: World) -> World:
    """A second release that can run here, tf9.9.8, which saves."""
    release = make_release("tf9.9.8", PYTHON, shared_world.root / "locks")
    lock = shared_world.catalog["tf9.9.9"].lock_path("cpu").read_text(encoding="utf-8")
    release.lock_path("cpu").write_text(lock, encoding="utf-8")
    return replace(shared_world, catalog={release.id: release, **shared_world.catalog})


def fixtures() -> list[Path]:
    return [folder for folder in (cache_dir() / "fixtures").iterdir() if folder.name != "index"]


def test_a_model_is_saved_by_its_release_kept_by_content_and_saved_anew_when_it_was_altered(two: World) -> None:
    cells, code = decide(two, "kept-from=tf9.9.8")
    assert cells["kept-from=tf9.9.8"].status == "pass", cells["kept-from=tf9.9.8"].reason
    assert code == ExitCode.EXPECTED
    (kept,) = fixtures()
    assert kept.name == content_sha256(kept)
    assert (kept / "model.txt").read_text(encoding="utf-8") == "saved from resnet50"

    saving = two.out / "run" / "fixtures" / "tf9.9.8"
    assert saving.exists()
    decide(two, "kept-from=tf9.9.8")
    assert not saving.exists()

    (kept / "model.txt").write_text("altered", encoding="utf-8")
    cells, _ = decide(two, "kept-from=tf9.9.8")
    assert cells["kept-from=tf9.9.8"].status == "pass"
    assert kept.name == content_sha256(kept)


def test_a_release_that_fails_to_save_is_an_error_of_the_cell_and_no_regression(two: World) -> None:
    cells, code = decide(two, "refused-from=tf9.9.8", "sound")
    refused = cells["refused-from=tf9.9.8"]
    assert (refused.status, refused.kind) == ("error", "crash")
    assert "tf9.9.8 did not save the model" in refused.reason
    assert "no such format" in refused.reason
    assert cells["sound"].status == "pass"
    assert code == ExitCode.UNDECIDED


def test_a_release_that_cannot_run_here_makes_its_models_unavailable_with_the_remedy(two: World) -> None:
    cells, _ = decide(two, "kept-from=tf1.1.1", "sound")
    missing = cells["kept-from=tf1.1.1"]
    assert missing.status == "unavailable"
    assert "tf1.1.1, which saves the model, needs CPython 3.1" in missing.reason
    assert missing.remedy
