"""Which parts of the witness run a mutant's line, and which cells are to notice it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from bnregress.suite.variants.proving import PROVING
from tests.mutants.targets import BATCHNORM, SAVING, Candidate

#: Of a part of the witness that saves or rebuilds, the cells that do so in the same way. A line that only such parts
#: run is tried on these alone: that can but make the suite look worse than it is.
_ALIKE = {
    "saved *h5": ("h5", "weights-h5*", "small@freeze=after-load*"),
    "saved *keras": ("keras-v3", "weights-v3*"),
    "weights m.weights.h5": ("weights-v3*", "keras-v3"),
    "weights whole.h5": ("weights-h5*", "h5"),
    "checkpoint": ("weights-checkpoint",),
    "savedmodel": ("savedmodel", "savedmodel-raw", "tfsm-layer*", "hub-layer"),
    "exported": ("export-raw", "tfsm-layer*"),
    "rebuilt json": ("json",),
    "rebuilt config": ("from-config",),
    "rebuilt clone": ("clone", "weights-*"),
    "rebuilt deepcopy": ("deepcopy",),
    "rebuilt pickle": ("pickle",),
}
#: Of more parts of the witness that run a line, so many are taken, spread evenly.
MOST_PARTS, QUICK_PARTS = 16, 8
#: Cells that cost little and look at much, tried before all others.
_FIRST = {BATCHNORM: ("small", "layers", "training"), SAVING: ("weights-v3", "weights-h5", "clone", "json")}
_ELSE = ("small", "training", "layers")


class Reach:
    """What was seen without a mutant.

    Args:
        parts: lines by file by part, as `tests.mutants.inside.reach` gives them.
        planned: cells of a plain run; also an attribute.
        quick: of a line that not only saving and rebuilding run, try the small network alone, in variants that hold
            each value of each axis. As with every cell that is left out, that can but make the suite look worse.
            Also an attribute.
    """

    def __init__(self, parts: dict[str, dict[str, list[int]]], planned: Sequence[str], *, quick: bool = False) -> None:
        self.quick = quick
        self._parts = {name: {file: set(rows) for file, rows in lines.items()} for name, lines in parts.items()}
        self.planned = planned

    def parts(self, candidate: Candidate) -> list[str]:
        """Names of the parts of the witness that run the mutant's line."""
        return [name for name, lines in self._parts.items() if candidate.mutant.line in lines.get(candidate.file, ())]

    def cells(self, candidate: Candidate) -> list[str]:
        """Cells that can notice the mutant, the likeliest and the cheapest first."""
        alike = [_alike(part) for part in self.parts(candidate)]
        found: Sequence[str] = self.planned
        if self.quick:
            found = [name for name in found if name.partition("@")[0] in _ELSE]
            found = [name for name in found if "@" not in name or name.partition("@")[2] in PROVING]
        if all(alike):
            found = self.planned
            globs = [glob for each in alike for glob in each]
            found = [name for name in found if any(fnmatchcase(name, glob) for glob in globs)]
        first = _FIRST.get(candidate.area, _ELSE)

        def order(name: str) -> tuple[int, bool]:
            return first.index(name) if name in first else len(first), not name.startswith("small@")

        return sorted(found, key=order)


def _alike(part: str) -> tuple[str, ...]:
    return next((cells for glob, cells in _ALIKE.items() if fnmatchcase(part, glob)), ())


def row(candidate: Candidate, reach: Reach) -> dict[str, Any]:
    """What a release's environment is told of a mutant."""
    mutant, parts = candidate.mutant, reach.parts(candidate)
    step = math.ceil(len(parts) / (QUICK_PARTS if reach.quick else MOST_PARTS))
    return {
        "id": candidate.id, "file": candidate.file, "function": mutant.function,
        "start": mutant.start, "end": mutant.end, "text": mutant.text,
        "parts": parts[::step], "cells": reach.cells(candidate),
    }  # fmt: skip
