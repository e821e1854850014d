"""`bnregress bisect`, as it is declared: the release to blame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.commands.configuration.kinds import Choice, Place, Switch, Text
from bnregress.commands.configuration.option import INPUT, option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.options import OUT, Offline, Suite, Timeout

EPILOG = """\
examples:
  bnregress bisect --path tf-keras-applications --from tf2.0.0 --to tf2.3.4
  bnregress bisect --path h5 --check weights-kept --from tf2.3.4 --to tf2.15.1
  bnregress bisect --path clone --from tf2.18.1-keras3.6.0 --to tf2.18.1-keras3.10.0     Keras on one TensorFlow

Confirms both ends, then halves the releases between them: those of the catalog, patches and pre-releases too; on one
TensorFlow every final Keras that the package index has. A verdict that changes more than once can hide from that:
--verify asks every release. What was decided is kept in --out, so that the same command goes on where it was
interrupted.
Exits 0 where the verdict changes, 2 on wrong usage, 3 where both ends agree, 4 where an end could not be decided,
130 when interrupted.
"""


@dataclass(frozen=True, kw_only=True)
class BisectArguments(Suite, Timeout, Offline):
    """What is looked for, and between which releases."""

    path: str = option(Text(), metavar="P", help="loading path, as `h5`", required=True, action=INPUT)
    variant: str = option(Text(), metavar="V", help="variant", default=DEFAULT_VARIANT, action=INPUT)
    check: str | None = option(
        Text(), metavar="C", help="the check that is meant", otherwise="all of them", action=INPUT
    )
    first: str = option(
        Text(), name="from", metavar="RELEASE", help="the older end, as `tf2.0.0`", required=True, action=INPUT
    )
    last: str = option(Text(), name="to", metavar="RELEASE", help="the newer end", required=True, action=INPUT)
    verify: bool = option(Switch(), help="run every release between, not as few as will do", default=False)
    out: Path | None = option(
        Place(),
        metavar="DIR",
        help="where results and scripts go",
        otherwise=f"{OUT}/bisect-PATH-FROM-to-TO",
        action=INPUT,
    )
    format: str = option(Choice(("text", "json")), help="how the answer is printed", default="text")


COMMAND = Command(
    name="bisect",
    help="find the release in which a verdict changes",
    description="Finds the two neighbouring releases between which the verdict on a loading path changes.",
    epilog=EPILOG,
    arguments=BisectArguments,
)
