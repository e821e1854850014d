"""`nox -s bench -- --growth`: what a further path and a further release cost, and whose seconds those are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from tests.benchmark.timing import Timing, run_floor, run_suite

#: Paths that every release from 2.0 on has, three on ResNet50 and three on the small network, in turns.
PATHS = ("tf-keras-applications", "clone", "keras-applications-package", "json", "compat-v1", "h5")


def grown(releases: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Releases and paths of each measurement: more and more paths in one release, then more and more releases."""
    for count in (1, 2, 4, len(PATHS)):
        yield releases[:1], PATHS[:count]
    for count in range(2, len(releases) + 1):
        yield releases[:count], PATHS


def run(releases: Sequence[str], repeats: int) -> int:
    """Print a row for each number of releases and of paths."""
    table = Table(title=f"one process at a time, median (range) of {repeats} runs in turns")
    for heading in ("releases", "paths", "cells", "floor, s", "suite, s", "s a cell", "not the framework's"):
        table.add_column(heading, justify="right", no_wrap=True)
    for some, paths in grown(releases):
        floor, suite = Timing(), Timing()
        run_suite(some, paths, 1, Timing())
        for _ in range(repeats):
            run_floor(some, paths, floor)
            run_suite(some, paths, 1, suite)
        cells = len(some) * len(paths)
        share = 1 - floor.median / suite.median
        table.add_row(
            str(len(some)), str(len(paths)), str(cells),
            floor.text(), suite.text(), f"{suite.median / cells:.1f}", f"{share:.0%}",
        )  # fmt: skip
    Console(width=max(100, Console().width)).print(table)
    return 0
