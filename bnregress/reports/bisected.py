"""The release to blame, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bnregress.bisecting.bisection import Bisection
from bnregress.bisecting.one_release import REFUSED
from bnregress.reading.text import count, one_line
from bnregress.reports.indent import print_indented
from bnregress.reports.style import LOOKS
from bnregress.suite import status

#: Files of a commit that are listed.
_MOST_FILES = 30
_VERBS = {
    status.PASS: "passes",
    status.REGRESS: "regresses",
    status.NOT_APPLICABLE: "does not exist",
    REFUSED: "is refused",
}


def print_bisection(console: Console, bisection: Bisection, scripts: Sequence[Path]) -> None:
    """Print what was found in the first line, then what it rests on."""
    console.print(Text(headline(bisection), style="bold"), soft_wrap=True)
    noun = "commit" if bisection.commits else "release"
    row = f"{len(bisection.tested)} of the {count(len(bisection.releases), noun)}"
    ends = f"{bisection.releases[0]} to {bisection.releases[-1]}"
    for line in (*day_lines(bisection), *commit_lines(bisection), *bisection.said):
        console.print(Text(line), soft_wrap=True)
    console.print(
        f"{row} from {ends} tested{', including all in between' if bisection.scanned else ''}.", soft_wrap=True
    )
    console.print()
    for name in bisection.releases:
        if name in bisection.outcomes:
            _print_outcome(console, bisection, name)
    if not bisection.steps:
        return
    for warning in warnings(bisection):
        console.print()
        print_indented(console, Text(f"warning: {warning}", style="bold yellow"), 0)
    console.print()
    _print_packages(console, bisection)
    console.print(Text.assemble("To see it: ", bisection.command), soft_wrap=True)
    for script in scripts:
        console.print(Text(f"  {script}", style="dim"), soft_wrap=True)


def headline(bisection: Bisection) -> str:
    """Say in one line which release is to blame, or why none was found."""
    what = bisection.target.subject
    if bisection.target.check:
        what = f"{bisection.target.check} of {what}"
    if bisection.open_ends:
        return f"Cannot tell: {what} could not be decided in {' and '.join(bisection.open_ends)}."
    if not bisection.steps:
        verb = _VERBS[bisection.outcomes[bisection.releases[0]].verdict or ""]
        tested = f"{count(_decided(bisection), 'release')} tested" if bisection.scanned else "both ends"
        return f"Nothing to find: {what} {verb} in {tested}, from {bisection.releases[0]} to {bisection.releases[-1]}."
    step = bisection.steps[0]
    before, after = (_VERBS[bisection.outcomes[name].verdict or ""] for name in (step.before, step.after))
    return f"{what} {before} in {step.before} and {after} in {step.after}."


def day_lines(bisection: Bisection) -> list[str]:
    """Return which day is to blame, if that is one of a nightly build, and the day before it."""
    day = bisection.first_day
    if day is None:
        return []
    step = bisection.steps[0]
    what = {status.PASS: "good", status.REGRESS: "bad"}
    words = {name: what.get(bisection.outcomes[name].verdict or "", "other") for name in (step.before, step.after)}
    before = bisection.days.get(step.before)
    last = f"; the last {words[step.before]} one is {before or step.before}."
    first = "first day known to be" if step.between else "first"
    lines = [f"The {first} {words[step.after]}{'' if step.between else ' day'} is {day}{last}"]
    if missing := bisection.days_without:
        lines.append(f"Nothing was built on {', '.join(map(str, missing))}.")
    return lines


def commit_lines(bisection: Bisection) -> list[str]:
    """Return which commit is to blame, of a search over commits, and the files that it changed."""
    commit = bisection.commits.get(bisection.steps[0].after) if bisection.steps else None
    if commit is None:
        return []
    shown = bisection.files[:_MOST_FILES]
    more = len(bisection.files) - len(shown)
    files = [f"  {file}" for file in shown] + ([f"  and {more} more"] if more else [])
    return [f"The commit is {commit.sha}, of {commit.day}: {commit.subject}", *files]


def warnings(bisection: Bisection) -> list[str]:
    """Return what a person must know before trusting the first step."""
    said = []
    skipped = bisection.steps[0].between
    if skipped:
        said.append(
            f"{', '.join(skipped)} between the two could not be decided, so the change is in one of them or in"
            f" {bisection.steps[0].after}."
        )
    if len(bisection.steps) > 1:
        more = ", ".join(f"{step.before} to {step.after}" for step in bisection.steps)
        said.append(f"the verdict changes more than once: {more}. Only the first change is shown.")
    return said


def _decided(bisection: Bisection) -> int:
    return len(bisection.tested) - len(bisection.undecided)


def _print_outcome(console: Console, bisection: Bisection, name: str) -> None:
    outcome = bisection.outcomes[name]
    kept = " (from an earlier search)" if outcome.kept else ""
    look = LOOKS.get(outcome.verdict or "", LOOKS[status.INCONCLUSIVE if outcome.verdict else status.ERROR])
    word = look.word if outcome.verdict in LOOKS else outcome.verdict or "open"
    if outcome.cell.status == status.UNAVAILABLE:
        word, look = status.UNAVAILABLE, LOOKS[status.UNAVAILABLE]
    console.print(Text.assemble(f"  {name.ljust(_width(bisection))} ", (word, look.style), kept), soft_wrap=True)
    neighbour = any(name in (step.before, step.after) for step in bisection.steps)
    telling = outcome.verdict is None or (neighbour and outcome.verdict != status.PASS)
    if telling:
        print_indented(console, Text(one_line(outcome.reason)), 4)
    if outcome.verdict is None and outcome.cell.remedy:
        print_indented(console, Text.assemble(("remedy:", "bold green"), f" {one_line(outcome.cell.remedy)}"), 4)


def _width(bisection: Bisection) -> int:
    return max(len(name) for name in bisection.releases)


def _print_packages(console: Console, bisection: Bisection) -> None:
    step, changes = bisection.steps[0], bisection.package_changes()
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
