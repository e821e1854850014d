"""What a run ends with on the terminal: what breaks where, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version
from rich.console import Console
from rich.text import Text

from bnregress.judging.grouping import Group, group_cells, whereabouts
from bnregress.judging.summary import lacking_python, summarise
from bnregress.reading.text import clip, count, one_line
from bnregress.reports.compact import print_compact
from bnregress.reports.grid import Grid, print_grid
from bnregress.reports.indent import print_indented
from bnregress.reports.known_sections import UNLISTED, Section, is_unlisted, otherwise, sections
from bnregress.reports.style import LOOKS, SUMMARY_STYLES
from bnregress.reports.totals import departures, on_other_pythons, totals
from bnregress.results.model import DEFAULT_POLICY, Policy, Results
from bnregress.suite import status

#: The sections below the table, the gravest first. What passes needs no words.
SECTIONS = (status.REGRESS, status.ERROR, status.INCONCLUSIVE, status.UNAVAILABLE, status.NOT_APPLICABLE)


#: Lines of a report on a terminal, and how many of them at least are for what is below the table, if it has so many.
LINES = 40
LEAST = 6
#: The end of a run stays short: so many remedies for what was unavailable, and so many characters of each.
MOST_REMEDIES = 2
REMEDY = 150


def print_brief(
    console: Console, results: Results, *, policy: Policy = DEFAULT_POLICY, files: Sequence[Path] = ()
) -> None:
    """Print the verdict, what breaks unexpectedly, a line for each reason, and the files; see `print_report`."""
    said = summarise(results, policy)
    console.print(Text.assemble((f" {said.word} ", SUMMARY_STYLES[said.word]), " ", one_line(said.sentence)))
    subjects = Grid.of(results).every
    for group in group_cells(cell for cell in results.cells if cell.unexpected):
        for line in whereabouts(group.cells, subjects):
            console.print(Text(f"  {line}"), soft_wrap=True)
    for file in files[:1]:
        console.print(Text(f"  {file}", style="dim"), soft_wrap=True)


def print_report(
    console: Console, results: Results, *, policy: Policy = DEFAULT_POLICY, files: Sequence[Path] = ()
) -> None:
    """Print what `print_all` does, on a terminal in `LINES` lines at most: whoever looks at one sees its end.

    Regressions come before the table if not all fits, and what is left out is counted. A file or a log has all of it.
    """
    if not console.is_terminal:
        print_all(console, results, policy=policy, files=files)
        return
    parts = []
    for part in (_print_table, _print_sections, _print_end):
        with console.capture() as captured:
            part(console, results, policy, files)
        parts.append(captured.get().splitlines())
    table, told, end = parts
    room = LINES - len(end)
    if len(table) + len(told) > room:
        # What is unexpected is told at length.
        least = room // 2 if any(cell.unexpected for cell in results.cells) else LEAST
        if len(table) >= room - min(len(told), room // 2):
            # A mark for each cell, if that is short enough.
            with console.capture() as captured:
                print_compact(console, results)
            table = captured.get().splitlines()
        # The last line says what is left out.
        table = table if len(table) < room - min(len(told), least) else []
        kept = told[: max(0, room - len(table) - 1)]
        left = max(0, len(parts[0]) - len(table)) + len(told) - len(kept)
        told = [*kept, f"... {left} more lines: see report.html or summary.md"]
    for line in [*table, *told, *end]:
        console.print(Text.from_ansi(line), soft_wrap=True)


def print_all(
    console: Console, results: Results, *, policy: Policy = DEFAULT_POLICY, files: Sequence[Path] = ()
) -> None:
    """Print the table, each regression with its remedy, what was not decided and why, totals and files.

    Args:
        console: decides width, colour and character set.
        results: of a run, complete or not.
        policy: what makes the run fail, and what leaves it undecided.
        files: what was written, named last.
    """
    _print_table(console, results, policy, files)
    _print_sections(console, results, policy, files)
    _print_end(console, results, policy, files)


def _print_table(console: Console, results: Results, _policy: Policy, _files: Sequence[Path]) -> None:
    print_grid(console, Grid.of(results))


def _print_sections(console: Console, results: Results, _policy: Policy, _files: Sequence[Path]) -> None:
    grid = Grid.of(results)
    refused = [cell for cell in results.cells if is_unlisted(cell)]
    if refused:
        print_section(console, status.INCONCLUSIVE, group_cells(refused), grid.every, UNLISTED)
    for wanted in SECTIONS:
        if wanted == status.NOT_APPLICABLE:
            for section in sections(results):
                _print_known(console, section, grid.every)
        cells = [cell for cell in results.cells if cell.status == wanted and not is_unlisted(cell)]
        groups = group_cells(cell for cell in cells if not cell.as_known)
        if groups:
            print_section(console, wanted, groups, grid.every)


def _print_end(console: Console, results: Results, policy: Policy, files: Sequence[Path]) -> None:
    console.print()
    for file in files:
        console.print(Text(f"  {file}", style="dim"), soft_wrap=True)
    console.print(totals(results))
    if said_of_known := departures(results):
        console.print(f"{said_of_known}.")
    for line in on_other_pythons(results):
        print_indented(console, Text(line), 0)
    said = summarise(results, policy)
    console.print(Text.assemble((f" {said.word} ", SUMMARY_STYLES[said.word]), " ", one_line(said.sentence)))
    for line in to_do(results, policy):
        print_indented(console, Text(line), 2)


def to_do(results: Results, policy: Policy) -> list[str]:
    """Say how to have tried what was unavailable, in few lines whatever the number of releases."""
    untried = [cell for cell in results.cells if cell.status == status.UNAVAILABLE]
    if not untried or policy.require != "all":
        return []
    pythons = sorted({python for cell in untried if (python := lacking_python(cell.reason))}, key=Version)
    install = (
        f"Install CPython {', '.join(pythons)}, for example with `pyenv install {' '.join(pythons)}`."
        " `--interpreters auto` fetches them, if GitHub or the mirror in UV_PYTHON_INSTALL_MIRROR can be reached."
    )
    remedies = [clip(cell.remedy, REMEDY) for cell in untried if cell.remedy and not lacking_python(cell.reason)]
    remedies = [*([install] if pythons else []), *dict.fromkeys(remedies)]
    others = len(remedies) - MOST_REMEDIES
    more = [f"{count(others, 'more remedy', 'more remedies')} above."] if others > 0 else []
    accept = "Or accept this: with --require tried, unavailable cells do not change the exit code."
    return [*remedies[:MOST_REMEDIES], *more, accept]


def print_section(
    console: Console, wanted: str, groups: Sequence[Group], subjects: Sequence[str], heading: str | None = None
) -> None:
    """Print the groups of one status: where, why, what to do."""
    look = LOOKS[wanted]
    console.print()
    console.print(Text(f"{heading or look.heading} ({sum(len(group.cells) for group in groups)})", style="bold"))
    for group in groups:
        for line in whereabouts(group.cells, subjects):
            print_indented(console, Text(line, style="bold" if wanted == status.REGRESS else ""), 2)
        print_indented(console, Text(f"{group.kind}: {group.reason}" if group.kind else group.reason), 4)
        _print_remedies(console, group, subjects)
        for said, cells in otherwise(group.cells):
            print_indented(console, Text(f"{'; '.join(whereabouts(cells, subjects))}: {said}"), 4)


def _print_known(console: Console, section: Section, subjects: Sequence[str]) -> None:
    console.print()
    console.print(Text(f"{section.heading} ({section.size})", style="bold"))
    for group in section.groups:
        for line in whereabouts(group.cells, subjects):
            print_indented(console, Text(line), 2)
        print_indented(console, Text(one_line(group.known.reason)), 4)
        print_indented(console, Text.assemble(("remedy:", "bold green"), f" {one_line(group.known.remedy)}"), 4)
        print_indented(console, Text(one_line(group.known.source), style="dim"), 4)
    if section.hint:
        print_indented(console, Text(f"{section.hint}."), 2)


def _print_remedies(console: Console, group: Group, subjects: Sequence[str]) -> None:
    remedies = group.remedies()
    for remedy, cells in remedies:
        where = f" for {'; '.join(whereabouts(cells, subjects))}" if len(cells) < len(group.cells) else ""
        print_indented(console, Text.assemble((f"remedy{where}:", "bold green"), " ", remedy), 4)
