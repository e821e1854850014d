"""Options that several commands share: how it runs, and where results go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.cells.shard import Shard
from bnregress.commands.configuration.kinds import Amount, Choice, Count, Gigabytes, Model, Part, Place, RunId, Switch
from bnregress.commands.configuration.option import EXTRA, INPUT, Arguments, Group, option
from bnregress.machine.fetching import AUTO as AUTO_INTERPRETERS
from bnregress.machine.fetching import MODES
from bnregress.run.budgets import Budgets

HOW = Group("how to run it")

OUT = Path("bnregress-results")


@dataclass(frozen=True, kw_only=True)
class Jobs(Arguments):
    """How much at once."""

    group = HOW

    jobs: int | None = option(
        Count(),
        metavar="N",
        help="worker processes",
        otherwise="one for each CPU, as far as memory allows",
        configured=True,
        action=EXTRA,
    )


@dataclass(frozen=True, kw_only=True)
class Timeout(Arguments):
    """How long a cell may take."""

    group = HOW

    timeout: float = option(
        Amount("seconds"),
        metavar="SECONDS",
        help="time budget of a cell, in seconds; a cell that takes longer is stopped and is an error",
        default=Budgets.cell,
        configured=True,
        action=EXTRA,
    )


@dataclass(frozen=True, kw_only=True)
class DiskBudget(Arguments):
    """How much room environments may take."""

    group = HOW

    disk_budget: int | None = option(
        Gigabytes(),
        metavar="GB",
        help="disk space for environments, in gigabytes; the least recently used are removed",
        otherwise="40, or the free space minus 10 if that is less",
        configured=True,
    )


@dataclass(frozen=True, kw_only=True)
class Offline(Arguments):
    """Whether the network is used."""

    group = HOW

    offline: bool = option(Switch(), help="install only from uv's cache", default=False, configured=True, action=EXTRA)


@dataclass(frozen=True, kw_only=True)
class Identity(Arguments):
    """Which run this is, or which run's results are meant."""

    group = HOW

    run_id: str | None = option(
        RunId(),
        metavar="ID",
        help="id of this run, kept in its results; results of another run are refused, unless the id is `any`",
        otherwise="the run's number on GitHub or in Slurm, or a new one",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class FromWhere(Offline):
    """Whether the network is used, and for what."""

    group = HOW

    interpreters: str = option(
        Choice(MODES),
        help="CPythons that this machine lacks: fetch them with uv, or take only what is installed",
        default=AUTO_INTERPRETERS,
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Running(Arguments):
    """The further options of a run."""

    group = HOW

    shard: Shard | None = option(
        Part(),
        metavar="I/N",
        help="run only shard I of N, as `1/3`; `bnregress report` merges them",
        action=INPUT,
    )
    explore: float | None = option(
        Amount("minutes"),
        metavar="MINUTES",
        help="minutes for random search in each release; failing examples are saved",
        configured=True,
    )
    search_seed: int | None = option(
        Count(), metavar="N", help="repeat an earlier search with its seed", configured=True
    )
    repeat: int = option(
        Count(),
        metavar="N",
        help="run every cell N times, each time in other processes, and report how often it regresses",
        default=1,
        otherwise="once; a regression that is not listed as known is run a second time before it counts",
        action=EXTRA,
    )
    fresh: bool = option(Switch(), help="ignore cached verdicts", default=False, configured=True)
    resume: bool = option(Switch(), help="keep the cells that an interrupted run in --out decided", default=False)
    out: Path = option(Place(), metavar="DIR", help="where results go", default=OUT, configured=True, action=INPUT)


@dataclass(frozen=True, kw_only=True)
class OwnModel(Arguments):
    """A person's own model."""

    group = HOW

    model: str | None = option(
        Model(),
        metavar="MODULE:CALLABLE",
        help="your own model, as `models:build`, tested as the path own-model; MODULE is searched in the current folder"
        " first",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Quiet(Arguments):
    """How much is printed at the end."""

    group = HOW

    quiet: bool = option(
        Switch(),
        help="print only the verdict, what breaks unexpectedly, and where results are",
        default=False,
        short="-q",
    )
