"""`bnregress known`, as it is declared: the regressions that are known, and proposals to mend their file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Place, PlaceOr
from bnregress.commands.configuration.option import Arguments, option
from bnregress.commands.declared.command import Command

EPILOG = """\
examples:
  bnregress known                                       list them, each with its reason and source
  bnregress known --update bnregress-results/results.json                print proposed changes as a diff
  bnregress known --update bnregress-results/results.json --out known.toml

Only --out is written. Reasons, remedies and sources that still hold are kept. Proposed ones come from the measured
cells: write them in your own words, and look for an upstream report.
"""


@dataclass(frozen=True, kw_only=True)
class KnownArguments(Arguments):
    """What is listed or proposed."""

    update: Path | None = option(Place(), metavar="RESULTS", help="propose changes from this results.json")
    known: Path | str | None = option(
        PlaceOr("none"), metavar="FILE", help="the file; `none` for an empty one", otherwise="the packaged one"
    )
    out: Path | None = option(Place(), metavar="FILE", help="write the proposal here instead of printing a diff")


COMMAND = Command(
    name="known",
    help="list the known regressions, or propose changes from results",
    description="Checks and lists a file of known regressions, or proposes changes from measured results.",
    epilog=EPILOG,
    arguments=KnownArguments,
)
