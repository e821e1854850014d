"""`nox -s bench -- --suite finetune`: seconds and memory of one fine-tuned cell, against what it may take."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bnregress.results.file import load_results
from bnregress.results.model import CellResult

PATH = "tf-keras-applications"
#: On two processors that nobody else uses; building the path is part of it, importing the framework is not.
MOST_SECONDS, MOST_BYTES = 25.0, 2.5 * 2**30


def measure(release: str) -> CellResult:
    """Run the cell as a user would, alone."""
    with tempfile.TemporaryDirectory() as out:
        command = ["bnregress", "run", "--suite", "finetune", "--fresh", "--select", release, "--path", PATH]
        done = subprocess.run([*command, "--jobs", "1", "--out", out], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        (cell,) = load_results(Path(out) / "results.json").cells
    return cell


def run(releases: Sequence[str], repeats: int) -> int:
    """Print a row for each release; return 1 where one takes too long or too much."""
    table = Table(title=f"accuracy-parity on {PATH}, {repeats} runs; at most {MOST_SECONDS:g} s and 2.5 GiB")
    for heading in ("release", "median, s", "range, s", "peak, GiB"):
        table.add_column(heading, justify="left" if heading == "release" else "right", no_wrap=True)
    over = False
    for release in releases:
        cells = [measure(release) for _ in range(repeats)]
        seconds = [sum((cell.seconds or {}).values()) for cell in cells]
        peak = max(cell.peak_rss_bytes or 0 for cell in cells)
        median = statistics.median(seconds)
        over |= median > MOST_SECONDS or peak > MOST_BYTES
        table.add_row(release, f"{median:.1f}", f"{min(seconds):.1f}-{max(seconds):.1f}", f"{peak / 2**30:.2f}")
    Console(width=max(100, Console().width)).print(table)
    return int(over)
