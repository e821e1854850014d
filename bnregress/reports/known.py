"""How a cell stands to what is known: its drift, and `known` for a regression that departs from nothing."""

from __future__ import annotations

from collections.abc import Iterable

from bnregress.results import CellResult
from bnregress.suite import status

KNOWN = "known"

#: The gravest first, as pages list them; what each one says of a cell.
DRIFTS = {
    "new": "regresses, and is not known to",
    "different": "is known to regress, but by another check or for another reason",
    "missing": "planned, but nothing came back",
    "fixed": "is known to regress, and does so no more",
    KNOWN: "regresses as it is known to",
}


def drift_of(cell: CellResult) -> str | None:
    """Return the cell's drift, `known` for a regression without one, None for whatever else is as expected."""
    if cell.drift is None and cell.status == status.REGRESS:
        return KNOWN
    return cell.drift


def gravest_first(cells: Iterable[CellResult]) -> list[CellResult]:
    """Sort by drift, what is new before what is known, otherwise in the order given."""
    order = list(DRIFTS)
    return sorted(cells, key=lambda cell: order.index(drift) if (drift := drift_of(cell)) in DRIFTS else len(order))
