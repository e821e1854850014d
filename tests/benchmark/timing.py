"""Floor and suite, timed as whole processes."""

from __future__ import annotations

import inspect
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bnregress.machine.locations import environments_dir
from bnregress.results.file import load_results
from bnregress.results.model import Results
from bnregress.run.environment_variables import testing_variables
from bnregress.run.environments import environment_path
from bnregress.suite.paths import PATHS
from bnregress.suite.sound import CANDIDATES

FLOOR = Path(__file__).with_name("floor.py")


@dataclass
class Timing:
    """Seconds and peak bytes of one process tree, run by run."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Of the seconds."""
        return statistics.median(self.seconds)

    def text(self) -> str:
        """Median and range of the seconds."""
        return f"{self.median:.1f} ({min(self.seconds):.1f}-{max(self.seconds):.1f})"

    def peak(self) -> str:
        """Largest peak in GiB."""
        return f"{max(self.peaks) / 2**30:.2f}"


def run_suite(
    releases: Sequence[str], paths: Sequence[str], jobs: int, timing: Timing, variants: Sequence[str] = ()
) -> Results:
    """Run the cells as a user would, default paths and variants where none are given; returns what was decided."""
    chosen = [f"--select={release}" for release in releases]
    chosen += [*(f"--path={path}" for path in paths), *(f"--variant={variant}" for variant in variants)]
    with tempfile.TemporaryDirectory() as out:
        command = ["bnregress", "run", *chosen, "--jobs", str(jobs), "--fresh", "--out", out]
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        timing.seconds.append(time.perf_counter() - begun)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        results = load_results(Path(out) / "results.json")
    timing.peaks.append(max(cell.peak_rss_bytes or 0 for cell in results.cells))
    return results


def run_floor(releases: Iterable[str], paths: Iterable[str], timing: Timing) -> None:
    """Run the bare script in each release's environment, one after another."""
    seconds, peak = 0.0, 0
    for release in releases:
        python = environment_path(environments_dir(), release) / "bin" / "python"
        with tempfile.TemporaryDirectory() as home:
            cells = Path(home, "cells.json")
            cells.write_text(json.dumps([_cell(path) for path in paths]), encoding="utf-8")
            variables = testing_variables(
                os.environ, home=Path(home), suite=Path(home), device="cpu", engine="tensorflow"
            )
            begun = time.perf_counter()
            done = subprocess.run(
                [python, FLOOR, cells], env=variables, capture_output=True, text=True, check=False, cwd=home
            )
            seconds += time.perf_counter() - begun
        if done.returncode != 0:
            raise SystemExit(f"The floor of {release} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        peak = max(peak, json.loads(done.stdout.splitlines()[-1])["peak_rss_bytes"])
    timing.seconds.append(seconds)
    timing.peaks.append(peak)


def _cell(path: str) -> dict[str, object]:
    """A path as `tests/benchmark/floor.py` reads it."""
    declared = PATHS[path]
    starts_from_source = "source" in inspect.signature(declared.build).parameters
    source = [code for code, _ in CANDIDATES[declared.network]] if starts_from_source else []
    return {"path": path, "source": source, "code": declared.code, "keras": declared.keras}
