"""`bnregress history`: verdicts over dates, from stored results."""

from __future__ import annotations

from bnregress.commands.declared.history import HistoryArguments
from bnregress.errors import ExitCode, NothingToDoError, UsageError
from bnregress.judging.history import History, StoredRun
from bnregress.machine.atomic import replace_text
from bnregress.reports.history import print_history, render_history_markdown, render_history_page
from bnregress.reports.screen import Screen
from bnregress.results.file import load_results
from bnregress.results.finding import find_stored

RENDERERS = {".html": render_history_page, ".md": render_history_markdown}


def execute(arguments: HistoryArguments) -> ExitCode:
    """Read, print and write the history.

    Raises:
        UsageError: the folder or a file in it cannot be read, or FILE has another suffix; nothing is written.
        NothingToDoError: the folder holds no results.
    """
    if arguments.out is not None and arguments.out.suffix not in RENDERERS:
        raise UsageError(f"{arguments.out}: a history is written as .html or .md. Choose such a name.")
    files = find_stored(arguments.folder)
    if not files:
        raise NothingToDoError(f"{arguments.folder} holds no *results*.json. Give the folder where runs are stored.")
    history = History.of([StoredRun.of(file, load_results(file)) for file in files])
    if arguments.out is not None:
        replace_text(arguments.out.absolute(), RENDERERS[arguments.out.suffix](history))
    print_history(Screen(), history)
    return ExitCode.EXPECTED
