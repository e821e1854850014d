"""`bnregress report`, as it is declared: merges the results of shards, renders results again, or compares two runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Choice, Count, Place, Several, Switch
from bnregress.commands.configuration.option import INPUT, option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.expected import Expectations
from bnregress.commands.declared.how import Identity, Quiet

EPILOG = """\
examples:
  bnregress report shard-1/results.json shard-2/results.json --out merged
  bnregress report artifacts/ --expect-shards 8 --out merged
  bnregress report bnregress-results/ --out again        render a run once more
  bnregress report monday/ today/ --diff                 what changed in each cell

A folder means its results.json, or else those of the folders in it.
Shards that are missing, given twice, or from a different run or plan are errors. The plan's hash is computed again
from all shards; --plan FILE also tells which cells a missing shard had. Exits as `bnregress run` would have
with the whole plan; but 4 if --allow-missing left cells undecided. With --diff it exits 1 if a cell
became worse, 3 if the runs have no cell in common, 4 if a decided cell is no longer decided.
"""


@dataclass(frozen=True, kw_only=True)
class ReportArguments(Identity, Quiet, Expectations):
    """What is merged, rendered or compared."""

    results: tuple[Path, ...] = option(
        Several(Place()),
        metavar="RESULTS",
        help="files named results.json, or their folders",
        required=True,
        positional=True,
        action=INPUT,
    )
    out: Path | None = option(Place(), metavar="DIR", help="where the merged results go", action=INPUT)
    expect_shards: int | None = option(
        Count(), metavar="N", help="fail unless the shards come from a plan split into N", action="shards"
    )
    allow_missing: bool = option(Switch(), help="leave the cells of missing shards undecided", default=False)
    plan: Path | None = option(
        Place(), metavar="FILE", help="the plan that the shards are of, as `bnregress plan --format json` prints it"
    )
    diff: bool = option(Switch(), help="compare two runs cell by cell, the older one first", default=False)
    format: str = option(Choice(("text", "markdown")), help="output format of --diff", default="text")


COMMAND = Command(
    name="report",
    help="merge the results of shards and render them, or compare two runs",
    description="Merges a plan's shards into the results of the whole, renders a run again, or compares two runs.",
    epilog=EPILOG,
    arguments=ReportArguments,
)
