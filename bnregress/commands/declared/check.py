"""`bnregress check`, as it is declared: is it me, or my TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.configuration.kinds import Amount, Choice, Model, Switch, Text
from bnregress.commands.configuration.option import option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.what import Brought, Device
from bnregress.run.budgets import Budgets

EPILOG = """\
examples:
  bnregress check                                the TensorFlow that is installed beside bnregress
  bnregress check --quick                        the same on the paths that most people use, within seconds
  bnregress check --python .venv/bin/python      that of another environment, on Python 3.7 or newer
  bnregress check models:build_model --python .venv/bin/python
  bnregress check models:build_model --environment .venv --device gpu

MODULE is searched in the current folder first. CALLABLE takes no arguments and returns a Keras model, or
(model, inputs) if inputs cannot be generated; it may also be a model itself. Without inputs, they are generated from
the model's input specification. The model's files are not changed, and nothing is written.
Exits 0 if all is sound, 1 if something is affected, 2 on wrong usage, 3 if there is nothing to check,
4 if it could not be decided.
"""


@dataclass(frozen=True, kw_only=True)
class CheckArguments(Brought, Device):
    """What is inspected, and where."""

    target: str | None = option(Model(), metavar="MODULE:CALLABLE", help="your own model", positional=True)
    python: str | None = option(
        Text(),
        metavar="PATH",
        help="interpreter or environment that has TensorFlow and numpy",
        otherwise="the one that bnregress runs on",
    )
    quick: bool = option(
        Switch(),
        help="test only the loading paths that most people use: a network of applications, and saving and loading it",
        default=False,
    )
    timeout: float = option(
        Amount("seconds"),
        metavar="SECONDS",
        help="time budget of each step, in seconds: importing, building the model, a loading path; a step"
        " that takes longer is stopped and decides nothing",
        default=Budgets.cell,
    )
    format: str = option(Choice(("text", "json")), help="output format", default="text")


COMMAND = Command(
    name="check",
    help="test whether your TensorFlow or your own model is affected, and find a cure",
    description="Tests whether frozen BatchNorm layers stay frozen in the TensorFlow of an environment, or in your own"
    " model.",
    epilog=EPILOG,
    arguments=CheckArguments,
)
