"""Two runs compared with each other, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from bnregress.cells.identifiers import CellId
from bnregress.errors import ExitCode
from bnregress.judging.grouping import group_cells
from bnregress.results.model import CellResult, Results
from bnregress.suite import status

#: Statuses that decide whether a frozen BatchNorm holds, and those that leave it open.
DECIDED = (status.PASS, status.REGRESS)
OPEN = (status.ERROR, status.INCONCLUSIVE)


class Course(Enum):
    """What became of a cell between two runs, the gravest first."""

    WORSE = "worse"
    LOST = "no longer decided"
    CHANGED = "changed"
    BETTER = "better"
    ADDED = "only in the second"
    REMOVED = "only in the first"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class CellChange:
    """A cell of either run: `before` and `after` are None if that run has none."""

    id: CellId
    course: Course
    before: CellResult | None
    after: CellResult | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReleaseChange:
    """What a release consisted of before and after: `packages` holds both versions of each that differs."""

    id: str
    packages: Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All cells of both runs, releases whose packages differ, and how much longer the second run took.

    Attributes:
        pace: seconds of the second run for one second of the first, over the cells that both measured; None
            if there are none. Machines differ, so it decides nothing.
    """

    cells: tuple[CellChange, ...]
    releases: tuple[ReleaseChange, ...]
    pace: float | None

    def of(self, course: Course) -> list[CellChange]:
        """Return the cells that took this course, in the order of the runs."""
        return [cell for cell in self.cells if cell.course == course]

    @property
    def exit_code(self) -> ExitCode:
        """1 if a cell became worse, 4 if one is no longer decided, 3 if the runs share no cell, else 0."""
        courses = {cell.course for cell in self.cells}
        if Course.WORSE in courses:
            return ExitCode.REGRESSION
        if Course.LOST in courses:
            return ExitCode.UNDECIDED
        if courses <= {Course.ADDED, Course.REMOVED}:
            return ExitCode.NOTHING_TO_DO
        return ExitCode.EXPECTED


def compare(before: Results, after: Results) -> Difference:
    """Hold each cell of one run against the same cell of another."""
    old, new = _by_id(before), _by_id(after)
    pending = set(after.undecided)
    cells = tuple(_compare_cell(id, old.get(id), new.get(id), id in pending) for id in dict.fromkeys([*old, *new]))
    return Difference(cells=cells, releases=tuple(_release_changes(before, after)), pace=_pace(cells))


def _by_id(results: Results) -> dict[CellId, CellResult]:
    return {cell.id: cell for cell in results.cells}


def _compare_cell(id: CellId, before: CellResult | None, after: CellResult | None, pending: bool) -> CellChange:  # noqa: FBT001
    notes: tuple[str, ...] = ()
    if before is None or after is None:
        course = _course_of_one(before, after, pending)
    else:
        notes = tuple(_notes(before, after))
        course = _course(before, after, notes)
    return CellChange(id=id, course=course, before=before, after=after, notes=notes)


def _course_of_one(before: CellResult | None, after: CellResult | None, pending: bool) -> Course:  # noqa: FBT001
    if before is None:
        # A regression is never let pass for want of something to compare it with.
        return Course.WORSE if after is not None and after.status == status.REGRESS else Course.ADDED
    return Course.LOST if pending and before.status in DECIDED else Course.REMOVED


def _course(before: CellResult, after: CellResult, notes: tuple[str, ...]) -> Course:
    if after.status == status.REGRESS and before.status != status.REGRESS:
        return Course.WORSE
    if _regressing(after) - _regressing(before):
        return Course.WORSE
    if before.status == after.status:
        if _regressing(before) - _regressing(after):
            return Course.BETTER
        return _told(notes)
    if before.status in DECIDED and after.status not in DECIDED:
        return Course.LOST
    if after.status == status.PASS:
        return Course.BETTER
    return Course.CHANGED


def _told(notes: tuple[str, ...]) -> Course:
    return Course.CHANGED if notes else Course.SAME


def _regressing(cell: CellResult) -> frozenset[str]:
    return frozenset(check.name for check in cell.checks if check.status == status.REGRESS)


def _notes(before: CellResult, after: CellResult) -> Iterator[str]:
    """Say what differs beside the status: checks, the wording of the reason, drift. Figures alone are no difference."""
    old, new = ({check.name: check.status for check in cell.checks} for cell in (before, after))
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield f"{name}: {old.get(name, 'not run')} -> {new.get(name, 'not run')}"
    if before.status == after.status and len(group_cells([before, after])) > 1:
        yield f"reason: {after.reason}"
    if before.drift != after.drift:
        yield f"drift: {before.drift or 'none'} -> {after.drift or 'none'}"


def _release_changes(before: Results, after: Results) -> Iterator[ReleaseChange]:
    for id, release in before.releases.items():
        other = after.releases.get(id)
        if other is None:
            continue
        old = {"python": release.python, **(release.packages or {})}
        new = {"python": other.python, **(other.packages or {})}
        if release.packages is None or other.packages is None:
            continue
        names = sorted({*old, *new}, key=str.lower)
        differing = {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}
        if differing:
            yield ReleaseChange(id=id, packages=differing)


def _pace(cells: Iterable[CellChange]) -> float | None:
    first = second = 0.0
    for cell in cells:
        if cell.before and cell.after and cell.before.seconds and cell.after.seconds:
            first += sum(cell.before.seconds.values())
            second += sum(cell.after.seconds.values())
    return second / first if first > 0 else None
