"""`bnregress report A B --diff`: what became of each cell between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bnregress.commands.declared.report import ReportArguments
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.difference import compare
from bnregress.reading.strict import printable
from bnregress.reports.difference import print_difference, render_difference
from bnregress.reports.screen import Screen
from bnregress.results.file import load_results
from bnregress.results.finding import find_results
from bnregress.results.model import Results


def execute_diff(arguments: ReportArguments) -> ExitCode:
    """Print the difference of two results files.

    Args:
        arguments: `results`, two paths of results.json or of folders that hold one; `format`, `text` or `markdown`.

    Raises:
        UsageError: not two files, or one cannot be read; nothing is printed.
    """
    files: Sequence[Path] = arguments.results
    if len(files) != 2:
        raise UsageError(f"--diff compares two runs, {len(files)} given. Write `bnregress report OLD NEW --diff`.")
    before, after = map(_load, files)
    difference = compare(before, after)
    if arguments.format == "markdown":
        print(render_difference(difference), end="")
    else:
        print_difference(Screen(), difference)
    return difference.exit_code


def _load(place: Path) -> Results:
    files = find_results([place], links=True)
    if len(files) > 1:
        raise UsageError(f"{printable(place)} holds {len(files)} results files. Merge shards with `bnregress report`.")
    return load_results(files[0])
