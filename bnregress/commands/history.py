"""`bnregress history`: verdicts over dates, from stored results."""

from __future__ import annotations

import os
from pathlib import Path

from bnregress.commands.declared.history import HistoryArguments
from bnregress.errors import ExitCode, NothingToDoError, UsageError
from bnregress.judging.history import History, StoredRun
from bnregress.machine.atomic import replace_text
from bnregress.reports.history import print_history, render_history_markdown, render_history_page
from bnregress.reports.screen import Screen
from bnregress.results.file import load_results

RENDERERS = {".html": render_history_page, ".md": render_history_markdown}


def execute(arguments: HistoryArguments) -> ExitCode:
    """Read, print and write the history.

    Raises:
        UsageError: the folder or a file in it cannot be read, or FILE has another suffix; nothing is written.
        NothingToDoError: the folder holds no results.
    """
    if arguments.out is not None and arguments.out.suffix not in RENDERERS:
        raise UsageError(f"{arguments.out}: a history is written as .html or .md. Choose such a name.")
    files = find_results(arguments.folder)
    if not files:
        raise NothingToDoError(f"{arguments.folder} holds no results*.json. Give the folder where runs are stored.")
    history = History.of([StoredRun.of(file, load_results(file)) for file in files])
    if arguments.out is not None:
        replace_text(arguments.out.absolute(), RENDERERS[arguments.out.suffix](history))
    print_history(Screen(), history)
    return ExitCode.EXPECTED


def find_results(folder: Path) -> list[Path]:
    """Return every results*.json below the folder, hidden folders left out.

    Raises:
        UsageError: the folder or one below it cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder. Give the folder where runs are stored.")
    found = []
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root, name) for name in sorted(names) if name.startswith("results") and name.endswith(".json")]
    return found


def _refuse(error: OSError) -> None:
    raise UsageError(f"{error.filename} cannot be read: {error.strerror}.") from error
