"""`bnregress bisect`, as it is declared: the release to blame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.commands.configuration.kinds import Choice, Place, Switch, Text
from bnregress.commands.configuration.option import INPUT, option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.how import OUT, FromWhere, Timeout
from bnregress.commands.declared.what import Suite

EPILOG = """\
examples:
  bnregress bisect --path tf-keras-applications --from tf2.0.0 --to tf2.3.4
  bnregress bisect --path h5 --check weights-kept --from tf2.3.4 --to tf2.15.1
  bnregress bisect --path clone --from tf2.18.1-keras3.6.0 --to tf2.18.1-keras3.10.0     Keras on one TensorFlow
  bnregress bisect --path json --from keras-nightly@2026-08-01 --to keras-nightly@2026-09-01      the builds of days
  bnregress bisect --path json --repository keras --from v3.3.3 --to v3.6.0                       the commits of Keras

Tests both ends, then halves the interval between them: all releases of the catalog, patches and pre-releases
included; on one TensorFlow, every final Keras on the package index. This can miss a verdict that changes more than
once: --verify tests every release. A day without a build gives way to the nearest; builds of Keras, and commits along
first parents, run on one TensorFlow. Verdicts are kept in --out, so the same command continues after an interruption.
Exits 0 if the verdict changes, 2 on wrong usage, 3 if both ends agree, 4 if an end could not be decided,
130 when interrupted.
"""


@dataclass(frozen=True, kw_only=True)
class BisectArguments(Suite, Timeout, FromWhere):
    """What is looked for, and between which releases."""

    path: str = option(Text(), metavar="P", help="loading path, such as `h5`", required=True, action=INPUT)
    variant: str = option(Text(), metavar="V", help="variant", default=DEFAULT_VARIANT, action=INPUT)
    check: str | None = option(
        Text(),
        metavar="C",
        help="bisect on this check only, as `weights-kept`",
        otherwise="all of them",
        action=INPUT,
    )
    first: str = option(
        Text(),
        name="from",
        metavar="RELEASE",
        help="the older end, such as `tf2.0.0`, `keras-nightly@2026-08-01` or a commit",
        required=True,
        action=INPUT,
    )
    last: str = option(Text(), name="to", metavar="RELEASE", help="the newer end", required=True, action=INPUT)
    repository: Path | None = option(
        Place(),
        metavar="CHECKOUT",
        help="search the commits of this clone of Keras, of which `--from` and `--to` name two; it is only read",
        otherwise="releases",
        action=INPUT,
    )
    verify: bool = option(Switch(), help="test every release in between", default=False)
    out: Path | None = option(
        Place(),
        metavar="DIR",
        help="where results and scripts go",
        otherwise=f"{OUT}/bisect-PATH-FROM-to-TO",
        action=INPUT,
    )
    format: str = option(Choice(("text", "json")), help="output format", default="text")


COMMAND = Command(
    name="bisect",
    help="find the release in which a verdict changes",
    description="Finds the two neighbouring releases between which the verdict on a loading path changes.",
    epilog=EPILOG,
    arguments=BisectArguments,
)
