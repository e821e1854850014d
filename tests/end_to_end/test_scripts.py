"""The scripts of a run's regressions, run as a person would: in the release's own environment, without bnregress."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bnregress.machine.locations import environments_dir
from bnregress.run.environments import environment_path
from tests.end_to_end.command import Outcome
from tests.end_to_end.conftest import THREE_RELEASES

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize("release", THREE_RELEASES)
def test_each_regression_is_shown_by_its_script(release: str, three_releases: Outcome, tmp_path: Path) -> None:
    broken = [cell for cell in three_releases.results.cells if (cell.id.release, cell.status) == (release, "regress")]
    # Of the variants of a path, which break for one reason, the first.
    chosen = {cell.id.path: cell for cell in reversed(broken)}
    assert chosen
    python = environment_path(environments_dir(), release) / "bin" / "python"
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for cell in chosen.values():
        check = next(check for check in cell.checks if check.repro)
        # By no path's name: json.py would stand in for a module of Python's own.
        script = tmp_path / "script.py"
        script.write_text(check.repro or "", encoding="utf-8")
        shown = subprocess.run(
            [python, script], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        said = shown.stderr.strip().splitlines()[-1:]
        assert (shown.returncode, said[0].partition(":")[0]) == (1, "AssertionError"), (str(cell.id), shown.stderr)
