"""`bnregress report A B --diff`: what became of each cell between two runs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bnregress.errors import ExitCode, UsageError
from bnregress.judging.difference import compare
from bnregress.reports.difference import print_difference, render_difference
from bnregress.reports.screen import Screen
from bnregress.results.file import load_results


def add_diff_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `--diff` needs beside the results."""
    parser.add_argument("--diff", action="store_true", help="compare two runs cell by cell, the older one first")
    parser.add_argument(
        "--format", choices=("text", "markdown"), default="text", help="how --diff is printed; default: text"
    )


def execute_diff(arguments: argparse.Namespace) -> ExitCode:
    """Print the difference of two results files.

    Args:
        arguments: `results`, two paths of results.json or of folders that hold one; `format`, `text` or `markdown`.

    Raises:
        UsageError: not two files, or one cannot be read; nothing is printed.
    """
    files: Sequence[Path] = arguments.results
    if len(files) != 2:
        raise UsageError(f"--diff compares two runs, {len(files)} given. Write `bnregress report OLD NEW --diff`.")
    before, after = (load_results(file / "results.json" if file.is_dir() else file) for file in files)
    difference = compare(before, after)
    if arguments.format == "markdown":
        print(render_difference(difference), end="")
    else:
        print_difference(Screen(), difference)
    return difference.exit_code
