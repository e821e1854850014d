"""`bnregress history`, as it is declared: verdicts over dates, from stored results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Place
from bnregress.commands.configuration.option import Arguments, option
from bnregress.commands.declared.command import Command

EPILOG = """\
examples:
  bnregress history stored                       every results*.json below the folder `stored`
  bnregress history stored --out history.html    a page of it; history.md for Markdown

A run is dated by its results; where these are of an old version and hold no date, by the file, marked with ~.
Exits 0 where there is a history, 2 where a file cannot be read, 3 where there is none.
"""


@dataclass(frozen=True, kw_only=True)
class HistoryArguments(Arguments):
    """What is drawn."""

    folder: Path = option(
        Place(), metavar="DIR", help="folder below which results*.json are looked for", required=True, positional=True
    )
    out: Path | None = option(Place(), metavar="FILE", help="write it to FILE too, a .html or .md")


COMMAND = Command(
    name="history",
    help="draw the verdicts of stored results over their dates",
    description="Draws a line for each cell that ever changed, with a column for each stored run.",
    epilog=EPILOG,
    arguments=HistoryArguments,
)
