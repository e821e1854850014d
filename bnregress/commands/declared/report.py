"""`bnregress report`, as it is declared: merges the results of shards, renders results again, or compares two runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Choice, Count, Place, Several, Switch
from bnregress.commands.configuration.option import INPUT, option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.options import Expectations

EPILOG = """\
examples:
  bnregress report shard-1/results.json shard-2/results.json --out merged
  bnregress report artifacts/ --expect-shards 8 --out merged
  bnregress report bnregress-results/ --out again        render a run once more
  bnregress report monday/ today/ --diff                 what became of each cell

A folder stands for its results.json, or else for those of the folders in it.
Shards that are missing, there twice, or of another plan are errors. Exits as `bnregress run` would have
with the whole plan; 4 at least where --allow-missing left cells undecided. With --diff it exits 1 where a cell
became worse, 3 where the runs have no cell in common, 4 where a cell that was decided is no longer.
"""


@dataclass(frozen=True, kw_only=True)
class ReportArguments(Expectations):
    """What is merged, rendered or compared."""

    results: tuple[Path, ...] = option(
        Several(Place()),
        metavar="RESULTS",
        help="results.json files, or their folders",
        required=True,
        positional=True,
        action=INPUT,
    )
    out: Path | None = option(Place(), metavar="DIR", help="where the merged results go", action=INPUT)
    expect_shards: int | None = option(
        Count(), metavar="N", help="refuse the shards of a plan that was parted otherwise", action="shards"
    )
    allow_missing: bool = option(Switch(), help="leave the cells of shards that are missing undecided", default=False)
    diff: bool = option(Switch(), help="compare two runs cell by cell, the older one first", default=False)
    format: str = option(Choice(("text", "markdown")), help="how --diff is printed", default="text")


COMMAND = Command(
    name="report",
    help="merge the results of shards and render them, or compare two runs",
    description="Merges a plan's shards into the results of the whole, renders a run again, or compares two runs.",
    epilog=EPILOG,
    arguments=ReportArguments,
)
