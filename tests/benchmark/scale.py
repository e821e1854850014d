"""`nox -s bench -- --scale`: what bnregress itself takes for results of any size, and with which power that grows."""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from bnregress.cli import main as bnregress
from bnregress.errors import ExitCode
from bnregress.judging.assessment import assess
from bnregress.results.file import RESULTS_FILE, load_results, write_results
from tests.benchmark.results_of_any_size import grown
from tests.results.shards import asked, plan_of, split

#: Cells of the two runs that are compared, a plain run of 21 releases and ten times that.
SIZES = (2_600, 26_000)
#: Nights of 2,600 cells, and shards of 2,600 cells in all.
NIGHTS = (3, 30)
SHARDS = (16, 160)
#: The largest power of the size that the time may grow with.
MOST = 1.15


@dataclass(frozen=True)
class Cost:
    """What a job took: processor seconds, and the largest memory in bytes."""

    seconds: float
    peak: int


def _read(folder: Path) -> None:
    load_results(folder / RESULTS_FILE)


def _write(folder: Path) -> None:
    write_results(grown(int((folder / "cells").read_text())), folder / "written.json")


def _judge(folder: Path) -> None:
    assess(load_results(folder / RESULTS_FILE), ())


def _command(*words: str) -> Callable[[Path], None]:
    def job(folder: Path) -> None:
        ended = bnregress([word.replace("FOLDER", str(folder)) for word in words])
        if ended not in (ExitCode.EXPECTED, ExitCode.REGRESSION):
            raise SystemExit(f"{' '.join(words)}: exit code {ended}")

    return job


#: What is measured, each in a process of its own, on a folder that `_make` made.
JOBS: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    {
        "read results.json": _read,
        "make and write results.json": _write,
        "read and judge": _judge,
        "report": _command("report", "FOLDER/results.json", "--out", "FOLDER/report", "--known", "none"),
        "gate": _command("gate", "FOLDER/results.json", "--known", "none"),
        "history": _command("history", "FOLDER", "--out", "FOLDER/history.html"),
        "history again": _command("history", "FOLDER", "--out", "FOLDER/history.html"),
        "merge shards": _command("report", "FOLDER", "--out", "FOLDER/report", "--known", "none"),
    }
)


def _make_run(folder: Path, cells: int) -> None:
    (folder / "cells").write_text(str(cells), encoding="utf-8")
    write_results(grown(cells), folder / RESULTS_FILE)


def _make_nights(folder: Path, nights: int) -> None:
    for night in range(nights):
        started = f"20{night // 365 + 10}-{night // 28 % 12 + 1:02}-{night % 28 + 1:02}T00:00:00Z"
        write_results(grown(SIZES[0], started=started), folder / f"{night}-results.json")


def _make_shards(folder: Path, shards: int) -> None:
    made = grown(SIZES[0])
    whole = replace(
        made, run="run-1", plan=plan_of((cell.id for cell in made.cells), made.releases), asked=asked(made.releases)
    )
    order = [cell.id for cell in whole.cells]
    holders = {id: place % shards + 1 for place, id in enumerate(order)}
    for number, source in enumerate(split(whole, holders, shards, order)):
        (folder / str(number)).mkdir()
        write_results(source.results, folder / str(number) / RESULTS_FILE)


#: The jobs by what they need.
NEEDS: Sequence[tuple[str, Callable[[Path, int], None], tuple[int, int], Sequence[str]]] = (
    (
        "cells",
        _make_run,
        SIZES,
        ("read results.json", "make and write results.json", "read and judge", "report", "gate"),
    ),
    ("nights", _make_nights, NIGHTS, ("history", "history again")),
    ("shards", _make_shards, SHARDS, ("merge shards",)),
)
#: Files whose size is told.
WRITTEN = ("results.json", "report/report.html", "report/summary.md", "report/junit.xml")


def measure(job: str, folder: Path) -> Cost:
    """Do a job in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmark.scale", job, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{job} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def exponent(small: float, large: float, sizes: Sequence[int]) -> float:
    """Return the power of the size that a cost grows with."""
    return math.log(large / small) / math.log(sizes[1] / sizes[0])


def run() -> int:
    """Print what each job takes at both sizes; return 1 if one grows with more than the power `MOST`."""
    table = Table(title=f"processor seconds of one run each; may grow with the power {MOST:g} at most")
    for heading in ("", "of", "s", "MiB", "of", "s", "MiB", "power"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    files = Table(title="files that `report` writes, MB")
    for heading in ("", *(f"{size:,} cells" for size in SIZES)):
        files.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    over = False
    for unit, make, sizes, jobs in NEEDS:
        with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
            folders = (Path(small), Path(large))
            for folder, size in zip(folders, sizes, strict=True):
                make(folder, size)
            for job in jobs:
                costs = [measure(job, folder) for folder in folders]
                power = exponent(costs[0].seconds, costs[1].seconds, sizes)
                over |= power > MOST
                cells = (
                    f"{part}" for size, cost in zip(sizes, costs, strict=True)
                    for part in (f"{size:,} {unit}", f"{cost.seconds:.1f}", f"{cost.peak / 2**20:.0f}")
                )  # fmt: skip
                table.add_row(job, *cells, f"{power:.2f}")
            if unit == "cells":
                for name in WRITTEN:
                    files.add_row(name, *(f"{(folder / name).stat().st_size / 1e6:.1f}" for folder in folders))
    console = Console(width=max(120, Console().width))
    console.print(table)
    console.print(files)
    return int(over)


def main() -> int:
    """Do one job, and print what it took."""
    job, folder = sys.argv[1:]
    begun = time.process_time()
    JOBS[job](Path(folder))
    used = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": used, "peak": peak}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
