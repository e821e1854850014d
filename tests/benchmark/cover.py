"""`nox -s bench -- --cover`: what the cover of all pairs of variants adds to a plain run of a release."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bnregress.run.options import default_jobs
from tests.benchmark.timing import Timing, run_suite

#: Seconds that the cover may add to a release.
MOST = 30.0


def run(releases: Sequence[str], repeats: int) -> int:
    """Print a row for each release, both runs in turns; return 1 where the cover adds too much."""
    jobs = default_jobs()
    table = Table(title=f"median (range) of {repeats} runs in turns, --jobs {jobs}; at most {MOST:g} s more")
    for heading in ("release", "cells", "default variants, s", "cells", "with the cover, s", "added, s"):
        table.add_column(heading, justify="left" if heading == "release" else "right", no_wrap=True)
    over = False
    for release in releases:
        plain, whole = Timing(), Timing()
        run_suite([release], [], jobs, Timing(), variants=("default",))
        cells = (0, 0)
        for _ in range(repeats):
            few = run_suite([release], [], jobs, plain, variants=("default",))
            many = run_suite([release], [], jobs, whole)
            cells = len(few.cells), len(many.cells)
        added = statistics.median(b - a for a, b in zip(plain.seconds, whole.seconds, strict=True))
        over |= added > MOST
        table.add_row(release, str(cells[0]), plain.text(), str(cells[1]), whole.text(), f"{added:.1f}")
    Console(width=max(100, Console().width)).print(table)
    return int(over)
