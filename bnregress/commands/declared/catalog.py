"""`bnregress catalog`, as it is declared: which releases bnregress knows, which it lacks, and one more."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.configuration.kinds import Choice, Switch, Text
from bnregress.commands.configuration.option import Arguments, Group, option
from bnregress.commands.declared.command import Command

EPILOG = """\
examples:
  bnregress catalog                      the releases, their groups, Pythons and wheels
  bnregress catalog groups               groups of releases and of paths, as in --select group:NAME
  bnregress catalog paths                loading paths; also variants, and checks
  bnregress catalog --check              releases on the package index that it lacks
  bnregress catalog --add 2.22.0         write the row and lock of a release, in a clone of the repository
  bnregress catalog --add keras3.16.0    a Keras, on the newest TensorFlow that it works with, which is tried
  bnregress catalog --add 2.22.0-keras3.16.0

--check and --add query the package index that pip is configured for.
Exits 0, or 1 if --check finds a release that the catalog lacks; 2 on wrong usage, 4 if the index cannot be reached
or a release cannot be resolved.
"""


@dataclass(frozen=True, kw_only=True)
class Changing(Arguments):
    """What may have changed; one of them alone."""

    group = Group("what is new", exclusive=True)

    check: bool = option(Switch(), help="list releases on the index that the catalog lacks", default=False)
    add: str | None = option(Text(), metavar="VERSION", help="write the row and lock of a release")


@dataclass(frozen=True, kw_only=True)
class CatalogArguments(Changing):
    """What is listed, looked for or added."""

    what: str = option(
        Choice(("releases", "groups", "paths", "variants", "checks")),
        help="what is listed",
        default="releases",
        positional=True,
    )
    format: str = option(Choice(("table", "json")), help="output format", default="table")


COMMAND = Command(
    name="catalog",
    help="list releases, groups, paths, variants and checks; find what is new on the index",
    description="Lists what bnregress knows: releases, their groups, loading paths, variants, checks."
    " `bnregress explain NAME` says what one of them is.",
    epilog=EPILOG,
    arguments=CatalogArguments,
)
