"""Cells of two releases."""

from __future__ import annotations

from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.results.model import CellResult, CheckResult, Host, Known, ReleaseResult, Results

STATUSES = ("pass", "regress", "inconclusive", "error", "not-applicable", "unavailable")
KNOWN = Known(
    cells="tf2.0.0/*",
    checks=("mode-parity",),
    reason="Known why.",
    remedy="Do.",
    source="https://github.com/a/b/pull/1",
)


def cell(id: str, status: str, **changes: Any) -> CellResult:
    kind = "crash" if status == "error" else None
    values: dict[str, Any] = {"reason": f"because of {id}", "kind": kind} | changes
    return CellResult(id=CellId.parse(id), device="cpu", status=status, **values)


def drifting(relative: float, tolerance: float = 1e-4) -> tuple[CheckResult, ...]:
    evidence = {"relative": relative, "tolerance": tolerance}
    return (CheckResult(name="release-drift", status="pass", reason="r", evidence=evidence),)


def results(*cells: CellResult, undecided: tuple[str, ...] = ()) -> Results:
    facts = ReleaseResult(tensorflow="2.1.0", keras="2.2.4-tf", python="3.7.16", lock_sha256=None)
    return Results(
        plan="0" * 64,
        complete=not undecided,
        host=Host.here(),
        releases={each.id.release: facts for each in cells},
        cells=cells,
        undecided=tuple(map(CellId.parse, undecided)),
    )
