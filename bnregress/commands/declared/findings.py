"""`bnregress findings`, as it is declared: from which version each path is safe, for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Place, Several
from bnregress.commands.configuration.option import option
from bnregress.commands.declared.command import Command
from bnregress.commands.declared.expected import Known

EPILOG = """\
examples:
  bnregress findings bnregress-results/results.json --out site
  bnregress findings default/ keras/ --out site          two runs that share no cell

Writes DIR/compat.json, which a schema describes (compat.schema.json), and DIR/findings.md, made from it: a row for
each loading path with the TensorFlow and the Keras from which on every measured one is safe. All of it is from
RESULTS; releases that were not measured are named, with the measured ones beside them.
Exits 0, or 2 if a file is not results or two files hold the same cell.
"""


@dataclass(frozen=True, kw_only=True)
class FindingsArguments(Known):
    """What is told, and where."""

    results: tuple[Path, ...] = option(
        Several(Place()),
        metavar="RESULTS",
        help="results.json of runs, or their folders",
        required=True,
        positional=True,
    )
    out: Path = option(Place(), metavar="DIR", help="where compat.json and findings.md go", required=True)


COMMAND = Command(
    name="findings",
    help="write compatibility data: from which version each path is safe",
    description="Says, from results alone, from which TensorFlow and which Keras each loading path is safe.",
    epilog=EPILOG,
    arguments=FindingsArguments,
)
