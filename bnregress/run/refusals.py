"""What releases refuse: a refusal that is listed makes a check not applicable, any other leaves it inconclusive."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.cells.selector import matches
from bnregress.reading.strict import read_toml
from bnregress.releases.catalog import load_catalog
from bnregress.resources import RESOURCES
from bnregress.results.model import CheckResult
from bnregress.suite import status

REFUSALS = RESOURCES / "refusals.toml"
MAX_BYTES = 2**20

_NAMED = re.compile(r"-keras(\d+(?:\.\d+)*)")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A call that some releases are known to refuse.

    Attributes:
        cells: globs with braces over RELEASE/PATH.
        call: what was called, a glob with braces.
        says: words that the exception's first line holds.
        reason: why, in a sentence.
        keras: a glob with braces over the version of Keras, for what goes with that and not with TensorFlow.
    """

    cells: str
    call: str
    says: str
    reason: str
    keras: str = "*"

    def covers(self, cell: CellId, refused: Mapping[str, Any]) -> bool:
        """Whether this is what the cell's release refused; `refused` is the evidence that the suite left."""
        return (
            matches(self.cells, f"{cell.release}/{cell.path}")
            and matches(self.keras, keras_of(cell.release))
            and matches(self.call, str(refused.get("call")))
            and self.says in str(refused.get("error"))
        )


@cache
def keras_of(release: str) -> str:
    """Return the version of Keras that an id names, or that the catalog's release has; empty if neither tells."""
    named = _NAMED.search(release)
    row = load_catalog().get(release)
    return named[1] if named else row.keras if row else ""


@cache
def listed_refusals() -> tuple[Refusal, ...]:
    """Return the packaged list."""
    entries = read_toml(REFUSALS, MAX_BYTES, "a list of refusals")["refusal"]
    return tuple(Refusal(**entry) for entry in entries)


def hold_refusals(
    cell: CellId, checks: Sequence[CheckResult], listed: Sequence[Refusal] | None = None
) -> tuple[CheckResult, ...]:
    """Return the checks, those that a listed refusal stopped as not applicable.

    Args:
        cell: theirs.
        checks: as the suite wrote them.
        listed: default: the packaged list.
    """
    listed = listed_refusals() if listed is None else listed
    return tuple(_hold(cell, check, listed) for check in checks)


def _hold(cell: CellId, check: CheckResult, listed: Sequence[Refusal]) -> CheckResult:
    refused = check.evidence.get("refused")
    if check.status != status.INCONCLUSIVE or not isinstance(refused, Mapping):
        return check
    for refusal in listed:
        if refusal.covers(cell, refused):
            return replace(check, status=status.NOT_APPLICABLE)
    return check
