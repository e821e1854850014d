"""Ctrl-C leaves valid results and no process, and --resume goes on from there."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.run.rundir import RunDir
from bnregress.suite.record_files import RecordPaths
from tests.end_to_end.command import Command
from tests.end_to_end.machine import require_releases, wait_until

pytestmark = pytest.mark.end_to_end

RELEASE = "tf2.21.0"
PATHS = ("tf-keras-applications", "clone", "vgg16")
ARGUMENTS = ("--select", RELEASE, "--path", f"{{{','.join(PATHS)}}}", "--jobs", "1")


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_run_is_resumed_without_deciding_a_cell_again(command: Command, tmp_path: Path) -> None:
    require_releases(RELEASE)
    out = tmp_path / "out"
    records = RecordPaths(RunDir(out / "run").records(RELEASE))
    process = command.start(*ARGUMENTS, out=out)
    wait_until(lambda: process.poll() is not None or bool(decided(records)), "a cell is decided")
    assert process.poll() is None, command.stderr(out).read_text(encoding="utf-8")
    os.killpg(process.pid, signal.SIGINT)
    interrupted = command.finish(process, out=out)

    assert interrupted.exit_code == ExitCode.INTERRUPTED, interrupted.told(RELEASE)
    command.wait_until_gone()
    kept = decided(records)
    assert 0 < len(kept) < len(PATHS)
    assert not interrupted.results.complete
    assert sorted(cell.id.path for cell in interrupted.results.cells) == sorted(kept)
    assert sorted([*kept, *(cell.path for cell in interrupted.results.undecided)]) == sorted(PATHS)
    assert "INCOMPLETE" in (out / "summary.md").read_text(encoding="utf-8").splitlines()[0]

    resumed = command.run(*ARGUMENTS, "--resume", out=out)

    assert resumed.exit_code == ExitCode.EXPECTED, resumed.told(RELEASE)
    assert resumed.results.complete
    assert set(resumed.statuses.values()) == {"pass"}
    assert len(resumed.statuses) == len(PATHS)
    now = decided(records)
    assert {path: now[path] for path in kept} == kept


def decided(records: RecordPaths) -> dict[str, tuple[int, bytes]]:
    """Return the time and the content of each record that is there, by path."""
    there = {path: records.record(path) for path in PATHS}
    return {path: (file.stat().st_mtime_ns, file.read_bytes()) for path, file in there.items() if file.exists()}
