"""What a results file comes to for GitHub: numbers for later jobs, and annotations, the worst first."""

from __future__ import annotations

from collections.abc import Iterator

from bnregress.reading.text import clip, one_line
from bnregress.reading.workflow import Annotation
from bnregress.results.model import MISSING, CellResult, Results
from bnregress.suite import status

#: The word for each exit code, for conditions of later steps.
CRASHED = "crashed"
RESULTS = {0: "expected", 1: "regression", 2: "usage", 3: "nothing-to-do", 4: "undecided", 130: "interrupted"}

_SENTENCE = 400


def result_word(code: int) -> str:
    """Return the word for an exit code; `crashed` for one that bnregress never ends with."""
    return RESULTS.get(code, CRASHED)


def figures(results: Results) -> dict[str, str]:
    """Return the outputs that a results file gives."""
    cells = results.cells
    return {
        "cells": str(len(cells)),
        "regressions": str(sum(cell.unexpected for cell in cells)),
        "fixed": str(sum(cell.drift == "fixed" for cell in cells)),
        "errors": str(sum(cell.status in (status.ERROR, status.INCONCLUSIVE) for cell in cells)),
        "plan": results.plan,
        **({"run-id": results.run} if results.run else {}),
    }


def remarks(results: Results, code: int) -> list[Annotation]:
    """Return what to say of the cells: regressions that are news, what is missing or undecided, what is cured."""
    level = "error" if code else "warning"
    return [
        Annotation(level=level if grave else "notice", title=one_line(title), message=one_line(message))
        for grave, title, message in [
            *_regressions(results.cells),
            *_missing(results.cells),
            *_undecided(results.cells),
            *_fixed(results.cells),
        ]
    ]


def _regressions(cells: tuple[CellResult, ...]) -> Iterator[tuple[bool, str, str]]:
    for cell in cells:
        if cell.unexpected:
            what = "fails differently than expected" if cell.drift == "different" else "regresses"
            remedy = f" Remedy: {clip(cell.remedy, _SENTENCE)}" if cell.remedy else ""
            yield True, f"{cell.id} {what}", clip(cell.reason, _SENTENCE) + remedy


def _missing(cells: tuple[CellResult, ...]) -> Iterator[tuple[bool, str, str]]:
    for cell in cells:
        if cell.standing == MISSING:
            yield True, f"{cell.id} is missing", clip(cell.reason, _SENTENCE)


def _undecided(cells: tuple[CellResult, ...]) -> Iterator[tuple[bool, str, str]]:
    for cell in cells:
        if cell.status in (status.ERROR, status.INCONCLUSIVE) and cell.drift != "missing":
            kind = f"{cell.status}, {cell.kind}" if cell.kind else cell.status
            yield True, f"{cell.id} could not be decided ({kind})", clip(cell.reason, _SENTENCE)


def _fixed(cells: tuple[CellResult, ...]) -> Iterator[tuple[bool, str, str]]:
    for cell in cells:
        if cell.drift == "fixed":
            yield False, f"{cell.id} no longer regresses", "It is listed as a known regression and passes now."
