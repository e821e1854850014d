"""Verdicts over dates: which cells ever changed, from the stored results of many runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from bnregress.cells.identifiers import CellId
from bnregress.results.model import CellResult, Results, timestamp
from bnregress.suite import status


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """Results and when they were made.

    Attributes:
        when: UTC, as in results.json.
        exact: False if results.json does not tell, and the file's own time stands in.
    """

    file: Path
    when: str
    exact: bool
    results: Results

    @classmethod
    def of(cls, file: Path, results: Results) -> StoredRun:
        """Date the results of a file."""
        if results.started is not None:
            return cls(file=file, when=results.started, exact=True, results=results)
        modified = datetime.fromtimestamp(file.stat().st_mtime, timezone.utc)
        return cls(file=file, when=timestamp(modified), exact=False, results=results)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A cell over the runs, None if a run did not decide it."""

    id: CellId
    cells: tuple[CellResult | None, ...]


@dataclass(frozen=True, kw_only=True)
class History:
    """Runs from the oldest to the newest, and a line for each cell that ever changed.

    Attributes:
        steady: cells that gave the same verdict in every run that decided them.
    """

    runs: tuple[StoredRun, ...]
    lines: tuple[Line, ...]
    steady: int

    @classmethod
    def of(cls, runs: Sequence[StoredRun]) -> History:
        """Lay the runs side by side."""
        ordered = tuple(sorted(runs, key=lambda run: (run.when, str(run.file))))
        found = [{cell.id: cell for cell in run.results.cells} for run in ordered]
        ids = dict.fromkeys(id for cells in reversed(found) for id in cells)
        lines = [Line(id=id, cells=tuple(cells.get(id) for cells in found)) for id in ids]
        changed = tuple(line for line in lines if len({verdict_of(cell) for cell in line.cells if cell}) > 1)
        return cls(runs=ordered, lines=changed, steady=len(lines) - len(changed))

    def dates(self) -> list[str]:
        """Return a heading for each run: its day, with the time where a day had several, `~` if it is not exact."""
        days = [run.when[:10] for run in self.runs]
        return [
            ("" if run.exact else "~") + (f"{day} {run.when[11:16]}" if days.count(day) > 1 else day)
            for run, day in zip(self.runs, days, strict=True)
        ]


def verdict_of(cell: CellResult) -> tuple[str, frozenset[str]]:
    """Return what must differ for a cell to have changed: its status, or the checks that regress."""
    return cell.status, frozenset(check.name for check in cell.checks if check.status == status.REGRESS)


def changed_here(line: Line, index: int) -> bool:
    """Tell whether the verdict of this run differs from the last one before it."""
    cell = line.cells[index]
    before = next((other for other in reversed(line.cells[:index]) if other), None)
    return cell is not None and before is not None and verdict_of(cell) != verdict_of(before)
