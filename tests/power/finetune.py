"""`nox -s power -- --suite finetune`: false alarms and misses of the fine-tune's verdict, over seeds.

Each seed has images, first weights and dropout of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bnregress.datasets.arrays import HELD_OUT, TRAIN
from bnregress.datasets.gratings import gratings
from bnregress.planning.finetune import FAMILY_ALPHA
from bnregress.run.surroundings import testing_variables
from bnregress.suite import status
from tests.power.bounds import upper_bound
from tests.power.release import PATIENCE, TrialsLostError, require_environment, stage

PATH = "tf-keras-applications"
#: Releases in which the path is known to be broken, or sound, and what a trial must say there.
EXPECTED = {"tf2.1.0": status.REGRESS, "tf2.15.1": status.PASS}
#: Cells of a run that the rate of false alarms is shared out over.
CELLS = 200


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """All trials of a release."""

    release: str
    answers: tuple[dict[str, Any], ...]

    @property
    def expected(self) -> str:
        return EXPECTED[self.release]

    @property
    def wrong(self) -> list[dict[str, Any]]:
        return [answer for answer in self.answers if answer["status"] != self.expected]


def tune(release: str, seeds: int, keep: Path | None = None) -> Tuned:
    """Fine-tune with each seed in one process of the release; leave the raw answers in `keep`, line by line.

    Raises:
        TrialsLostError: an answer is missing.
    """
    python = require_environment(release) / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="bnregress-power-") as scratch:
        folder = Path(scratch)
        home, asked, answered = folder / "home", folder / "request.json", folder / "answers.jsonl"
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            answered = keep.absolute() / f"finetune-{release}.jsonl"
            answered.unlink(missing_ok=True)
        home.mkdir()
        trials = [_trial(folder, seed) for seed in range(seeds)]
        asked.write_text(json.dumps({"path": PATH, "trials": trials}), encoding="utf-8")
        suite, tests = stage(folder)
        variables = testing_variables(os.environ, home=home, suite=suite, device="cpu")
        variables["PYTHONPATH"] = os.pathsep.join(map(str, (suite, tests)))
        done = subprocess.run(
            [python, "-m", "tests.power.tuning", asked, answered],
            cwd=home, env=variables, timeout=2 * PATIENCE * (seeds + 1), check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        lines = answered.read_text(encoding="utf-8").splitlines() if answered.exists() else []
    if done.returncode != 0:
        raise TrialsLostError(f"{release}: ended with {done.returncode} after {len(lines)}:\n{done.stdout[-3000:]}")
    return Tuned(release=release, answers=tuple(json.loads(line) for line in lines))


def print_tuned(console: Console, tuned: Sequence[Tuned]) -> None:
    """Print a row each, and what was wrong."""
    table = Table(title=f"accuracy-parity on {PATH}")
    for column in ("release", "expected", "seeds", "wrong", "at most, 95 %", "fit", "held-out", "pairs taken"):
        table.add_column(column)
    for each in tuned:
        accuracies = [answer["evidence"]["accuracy"] for answer in each.answers]
        pairs = [answer["evidence"]["paired"]["pairs"] for answer in each.answers]
        bound = upper_bound(len(each.wrong), len(each.answers))
        table.add_row(
            each.release, each.expected, str(len(each.answers)), str(len(each.wrong)), f"{bound:.0%}",
            _span([accuracy["fit"] for accuracy in accuracies]),
            _span([accuracy["validation"] for accuracy in accuracies]),
            f"{min(pairs)} to {max(pairs)}",
        )  # fmt: skip
    console.print(table)
    for each in tuned:
        for answer in each.wrong:
            console.print(f"{each.release}, seed {answer['evidence']['seed']}: {answer['status']}: {answer['reason']}")


def run(releases: Sequence[str] | None, seeds: int, jobs: int, keep: Path | None) -> int:
    """Measure and print; return 1 where a verdict is wrong."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        tuned = list(pool.map(lambda release: tune(release, seeds, keep), releases or EXPECTED))
    print_tuned(Console(width=max(130, Console().width)), tuned)
    return int(any(each.wrong for each in tuned))


def _trial(folder: Path, seed: int) -> dict[str, Any]:
    (x_train, y_train), (x_test, y_test) = gratings(TRAIN, f"train {seed}"), gratings(HELD_OUT, f"test {seed}")
    file = folder / f"{seed}.npz"
    np.savez(file, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return {"data": str(file), "data_sha256": sha256, "seeds": [seed], "alpha": FAMILY_ALPHA / CELLS}


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"
