"""Runs of the engine with real nox, uv, pytest and xdist, and everything that may go wrong on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from uv import find_uv_bin

from bnregress.errors import ExitCode, NothingToDoError, UsageError
from bnregress.machine.sealing import SEAL
from bnregress.results.file import load_results
from bnregress.results.model import exit_code
from bnregress.run.events import (
    CellDecided,
    CellStarted,
    EnvironmentDiscarded,
    EnvironmentWaiting,
    Event,
    PhaseChanged,
    ReleaseFinished,
    RunStarted,
)
from bnregress.run.options import RunOptions
from tests.run.conftest import World, by_subject, run

ONLY = ("tf9.9.9",)
PATIENCE = 60


def test_a_run_decides_every_planned_cell_and_names_what_is_unavailable(shared_world: World) -> None:
    results, code = shared_world.run("sound", "regresses")

    assert code == ExitCode.REGRESSION
    statuses = {str(cell.id): cell.status for cell in results.cells}
    assert statuses == {
        "tf1.1.1/sound": "unavailable",
        "tf1.1.1/regresses": "unavailable",
        "tf9.9.9/sound": "pass",
        "tf9.9.9/regresses": "regress",
    }, shared_world.log()
    assert results.complete
    assert results.releases["tf9.9.9"].packages == {"tensorflow": "9.9.9"}
    # Were we killed now, before a command judged it, the file would not read as a green: nothing is as known in it.
    left = load_results(shared_world.out / "results.json")
    assert left == results
    assert {(cell.drift, cell.known) for cell in left.cells} == {(None, None)}
    assert exit_code(left) == ExitCode.REGRESSION


def test_progress_is_told_from_the_start_of_the_run_to_the_end_of_each_release(shared_world: World) -> None:
    shared_world.run("sound", "also-sound", select=ONLY)

    started, *_, finished = shared_world.events
    assert isinstance(started, RunStarted)
    assert [str(cell) for cell in started.pending] == ["tf9.9.9/sound", "tf9.9.9/also-sound"]
    assert isinstance(finished, ReleaseFinished)
    assert {status for _, status in finished.statuses} == {"pass"}
    assert len(shared_world.told(CellStarted)) == len(shared_world.told(CellDecided)) == 2


def test_an_intact_environment_is_used_again_without_an_installation(world: World) -> None:
    world.run("sound", select=ONLY)
    before = _mtimes(world.environment())
    world.run("sound", select=ONLY)

    phases = {event.phase for event in world.told(PhaseChanged)}
    assert "installing" not in phases
    assert not world.told(EnvironmentDiscarded)
    assert _mtimes(world.environment()) == before


def test_an_altered_environment_is_built_again_as_the_lock_says(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The edit below reaches uv's cache, and with it every environment linked to it.
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    world.run("sound", select=ONLY)
    module = world.site_packages() / "pytest" / "__init__.py"
    original = module.read_text(encoding="utf-8")
    # In place: the file is a hard link into uv's cache, so the cache is altered with it.
    with module.open("a", encoding="utf-8") as stream:
        stream.write("\nraise SystemExit('altered')\n")
    _results, code = world.run("sound", select=ONLY)

    assert code == ExitCode.EXPECTED, world.log()
    assert [event.reason for event in world.told(EnvironmentDiscarded)] == ["its files have changed since it was made"]
    assert module.read_text(encoding="utf-8") == original


def test_an_environment_of_another_lock_is_built_again(world: World) -> None:
    world.run("sound", select=ONLY)
    lock = world.catalog["tf9.9.9"].lock_path()
    lock.write_text(lock.read_text(encoding="utf-8") + "# another\n", encoding="utf-8")
    _, code = world.run("sound", select=ONLY)

    assert code == ExitCode.EXPECTED
    assert [event.reason for event in world.told(EnvironmentDiscarded)] == ["the lock has changed"]


def test_a_hang_costs_its_own_cell_and_says_where_it_hung(shared_world: World) -> None:
    results, code = shared_world.run("hangs", "sound", "also-sound", select=ONLY, jobs=1, cell=3)

    cells = by_subject(results)
    assert code == ExitCode.UNDECIDED
    assert (cells["hangs"].status, cells["hangs"].kind) == ("error", "timeout")
    assert "in mode_parity" in cells["hangs"].reason
    assert cells["sound"].status == cells["also-sound"].status == "pass"


def test_a_process_that_dies_costs_its_own_cell_and_names_the_signal(shared_world: World) -> None:
    results, _ = shared_world.run("segfaults", "sound", "also-sound", select=ONLY, jobs=1)

    cells = by_subject(results)
    assert (cells["segfaults"].status, cells["segfaults"].kind) == ("error", "crash")
    assert "SIGSEGV" in cells["segfaults"].reason
    assert [attempt.outcome for attempt in cells["segfaults"].attempts] == ["lost"]
    assert cells["sound"].status == cells["also-sound"].status == "pass"


def test_a_child_that_ignores_sigterm_ends_with_its_cell(shared_world: World) -> None:
    shared_world.run("leaves-a-child", "sound", select=ONLY, jobs=1, cell=3)

    assert _is_gone(int((shared_world.staged / "child.txt").read_text(encoding="utf-8")))


def test_a_killed_controller_costs_the_running_cell_and_the_others_are_decided_by_another_attempt(
    shared_world: World,
) -> None:
    results, _ = shared_world.run("kills-the-controller", "sound", "also-sound", select=ONLY, jobs=1)

    cells = by_subject(results)
    assert (cells["kills-the-controller"].status, cells["kills-the-controller"].kind) == ("error", "crash")
    assert "SIGKILL" in cells["kills-the-controller"].reason
    assert cells["sound"].status == cells["also-sound"].status == "pass"
    outcomes = {tuple(attempt.outcome for attempt in cell.attempts) for cell in cells.values()}
    assert ("not-started", "decided") in outcomes


@pytest.mark.parametrize("controller", [False, True])
def test_a_cell_whose_worker_or_controller_was_killed_is_run_again_on_resume(
    shared_world: World, controller: bool
) -> None:
    if controller:
        (shared_world.staged / "controller.txt").touch()
    results, _ = shared_world.run("killed-once", "sound", select=ONLY, jobs=1)
    killed = by_subject(results)["killed-once"]
    assert (killed.status, killed.kind) == ("error", "crash")
    assert "SIGKILL" in killed.reason
    assert "--resume" in str(killed.remedy)

    results, code = shared_world.run("killed-once", "sound", select=ONLY, jobs=1, resume=True)
    assert {name: cell.status for name, cell in by_subject(results).items()} == {"killed-once": "pass", "sound": "pass"}
    assert code == ExitCode.EXPECTED


def test_a_cell_that_crashes_by_itself_is_not_run_again(shared_world: World) -> None:
    shared_world.run("segfaults", select=ONLY, jobs=1)
    results, _ = shared_world.run("segfaults", select=ONLY, jobs=1, resume=True)
    assert [attempt.number for attempt in by_subject(results)["segfaults"].attempts] == [1]


def test_an_import_that_hangs_is_ended_by_the_idle_budget(shared_world: World) -> None:
    (shared_world.staged / "import.txt").touch()
    results, code = shared_world.run("sound", select=ONLY, idle=20)

    (cell,) = results.cells
    assert (cell.status, cell.kind, code) == ("error", "timeout", ExitCode.UNDECIDED)
    assert "in load_framework" in cell.reason


def test_an_installation_that_hangs_is_an_infra_error_and_nothing_of_it_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV", str(_uv_that_hangs(world)))
    results, code = world.run("sound", select=ONLY, install=3)
    (cell,) = results.cells
    assert (cell.status, cell.kind, code) == ("error", "infra", ExitCode.UNDECIDED)
    assert "longer than 3 s" in cell.reason
    assert not world.environment().exists()

    monkeypatch.delenv("UV")
    _, code = world.run("sound", select=ONLY)
    assert code == ExitCode.EXPECTED


def test_a_lock_that_names_other_files_is_an_infra_error_with_what_to_do(world: World) -> None:
    lock = world.catalog["tf9.9.9"].lock_path()
    hashes = "--hash=sha256:" + "0" * 64
    lock.write_text(f"iniconfig==2.0.0 {hashes}\n", encoding="utf-8")
    results, _ = world.run("sound", "also-sound", select=ONLY)

    assert {(cell.status, cell.kind) for cell in results.cells} == {("error", "infra")}
    assert "not the one that the lock names" in results.cells[0].reason, results.cells[0]
    assert results.cells[0].remedy


def test_nothing_of_the_hosts_environment_reaches_a_test(
    shared_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leak").mkdir()
    (tmp_path / "leak" / "sitecustomize.py").write_text("raise SystemExit('leaked')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{os.environ.get('PYTHONPATH', '')}:{tmp_path / 'leak'}")
    monkeypatch.setenv("SOME_SECRET", "leaked")
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    results, _ = shared_world.run("shows-its-surroundings", select=ONLY)

    evidence = results.cells[0].checks[0].evidence
    environ, path = evidence["environ"], evidence["path"]
    assert not {"SOME_SECRET", "TF_USE_LEGACY_KERAS"} & set(environ)
    assert environ["PYTHONPATH"] == str(shared_world.staged)
    assert environ["HOME"].startswith(str(shared_world.out))
    assert evidence["files"] == []
    assert Path(evidence["prefix"]).resolve() == shared_world.environment().resolve()
    allowed = (str(shared_world.staged), evidence["prefix"], str(shared_world.out), sys.base_prefix)
    assert [entry for entry in path if entry and not entry.startswith(allowed)] == []


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_its_children_and_is_resumed_without_repeating_what_is_decided(
    shared_world: World, number: signal.Signals
) -> None:
    host = _start_host(shared_world, "sound", "slow", "also-sound")
    record = shared_world.records() / "sound.json"
    _wait_for(lambda: record.exists() and (shared_world.records() / "slow.started.json").exists(), shared_world)
    worker = json.loads((shared_world.records() / "slow.started.json").read_text(encoding="utf-8"))["pid"]
    host.send_signal(number)

    assert host.wait(PATIENCE) == ExitCode.INTERRUPTED
    assert _is_gone(worker)
    results = load_results(shared_world.out / "results.json")
    assert not results.complete
    assert [cell.id.subject for cell in results.cells] == ["sound"]
    assert [cell.subject for cell in results.undecided] == ["slow", "also-sound"]

    before = record.stat().st_mtime_ns
    assert _start_host(shared_world, "--resume", "sound", "slow", "also-sound").wait(PATIENCE) == ExitCode.EXPECTED
    results = load_results(shared_world.out / "results.json")
    assert results.complete
    assert {cell.status for cell in results.cells} == {"pass"}
    assert record.stat().st_mtime_ns == before


def test_a_killed_host_leaves_nothing_that_the_next_run_cannot_mend(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = _uv_that_hangs(world)
    monkeypatch.setenv("UV", str(hanging))
    host = _start_host(world, "sound")
    _wait_for((world.root / "installing.txt").exists, world)
    installer = int((world.root / "installing.txt").read_text(encoding="utf-8"))
    host.kill()
    host.wait(PATIENCE)
    assert not _is_gone(installer)

    monkeypatch.delenv("UV")
    _, code = world.run("sound", select=ONLY)
    assert code == ExitCode.EXPECTED, world.log()
    assert _is_gone(installer)


def test_a_run_waits_for_the_one_that_holds_the_environment_and_says_which_it_is(shared_world: World) -> None:
    shared_world.run("sound", select=ONLY)
    holding = _start_host(shared_world, "slow")
    _wait_for((shared_world.records() / "slow.started.json").exists, shared_world)
    events: list[Event] = []
    options = RunOptions(out=shared_world.root / "other", select=ONLY, paths=("sound",), jobs=1, fresh=True)
    _, code = run(options, events.append, shared_world.surroundings())

    assert holding.wait(PATIENCE) == ExitCode.EXPECTED
    assert code == ExitCode.EXPECTED
    (waiting,) = [event for event in events if isinstance(event, EnvironmentWaiting)]
    assert str(shared_world.out) in waiting.holder


def test_two_runs_in_one_folder_are_refused(shared_world: World) -> None:
    shared_world.out.mkdir()
    with FileLock(shared_world.out / ".bnregress.lock"), pytest.raises(UsageError, match="Another run is using"):
        shared_world.run("sound", select=ONLY)


def test_resuming_another_plan_is_refused_with_what_changed(shared_world: World) -> None:
    shared_world.run("sound", select=ONLY)
    with pytest.raises(UsageError, match=r"it lacked 1 cells, tf9\.9\.9/also-sound"):
        shared_world.run("sound", "also-sound", select=ONLY, resume=True)
    with pytest.raises(UsageError, match="no run to resume"):
        World(root=shared_world.root / "elsewhere", catalog=shared_world.catalog).run("sound", resume=True)


def test_a_folder_of_the_users_is_not_removed(shared_world: World) -> None:
    mine = shared_world.out / "run" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.touch()
    with pytest.raises(UsageError, match="not a folder that bnregress made"):
        shared_world.run("sound", select=ONLY)
    assert mine.exists()


def test_a_selector_without_a_match_ends_the_run_before_anything_is_made(world: World) -> None:
    with pytest.raises(UsageError, match=r"Did you mean tf9\.9\.9"):
        world.run("sound", select=("tf9.9.8",))
    with pytest.raises(NothingToDoError):
        world.run("sound", select=("tf9.9.9/slow",))
    assert not world.out.exists()
    assert not world.environments.exists()


def test_a_run_that_can_decide_nothing_says_so(world: World) -> None:
    results, code = world.run("sound", select=("tf1.1.1",))
    assert code == ExitCode.UNDECIDED
    assert [(cell.status, bool(cell.remedy)) for cell in results.cells] == [("unavailable", True)]


def _start_host(world: World, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.run.host", str(world.root), *arguments]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2])


def _wait_for(condition: Callable[[], bool], world: World) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, world.log()
        time.sleep(0.05)


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _uv_that_hangs(world: World) -> Path:
    """A uv that makes environments and then never comes to the end of installing."""
    script = world.root / "uv"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *sync*) echo $$ > {world.root}/installing.txt; exec sleep 600;; esac\n'
        f'exec {find_uv_bin()} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


def _mtimes(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if _is_content(path)}


def _is_content(path: Path) -> bool:
    # The time of the seal is that of the last use.
    return path.is_file() and path.name != SEAL
