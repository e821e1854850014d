"""`nox -s power -- --suite finetune`: false alarms and misses of the fine-tune's verdict, over seeds.

Each seed has images, first weights and dropout of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bnregress.datasets import store
from bnregress.machine.locations import cache_dir
from bnregress.planning.finetune import Finetune
from bnregress.run.environment_variables import testing_variables
from bnregress.suite import status
from tests.power.bounds import upper_bound
from tests.power.images import KINDS
from tests.power.place import require_environment, stage
from tests.power.release import PATIENCE, TrialsLostError

PATH = "tf-keras-applications"
#: Releases in which the path is known to be broken, or sound, and what a trial must say there.
EXPECTED = {"tf2.1.0": status.REGRESS, "tf2.15.1": status.PASS}
#: Cells of a run that the rate of false alarms is shared out over.
CELLS = 200
#: Images of each seed.
TRAIN, HELD_OUT = 512, 256


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """All trials of a release."""

    release: str
    kind: str
    answers: tuple[dict[str, Any], ...]

    @property
    def expected(self) -> str:
        return EXPECTED[self.release]

    @property
    def wrong(self) -> list[dict[str, Any]]:
        return [answer for answer in self.answers if answer["status"] != self.expected]


def tune(release: str, kind: str, seeds: int, keep: Path | None = None) -> Tuned:
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
            answered = keep.absolute() / f"finetune-{release}-{kind}.jsonl"
            answered.unlink(missing_ok=True)
        home.mkdir()
        trials = [_trial(folder, kind, seed) for seed in range(seeds)]
        asked.write_text(json.dumps({"path": PATH, "trials": trials}), encoding="utf-8")
        suite, tests = stage(folder)
        variables = testing_variables(os.environ, home=home, suite=suite, device="cpu", engine="tensorflow")
        variables["PYTHONPATH"] = os.pathsep.join(map(str, (suite, tests)))
        done = subprocess.run(
            [python, "-m", "tests.power.tuning", asked, answered],
            cwd=home, env=variables, timeout=2 * PATIENCE * (seeds + 1), check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        lines = answered.read_text(encoding="utf-8").splitlines() if answered.exists() else []
    if done.returncode != 0:
        raise TrialsLostError(f"{release}: ended with {done.returncode} after {len(lines)}:\n{done.stdout[-3000:]}")
    return Tuned(release=release, kind=kind, answers=tuple(json.loads(line) for line in lines))


def print_tuned(console: Console, tuned: Sequence[Tuned]) -> None:
    """Print a row each, and what was wrong."""
    table = Table(title=f"accuracy-parity on {PATH}")
    for column in (
        "release",
        "images",
        "expected",
        "seeds",
        "wrong",
        "at most, 95 %",
        "fit",
        "held-out",
        "pairs taken",
    ):
        table.add_column(column)
    for each in tuned:
        accuracies = [answer["evidence"]["accuracy"] for answer in each.answers]
        pairs = [answer["evidence"]["paired"]["pairs"] for answer in each.answers]
        bound = upper_bound(len(each.wrong), len(each.answers))
        table.add_row(
            each.release, each.kind, each.expected, str(len(each.answers)), str(len(each.wrong)), f"{bound:.0%}",
            _span([accuracy["fit"] for accuracy in accuracies]),
            _span([accuracy["validation"] for accuracy in accuracies]),
            f"{min(pairs)} to {max(pairs)}",
        )  # fmt: skip
    console.print(table)
    for each in tuned:
        for answer in each.wrong:
            console.print(
                f"{each.release}, {each.kind}, seed {answer['evidence']['seed']}:"
                f" {answer['status']}: {answer['reason']}"
            )


def run(releases: Sequence[str] | None, kinds: Sequence[str] | None, seeds: int, jobs: int, keep: Path | None) -> int:
    """Measure and print; return 1 if a verdict is wrong or none."""
    asked = list(product(releases or EXPECTED, kinds or KINDS))
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        tuned = list(pool.map(lambda each: tune(each[0], each[1], seeds, keep), asked))
    print_tuned(Console(width=max(130, Console().width)), tuned)
    return int(any(each.wrong for each in tuned))


def _trial(folder: Path, kind: str, seed: int) -> dict[str, Any]:
    """What the suite is asked with defaults: data prepared, and how to train found, as in any run."""
    file = folder / f"{kind}-{seed}.npz"
    (x_train, y_train), (x_test, y_test) = (
        KINDS[kind](count, f"{split} {seed}") for split, count in (("train", TRAIN), ("test", HELD_OUT))
    )
    np.savez(file, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    asked, prepared = Finetune(data=str(file)), store.prepare(str(file), cache_dir())
    recipe = asked.recipe(prepared, offline=True, say=lambda _text: None)
    return asked.request(prepared, CELLS, recipe) | {"seeds": [seed]}


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"
