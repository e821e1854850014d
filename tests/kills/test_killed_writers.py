"""Whatever is being written when the power goes is whole or not there, and what was there before still is."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bnregress.cli import main
from bnregress.reports.files import REPORTS
from bnregress.results.file import load_results
from bnregress.run.verdict_cache import VerdictCache
from tests.run.test_verdict_cache import CELL, key

MOMENTS = 50
#: Seconds that a writer gets at most; one round of writing takes some milliseconds.
LONGEST = 0.05


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that forks writers into a folder."""
    command = [sys.executable, "-m", "tests.kills.writer", str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def kill_at_a_random_moment(writers: subprocess.Popen[str], what: str, moments: random.Random) -> None:
    assert writers.stdin is not None
    assert writers.stdout is not None
    writers.stdin.write(f"{what}\n")
    writers.stdin.flush()
    pid = int(writers.stdout.readline())
    time.sleep(moments.uniform(0, LONGEST))
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid):
        time.sleep(0.001)


def test_a_killed_writer_of_the_cache_leaves_a_cache_that_works(writers: subprocess.Popen[str], tmp_path: Path) -> None:
    cache, moments = VerdictCache(tmp_path), random.Random(1)
    written = False
    for _ in range(MOMENTS):
        kill_at_a_random_moment(writers, "cache", moments)
        entry = cache.load(key(), CELL)
        assert entry is not None or not written
        written = entry is not None
    assert written
    assert cache.contents().damaged == 0
    assert cache.prune(0) == 1


def test_a_killed_writer_of_reports_leaves_whole_files(writers: subprocess.Popen[str], tmp_path: Path) -> None:
    moments = random.Random(2)
    whole: dict[str, bytes] = {}
    for _ in range(MOMENTS):
        kill_at_a_random_moment(writers, "report", moments)
        for name in ("results.json", *REPORTS):
            file = tmp_path / name
            # The reports of before are gone before new ones are there: none may stand beside results of another run.
            assert file.exists() or name not in whole or name in REPORTS
            if file.exists():
                assert file.read_bytes() == whole.setdefault(name, file.read_bytes())
    assert "results.json" in whole
    load_results(tmp_path / "results.json")
    assert main(["report", str(tmp_path / "results.json"), "--out", str(tmp_path)]) in (0, 1)
    assert all((tmp_path / name).is_file() for name in REPORTS)
