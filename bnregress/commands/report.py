"""`bnregress report`: reads results again."""

from __future__ import annotations

import argparse
from pathlib import Path

from bnregress.commands.diffing import add_diff_options, execute_diff
from bnregress.errors import ExitCode, UsageError

EPILOG = """\
examples:
  bnregress report monday/results.json today/results.json --diff
  bnregress report monday today --diff --format markdown

Exits 0 where nothing became worse, 1 where a cell did, 2 on wrong usage, 3 where the runs have no cell in common,
4 where a cell that was decided is no longer.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "report",
        help="compare the results of two runs",
        description="Reads results of earlier runs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", metavar="RESULTS", type=Path, nargs="+", help="results.json, or the folder it is in")
    add_diff_options(parser)
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Do what the options ask for.

    Raises:
        UsageError: the options ask for nothing, or a file cannot be read.
    """
    if not arguments.diff:
        raise UsageError("Say what to do with the results: --diff compares two runs.")
    return execute_diff(arguments)
