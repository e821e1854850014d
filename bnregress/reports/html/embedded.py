"""The data of report.html: small enough for thousands of cells, compressed, in letters that mean nothing to HTML."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.judging.compatibility import Compatibility, main_variant
from bnregress.reports.grid import Grid
from bnregress.reports.html.columns import kind_of, label_of, safe_columns
from bnregress.reports.style import LOOKS, UNDECIDED, UNDECIDED_LOOK
from bnregress.results.model import CellResult, CheckResult, ReleaseResult, Results
from bnregress.suite import status
from bnregress.suite.paths import PATHS

#: Significant digits of numbers in long tables, which are drawn; results.json has them whole.
DIGITS = 4
#: Those of other numbers, which are shown.
SHOWN = 6
#: Characters from which on a text is kept once for all cells that share it.
SHARED_FROM = 24


class Shared:
    """Values that several cells have in common, each kept once and named by its place."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def place(self, value: Any) -> int:
        """Return where the value is, adding it if it is new."""
        key = json.dumps(value)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]

    def text(self, text: str | None) -> Any:
        """Return a short text itself, the place of a long one."""
        return self.place(text) if text is not None and len(text) >= SHARED_FROM else text


def packed(value: Any) -> str:
    """Return JSON compressed, in letters that mean nothing to HTML; `unpack` of data.js reads it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), mtime=0)).decode()


def overview(results: Results, grid: Grid, found: Compatibility) -> dict[str, Any]:
    """Return what the table and its filters need: ids, statuses and the texts that are searched.

    A cell is a row `[release, subject, status, kind, standing, text, checks]` of places and words; `checks` are those
    that regress, left out if none does.
    """
    releases = {id: place for place, id in enumerate(grid.releases)}
    subjects = {subject: place for place, subject in enumerate(grid.subjects)}
    texts = Shared()
    checks = Shared()
    rows: list[list[Any]] = []
    for cell in results.cells:
        said = texts.place(f"{cell.reason}\n{cell.remedy or ''}")
        place = [releases[cell.id.release], subjects[cell.id.subject]]
        failing = [checks.place(check.name) for check in cell.checks if check.status == status.REGRESS]
        rows.append([*place, cell.status, cell.kind, cell.standing, said, *([failing] if failing else [])])
    rows += [
        [releases[id.release], subjects[id.subject], UNDECIDED, None, None, texts.place("not decided")]
        for id in results.undecided
    ]
    labels = Counter(label_of(id) for id in grid.releases)
    return {
        "statuses": _statuses(),
        "releases": [_release(id, results.releases.get(id), labels) for id in grid.releases],
        "subjects": [_subject(subject, found) for subject in grid.subjects],
        "checks": checks.values,
        "cells": rows,
        "texts": texts.values,
    }


def _statuses() -> list[tuple[str, str, str]]:
    """Return name, mark and word of each status, the gravest first; what was not decided comes before what passed."""
    passed = LOOKS[status.PASS]
    told = [(name, look.mark, name.replace("-", " ")) for name, look in LOOKS.items() if look is not passed]
    undecided = (UNDECIDED, UNDECIDED_LOOK.mark, UNDECIDED_LOOK.word)
    return [*told, undecided, (status.PASS, passed.mark, status.PASS)]


def _release(id: str, release: ReleaseResult | None, labels: Mapping[str, int]) -> dict[str, Any]:
    told = {"id": id, "kind": kind_of(id), "label": label_of(id, twice=labels[label_of(id)] > 1)}
    if release is None:
        return told
    return {
        **told,
        "tensorflow": release.tensorflow,
        "keras": release.keras if release.engine is None else f"{release.keras} on {release.engine_name}",
        "python": release.ran_on,
        "lock": release.lock_sha256,
        "device": finite(release.device),
    }


def _subject(subject: str, found: Compatibility) -> dict[str, Any]:
    path, _, variant = subject.partition("@")
    known = PATHS.get(path)
    variants = found.paths.get(path, {})
    return {
        "safe": safe_columns(variants.get(variant or DEFAULT_VARIANT)),
        "whole": safe_columns(main_variant(variants) if variants else None),
        "id": subject,
        "path": path,
        "variant": variant,
        "family": known.family if known else "other",
        "summary": known.summary if known else "",
    }


def details(results: Results, grid: Grid, shared: Shared) -> list[dict[str, Any]]:
    """Return, for each release, its cells by subject, with everything that a person may open."""
    by_release: dict[str, dict[str, Any]] = {release: {} for release in grid.releases}
    for cell in results.cells:
        by_release[cell.id.release][cell.id.subject] = _cell(cell, shared)
    return list(by_release.values())


def packages(results: Results, grid: Grid) -> list[Mapping[str, str] | None]:
    """Return the installed versions by name of each release, None if they are not known."""
    found = (results.releases.get(release) for release in grid.releases)
    return [release.packages if release else None for release in found]


def _cell(cell: CellResult, shared: Shared) -> dict[str, Any]:
    return {
        "reason": shared.text(cell.reason),
        "remedy": shared.text(cell.remedy),
        "known": shared.place([cell.known.reason, cell.known.remedy, cell.known.source]) if cell.known else None,
        "device": cell.device,
        "seconds": finite(cell.seconds),
        "peak_rss_bytes": cell.peak_rss_bytes,
        "attempts": [[attempt.number, attempt.outcome, attempt.detail] for attempt in cell.attempts],
        "checks": [_check(check, shared) for check in cell.checks],
    }


def _check(check: CheckResult, shared: Shared) -> dict[str, Any]:
    said = {"name": check.name, "status": check.status, "reason": shared.text(check.reason)}
    tables = {name: value for name, value in check.evidence.items() if _is_table(value)}
    plain = {name: value for name, value in check.evidence.items() if name not in tables}
    found: dict[str, Any] = dict(said)
    if plain:
        found["evidence"] = finite(plain)
    if tables:
        found["tables"] = [[name, *_columns(rows, shared)] for name, rows in tables.items()]
    if check.repro:
        found["repro"] = shared.place(check.repro)
    return found


def _is_table(value: Any) -> bool:
    """Tell whether a value is a list of objects with the same keys, as the figures of each layer are."""
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(row, dict) and row for row in value):
        return False
    return all(list(row) == list(value[0]) for row in value)


def _columns(rows: Sequence[Mapping[str, Any]], shared: Shared) -> tuple[list[str], list[int]]:
    names = list(rows[0])
    return names, [shared.place([_rounded(row[name]) for row in rows]) for name in names]


def _rounded(value: Any) -> Any:
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return finite(value)


def finite(value: Any) -> Any:
    """Return a JSON value as it is shown: rounded, with a word in the place of each number that JSON cannot hold."""
    if isinstance(value, float):
        return float(f"{value:.{SHOWN}g}") if math.isfinite(value) else repr(value)
    if isinstance(value, Mapping):
        return {str(name): finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
