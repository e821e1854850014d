"""The options that several commands share; each command in this package puts together what it takes.

An option here is all that there is to write for one: the command line, `[tool.bnregress]` with its schema, the
environment variable, the inputs of the GitHub Action and the pages of the documentation follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.cells.shard import Shard
from bnregress.commands.configuration.kinds import (
    Amount,
    AmountOr,
    Choice,
    Count,
    Gigabytes,
    Model,
    Part,
    Place,
    PlaceOr,
    PythonPlace,
    RunId,
    Several,
    Switch,
    Text,
)
from bnregress.commands.configuration.option import EXTRA, INPUT, Arguments, Group, option
from bnregress.machine.devices import AUTO, DEFAULT_DEVICE, DEVICES
from bnregress.machine.fetching import AUTO as AUTO_INTERPRETERS
from bnregress.machine.fetching import MODES
from bnregress.planning.finetune import AUTO as FOUND
from bnregress.planning.finetune import Finetune
from bnregress.results.model import DEFAULT_POLICY, FAIL_ON, REQUIRE, Policy
from bnregress.run.budgets import Budgets
from bnregress.suite.registry import PROPERTIES, SUITES

WHAT = Group("what to run", "globs with braces; each option may be given several times")
TUNED = Group("fine-tune runs", "with --suite finetune or all")
HOW = Group("how to run it")
EXPECTED = Group("what is expected")

OUT = Path("bnregress-results")


@dataclass(frozen=True, kw_only=True)
class Releases(Arguments):
    """Which releases, or single cells."""

    group = WHAT

    select: tuple[str, ...] = option(
        Several(Text()),
        metavar="G",
        help="releases (`tf2.1.0`, `tf2.{0,1}.*`), cells (`*/h5`) or a group (`group:patch`)",
        default=(),
        otherwise="group:default",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Brought(Arguments):
    """The environment that a person brings."""

    group = WHAT

    environment: Path | None = option(
        PythonPlace(),
        metavar="PATH",
        help="instead of releases, your own environment as it stands: its folder, an interpreter, or a script that"
        " starts one; nothing is installed into it",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Builds(Arguments):
    """Builds that take the place of a release's own packages."""

    group = WHAT

    builds: tuple[str, ...] = option(
        Several(Text()),
        name="with",
        metavar="PACKAGE=BUILD",
        help="a build in place of a release's own package, as `keras=.`: a folder of source, a wheel or git+URL",
        default=(),
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Subjects(Arguments):
    """Which loading paths, and in which variants."""

    group = WHAT

    path: tuple[str, ...] = option(
        Several(Text()),
        metavar="G",
        help="loading paths (`h5`, `tf-keras-*`) or a group (`group:full`, `group:backbones`)",
        default=(),
        otherwise="group:default",
        configured=True,
        action=INPUT,
    )
    variant: tuple[str, ...] = option(
        Several(Text()),
        metavar="G",
        help="variants of freezing, wrapping and training (`freeze=*`, `freeze=model,wrap=chain`, `*`)",
        default=(),
        otherwise="default, and on the path small variants that cover every pair that needs no mode",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Device(Arguments):
    """On what it runs."""

    group = WHAT

    device: str = option(
        Choice((AUTO, *DEVICES)),
        help="what cells run on; auto is a GPU if the release can use one",
        default=DEFAULT_DEVICE,
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Suite(Device):
    """What is tested, and on what."""

    group = WHAT

    suite: str = option(
        Choice(SUITES),
        help="which checks are run on a cell",
        default=PROPERTIES,
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Tuning(Arguments):
    """What a fine-tune is made of."""

    group = TUNED

    data: str = option(
        Text(),
        metavar="D",
        help="images of fine-tune runs: gratings10 (generated), cifar10, tfds:NAME, FILE.npz with x_train y_train"
        " x_test y_test, or a folder with a folder of images for each class",
        default=Finetune.data,
        configured=True,
    )
    weights: str = option(
        Text(),
        metavar="W",
        help="weights of fine-tune runs: surrogate, imagenet (a download), or a FILE of Keras weights (.h5 or .keras)",
        default=Finetune.weights,
        configured=True,
    )
    seeds: int = option(
        Count(),
        metavar="N",
        help="fine-tunes of each cell, judged together",
        default=Finetune.seeds,
        configured=True,
    )
    learning_rate: float | None = option(
        AmountOr(FOUND),
        metavar="RATE",
        help="learning rate of plain SGD in fine-tune runs; 0.1 is the original report's",
        default=Finetune.learning_rate,
        otherwise="auto, which finds one that fits the data and the weights",
        configured=True,
    )
    epochs: int | None = option(
        Count(),
        metavar="N",
        help="epochs of fine-tune runs",
        default=Finetune.epochs,
        otherwise="from 5 on as many as a head needs to be clearly above chance, up to 8,000 images in all",
        configured=True,
    )

    @property
    def finetune(self) -> Finetune:
        """All of them together."""
        return Finetune(
            data=self.data,
            weights=self.weights,
            seeds=self.seeds,
            learning_rate=self.learning_rate,
            epochs=self.epochs,
        )


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


@dataclass(frozen=True, kw_only=True)
class Known(Arguments):
    """What is listed as known."""

    group = EXPECTED

    known: Path | str | None = option(
        PlaceOr("none"),
        metavar="FILE",
        help="file of known regressions; `none` treats every regression as new",
        otherwise="the packaged file",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Expectations(Known):
    """What the results are compared with, and what of it counts."""

    group = EXPECTED

    fail_on: str = option(
        Choice(tuple(FAIL_ON)),
        help="what makes the exit code 1: an unexpected regression, any difference from the known regressions (also one"
        " that is fixed or missing), or nothing",
        default=DEFAULT_POLICY.fail_on,
        configured=True,
        action=INPUT,
    )
    require: str = option(
        Choice(REQUIRE),
        help="which cells must run for exit code 0: all selected ones (an unavailable one makes it 4), or only"
        " those that"
        " can be tried here",
        default=DEFAULT_POLICY.require,
        configured=True,
        action=INPUT,
    )

    @property
    def policy(self) -> Policy:
        """Both together."""
        return Policy(fail_on=self.fail_on, require=self.require)
