"""The first screen of report.html: what regresses, what is new in it, and what cures it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bnregress.judging.grouping import Group, group_cells
from bnregress.reading.text import clip, one_line
from bnregress.reports.style import LOOKS
from bnregress.results.model import DIFFERENT, FIXED, KNOWN, MISSING, NEW, CellResult, Results
from bnregress.suite import status

#: Groups of a section, lines and remedies of a group, and names in a line, before the rest is left to the table.
GROUPS = 12
LINES = 8
NAMES = 24
SENTENCE = 600

_TITLES = {
    NEW: "New regressions",
    DIFFERENT: "Regressions that fail differently than expected",
    MISSING: "Missing",
    KNOWN: "Known regressions",
    FIXED: "No longer regressing",
}


@dataclass(frozen=True, kw_only=True)
class Link:
    """A name that opens a cell."""

    text: str
    cell: str


@dataclass(frozen=True, kw_only=True)
class Where:
    """Paths that share their releases; what does not fit is counted."""

    subjects: tuple[Link, ...]
    releases: tuple[Link, ...]
    more_subjects: int
    more_releases: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Cells that say the same: where, why, and each remedy with the paths that it is for, where these are not all.

    Attributes:
        more_where, more_remedies: how many of either did not fit.
    """

    where: tuple[Where, ...]
    more_where: int
    reason: str
    remedies: tuple[tuple[str, str], ...]
    more_remedies: int


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the first screen; `more` groups of it are left to the table."""

    name: str
    title: str
    cells: int
    entries: tuple[Entry, ...]
    more: int


def sections(results: Results) -> list[Section]:
    """Return what a person must hear of, by drift and then by status, the gravest first; what passes is not told."""
    found = []
    for standing, title in _TITLES.items():
        cells = [cell for cell in results.cells if cell.standing == standing]
        found.append(_section(standing, title, [_as_listed(cell) for cell in cells] if standing == KNOWN else cells))
    for wanted in (status.ERROR, status.INCONCLUSIVE):
        cells = [cell for cell in results.cells if cell.status == wanted and cell.standing is None]
        found.append(_section(wanted, LOOKS[wanted].heading, cells))
    return [section for section in found if section.cells]


def _as_listed(cell: CellResult) -> CellResult:
    """Say of a known regression what is known of it, as the other reports do; its own figures are a click away."""
    if cell.known is None:
        return cell
    return replace(cell, reason=f"{cell.known.reason} ({cell.known.source})", remedy=cell.known.remedy)


def _section(name: str, title: str, cells: Sequence[CellResult]) -> Section:
    groups = group_cells(cells)
    entries = tuple(_entry(group) for group in groups[:GROUPS])
    return Section(name=name, title=title, cells=len(cells), entries=entries, more=max(0, len(groups) - GROUPS))


def _entry(group: Group) -> Entry:
    where, remedies = _where(group.cells), group.remedies()
    kind = f"{group.kind}: " if group.kind else ""
    return Entry(
        where=tuple(where[:LINES]),
        more_where=max(0, len(where) - LINES),
        reason=clip(f"{kind}{group.reason}", SENTENCE),
        remedies=tuple(
            (clip(text, SENTENCE), _whose(cells) if len(cells) < len(group.cells) else "")
            for text, cells in remedies[:LINES]
        ),
        more_remedies=max(0, len(remedies) - LINES),
    )


def _whose(cells: Sequence[CellResult]) -> str:
    subjects = list(_by_path({cell.id.subject: cell for cell in cells}.values()))
    releases = list(dict.fromkeys(cell.id.release for cell in cells))
    return f"{_named(subjects)} in {_named(releases)}"


def _by_path(cells: Iterable[CellResult]) -> dict[str, CellResult]:
    """Name the paths, each with its first cell: many variants of one path are told by their number."""
    held: dict[str, list[CellResult]] = {}
    for cell in cells:
        held.setdefault(cell.id.path, []).append(cell)
    named = {}
    for path, variants in held.items():
        text = variants[0].id.subject if len(variants) == 1 else f"{path} in {len(variants)} variants"
        named[one_line(text)] = variants[0]
    return named


def _named(names: Sequence[str], limit: int = 6) -> str:
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def _where(cells: Sequence[CellResult]) -> list[Where]:
    """Bring together releases that hold the same paths, as `bnregress.judging.grouping.whereabouts` does."""
    held: dict[str, list[CellResult]] = {}
    for cell in cells:
        held.setdefault(cell.id.release, []).append(cell)
    alike: dict[tuple[str, ...], list[list[CellResult]]] = {}
    for row in held.values():
        alike.setdefault(tuple(cell.id.subject for cell in row), []).append(row)
    found = []
    for rows in alike.values():
        links = [Link(text=text, cell=str(cell.id)) for text, cell in _by_path(rows[0]).items()]
        found.append(
            Where(
                subjects=tuple(links[:NAMES]),
                releases=tuple(Link(text=row[0].id.release, cell=str(row[0].id)) for row in rows[:NAMES]),
                more_subjects=max(0, len(links) - NAMES),
                more_releases=max(0, len(rows) - NAMES),
            )
        )
    return found
