"""Options that several commands share, and the checks of what is given to them."""

from __future__ import annotations

import argparse
import math


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
        help="variants of freezing, wrapping and training ('freeze=*', freeze=model,wrap=chain, '*'); "
        "default: default, and on the path small a cover of all pairs",
    )
    chosen.add_argument("--device", metavar="D", default="auto", help="auto or cpu; default: auto")


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
