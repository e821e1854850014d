"""How a cell stands to what is known: its drift, and `known` for a regression that departs from nothing."""

from __future__ import annotations

from bnregress.results.model import CellResult
from bnregress.suite import status

KNOWN = "known"

#: The gravest first, as pages list them.
DRIFTS = ("new", "different", "missing", KNOWN, "fixed")


def drift_of(cell: CellResult) -> str | None:
    """Return the cell's drift, `known` for a regression without one, None for whatever else is as expected."""
    if cell.drift is None and cell.status == status.REGRESS:
        return KNOWN
    return cell.drift
