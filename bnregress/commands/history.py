"""`bnregress history`: verdicts over dates, from stored results."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bnregress.errors import ExitCode, NothingToDoError, UsageError
from bnregress.reports.history import History, StoredRun
from bnregress.reports.screen import Screen
from bnregress.reports.timeline import print_history, render_history_markdown, render_history_page
from bnregress.results.file import load_results, replace_text

EPILOG = """\
examples:
  bnregress history stored                       every results*.json below the folder `stored`
  bnregress history stored --out history.html    a page of it; history.md for Markdown

A run is dated by its results; where these are of an old version and hold no date, by the file, marked with ~.
Exits 0 where there is a history, 2 where a file cannot be read, 3 where there is none.
"""

RENDERERS = {".html": render_history_page, ".md": render_history_markdown}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "history",
        help="draw the verdicts of stored results over their dates",
        description="Draws a line for each cell that ever changed, with a column for each stored run.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder below which results*.json are looked for")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write it to FILE too, a .html or .md")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Read, print and write the history.

    Raises:
        UsageError: the folder or a file in it cannot be read, or FILE has another suffix; nothing is written.
        NothingToDoError: the folder holds no results.
    """
    render = None
    if arguments.out is not None:
        render = RENDERERS.get(arguments.out.suffix)
        if render is None:
            raise UsageError(f"{arguments.out}: a history is written as .html or .md. Name the file so.")
    files = find_results(arguments.folder)
    if not files:
        raise NothingToDoError(f"{arguments.folder} holds no results*.json. Give the folder where runs are stored.")
    history = History.of([StoredRun.of(file, load_results(file)) for file in files])
    if render is not None:
        replace_text(arguments.out.absolute(), render(history))
    print_history(Screen(), history)
    return ExitCode.EXPECTED


def find_results(folder: Path) -> list[Path]:
    """Return every results*.json below the folder, hidden folders left out.

    Raises:
        UsageError: the folder or one below it cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder. Give the folder where runs are stored.")
    found = []
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root, name) for name in sorted(names) if name.startswith("results") and name.endswith(".json")]
    return found


def _refuse(error: OSError) -> None:
    raise UsageError(f"{error.filename} cannot be read: {error.strerror}.") from error
