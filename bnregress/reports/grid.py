"""The table of releases and paths, in as many columns as the terminal has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from bnregress.cells.folding import fold
from bnregress.cells.identifiers import CellId
from bnregress.reading.text import clip, one_line
from bnregress.reports.style import LOOKS, NO_CELL, NO_CELL_MEANING, cell_look, cell_word
from bnregress.results.model import CellResult, Results
from bnregress.suite import status
from bnregress.suite.paths import PATHS

#: Characters between two columns, and the width of the narrowest: the longest word of a status.
GAP = 1
WIDTH = 7

_PLAIN = str.maketrans("│┌", "|,")


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells by place: rows are releases, columns are subjects (`PATH`, `PATH@VARIANT`, or `PATH@*` for many).

    `every` are the subjects of all cells, none of them folded.
    """

    releases: tuple[str, ...]
    subjects: tuple[str, ...]
    every: tuple[str, ...]
    cells: dict[tuple[str, str], CellResult]

    @classmethod
    def of(cls, results: Results, *, folded: bool = True) -> Grid:
        """Place every cell of the results, those that were planned and not decided included.

        Args:
            results: the results.
            folded: many variants of a path share a column.
        """
        ids = [*(cell.id for cell in results.cells), *results.undecided]
        shown = fold(ids) if folded else {id: id.subject for id in ids}
        releases = dict.fromkeys([*results.releases, *(id.release for id in ids)])
        held = {id.release for id in ids}
        ordered = sorted(ids, key=_column_order)
        return cls(
            releases=tuple(release for release in releases if release in held),
            subjects=tuple(dict.fromkeys(shown[id] for id in ordered)),
            every=tuple(dict.fromkeys(id.subject for id in ordered)),
            # Of what is shown as one, the gravest; the sections below name each.
            cells={
                (cell.id.release, shown[cell.id]): cell
                for cell in sorted(results.cells, key=lambda cell: status.SEVERITY.index(cell.status))
            },
        )

    def row(self, release: str) -> list[CellResult | None]:
        """Return the cells of a release, None if there is none."""
        return [self.cells.get((release, subject)) for subject in self.subjects]


def _column_order(id: CellId) -> tuple[bool, int, str]:
    """Order as the registry does, controls last: whoever reads from the left meets what may break first."""
    known = list(PATHS)
    place = known.index(id.path) if id.path in PATHS else len(known)
    return id.path in PATHS and PATHS[id.path].control, place, id.subject


def print_grid(console: Console, grid: Grid) -> None:
    """Print the table, cut into tables that stand one below another if it is too wide, and the key to its words."""
    margin = max((len(release) for release in grid.releases), default=0) + GAP + 1
    for index, (start, end) in enumerate(slices(grid.subjects, console.width - margin)):
        # Why nothing of a release is there is said once, in the first table.
        rows = [name for name in grid.releases if not index or _unavailable(grid.row(name)) is None]
        if not rows:
            break
        if index:
            console.print()
        widths, heads = lay_out(grid.subjects[start:end], console.width - margin)
        for head in heads:
            _print_line(console, Text(" " * margin + (head if _has_lines(console) else head.translate(_PLAIN))))
        for release in rows:
            _print_line(console, _row(release.ljust(margin), grid.row(release), start, widths, console.width - margin))
    tried = [row for row in map(grid.row, grid.releases) if _unavailable(row) is None]
    key = legend(cell for row in tried for cell in row)
    if key:
        console.print()
        console.print(key, style="dim")


def _print_line(console: Console, line: Text) -> None:
    line.rstrip()
    console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


def _has_lines(console: Console) -> bool:
    return console.encoding.startswith("utf")


def _row(label: str, row: Sequence[CellResult | None], start: int, widths: Sequence[int], room: int) -> Text:
    line = Text(label)
    reason = _unavailable(row)
    if reason is not None:
        said = clip(one_line(reason), max(room - len("unavailable: "), WIDTH))
        return line.append(f"unavailable: {said}", style=LOOKS[status.UNAVAILABLE].style)
    for cell, width in zip(row[start : start + len(widths)], widths, strict=True):
        shown = cell_word(cell) if cell else NO_CELL
        line.append(shown, style=cell_look(cell).style if cell else "dim")
        line.append(" " * (width - len(shown) + GAP))
    return line


def _unavailable(row: Sequence[CellResult | None]) -> str | None:
    """Return why a whole row is unavailable, None if part of it is not."""
    present = [cell for cell in row if cell]
    return present[0].reason if present and all(cell.status == status.UNAVAILABLE for cell in present) else None


def legend(cells: Iterable[CellResult | None]) -> str:
    """Explain the words that these cells are shown by, empty if they speak for themselves."""
    words: dict[str, dict[str, None]] = {}
    for cell in cells:
        meaning = cell_look(cell).meaning if cell else NO_CELL_MEANING
        words.setdefault(meaning, {})[cell_word(cell) if cell else NO_CELL] = None
    return "; ".join(f"{', '.join(alike)}: {meaning}" for meaning, alike in words.items() if meaning)


def slices(subjects: Sequence[str], room: int) -> Iterator[tuple[int, int]]:
    """Cut the columns into runs that fit into `room` characters, each of one column at least."""
    start = 0
    for end in range(1, len(subjects) + 1):
        if end == len(subjects) or not _fits(subjects[start : end + 1], room):
            yield start, end
            start = end


def _fits(subjects: Sequence[str], room: int) -> bool:
    steps = all(index * (WIDTH + GAP) + 2 + len(subject) <= room for index, subject in enumerate(subjects))
    return steps and len(subjects) * (WIDTH + GAP) - GAP <= room


def lay_out(subjects: Sequence[str], room: int) -> tuple[list[int], list[str]]:
    """Return the width of each column and the lines above the table.

    Where there is room, a name stands above its column, broken after hyphens;
    else every name gets a line of its own, with a stroke down to its column.
    """
    pieces = [re.findall(r"[^-@,]*[-@,]?", subject) for subject in subjects]
    widths = [max(WIDTH, *(len(piece) for piece in name)) for name in pieces]
    if sum(widths) + GAP * (len(widths) - 1) <= room:
        return widths, _stacked(pieces, widths)
    strokes = ("│".ljust(WIDTH + GAP) * index + f"┌ {subject}" for index, subject in enumerate(subjects))
    return [WIDTH] * len(subjects), list(strokes)


def _stacked(pieces: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    columns = []
    for name, width in zip(pieces, widths, strict=True):
        lines = [""]
        for piece in name:
            if len(lines[-1] + piece) > width:
                lines.append("")
            lines[-1] += piece
        columns.append(lines)
    height = max(len(lines) for lines in columns)
    padded = [
        [line.ljust(width) for line in [""] * (height - len(lines)) + lines]
        for lines, width in zip(columns, widths, strict=True)
    ]
    return [(" " * GAP).join(row) for row in zip(*padded, strict=True)]
