"""A run that has begun leaves no results of an earlier one; and it says which it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.errors import FatalError
from bnregress.results.file import WRITTEN, load_results
from bnregress.run.beginning import identified
from bnregress.run.rundir import RunDir
from tests.run.conftest import World

ONLY = ("tf9.9.9",)


def old_results(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name in WRITTEN:
        if name == "curves":
            (out / name).mkdir()
            (out / name / "a.svg").touch()
        else:
            (out / name).write_text("of an earlier run", encoding="utf-8")


def test_a_run_that_breaks_off_leaves_no_results_of_an_earlier_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_results(world.out)

    def fails(_cache: Path) -> tuple[Path, str]:
        raise NotADirectoryError("the cache cannot be made")

    monkeypatch.setattr(world, "stage", fails)
    with pytest.raises((FatalError, OSError)):
        world.run("sound", select=ONLY)
    assert [name for name in WRITTEN if (world.out / name).exists()] == []


def test_a_link_in_the_place_of_results_is_removed_and_not_followed(world: World, tmp_path: Path) -> None:
    world.out.mkdir(parents=True)
    (tmp_path / "target").write_text("precious", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (world.out / "results.json").symlink_to(tmp_path / "target")
    (world.out / "curves").symlink_to(tmp_path / "folder")
    world.run("sound", select=ONLY)
    assert (tmp_path / "target").read_text(encoding="utf-8") == "precious"
    assert (tmp_path / "folder").is_dir()
    assert not (world.out / "results.json").is_symlink()
    assert load_results(world.out / "results.json").run


def test_a_run_goes_on_as_the_one_that_it_was(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    made = identified(run, None, {})
    assert made.startswith("run-")
    assert identified(run, None, {"GITHUB_RUN_ID": "1"}) == made
    assert identified(run, "mine", {}) == "mine"
    assert identified(run, None, {}) == "mine"
    run.identity.write_text("[]", encoding="utf-8")
    assert identified(run, None, {"SLURM_JOB_ID": "7"}) == "slurm-7"
    with pytest.raises(FatalError):
        identified(run, "any", {})
