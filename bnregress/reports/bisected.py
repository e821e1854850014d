"""The release to blame, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bnregress.bisecting.answer import Answer
from bnregress.reading.text import count, one_line
from bnregress.reports.indent import print_indented
from bnregress.reports.style import LOOKS
from bnregress.suite import status

_VERBS = {status.PASS: "passes", status.REGRESS: "regresses", status.NOT_APPLICABLE: "does not exist"}


def print_bisection(console: Console, answer: Answer, scripts: Sequence[Path]) -> None:
    """Print the answer in the first line, then what it rests on."""
    console.print(Text(headline(answer), style="bold"), soft_wrap=True)
    row = f"{len(answer.asked)} of the {count(len(answer.releases), 'release')}"
    ends = f"{answer.releases[0]} to {answer.releases[-1]}"
    console.print(f"{row} from {ends} tested{', including all in between' if answer.scanned else ''}.", soft_wrap=True)
    console.print()
    for name in answer.releases:
        if name in answer.replies:
            _print_reply(console, answer, name)
    if not answer.steps:
        return
    for warning in warnings(answer):
        console.print()
        print_indented(console, Text(f"warning: {warning}", style="bold yellow"), 0)
    console.print()
    _print_packages(console, answer)
    console.print(Text.assemble("To see it: ", answer.command), soft_wrap=True)
    for script in scripts:
        console.print(Text(f"  {script}", style="dim"), soft_wrap=True)


def headline(answer: Answer) -> str:
    """Say in one line which release is to blame, or why none was found."""
    what = answer.question.subject
    if answer.question.check:
        what = f"{answer.question.check} of {what}"
    if answer.open_ends:
        return f"Cannot tell: {what} could not be decided in {' and '.join(answer.open_ends)}."
    if not answer.steps:
        verb = _VERBS[answer.replies[answer.releases[0]].verdict or ""]
        asked = f"{count(_decided(answer), 'release')} tested" if answer.scanned else "both ends"
        return f"Nothing to find: {what} {verb} in {asked}, from {answer.releases[0]} to {answer.releases[-1]}."
    step = answer.steps[0]
    before, after = (_VERBS[answer.replies[name].verdict or ""] for name in (step.before, step.after))
    return f"{what} {before} in {step.before} and {after} in {step.after}."


def warnings(answer: Answer) -> list[str]:
    """Return what a person must know before trusting the first step."""
    said = []
    skipped = answer.steps[0].between
    if skipped:
        said.append(
            f"{', '.join(skipped)} between the two could not be decided, so the change is in one of them or in"
            f" {answer.steps[0].after}."
        )
    if len(answer.steps) > 1:
        more = ", ".join(f"{step.before} to {step.after}" for step in answer.steps)
        said.append(f"the verdict changes more than once: {more}. Only the first change is shown.")
    return said


def _decided(answer: Answer) -> int:
    return len(answer.asked) - len(answer.undecided)


def _print_reply(console: Console, answer: Answer, name: str) -> None:
    reply = answer.replies[name]
    kept = " (from an earlier search)" if reply.kept else ""
    look = LOOKS[reply.verdict] if reply.verdict else LOOKS[status.ERROR]
    word = look.word if reply.verdict else "open"
    console.print(Text.assemble(f"  {name.ljust(_width(answer))} ", (word, look.style), kept), soft_wrap=True)
    neighbour = any(name in (step.before, step.after) for step in answer.steps)
    telling = reply.verdict is None or (neighbour and reply.verdict != status.PASS)
    if telling:
        print_indented(console, Text(one_line(reply.reason)), 4)
    if reply.verdict is None and reply.cell.remedy:
        print_indented(console, Text.assemble(("remedy:", "bold green"), f" {one_line(reply.cell.remedy)}"), 4)


def _width(answer: Answer) -> int:
    return max(len(name) for name in answer.releases)


def _print_packages(console: Console, answer: Answer) -> None:
    step, changes = answer.steps[0], answer.package_changes()
    if changes is None:
        console.print("The packages of one of the two are not known.")
    elif not changes:
        console.print("Both have the same packages.")
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for head in ("package", step.before, step.after):
            table.add_column(head, no_wrap=True)
        for name, before, after in changes:
            table.add_row(*(Text(one_line(text)) for text in (name, before or "-", after or "-")))
        console.print(table)
    console.print()
