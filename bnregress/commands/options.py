"""Options that several commands share, and the checks of what is given to them."""

from __future__ import annotations

import argparse
import math

from bnregress.planning.finetune import Finetune
from bnregress.results.model import FAIL_ON
from bnregress.run.watch import Budgets


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the cells."""
    chosen = parser.add_argument_group("what to run", "globs with braces; each option may be given several times")
    chosen.add_argument(
        "--select",
        metavar="G",
        action="append",
        default=[],
        help="releases (tf2.1.0, 'tf2.{0,1}.*'), cells ('*/h5') or a group (group:patch); default: group:default",
    )
    chosen.add_argument(
        "--path",
        metavar="G",
        action="append",
        default=[],
        help="loading paths (h5, 'tf-keras-*') or a group (group:full, group:backbones); default: group:default",
    )
    chosen.add_argument(
        "--variant",
        metavar="G",
        action="append",
        default=[],
        help="variants of freezing, wrapping and training ('freeze=*', freeze=model,wrap=chain, '*'); "
        "default: default, and on the path small a cover of all pairs that need no mode",
    )
    chosen.add_argument(
        "--suite",
        metavar="NAME",
        default="properties",
        help="what is asked of each cell: properties, finetune or all; default: properties",
    )
    chosen.add_argument(
        "--device",
        metavar="D",
        default="auto",
        help="auto (a GPU where the release can use one), cpu or gpu; default: auto",
    )


def add_expectations(parser: argparse.ArgumentParser) -> None:
    """Add what the results are held against."""
    expected = parser.add_argument_group("what is expected")
    expected.add_argument(
        "--known",
        metavar="FILE",
        help="known regressions to hold the results against; `none` for none; default: the packaged file",
    )
    expected.add_argument(
        "--fail-on",
        choices=tuple(FAIL_ON),
        default="regression",
        help="what makes the exit code 1: a regression that is not known, any drift from what is known (a known one "
        "that is fixed or missing too), or nothing; default: %(default)s",
    )


def add_disk_budget(parser: argparse._ActionsContainer) -> None:
    """Add what limits the room for environments; its value is in bytes."""
    parser.add_argument(
        "--disk-budget",
        metavar="GB",
        type=gigabytes,
        help="room for environments, those least recently used are removed; default: 40, or what is free less 10",
    )


def add_timeout(parser: argparse._ActionsContainer, then: str) -> None:
    """Add the time budget of a cell, in seconds; `then` says what a cell over it comes to."""
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=positive_seconds,
        default=Budgets().cell,
        help=f"time budget of a cell, after which {then}; default: %(default)g",
    )


def gigabytes(text: str) -> int:
    """Read a number of gigabytes above 0; returns bytes."""
    return round(_positive(text, "gigabytes") * 10**9)


def add_finetune(parser: argparse.ArgumentParser) -> None:
    """Add what a fine-tune is made of."""
    tuned = parser.add_argument_group("fine-tune runs", "with --suite finetune or all")
    tuned.add_argument(
        "--data",
        metavar="D",
        default=Finetune.data,
        help="gratings10 (generated), cifar10, tfds:NAME, or FILE.npz with x_train y_train x_test y_test;"
        " default: %(default)s",
    )
    tuned.add_argument(
        "--weights",
        metavar="W",
        default=Finetune.weights,
        help="surrogate, imagenet (a download), or a FILE of Keras weights; default: %(default)s",
    )
    tuned.add_argument(
        "--seeds",
        metavar="N",
        type=positive_int,
        default=Finetune.seeds,
        help="fine-tunes of each cell, judged together; default: %(default)s",
    )
    tuned.add_argument(
        "--learning-rate",
        metavar="RATE",
        type=float,
        default=Finetune.learning_rate,
        help="of plain SGD; default: %(default)s, as in the report",
    )


def finetune_of(arguments: argparse.Namespace) -> Finetune:
    """Return what `add_finetune` read."""
    return Finetune(
        data=arguments.data,
        weights=arguments.weights,
        seeds=arguments.seeds,
        learning_rate=arguments.learning_rate,
    )


def positive_int(text: str) -> int:
    """Read a whole number above 0."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number


def positive_seconds(text: str) -> float:
    """Read a number of seconds above 0."""
    return _positive(text, "seconds")


def positive_minutes(text: str) -> float:
    """Read a number of minutes above 0."""
    return _positive(text, "minutes")


def _positive(text: str, unit: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of {unit} above 0")
    return number
