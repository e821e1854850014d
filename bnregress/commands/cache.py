"""`bnregress cache`: what earlier runs decided and later runs need not decide again."""

from __future__ import annotations

import argparse
import math
import re

from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir
from bnregress.reading.text import count, size
from bnregress.reports.screen import Screen
from bnregress.run.verdicts import VerdictCache

EPILOG = """\
examples:
  bnregress cache                  how many verdicts are kept, where, and how large
  bnregress cache --prune 30d      forget those that no run has used for 30 days
  bnregress cache --prune all      forget all

`bnregress run --fresh` runs cells whatever the cache holds, and puts what it decides in the place of the old.
"""

_AGE = re.compile(r"(?P<number>[0-9]{1,6})(?P<unit>[dh])")
_SECONDS = {"d": 86_400.0, "h": 3_600.0}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "cache",
        help="look at the cache of verdicts, or prune it",
        description="Shows the verdicts that earlier runs decided; a run with the same lock, suite, device and options"
        " takes them over.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--prune", metavar="AGE", type=age, help="remove what was not used for so long (30d, 12h), or all"
    )
    parser.set_defaults(execute=execute)


def age(text: str) -> float:
    """Read `30d`, `12h` or `all` as seconds."""
    match = _AGE.fullmatch(text)
    if match is None and text != "all":
        raise argparse.ArgumentTypeError(f"{text!r} is no age. Write 30d, 12h or all")
    return int(match["number"]) * _SECONDS[match["unit"]] if match else -math.inf


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Prune where that was asked for, and say what there is."""
    cache, screen = VerdictCache(cache_dir()), Screen()
    if arguments.prune is not None:
        screen.print(f"{count(cache.prune(arguments.prune), 'verdict')} removed")
    found = cache.contents()
    damaged = f", {found.damaged} of them damaged and of no use" if found.damaged else ""
    screen.print(f"{count(found.entries, 'verdict')} kept{damaged}, {size(found.size)}", soft_wrap=True)
    screen.print(f"  {cache.root}", style="dim", soft_wrap=True)
    return ExitCode.EXPECTED
