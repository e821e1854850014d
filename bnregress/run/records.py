"""Reads what the suite wrote about a cell, and believes nothing that is not well-formed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.reading.strict import read_bytes
from bnregress.results.model import CheckResult
from bnregress.run.refusals import hold_refusals
from bnregress.suite import status

MAX_BYTES = 32 * 2**20
MAX_DEPTH = 32


class GarbledError(Exception):
    """A file of the records is not what it should be; the message says how."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one cell.

    Attributes:
        cached: the record was taken from the cache of verdicts.
        outcome: `decided`, `lost` (it was started, and its process did not live to write a record) or `not-started`.
    """

    status: str
    kind: str | None = None
    reason: str
    remedy: str | None = None
    checks: tuple[CheckResult, ...] = ()
    seconds: Mapping[str, float] | None = None
    peak_rss_bytes: int | None = None
    cached: bool = False
    outcome: str = "decided"


def read_object(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file; None if there is no file.

    Raises:
        GarbledError: it is not a plain file, too large, or not a JSON object.
    """
    try:
        if path.is_symlink():
            raise GarbledError(f"{path.name} is a link")
        value = json.loads(read_bytes(path, MAX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise GarbledError(f"{path.name} cannot be read: {type(error).__name__}") from error
    if not isinstance(value, dict):
        raise GarbledError(f"{path.name} is not a JSON object")
    return value


def read_verdict(cell: CellId, records: Path) -> Verdict | None:
    """Return what the files say of the cell; None if nothing explains what came of it.

    A record outweighs everything else: it is written once, when the last check is decided.
    """
    try:
        if (record := read_object(records / f"{cell.subject}.json")) is not None:
            return verdict_of(cell, record)
        for name in ("timeout", "lost"):
            if (note := read_object(records / f"{cell.subject}.{name}.json")) is not None:
                return _from_note(note)
    except GarbledError as error:
        return Verdict(status=status.ERROR, kind=status.CRASH, reason=f"The record is garbled: {error}.")
    return None


def verdict_of(cell: CellId, record: dict[str, Any]) -> Verdict:
    """Return what a record says of the cell; GarbledError if it is not well-formed, or about another cell."""
    _demand(record.get("path") == cell.path and record.get("variant") == cell.variant, "it is about another cell")
    word, kind = _status(record), record.get("kind")
    _demand(kind in status.ERROR_KINDS if word == status.ERROR else kind is None, f"kind {kind!r} with status {word!r}")
    checks = record.get("checks")
    _demand(isinstance(checks, list) and all(isinstance(check, dict) for check in checks), "checks")
    results = tuple(_check(check) for check in checks or ())
    words = [check.status for check in results]
    _demand(all(_gravity(word) >= _gravity(each) for each in words), f"{word!r} with a check that is worse")
    _demand(word not in (status.PASS, status.REGRESS) or word in words, f"{word!r} without a check that says so")
    reason, held = _text(record, "reason"), hold_refusals(cell, results)
    if held != results and word == status.INCONCLUSIVE:
        word = status.worst(check.status for check in held)
        reason = next(check.reason for check in held if check.status == word)
    results = held
    return Verdict(
        status=word,
        kind=kind,
        reason=reason,
        remedy=_remedy(record),
        checks=results,
        seconds=_seconds(record.get("seconds")),
        peak_rss_bytes=_bytes(record.get("peak_rss_bytes")),
        cached=record.get("cached") is True,
    )


def _from_note(note: dict[str, Any]) -> Verdict:
    word = note.get("status", status.ERROR)
    _demand(word in (status.ERROR, status.NOT_APPLICABLE, status.UNAVAILABLE), "status")
    _demand(note.get("kind") in status.ERROR_KINDS if word == status.ERROR else note.get("kind") is None, "kind")
    outcome = "lost" if word == status.ERROR else "decided"
    return Verdict(status=word, kind=note["kind"], reason=_text(note, "reason"), remedy=_remedy(note), outcome=outcome)


def _remedy(value: dict[str, Any]) -> str | None:
    remedy = value.get("remedy")
    _demand(remedy is None or isinstance(remedy, str), "remedy")
    return remedy


def _check(value: dict[str, Any]) -> CheckResult:
    evidence, repro = value.get("evidence", {}), value.get("repro")
    _demand(isinstance(evidence, dict), "evidence")
    _demand(repro is None or isinstance(repro, str), "repro")
    return CheckResult(
        name=_text(value, "name"),
        status=_status(value),
        reason=_text(value, "reason"),
        evidence=_plain(evidence),
        repro=repro,
    )


def _status(value: dict[str, Any]) -> str:
    word = value.get("status")
    _demand(isinstance(word, str) and word in status.SEVERITY, f"status {word!r}")
    return str(word)


def _gravity(word: str) -> int:
    return status.SEVERITY.index(word)


def _text(value: dict[str, Any], name: str) -> str:
    text = value.get(name)
    _demand(isinstance(text, str) and bool(text), name)
    return str(text)


def _seconds(value: Any) -> dict[str, float] | None:
    if value is None:
        return None
    _demand(isinstance(value, dict), "seconds")
    parts = {name: value.get(name) for name in ("build", "checks")}
    _demand(all(_is_number(part) and math.isfinite(part) and part >= 0 for part in parts.values()), "seconds")
    return parts


def _bytes(value: Any) -> int | None:
    _demand(value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0), "peak_rss_bytes")
    return None if value is None else int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain(value: Any, depth: int = 0) -> Any:
    """Return the value with what JSON has no number for, NaN and the infinities, as text."""
    _demand(depth < MAX_DEPTH, "nested too deep")
    if isinstance(value, dict):
        return {name: _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _demand(holds: object, problem: str) -> None:
    if not holds:
        raise GarbledError(problem)
