"""The search beyond the fixed probes: how it is requested, and what came of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.run.records import Verdict
from bnregress.suite.registry import SEARCH
from bnregress.suite.search.profile import CI, EXPLORE, LOCAL
from bnregress.suite.status import NOT_APPLICABLE

SECONDS = 20.0
FIGURES = ("examples", "failures", "profile", "seed")


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """How to search.

    Attributes:
        explore: minutes of a long search in each release, which remembers failing examples; None for the usual one.
        seed: of the examples; None draws one, or takes the same examples each time where CI is set.
        database: folder that a long search keeps its examples in, a folder for each release.
    """

    explore: float | None = None
    seed: int | None = None
    database: Path | None = None

    def searches_anew(self, cell: CellId) -> bool:
        """Whether it is the cell of a search that was requested by hand, for which an earlier verdict is no answer."""
        return cell.path == SEARCH and (self.explore is not None or self.seed is not None)

    def profile(self, release: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what the suite's `Profile` is made from."""
        environ = os.environ if environ is None else environ
        if self.explore is None and self.seed is None and environ.get("CI"):
            return {"name": CI, "seconds": SECONDS}
        seed = secrets.randbelow(2**31) if self.seed is None else self.seed
        if self.explore is None:
            return {"name": LOCAL, "seconds": SECONDS, "seed": seed}
        database = None if self.database is None else str(self.database / release)
        return {"name": EXPLORE, "seconds": self.explore * 60, "seed": seed, "database": database}


def figures(cell: CellId, verdict: Verdict | None) -> dict[str, Any] | None:
    """What the search of a release came to, from its cell's verdict; None if it did not come to figures."""
    if cell.path != SEARCH or verdict is None:
        return None
    for check in verdict.checks:
        if check.status != NOT_APPLICABLE and all(name in check.evidence for name in FIGURES):
            found = {name: check.evidence[name] for name in FIGURES}
            counts = [found[name] for name in FIGURES if name != "profile"]
            if found["profile"] in (CI, LOCAL, EXPLORE) and all(type(count) is int for count in counts):
                return found
    return None
