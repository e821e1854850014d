"""`bnregress explain`, as it is declared: what a name means."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.configuration.kinds import Text
from bnregress.commands.configuration.option import Arguments, option
from bnregress.commands.declared.command import Command

EPILOG = """\
examples:
  bnregress explain frozen-state                 a check: what must hold, why, how exactly
  bnregress explain h5                           a loading path: its lines, and what is listed as known of it
  bnregress explain freeze=model                 a variant
  bnregress explain tf2.1.0/h5@freeze=model      a cell
  bnregress explain tf2.1.0                      a release

It says what is declared and what is listed as known. What a release does today, `bnregress run` measures.
Exits 0, or 2 if nothing has the name; `bnregress catalog` lists the names.
"""


@dataclass(frozen=True, kw_only=True)
class ExplainArguments(Arguments):
    """What is explained."""

    name: str = option(
        Text(), metavar="CHECK|PATH|VARIANT|CELL", help="what is explained", required=True, positional=True
    )


COMMAND = Command(
    name="explain",
    help="say what a check, a loading path, a variant, a cell or a release is",
    description="Says in a screen what a name means: a check, a loading path, a variant, a cell or a release.",
    epilog=EPILOG,
    arguments=ExplainArguments,
)
