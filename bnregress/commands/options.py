"""Options that several commands share, and the checks of what is given to them."""

from __future__ import annotations

import argparse
import math

from bnregress.results import FAIL_ON


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
        "--path", metavar="G", action="append", default=[], help="loading paths (h5, 'tf-keras-*'); default: all"
    )
    chosen.add_argument(
        "--variant",
        metavar="G",
        action="append",
        default=[],
        help="variants of freezing, wrapping and training; default: default",
    )
    chosen.add_argument("--device", metavar="D", default="auto", help="auto or cpu; default: auto")


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


def positive_int(text: str) -> int:
    """Read a whole number above 0."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return number


def positive_seconds(text: str) -> float:
    """Read a number of seconds above 0."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds
