"""`bnregress history`, as it is declared: verdicts over dates, from stored results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Place
from bnregress.commands.configuration.option import Arguments, option
from bnregress.commands.declared.command import Command

EPILOG = """\
examples:
  bnregress history stored                       every *results*.json below the folder `stored`
  bnregress history stored --out history.html    a page of it; history.md for Markdown

A run has the date of its results. Results of an old version have no date; there the file's is used, marked with ~.
Exits 0 if there is a history, 2 if a file cannot be read, 3 if there is none.
"""


@dataclass(frozen=True, kw_only=True)
class HistoryArguments(Arguments):
    """What is drawn."""

    folder: Path = option(
        Place(), metavar="DIR", help="folder that is searched for *results*.json", required=True, positional=True
    )
    out: Path | None = option(Place(), metavar="FILE", help="also write it to FILE, a .html or .md")


COMMAND = Command(
    name="history",
    help="show the verdicts of stored results over time",
    description="Prints a line for each cell that ever changed, with a column for each stored run.",
    epilog=EPILOG,
    arguments=HistoryArguments,
)
