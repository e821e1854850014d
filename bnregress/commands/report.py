"""`bnregress report`: merges the results of shards, renders results again, or compares two runs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bnregress.cells.identifiers import CellId
from bnregress.commands.diffing import add_diff_options, execute_diff
from bnregress.commands.options import add_expectations, positive_int
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.assessment import assess
from bnregress.judging.known.entries import load_known
from bnregress.reading.strict import printable
from bnregress.reports.files import write_reports
from bnregress.reports.screen import Screen
from bnregress.reports.terminal import print_report
from bnregress.results.file import write_results
from bnregress.results.merging import FILE, find_files, load_sources, merge
from bnregress.results.model import exit_code

EPILOG = """\
examples:
  bnregress report shard-1/results.json shard-2/results.json --out merged
  bnregress report artifacts/ --expect-shards 8 --out merged
  bnregress report bnregress-results/ --out again        render a run once more
  bnregress report monday/ today/ --diff                 what became of each cell

A folder stands for its results.json, or else for those of the folders in it.
Shards that are missing, there twice, or of another plan are errors. Exits as `bnregress run` would have
with the whole plan; 4 at least where --allow-missing left cells undecided. With --diff it exits 1 where a cell
became worse, 3 where the runs have no cell in common, 4 where a cell that was decided is no longer.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "report",
        help="merge the results of shards and render them, or compare two runs",
        description="Merges a plan's shards into the results of the whole, renders a run again, or compares two runs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", metavar="RESULTS", nargs="+", type=Path, help="results.json files, or their folders")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the merged results go")
    parser.add_argument(
        "--expect-shards", metavar="N", type=positive_int, help="refuse the shards of a plan that was parted otherwise"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="leave the cells of shards that are missing undecided"
    )
    add_expectations(parser)
    add_diff_options(parser)
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Merge, write, print, and return what the whole comes to; or compare.

    Raises:
        UsageError: the results do not belong together, or one of them is no results file; nothing was written.
    """
    if arguments.diff:
        return execute_diff(arguments)
    if arguments.out is None:
        raise UsageError("Say where the merged results go with --out DIR, or compare two runs with --diff.")
    known = load_known(arguments.known)
    files = find_files(arguments.results)
    out = arguments.out.absolute()
    _require_no_overwriting(out / FILE, files)
    merged = merge(load_sources(files), expect_shards=arguments.expect_shards, allow_missing=arguments.allow_missing)
    results = assess(merged, known)
    out.mkdir(parents=True, exist_ok=True)
    write_results(results, out / FILE)
    written = write_reports(results, out)
    print_report(Screen(), results, files=[out / FILE, *written])
    _name_undecided(results.undecided)
    return exit_code(results, arguments.fail_on)


def _name_undecided(cells: Sequence[CellId]) -> None:
    by_release: dict[str, list[str]] = {}
    for cell in cells:
        by_release.setdefault(cell.release, []).append(cell.subject)
    for release, subjects in by_release.items():
        Screen(stderr=True).print(f"not decided: {release}: {', '.join(subjects)}", soft_wrap=True)


def _require_no_overwriting(target: Path, files: Sequence[Path]) -> None:
    """The results of a shard are not replaced by those of the whole; one run may be rendered where it is."""
    if len(files) > 1 and target.exists():
        for file in files:
            if file.exists() and file.samefile(target):
                raise UsageError(f"{printable(file)} would be written over. Choose another folder with --out.")
