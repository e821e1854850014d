"""`bnregress plan`, as it is declared: what would run, what would not and why."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.configuration.kinds import Choice, Count
from bnregress.commands.configuration.option import INPUT, option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.run import RunArguments

EPILOG = """\
examples:
  bnregress plan
  bnregress plan --select 'tf2.{0,1}.*' --path 'tf-keras-*'
  bnregress plan --format json | jq '.releases[] | select(.unavailable)'
  bnregress plan --shards 8 --format github      a matrix of jobs, each of which runs --shard I/N

Exits 3 if none of the planned releases can run here.
"""


@dataclass(frozen=True, kw_only=True)
class PlanArguments(RunArguments):
    """What a plan is told: all that a run is, though some of it changes no plan."""

    shards: int | None = option(
        Count(),
        metavar="N",
        help="split the plan into at most N shards of about the same time",
        action=INPUT,
    )
    format: str = option(
        Choice(("table", "json", "github")),
        help="output format; github is the matrix of a workflow, a job for each shard",
        default="table",
    )


COMMAND = Command(
    name="plan",
    help="show what would run, what would not and why",
    description="Shows what `bnregress run` with the same options would do on this machine. Installs nothing.",
    epilog=EPILOG,
    arguments=PlanArguments,
)
