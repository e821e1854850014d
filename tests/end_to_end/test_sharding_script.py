"""The script of docs/sharding.md, run for real: two processes, two releases, one result."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bnregress
from bnregress.errors import ExitCode
from bnregress.machine.locations import CACHE_VARIABLE
from bnregress.results.file import load_results
from tests.end_to_end.machine import require_releases

pytestmark = pytest.mark.end_to_end

SCRIPT = Path(bnregress.__file__).parents[1] / "examples" / "shards.sh"
RELEASES = ("tf2.1.0", "tf2.21.0")


def test_local_processes_share_a_plan_and_their_results_become_one(tmp_path: Path) -> None:
    require_releases(*RELEASES)
    program = tmp_path / "bin" / "bnregress"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bnregress "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environ = {
        **os.environ,
        "PATH": os.pathsep.join([str(program.parent), os.environ["PATH"]]),
        CACHE_VARIABLE: str(tmp_path / "cache"),
    }
    bash = shutil.which("bash") or "bash"
    select = ("--select", f"{{{','.join(RELEASES)}}}", "--path", "tf-keras-applications")
    done = subprocess.run(
        [bash, str(SCRIPT), "2", *select], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.EXPECTED, done.stdout + done.stderr
    results = load_results(tmp_path / "bnregress-shards-all" / "results.json")
    assert {str(cell.id): cell.status for cell in results.cells} == {
        "tf2.1.0/tf-keras-applications": "regress",
        "tf2.21.0/tf-keras-applications": "pass",
    }
    assert (results.shard, results.complete) == (None, True)
    assert {path.name for path in (tmp_path / "bnregress-shards").iterdir()} == {"1", "2"}
