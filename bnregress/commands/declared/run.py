"""`bnregress run`, as it is declared: decides the planned cells and reports them."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.declared.command import Command
from bnregress.commands.declared.expected import Expectations
from bnregress.commands.declared.how import DiskBudget, FromWhere, Identity, Jobs, OwnModel, Quiet, Running, Timeout
from bnregress.commands.declared.tuning import Tuning
from bnregress.commands.declared.what import Brought, Builds, Releases, Subjects, Suite

EPILOG = """\
examples:
  bnregress run
  bnregress run --select 'tf2.{0,1}.*' --path 'tf-keras-*'
  bnregress run --resume                         continue after Ctrl-C; decided cells are kept
  bnregress run --select tf2.21.0 --with keras=.     a build of your own, as tf2.21.0-keras3.16.0+local
  bnregress run --environment .venv              your own environment, as tf2.15.1+local

Writes results.json, report.html, summary.md, junit.xml and badge.json to the folder of --out, logs to its run/logs.
Exits 0 if there are no unexpected regressions, 1 if there are, 2 on wrong usage, 3 if nothing could be done,
4 if something could not be decided, 130 when interrupted.
"""


@dataclass(frozen=True, kw_only=True)
class RunArguments(
    Releases,
    Brought,
    Builds,
    Subjects,
    Suite,
    Tuning,
    Jobs,
    Timeout,
    DiskBudget,
    FromWhere,
    Running,
    OwnModel,
    Identity,
    Quiet,
    Expectations,
):
    """What a run is told."""


COMMAND = Command(
    name="run",
    help="decide which releases and loading paths break a frozen BatchNorm",
    description="Installs the selected TensorFlow releases, each in its own environment, and tests their cells.",
    epilog=EPILOG,
    arguments=RunArguments,
)
