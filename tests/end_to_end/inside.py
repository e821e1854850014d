"""Runs a script of these tests with a release's own Python, beside the staged suite."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bnregress.machine.locations import environments_dir
from bnregress.machine.staging import stage_suite
from bnregress.run.environment_variables import testing_variables
from bnregress.run.environments import environment_path


def run_inside(release: str, script: Path, *arguments: str | Path, folder: Path, said: str = "") -> str:
    """Run it in an empty folder and return what it printed; the release's environment is there already.

    `said` is what it reads from its standard input.
    """
    python = environment_path(environments_dir(), release) / "bin" / "python"
    suite, _ = stage_suite(folder / "cache")
    variables = testing_variables(os.environ, home=folder, suite=suite, device="cpu", engine="tensorflow")
    done = subprocess.run(
        [python, script, *arguments], env=variables, cwd=folder, input=said, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
