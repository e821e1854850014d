"""How a session of the suite starts, goes on after a loss, and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.suite.fakesuite import FakeSuite, strict_json

TWO_WORKERS = ("-n", "2", "--dist", "loadgroup", "--max-worker-restart", "9")

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals are POSIX's")


def test_without_xdist_and_records_every_path_is_asked_for_interactively(fake_suite: FakeSuite) -> None:
    run = fake_suite.run("-p", "no:xdist", "-k", "sound", records=False)
    assert run.returncode == 0, run.output
    assert [row[0] for row in run.trace("check")] == [
        path for path in ("sound", "also-sound", "last-sound") for _ in range(3)
    ]
    assert not run.records.exists()


def test_without_xdist_the_records_are_the_same(fake_suite: FakeSuite) -> None:
    run = fake_suite.run("-p", "no:xdist", subjects=["sound", "regresses", "absent"])
    assert run.returncode == 1
    assert [run.record(subject)["status"] for subject in ("sound", "regresses", "absent")] == [  # type: ignore[index]
        "pass",
        "regress",
        "not-applicable",
    ]
    assert len(run.trace("import")) == 1


def test_the_installed_package_is_found_by_its_name(fake_suite: FakeSuite) -> None:
    command = [
        *fake_suite.command(records=False)[:5],
        "-p",
        "no:cacheprovider",
        "-k",
        "last-sound",
        "--pyargs",
        "bnregress.suite",
    ]
    result = subprocess.run(
        command, cwd=fake_suite.root, env=fake_suite.environment({}), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    assert "3 passed" in result.stdout


@pytest.mark.parametrize("options", [("-p", "no:xdist"), ("-n", "2")])
def test_an_import_that_raises_is_told_by_every_cell_and_not_tried_again(
    fake_suite: FakeSuite, options: tuple[str, ...]
) -> None:
    subjects = ["sound", "also-sound", "absent"]
    run = fake_suite.run(*options, subjects=subjects, variables={"FAKE_IMPORT": "raise"})
    for subject in subjects:
        record = run.record(subject)
        assert record is not None, run.output
        assert (record["status"], record["kind"]) == ("error", "crash")
        assert record["reason"] == "importing the framework raised ImportError: libfake.so.9: cannot open"
        assert "load_framework" in record["traceback"]
    importers = [row[0] for row in run.trace("import")]
    assert len(importers) == len(set(importers))
    assert not (run.records / "facts.json").exists()


@posix_only
def test_an_import_that_kills_the_process_starts_no_cell_and_says_where_it_died(fake_suite: FakeSuite) -> None:
    run = fake_suite.run(*TWO_WORKERS, subjects=["sound", "also-sound"], variables={"FAKE_IMPORT": "die"})
    assert not list(run.records.glob("*.started.json"))
    exits = [strict_json(path) for path in run.records.glob("worker-*.exit.json")]
    assert [row["exitcode"] for row in exits] == [-signal.SIGILL, -signal.SIGILL]
    assert {strict_json(run.records / f"worker-{row['pid']}.json")["framework"] for row in exits} == {"loading"}


@pytest.mark.parametrize("workers", [1, 3])
def test_when_every_cell_kills_its_worker_every_cell_is_tried_once(fake_suite: FakeSuite, workers: int) -> None:
    lost = ["build-exit", "check-exit", "check-abort"]
    run = fake_suite.run("-n", str(workers), "--max-worker-restart", "20", subjects=[*lost, "sound"])
    assert "INTERNALERROR" not in run.output
    assert [run.record(subject) for subject in lost] == [None] * 3
    assert len({run.started(subject)["pid"] for subject in lost}) == 3
    assert run.record("sound") is not None


def test_the_next_session_leaves_lost_and_decided_cells_alone(fake_suite: FakeSuite) -> None:
    fake_suite.run(*TWO_WORKERS, subjects=["check-exit", "sound"])
    before = (fake_suite.root / "records" / "sound.json").read_bytes()
    run = fake_suite.run(*TWO_WORKERS, "-rs", subjects=["check-exit", "sound", "also-sound"])
    assert run.returncode == 0, run.output
    assert "the cell was lost with its process" in run.output
    assert "the cell was decided by another process" in run.output
    assert run.record("check-exit") is None
    assert (run.records / "sound.json").read_bytes() == before
    assert run.record("also-sound") is not None


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ('{"cells": []}', "it names no cells"),
        (
            '{"cells": [{"path": "nowhere", "variant": "default"}]}',
            "this suite has no loading path nowhere; it has sound",
        ),
        ('{"cells": [{"path": "sound"}, {"path": "sound"}]}', "it names a cell twice"),
        ("{", "--bnregress-cells"),
        (None, "No such file"),
    ],
)
def test_wrong_cells_are_refused_before_any_worker_starts(
    fake_suite: FakeSuite, cells: str | None, complaint: str
) -> None:
    file = fake_suite.root / "wrong.json"
    if cells is not None:
        file.write_text(cells, encoding="utf-8")
    run = fake_suite.run("-n", "2", "--bnregress-cells", str(file))
    assert run.returncode == 4
    assert complaint in run.output
    assert not list(run.records.glob("*")) if run.records.exists() else True


@posix_only
def test_a_hung_worker_says_where_it_is_and_its_death_costs_its_cell_alone(fake_suite: FakeSuite) -> None:
    records = fake_suite.root / "records"
    with _running(fake_suite, ["check-hang", "sound", "also-sound"]) as process:
        started = _awaited(records / "check-hang.started.json", lambda data: data["check"] == "second")
        stacks = records / f"worker-{started['pid']}.stacks.txt"

        def says_where() -> bool:
            # Asked anew each time: the worker writes down its check a moment before it hangs in it.
            os.kill(started["pid"], signal.SIGUSR1)
            return "_hang" in stacks.read_text(encoding="utf-8")

        _until(says_where)
        os.killpg(started["pgid"], signal.SIGKILL)
        process.wait(timeout=60)
    assert strict_json(records / f"worker-{started['pid']}.exit.json")["exitcode"] == -signal.SIGKILL
    assert not (records / "check-hang.json").exists()
    assert (records / "sound.json").exists()
    assert (records / "also-sound.json").exists()


@posix_only
def test_workers_do_not_outlive_a_killed_controller(fake_suite: FakeSuite) -> None:
    records = fake_suite.root / "records"
    with _running(fake_suite, ["check-hang", "build-hang"]) as process:
        pids = [
            _awaited(records / f"{name}.started.json", lambda _: True)["pid"] for name in ("check-hang", "build-hang")
        ]
        process.kill()
        _until(lambda: not any(_alive(pid) for pid in pids))


@contextmanager
def _running(suite: FakeSuite, subjects: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    command = suite.command(*TWO_WORKERS, subjects=subjects)
    with open(suite.root / "log.txt", "wb") as log:
        process = subprocess.Popen(command, cwd=suite.root, env=suite.environment({}), stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _awaited(path: Path, accept: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    _until(lambda: path.exists() and accept(json.loads(path.read_text(encoding="utf-8"))))
    return strict_json(path)


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that within a minute")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc/self/status").exists() else True
