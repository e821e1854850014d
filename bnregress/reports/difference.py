"""What differs between two runs, in words: for the terminal and as Markdown."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bnregress.judging.difference import CellChange, Course, Difference
from bnregress.reading.text import clip, count, one_line
from bnregress.reports.indent import print_indented
from bnregress.reports.markdown import Document, code, escape, prose, table
from bnregress.reports.style import LOOKS, word
from bnregress.results.model import CellResult

#: Courses that are told cell by cell; cells that are the same are counted.
TOLD = (Course.WORSE, Course.LOST, Course.CHANGED, Course.BETTER, Course.ADDED, Course.REMOVED)
#: Bytes of the Markdown, and characters of a sentence in it.
LIMIT_BYTES = 600_000
SENTENCE = 1_000


def headline(difference: Difference) -> str:
    """Say in one sentence what became of the cells."""
    total = count(len(difference.cells), "cell")
    worse, lost = difference.of(Course.WORSE), difference.of(Course.LOST)
    if worse:
        said = f"{len(worse)} of {total} became worse"
    elif lost:
        said = f"Nothing became worse, but {len(lost)} of {total} could not be decided again"
    elif all(cell.course in (Course.ADDED, Course.REMOVED) for cell in difference.cells):
        return "The two runs have no cell in common."
    else:
        said = f"Nothing became worse in {total}"
    rest = [(course.value, len(difference.of(course))) for course in Course if course is not Course.WORSE]
    counts = ", ".join(f"{number} {name}" for name, number in rest if number)
    return f"{said}: {counts}." if counts else f"{said}."


def pace_sentence(difference: Difference) -> str | None:
    """Say how the times compare, which decides nothing."""
    if difference.pace is None:
        return None
    return f"The second run took {difference.pace:.2f} times as long in the cells that both measured."


def print_difference(console: Console, difference: Difference) -> None:
    """Print each cell that is not the same, the gravest first, then packages and pace."""
    console.print(Text(headline(difference), style="bold"), soft_wrap=True)
    for course in TOLD:
        cells = difference.of(course)
        if cells:
            console.print()
            console.print(Text(f"{course.value.capitalize()} ({len(cells)})", style="bold"))
        for cell in cells:
            print_indented(console, Text.assemble(str(cell.id), ": ", *_arrow(cell)), 2)
            for note in (*_reason(cell), *cell.notes):
                print_indented(console, Text(one_line(note), style="dim"), 4)
    if difference.releases:
        console.print()
        console.print(Text(f"Packages that differ ({count(len(difference.releases), 'release')})", style="bold"))
    for release in difference.releases:
        changes = (f"{name} {old or 'absent'} -> {new or 'absent'}" for name, (old, new) in release.packages.items())
        print_indented(console, Text(one_line(f"{release.id}: {', '.join(changes)}")), 2)
    if pace := pace_sentence(difference):
        console.print()
        console.print(Text(pace, style="dim"), soft_wrap=True)


def render_difference(difference: Difference, limit: int = LIMIT_BYTES) -> str:
    """Return the same as Markdown of at most `limit` bytes, which says what it had to leave out."""
    page = Document(limit)
    page.add(f"**{escape(headline(difference))}**")
    for course in TOLD:
        cells = difference.of(course)
        if cells:
            page.add(f"## {course.value.capitalize()} ({len(cells)})")
        for cell in cells:
            notes = "".join(f"\n  <br>{prose(clip(note, SENTENCE))}" for note in (*_reason(cell), *cell.notes))
            page.add(f"- {code(str(cell.id))}: {_shown(cell.before)} → {_shown(cell.after)}{notes}", "cell")
    if difference.releases:
        page.add("## Packages that differ")
        rows = [
            [code(release.id), code(name), code(old or "absent"), code(new or "absent")]
            for release in difference.releases
            for name, (old, new) in release.packages.items()
        ]
        page.add(table(["release", "package", "before", "after"], rows), "table of packages")
    if pace := pace_sentence(difference):
        page.add(escape(pace))
    return page.render()


def _arrow(cell: CellChange) -> list[tuple[str, str]]:
    return [_styled(cell.before), (" -> ", "dim"), _styled(cell.after)]


def _styled(cell: CellResult | None) -> tuple[str, str]:
    return (word(cell.status, cell.kind), LOOKS[cell.status].style) if cell else ("no cell", "dim")


def _shown(cell: CellResult | None) -> str:
    return escape(word(cell.status, cell.kind)) if cell else "no cell"


def _reason(cell: CellChange) -> list[str]:
    """Return the reason of a cell that got worse, which its notes do not hold."""
    grave = cell.course in (Course.WORSE, Course.LOST) and cell.after is not None
    return [cell.after.reason] if grave and cell.after and not any(n.startswith("reason:") for n in cell.notes) else []
