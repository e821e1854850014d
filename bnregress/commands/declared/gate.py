"""`bnregress gate`, as it is declared: pass or fail for CI, and is an upgrade safe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Choice, Place, Side
from bnregress.commands.configuration.option import INPUT, option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.expected import Expectations
from bnregress.commands.declared.how import HOW, OUT, FromWhere, Identity, Jobs, OwnModel, Timeout
from bnregress.commands.declared.what import Builds, Subjects, Suite

EPILOG = """\
examples:
  bnregress gate bnregress-results/results.json                    are there unexpected regressions
  bnregress gate bnregress-results/results.json --fail-on drift    fail too if a known regression is fixed or missing
  bnregress gate --from tf2.15.1 --to tf2.21.0                     what an upgrade changes; runs both releases
  bnregress gate --from tf2.0.0 --to tf2.15.1 --path 'tf-keras-*'
  bnregress gate --from .venv --to tf2.21.0                        your own environment as it stands against a release
  bnregress gate --from tf2.21.0 --to tf2.21.0 --with keras=.      what your own build changes
  bnregress gate --from tf2.21.0-keras3.15.1 --to keras-nightly@2026-09-01    Keras' build of a day
  bnregress gate --from-tree old --to-tree new                     what two source trees pin
  bnregress gate --from tf2.0.0 --to tf2.15.1 results.json         the same, from results that hold both
  bnregress gate --from tf2.0.0 --to tf2.15.1 --model models:build_model --path vgg16      with your own model

The first word is safe, unsafe or cannot tell. A run writes results.json to the folder of --out.
Exits 0 if it is safe, 1 if it is not (see --fail-on), 2 on wrong usage, 3 if no cell is selected,
4 if something could not be decided, 130 when interrupted.
"""


FORMATS = ("text", "json", "markdown", "github")


@dataclass(frozen=True, kw_only=True)
class ToRun(Suite, Jobs, Timeout, FromWhere, OwnModel):
    """How the two releases are run if there are no results; with results nothing is run."""

    group = HOW

    out: Path | None = option(
        Place(), metavar="DIR", help="where results go", otherwise=f"{OUT}/FROM-to-TO", action=INPUT
    )


@dataclass(frozen=True, kw_only=True)
class GateArguments(ToRun, Builds, Subjects, Identity, Expectations):
    """What is judged, or measured and judged."""

    results: Path | None = option(
        Place(), metavar="RESULTS", help="results.json of a run", positional=True, action=INPUT
    )
    before: str | None = option(
        Side(),
        name="from",
        metavar="RELEASE",
        help="the release to upgrade from, such as `tf2.0.0`, or the path of your own environment",
        action=INPUT,
    )
    after: str | None = option(
        Side(), name="to", metavar="RELEASE", help="the release, or your own environment, to upgrade to", action=INPUT
    )
    before_tree: Path | None = option(
        Place(),
        name="from-tree",
        metavar="DIR",
        help="instead of `--from`, a folder whose locks or requirements pin TensorFlow, Keras, tf_keras and the hubs",
        action=INPUT,
    )
    after_tree: Path | None = option(
        Place(), name="to-tree", metavar="DIR", help="instead of `--to`, such a folder", action=INPUT
    )
    format: str = option(Choice(FORMATS), help="output format", default="text")


COMMAND = Command(
    name="gate",
    help="pass or fail for CI: no new regressions, or a safe upgrade",
    description="Finds unexpected regressions in results, or says what changes between two releases.",
    epilog=EPILOG,
    arguments=GateArguments,
)
