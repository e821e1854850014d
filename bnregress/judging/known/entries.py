"""Reads files of known regressions, the packaged one or your own, and believes nothing in them unchecked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.cells.selector import shorten
from bnregress.errors import UsageError, nearest
from bnregress.judging.known.matching import Block, CellSelector, Names, overlap
from bnregress.reading.schemas import Problem, Schema
from bnregress.reading.strict import read_toml
from bnregress.reading.tables import Table
from bnregress.resources import RESOURCES
from bnregress.results.model import Known

KNOWN = RESOURCES / "known.toml"
NONE = "none"
MAX_BYTES = 4 * 2**20


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A regression that is known, on one cell or on many.

    Attributes:
        cells: where.
        checks: for each check that regresses, words that its reason holds; where it tells of several failures, each
            holds one of these words.
        affected: for some of these checks, how many layers or variables are wrong at most, or which; a check that is
            not named here may affect any.
        reason: why, in a sentence; remedy: what to do.
        source: address of the report, or `not reported upstream`.
    """

    cells: CellSelector
    checks: Mapping[str, tuple[str, ...]]
    affected: Mapping[str, int | tuple[str, ...]] = field(default_factory=dict)
    reason: str
    remedy: str
    source: str

    def known(self) -> Known:
        """Return what results say of a cell of this entry."""
        return Known(
            cells=self.cells.text,
            checks=tuple(self.checks),
            reason=self.reason,
            remedy=self.remedy,
            source=self.source,
        )


def load_known(choice: Path | str | None = None, names: Names | None = None) -> tuple[Entry, ...]:
    """Return the entries that `--known` stands for.

    Args:
        choice: a file; `none` for no entry at all; None for the file in this package.
        names: what cells are made of; default: this package's catalog and suite.

    Raises:
        UsageError: see `read_known`.
    """
    return () if choice == NONE else read_known(KNOWN if choice is None else Path(choice), names or Names.here())


def read_known(path: Path, names: Names) -> tuple[Entry, ...]:
    """Read a file of known regressions.

    Raises:
        UsageError: the file cannot be read, does not fit the schema, selects a cell that does not exist, or says two
            things of one cell; says the entry and what to do.
    """
    document = _read(path)
    if (problem := _schema().problem(document.entries)) is not None:
        # At the top there is one key alone, which is an array of tables.
        said = problem.sentence.replace("is known.", "is `known`, as in `[[known]]`.")
        raise UsageError(f"{path}, {_place(document.entries, problem)}: {said}")
    found = [_entry(path, index, value, names) for index, value in enumerate(document.entries.get("known", []), 1)]
    _refuse_contradictions(path, found)
    return tuple(entry for entry, _ in found)


def find_entry(entries: Iterable[Entry], cell: CellId) -> Entry | None:
    """Return the entry that a cell fits; there is one at most."""
    return next((entry for entry in entries if entry.cells.matches(cell)), None)


@cache
def known_schema() -> dict[str, Any]:
    """Return the published JSON Schema of such files."""
    schema: dict[str, Any] = json.loads((RESOURCES / "schemas" / "known.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def _schema() -> Schema:
    return Schema(known_schema())


def _read(path: Path) -> Table:
    return Table(path, "known regressions", read_toml(path, MAX_BYTES, "a file of known regressions"))


def _place(entries: Mapping[str, Any], problem: Problem) -> str:
    where = problem.path
    if len(where) < 2:
        return "at the top"
    entry = entries["known"][where[1]]
    cells = entry.get("cells") if isinstance(entry, dict) else None
    named = f" ({shorten(cells)})" if isinstance(cells, str) else ""
    key = f", key {'.'.join(map(str, where[2:]))!r}" if where[2:] else ""
    return f"entry {int(where[1]) + 1}{named}{key}"


def _entry(path: Path, index: int, value: Mapping[str, Any], names: Names) -> tuple[Entry, list[Block]]:
    """Return the entry, and the cells that its selector fits."""
    try:
        cells = CellSelector.parse(value["cells"])
        blocks = cells.blocks(names)
    except UsageError as error:
        raise UsageError(
            f"{path}, entry {index} ({shorten(value['cells'])}): {error} Correct the selector, or remove the entry."
        ) from error
    checks = {name: (words,) if isinstance(words, str) else tuple(words) for name, words in value["checks"].items()}
    affected = {
        name: tuple(limit) if isinstance(limit, list) else int(limit)
        for name, limit in value.get("affected", {}).items()
    }
    for name in affected:
        if name not in checks:
            raise UsageError(
                f"{path}, entry {index} ({shorten(value['cells'])}), key 'affected': {name!r} is not one of the entry's"
                f" checks.{nearest(name, checks)} Name it in `checks` too, or remove it here."
            )
    rest = {name: value[name] for name in ("reason", "remedy", "source")}
    return Entry(cells=cells, checks=checks, affected=affected, **rest), blocks


def _refuse_contradictions(path: Path, found: Iterable[tuple[Entry, list[Block]]]) -> None:
    for (first, (one, some)), (second, (other, others)) in combinations(enumerate(found, 1), 2):
        if overlap(some, others):
            raise UsageError(
                f"{path}: entries {first} ({shorten(one.cells.text)}) and {second} ({shorten(other.cells.text)})"
                " select the same cell. Narrow one of the selectors."
            )
