"""How measured results depart from the known regressions; a pure function of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bnregress.judging.known.affected import affected, are_all_told, failures
from bnregress.judging.known.entries import Entry, find_entry
from bnregress.results.model import DIFFERENT, FIXED, MISSING, NEW, CellResult, CheckResult, Results
from bnregress.suite import status


def hold_against(results: Results, entries: Sequence[Entry]) -> Results:
    """Return the results with `drift` and `known` of every cell.

    An entry whose cells were not planned is not asked. Nothing counts as fixed in a release with another Keras than the
    catalog's, for the entry is about that.
    """
    held = (hold_cell(cell, find_entry(entries, cell.id)) for cell in results.cells)
    other = {name for name, release in results.releases.items() if release.own_keras}
    return results.with_cells(
        replace(cell, drift=None) if cell.drift == FIXED and cell.id.release in other else cell for cell in held
    )


def hold_cell(cell: CellResult, entry: Entry | None) -> CellResult:
    """Return one cell with `drift` and `known`."""
    if entry is None:
        new = cell.status == status.REGRESS or cell.refused
        return replace(cell, known=None, drift=NEW if new else None)
    return replace(cell, known=entry.known(), drift=_drift(cell, entry))


@dataclass(frozen=True)
class Unexpected:
    """Says of a cell, as it was measured, whether it regresses otherwise than the entries list."""

    entries: tuple[Entry, ...]

    def __call__(self, cell: CellResult) -> bool:
        """Whether it does."""
        return hold_cell(cell, find_entry(self.entries, cell.id)).unexpected


def _drift(cell: CellResult, entry: Entry) -> str | None:
    if cell.status == status.REGRESS:
        return None if _as_known(cell, entry) else DIFFERENT
    if cell.status == status.PASS:
        # A run of another suite may not have tested what is listed as known.
        passed = {check.name for check in cell.checks if check.status == status.PASS}
        return FIXED if passed & set(entry.checks) else None
    # What was tested, if anything was: a cell that never came so far is missing.
    asked = {check.name for check in cell.checks}
    return None if asked and not asked & set(entry.checks) else MISSING


def _as_known(cell: CellResult, entry: Entry) -> bool:
    """Whether just those checks regress that are known to, of those that were decided, and by no more than is known."""
    regressed = {check.name: check for check in cell.checks if check.status == status.REGRESS}
    decided = {check.name for check in cell.checks if check.status in (status.REGRESS, status.PASS)}
    return (
        bool(regressed)
        and set(regressed) == decided & set(entry.checks)
        and all(_no_more(check, entry) for check in regressed.values())
    )


def _no_more(check: CheckResult, entry: Entry) -> bool:
    """Whether each failure that a check tells of is known, and it affects no more than the entry lists."""
    told = all(any(words in failure for words in entry.checks[check.name]) for failure in failures(check))
    limit = entry.affected.get(check.name)
    return told and are_all_told(check) and (limit is None or affected(check).within(limit))
