"""`bnregress known`: the regressions that are known, and proposals to mend their file."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from rich.text import Text

from bnregress.commands.declared.known import KnownArguments
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.grouping import whereabouts
from bnregress.judging.known.entries import KNOWN, NONE, Entry, load_known
from bnregress.judging.known.matching import Names
from bnregress.judging.known.proposal import Proposal, propose, read_text
from bnregress.machine.atomic import replace_text
from bnregress.reading.text import count, visible
from bnregress.reports.indent import print_indented
from bnregress.reports.screen import Screen
from bnregress.results.file import load_results

#: What becomes of the cells of a drift.
SAID = {
    "new": "new, proposed",
    "different": "different, proposed again",
    "fixed": "fixed, removed",
    "missing": "missing, kept: it has no verdict",
}


def execute(arguments: KnownArguments) -> ExitCode:
    """List or propose.

    Raises:
        UsageError: a file is wrong, or the proposal cannot be written.
    """
    if arguments.out is not None and arguments.update is None:
        raise UsageError("--out takes a proposal, which --update makes. Give the results.json of a run with --update.")
    names = Names.here()
    entries = load_known(arguments.known, names)
    if arguments.update is None:
        _list(Screen(), entries)
        return ExitCode.EXPECTED
    results = load_results(arguments.update)
    path = Path(arguments.known or KNOWN)
    text = "" if arguments.known == NONE else read_text(path)
    proposal = propose(results, entries, text, names)
    _tell(Screen(stderr=True), proposal, complete=results.complete)
    if arguments.out is not None:
        _write(proposal.text, arguments.out)
    else:
        lines = (text.splitlines(keepends=True), proposal.text.splitlines(keepends=True))
        sys.stdout.writelines(
            visible(line.rstrip("\n")) + "\n" for line in difflib.unified_diff(*lines, path.name, "proposed")
        )
    return ExitCode.EXPECTED


def _list(console: Screen, entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        print_indented(console, Text(entry.cells.text, style="bold"), 0)
        print_indented(console, Text(f"{entry.reason} Fails {', '.join(entry.checks)}."), 2)
        print_indented(console, Text.assemble(("remedy:", "bold green"), f" {entry.remedy}"), 2)
        print_indented(console, Text(entry.source, style="dim"), 2)
    console.print(count(len(entries), "entry", "entries"))


def _tell(console: Screen, proposal: Proposal, *, complete: bool) -> None:
    for drift, cells in proposal.drifting.items():
        for line in whereabouts(cells):
            console.print(Text(f"{SAID[drift]}: {line}"), soft_wrap=True)
    if not any(proposal.drifting.values()):
        console.print("The file matches the results.")
    if not complete:
        console.print("The run was interrupted: entries for undecided cells are unchanged.")


def _write(text: str, path: Path) -> None:
    try:
        replace_text(path.absolute(), text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}. Give another file with --out.") from error
