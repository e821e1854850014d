"""What measured results mean: the one place in which commands hold them against what is known and look for remedies."""

from __future__ import annotations

from collections.abc import Sequence

from bnregress.judging.known.drift import hold_against
from bnregress.judging.known.entries import Entry
from bnregress.judging.remedies import fill_remedies
from bnregress.results.model import Results


def assess(results: Results, known: Sequence[Entry], *, order: Sequence[str] | None = None) -> Results:
    """Return the results with `drift` and `known` of every cell, and a remedy for every regression.

    What an earlier assessment said is replaced, so results may be assessed any number of times.

    Args:
        results: as a run measured them, whole: a remedy is looked for among all of its cells.
        known: the entries to hold them against.
        order: release ids, oldest first; the catalog's by default.
    """
    return hold_against(fill_remedies(results, order=order), known)
