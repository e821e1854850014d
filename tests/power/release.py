"""Trials in one release's environment: one process for all of them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bnregress.errors import FatalError
from tests.power.place import Place
from tests.power.trials import Answer, Trial, read_answer, request

#: Seconds for one trial, after which something hangs.
PATIENCE = 600


class TrialsLostError(FatalError):
    """The process in the release's environment ended before its last trial; the message is the end of its output."""


def run_trials(place: Place, trials: Sequence[Trial], keep: Path | None = None) -> list[Answer]:
    """Run the trials in order and return the answers, a cell each.

    Args:
        place: where to.
        trials: what to run.
        keep: a folder that the raw answers are left in, also when the process ends early.

    Raises:
        TrialsLostError: an answer is missing.
    """
    release = place.release.id
    with tempfile.TemporaryDirectory(prefix="bnregress-power-") as scratch:
        asked, answered = Path(scratch, "request.json"), Path(scratch, "answers.jsonl")
        asked.write_text(json.dumps(request(trials)), encoding="utf-8")
        with place.interpreter(Path(scratch)) as (python, variables):
            done = subprocess.run(
                [python, "-m", "tests.power.inside", asked, answered],
                cwd=Path(scratch, "home"), env=variables, timeout=PATIENCE * len(trials) + PATIENCE, check=False,
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
