"""What one run decided, the next takes from the cache; what it cannot trust, it runs again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bnregress.cells.shard import Shard
from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir
from bnregress.reports.totals import totals
from bnregress.results.file import load_results
from bnregress.run.events import CacheTrouble, CellsReused, CellStarted, PhaseChanged, RunStarted
from bnregress.run.verdict_cache import VerdictCache
from tests.run.conftest import World, by_subject

ONLY = ("tf9.9.9",)


def entries() -> list[Path]:
    return sorted(VerdictCache(cache_dir()).root.glob("*/*.json"))


def test_a_second_identical_run_starts_no_environment_and_says_what_came_from_the_cache(world: World) -> None:
    first, code = world.run("sound", "regresses", select=ONLY, fresh=False)
    assert code == ExitCode.REGRESSION
    assert not any(cell.cached for cell in first.cells)
    shutil.rmtree(world.environment())
    second, code = world.run("sound", "regresses", select=ONLY, fresh=False)

    assert code == ExitCode.REGRESSION
    assert all(cell.cached for cell in second.cells)
    assert [(cell.id, cell.status, cell.checks, cell.seconds) for cell in second.cells] == [
        (cell.id, cell.status, cell.checks, cell.seconds) for cell in first.cells
    ]
    assert second.releases == first.releases
    assert not world.told(PhaseChanged)
    assert not world.environment().exists()
    assert [event.number for event in world.told(CellsReused)] == [2]
    assert [event.pending for event in world.told(RunStarted)] == [()]
    assert totals(second).endswith("; 2 of them from the cache of earlier runs")
    assert load_results(world.out / "results.json") == second


def test_fresh_runs_what_the_cache_holds_and_replaces_it(shared_world: World) -> None:
    shared_world.run("sound", select=ONLY, fresh=False)
    (entry,) = entries()
    before = entry.read_bytes()
    results, _ = shared_world.run("sound", select=ONLY, fresh=True)
    assert not results.cells[0].cached
    assert shared_world.told(CellStarted)
    assert entries() == [entry]
    assert entry.read_bytes() != before  # the seconds differ


def test_only_cells_that_are_not_in_the_cache_run(shared_world: World) -> None:
    shared_world.run("sound", select=ONLY, fresh=False)
    results, _ = shared_world.run("sound", "also-sound", select=ONLY, fresh=False)
    assert [str(event.cell) for event in shared_world.told(CellStarted)] == ["tf9.9.9/also-sound"]
    assert {name: cell.cached for name, cell in by_subject(results).items()} == {"sound": True, "also-sound": False}


def test_errors_are_tried_again(shared_world: World) -> None:
    results, _ = shared_world.run("segfaults", select=ONLY, fresh=False)
    assert results.cells[0].status == "error"
    assert entries() == []
    again, _ = shared_world.run("segfaults", select=ONLY, fresh=False)
    assert not again.cells[0].cached


def test_another_lock_is_another_verdict(world: World) -> None:
    world.run("sound", select=ONLY, fresh=False)
    lock = world.catalog["tf9.9.9"].lock_path()
    lock.write_text(lock.read_text(encoding="utf-8") + "# another\n", encoding="utf-8")
    results, _ = world.run("sound", select=ONLY, fresh=False)
    assert not results.cells[0].cached
    assert len(entries()) == 2


def test_a_shard_takes_what_the_whole_decided(shared_world: World) -> None:
    shared_world.run("sound", "also-sound", select=ONLY, fresh=False)
    results, _ = shared_world.run("sound", "also-sound", select=ONLY, shard=Shard(2, 2), fresh=False)
    assert [cell.cached for cell in results.cells] == [True]


def test_a_run_that_was_killed_and_is_not_resumed_loses_no_verdict(shared_world: World) -> None:
    shared_world.run("sound", select=ONLY, fresh=False)
    shutil.rmtree(VerdictCache(cache_dir()).root)
    results, _ = shared_world.run("sound", select=ONLY, fresh=False)
    assert results.cells[0].cached


def truncated(entry: Path, other: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-20])


def emptied(entry: Path, other: Path) -> None:
    entry.write_bytes(b"")


def turned(entry: Path, other: Path) -> None:
    entry.write_text(entry.read_text(encoding="utf-8").replace('"regress"', '"pass"'), encoding="utf-8")


def of_another_cell(entry: Path, other: Path) -> None:
    shutil.copy(other, entry)


def linked(entry: Path, other: Path) -> None:
    entry.unlink()
    entry.symlink_to(other)


def nested(entry: Path, other: Path) -> None:
    entry.write_text("[" * 100_000, encoding="utf-8")


def of_no_shape(entry: Path, other: Path) -> None:
    entry.write_text(json.dumps({"sha256": 1, "body": []}), encoding="utf-8")


@pytest.mark.parametrize("damage", [truncated, emptied, turned, of_another_cell, linked, nested, of_no_shape])
def test_a_damaged_entry_is_dropped_with_a_warning_and_its_cell_runs(
    shared_world: World, damage: Callable[[Path, Path], None]
) -> None:
    shared_world.run("sound", "regresses", select=ONLY, fresh=False)
    shutil.rmtree(shared_world.out)
    one, other = sorted(entries(), key=lambda path: '"regress"' not in path.read_text(encoding="utf-8"))
    damage(one, other)
    results, code = shared_world.run("sound", "regresses", select=ONLY, fresh=False)

    assert code == ExitCode.REGRESSION
    assert {name: cell.cached for name, cell in by_subject(results).items()} == {"sound": True, "regresses": False}
    (trouble,) = shared_world.told(CacheTrouble)
    assert "tf9.9.9/regresses runs again" in trouble.message
    assert VerdictCache(cache_dir()).contents().damaged == 0


def test_a_cache_that_cannot_be_used_costs_nothing_but_itself(shared_world: World) -> None:
    cache_dir().mkdir(parents=True)
    (cache_dir() / "verdicts").write_text("a file", encoding="utf-8")
    results, code = shared_world.run("sound", "also-sound", select=ONLY, fresh=False)
    assert code == ExitCode.EXPECTED
    assert not any(cell.cached for cell in results.cells)
    assert any("not kept" in event.message for event in shared_world.told(CacheTrouble))
