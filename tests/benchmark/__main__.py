"""`nox -s bench`: what the suite costs beyond the framework calls it cannot do without.

For each release, floor and suite take turns in one run of this program, so that
a busy machine slows both. Quote the ratios; the seconds are of this machine.
The suite's seconds are those of `bnregress run` as a whole, planning and
environment checks included; its peak is that of the largest process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bnregress.locations import environments_dir
from bnregress.results import Results
from bnregress.resultsfile import load_results
from bnregress.run.environments import environment_path
from bnregress.run.surroundings import testing_variables
from tests.benchmark import finetune

FLOOR = Path(__file__).with_name("floor.py")
RELEASES = ("tf2.1.0", "tf2.15.1", "tf2.21.0")


@dataclass
class Timing:
    """Seconds and peak bytes of one process tree, run by run."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    def text(self) -> str:
        """Median and range of the seconds."""
        return f"{statistics.median(self.seconds):.1f} ({min(self.seconds):.1f}-{max(self.seconds):.1f})"

    def peak(self) -> str:
        """Largest peak in GiB."""
        return f"{max(self.peaks) / 2**30:.2f}"


def run_suite(release: str, jobs: int, timing: Timing) -> Results:
    """Run all cells of a release as a user would; returns what it decided."""
    with tempfile.TemporaryDirectory() as out:
        command = ["bnregress", "run", "--select", release, "--jobs", str(jobs), "--fresh", "--out", out]
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        timing.seconds.append(time.perf_counter() - begun)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        results = load_results(Path(out) / "results.json")
    timing.peaks.append(max(cell.peak_rss_bytes or 0 for cell in results.cells))
    return results


def run_floor(release: str, paths: list[str], timing: Timing) -> None:
    """Run the bare script in the release's environment."""
    python = environment_path(environments_dir(), release) / "bin" / "python"
    with tempfile.TemporaryDirectory() as home:
        variables = testing_variables(os.environ, home=Path(home), suite=Path(home), device="cpu")
        begun = time.perf_counter()
        done = subprocess.run(
            [python, FLOOR, *paths], env=variables, capture_output=True, text=True, check=False, cwd=home
        )
        timing.seconds.append(time.perf_counter() - begun)
    if done.returncode != 0:
        raise SystemExit(f"The floor of {release} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    timing.peaks.append(json.loads(done.stdout.splitlines()[-1])["peak_rss_bytes"])


def measure(release: str, repeats: int, jobs: int) -> tuple[Timing, Timing, int]:
    """Floor and suite in turns, after one run of the suite that warms the environment and tells the paths."""
    floor, suite = Timing(), Timing()
    decided = run_suite(release, jobs, Timing())
    paths = [cell.id.path for cell in decided.cells if cell.status in ("pass", "regress")]
    for _ in range(repeats):
        run_floor(release, paths, floor)
        run_suite(release, jobs, suite)
    return floor, suite, len(paths)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("releases", nargs="*", default=RELEASES, metavar="RELEASE")
    parser.add_argument("--repeats", type=int, default=3, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    parser.add_argument("--suite", choices=("properties", "finetune"), default="properties", help="which to measure")
    options = parser.parse_args()
    if options.suite == "finetune":
        return finetune.run(options.releases, options.repeats)
    table = Table(title=f"median (range) of {options.repeats} runs in turns, --jobs {options.jobs}")
    for heading in ("release", "paths", "floor, s", "suite, s", "ratio", "floor peak, GiB", "suite peak, GiB"):
        table.add_column(heading, justify="left" if heading == "release" else "right", no_wrap=True)
    for release in options.releases:
        floor, suite, paths = measure(release, options.repeats, options.jobs)
        ratio = statistics.median(a / b for a, b in zip(suite.seconds, floor.seconds, strict=True))
        table.add_row(release, str(paths), floor.text(), suite.text(), f"{ratio:.2f}", floor.peak(), suite.peak())
        sys.stderr.write(f"{release}: ratio {ratio:.2f}\n")
    Console(width=max(100, Console().width)).print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
