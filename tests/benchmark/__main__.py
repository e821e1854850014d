"""`nox -s bench`: what the suite costs beyond the framework calls it cannot do without, and how that grows.

For each release, floor and suite take turns in one run of this program, so that
a busy machine slows both. Quote the ratios; the seconds are of this machine.
The suite's seconds are those of `bnregress run` as a whole, planning and
environment checks included; its peak is that of the largest process.
"""

from __future__ import annotations

import argparse
import statistics

from rich.console import Console
from rich.table import Table

from tests.benchmark import cover, finetune, growth, scale
from tests.benchmark.timing import Timing, run_floor, run_suite

RELEASES = ("tf2.1.0", "tf2.15.1", "tf2.21.0")
#: What the fixed probes of a release, with all its paths, may take against the floor.
MOST = 1.4


def measure(release: str, repeats: int, jobs: int) -> tuple[Timing, Timing, int]:
    """Floor and suite in turns, after one run of the suite that warms the environment and tells the paths."""
    floor, suite = Timing(), Timing()
    decided = run_suite([release], [], jobs, Timing(), variants=("default",))
    paths = [cell.id.path for cell in decided.cells if cell.status in ("pass", "regress")]
    for _ in range(repeats):
        run_floor([release], paths, floor)
        run_suite([release], [], jobs, suite, variants=("default",))
    return floor, suite, len(paths)


def main() -> int:
    """Measure and print the tables; return 1 where a release takes too long."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("releases", nargs="*", default=RELEASES, metavar="RELEASE")
    parser.add_argument("--repeats", type=int, default=3, metavar="N")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="of the suite; the floor is one process")
    parser.add_argument("--suite", choices=("properties", "finetune"), default="properties", help="which to measure")
    parser.add_argument("--growth", action="store_true", help="only how it grows with releases and paths")
    parser.add_argument("--cover", action="store_true", help="only what the cover of all pairs of variants adds")
    parser.add_argument("--scale", action="store_true", help="only what bnregress itself takes for results of any size")
    options = parser.parse_args()
    if options.scale:
        return scale.run()
    if options.suite == "finetune":
        return finetune.run(options.releases, options.repeats)
    if options.growth:
        return growth.run(options.releases, options.repeats)
    if options.cover:
        return cover.run(options.releases, options.repeats)
    table = Table(title=f"median (range) of {options.repeats} runs in turns, --jobs {options.jobs}; at most {MOST:g}")
    for heading in ("release", "paths", "floor, s", "suite, s", "ratio", "floor peak, GiB", "suite peak, GiB"):
        table.add_column(heading, justify="left" if heading == "release" else "right", no_wrap=True)
    over = False
    for release in options.releases:
        floor, suite, paths = measure(release, options.repeats, options.jobs)
        ratio = statistics.median(a / b for a, b in zip(suite.seconds, floor.seconds, strict=True))
        over |= ratio > MOST
        table.add_row(release, str(paths), floor.text(), suite.text(), f"{ratio:.2f}", floor.peak(), suite.peak())
    Console(width=max(120, Console().width)).print(table)
    return int(over)


if __name__ == "__main__":
    raise SystemExit(main())
