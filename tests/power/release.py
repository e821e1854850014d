"""Trials in one release's environment: one process for all of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bnregress.machine.locations import environments_dir
from bnregress.machine.sealing import is_sealed
from bnregress.machine.staging import stage_suite
from bnregress.run.environment_variables import testing_variables
from bnregress.run.environments import environment_path
from tests.power.trials import Answer, Trial, read_answer, request

TESTS = Path(__file__).resolve().parent.parent
#: What of the tests goes into the environment.
STAGED = ("faults/*.py", "power/__init__.py", "power/inside.py", "power/network.py", "power/tuning.py")
#: Seconds for one trial, after which something hangs.
PATIENCE = 600


class TrialsLostError(Exception):
    """The process in the release's environment ended before its last trial; the message is the end of its output."""


def run_trials(release: str, trials: Sequence[Trial], keep: Path | None = None) -> list[Answer]:
    """Run the trials in order and return the answers, a cell each.

    Args:
        release: its id.
        trials: what to run.
        keep: a folder that the raw answers are left in, also when the process ends early.

    Raises:
        TrialsLostError: an answer is missing.
    """
    python = require_environment(release) / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="bnregress-power-") as scratch:
        home, asked, answered = Path(scratch, "home"), Path(scratch, "request.json"), Path(scratch, "answers.jsonl")
        home.mkdir()
        asked.write_text(json.dumps(request(trials)), encoding="utf-8")
        suite, tests = stage(Path(scratch))
        variables = testing_variables(os.environ, home=home, suite=suite, device="cpu")
        variables["PYTHONPATH"] = os.pathsep.join(map(str, (suite, tests)))
        done = subprocess.run(
            [python, "-m", "tests.power.inside", asked, answered],
            cwd=home, env=variables, timeout=PATIENCE * len(trials) + PATIENCE, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        lines = answered.read_text(encoding="utf-8").splitlines() if answered.exists() else []
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{release}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if done.returncode != 0:
        end = done.stdout[-3000:]
        raise TrialsLostError(f"{release}: ended with {done.returncode} after {len(lines)} cells:\n{end}")
    return [read_answer(release, json.loads(line)) for line in lines]


def stage(scratch: Path, staged: Sequence[str] = STAGED) -> tuple[Path, Path]:
    """Copy the suite and files of the tests, so that nothing else of this repository is importable there."""
    suite, _ = stage_suite(scratch)
    root = scratch / "staged"
    for pattern in staged:
        for file in sorted(TESTS.glob(pattern)):
            copy = root / "tests" / file.relative_to(TESTS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    # A regular package wins over any `tests` that lies in site-packages.
    (root / "tests" / "__init__.py").touch()
    return suite, root


def require_environment(release: str) -> Path:
    """Return the release's environment, made by the engine where it is not there yet."""
    environment = environment_path(environments_dir(), release)
    if not is_sealed(environment):
        with tempfile.TemporaryDirectory() as out:
            command = [
                sys.executable,
                "-m",
                "bnregress",
                "run",
                "--select",
                release,
                "--path",
                "vgg16",
                "--fresh",
                "--out",
                out,
            ]
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if not is_sealed(environment):
        raise SystemExit(f"There is no environment of {release}. `bnregress run --select {release}` tells why.")
    return environment
