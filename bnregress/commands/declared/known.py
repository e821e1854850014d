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
  bnregress known --update bnregress-results/results.json                print what the file lacks, as a diff
  bnregress known --update bnregress-results/results.json --out known.toml

Nothing is written but to --out. Reasons, remedies and sources that still hold are kept as they are; those that
are proposed come from the measured cells, to be put in your own words, with the upstream report looked up.
"""


@dataclass(frozen=True, kw_only=True)
class KnownArguments(Arguments):
    """What is listed or proposed."""

    update: Path | None = option(Place(), metavar="RESULTS", help="results.json of a run to learn from")
    known: Path | str | None = option(
        PlaceOr("none"), metavar="FILE", help="the file; `none` for an empty one", otherwise="the packaged one"
    )
    out: Path | None = option(Place(), metavar="FILE", help="write the proposal here instead of printing a diff")


COMMAND = Command(
    name="known",
    help="list the known regressions, or propose what results change in them",
    description="Checks and lists a file of known regressions, or proposes what measured results change in it.",
    epilog=EPILOG,
    arguments=KnownArguments,
)
