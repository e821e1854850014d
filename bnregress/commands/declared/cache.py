"""`bnregress cache`, as it is declared: what earlier runs decided and later runs need not decide again."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.configuration.kinds import Age
from bnregress.commands.configuration.option import Arguments, option
from bnregress.commands.declared.command import Command

EPILOG = """\
examples:
  bnregress cache                  how many verdicts are kept, where, and how large
  bnregress cache --prune 30d      remove those that no run has used for 30 days
  bnregress cache --prune all      remove all

`bnregress run --fresh` ignores the cached verdicts and replaces them.
"""


@dataclass(frozen=True, kw_only=True)
class CacheArguments(Arguments):
    """What becomes of the cache."""

    prune: float | None = option(
        Age(), metavar="AGE", help="remove verdicts not used for this time (`30d`, `12h`), or `all`"
    )


COMMAND = Command(
    name="cache",
    help="show the cache of verdicts, or prune it",
    description="Shows the verdicts that earlier runs decided; a run with the same lock, suite, device and options"
    " uses them again.",
    epilog=EPILOG,
    arguments=CacheArguments,
)
