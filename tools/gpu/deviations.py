"""The largest deviation of sound cells from what each check allows, out of the evidence in results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bnregress.results.model import CellResult
from bnregress.suite import status

#: Of an un-frozen network the two sides must differ, which is no rounding.
_MUST_DIFFER = "documented"
#: Of a control, whose modes must be clearly different, the figure that is held against a tolerance.
_CLEARLY_DIFFERENT = ("momentum_deviation",)


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """Of a check, in one precision: the cell that comes nearest to its tolerance.

    Attributes:
        cells: sound cells that had a figure.
    """

    check: str
    precision: str
    cells: int
    largest: float
    allowed: float
    cell: str

    @property
    def share(self) -> float:
        """Of the tolerance; 0 for no deviation where none is allowed."""
        return self.largest / self.allowed if self.allowed else math.inf if self.largest else 0.0


def deviations(cells: Iterable[CellResult]) -> list[Deviation]:
    """Return one for each check and precision that had figures, in the order of the cells."""
    found: dict[tuple[str, str], list[Deviation]] = {}
    for cell in cells:
        precision = "mixed" if "train=mixed" in cell.id.variant else "float32"
        for check in cell.checks:
            figure = figure_of(check.evidence) if check.status == status.PASS else None
            if figure is not None:
                each = Deviation(
                    check=check.name, precision=precision, cells=1,
                    largest=figure[0], allowed=figure[1], cell=cell.id.subject,
                )  # fmt: skip
                found.setdefault((check.name, precision), []).append(each)
    return [_nearest(each) for each in found.values()]


def figure_of(evidence: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return deviation and tolerance, None if the evidence has none or the two sides must differ."""
    if "tolerance" not in evidence or _MUST_DIFFER in evidence:
        return None
    allowed = float(evidence["tolerance"])
    if "fit_loss" in evidence and "evaluate_loss" in evidence:
        evaluated = float(evidence["evaluate_loss"])
        return abs(float(evidence["fit_loss"]) - evaluated) / abs(evaluated) if evaluated else 0.0, allowed
    for key in _CLEARLY_DIFFERENT if "clear" in evidence else ("largest", "relative"):
        figure = evidence.get(key)
        if isinstance(figure, Mapping) and figure:
            return max(map(float, figure.values())), allowed
        if isinstance(figure, (int, float, str)):
            return float(figure), allowed
    return None


def _nearest(each: list[Deviation]) -> Deviation:
    nearest = max(each, key=lambda one: (one.share, one.largest))
    return Deviation(**{**vars(nearest), "cells": len(each)})
