"""Verdicts over dates: which cells ever changed, from the stored results of many runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bnregress.results.model import CellResult, Results, timestamp
from bnregress.suite import status


class Verdict(NamedTuple):
    """What a history keeps of a cell.

    Attributes:
        regressing: the checks that regress.
        reason: of the cell.
    """

    status: str
    regressing: frozenset[str]
    reason: str | None

    def differs(self, other: Verdict) -> bool:
        """Whether the cell has changed: its status has, or other checks regress."""
        return self[:2] != other[:2]


#: One object for all nights that say the same: a year of them is a million verdicts.
_shared = lru_cache(maxsize=None)(Verdict)


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """Verdicts and when they were made.

    Attributes:
        when: UTC, as in results.json.
        exact: False if results.json does not tell, and the file's own time stands in.
        verdicts: by the id of the cell; all that is kept of the results.
    """

    file: Path
    when: str
    exact: bool
    verdicts: Mapping[str, Verdict]

    @classmethod
    def of(cls, file: Path, results: Results) -> StoredRun:
        """Date the results of a file."""
        verdicts = {sys.intern(str(cell.id)): _verdict(cell) for cell in results.cells}
        if results.started is not None:
            return cls(file=file, when=results.started, exact=True, verdicts=verdicts)
        modified = datetime.fromtimestamp(file.stat().st_mtime, timezone.utc)
        return cls(file=file, when=timestamp(modified), exact=False, verdicts=verdicts)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A cell over the runs, None if a run did not decide it."""

    id: str
    cells: tuple[Verdict | None, ...]


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
        ids = dict.fromkeys(id for run in reversed(ordered) for id in run.verdicts)
        lines = (Line(id=id, cells=tuple(run.verdicts.get(id) for run in ordered)) for id in ids)
        changed = tuple(line for line in lines if len({cell[:2] for cell in line.cells if cell}) > 1)
        return cls(runs=ordered, lines=changed, steady=len(ids) - len(changed))

    def dates(self) -> list[str]:
        """Return a heading for each run: its day, with the time where a day had several, `~` if it is not exact."""
        days = [run.when[:10] for run in self.runs]
        return [
            ("" if run.exact else "~") + (f"{day} {run.when[11:16]}" if days.count(day) > 1 else day)
            for run, day in zip(self.runs, days, strict=True)
        ]


def changed_here(line: Line, index: int) -> bool:
    """Tell whether the verdict of this run differs from the last one before it."""
    cell = line.cells[index]
    before = next((other for other in reversed(line.cells[:index]) if other), None)
    return cell is not None and before is not None and cell.differs(before)


def _verdict(cell: CellResult) -> Verdict:
    regressing = (check.name for check in cell.checks if check.status == status.REGRESS)
    return _shared(cell.status, frozenset(regressing), cell.reason)
