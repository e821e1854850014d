"""`bnregress report`: merges the results of shards and renders them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bnregress.commands.options import positive_int
from bnregress.errors import ExitCode, UsageError
from bnregress.merging import FILE, find_files, load_sources, merge
from bnregress.remedies import fill_remedies
from bnregress.reports.files import write_reports
from bnregress.reports.screen import Screen
from bnregress.reports.terminal import print_report
from bnregress.results import exit_code
from bnregress.resultsfile import printable, write_results

EPILOG = """\
examples:
  bnregress report shard-1/results.json shard-2/results.json --out merged
  bnregress report artifacts/ --expect-shards 8 --out merged
  bnregress report bnregress-results/ --out again        render a run once more

A folder stands for its results.json, or else for those of the folders in it.
Shards that are missing, there twice, or of another plan are errors. Exits as `bnregress run` would have
with the whole plan; 4 at least where --allow-missing left cells undecided.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "report",
        help="merge the results of shards, and render them",
        description="Merges the results of a plan's shards into those of the whole, or renders one run again.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", metavar="RESULTS", nargs="+", type=Path, help="results.json files, or their folders")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="where the merged results go")
    parser.add_argument(
        "--expect-shards", metavar="N", type=positive_int, help="refuse the shards of a plan that was parted otherwise"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="leave the cells of shards that are missing undecided"
    )
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Merge, write, print, and return what the whole comes to.

    Raises:
        UsageError: the results do not belong together, or one of them is no results file; nothing was written.
    """
    files = find_files(arguments.results)
    out = arguments.out.absolute()
    _require_no_overwriting(out / FILE, files)
    merged = merge(load_sources(files), expect_shards=arguments.expect_shards, allow_missing=arguments.allow_missing)
    results = fill_remedies(merged)
    out.mkdir(parents=True, exist_ok=True)
    write_results(results, out / FILE)
    written = write_reports(results, out)
    print_report(Screen(), results, files=[out / FILE, *written])
    return exit_code(results)


def _require_no_overwriting(target: Path, files: Sequence[Path]) -> None:
    """The results of a shard are not replaced by those of the whole; one run may be rendered where it is."""
    if len(files) > 1 and target.exists():
        for file in files:
            if file.exists() and file.samefile(target):
                raise UsageError(f"{printable(file)} would be written over. Choose another folder with --out.")
