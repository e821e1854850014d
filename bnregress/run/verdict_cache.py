"""The cache of verdicts: what was decided once by the same lock, interpreter, suite, device and options is kept.

An entry is a file that is named by the hash of all that a verdict depends on, and holds the suite's own record. It is
written whole or not at all, so that runs may share the cache, and is checked when it is read: one that is damaged is
dropped, and the cell runs again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.machine.local_environment import is_local
from bnregress.planning.plan import Plan, PlannedRelease
from bnregress.run.records import MAX_BYTES, GarbledError, read_object, verdict_of
from bnregress.suite import jsonfile, status

#: What is kept. An error says more of the machine than of the release, and is tried again.
KEPT = (status.PASS, status.REGRESS, status.INCONCLUSIVE, status.NOT_APPLICABLE)

#: A file that is being written is not as old as this, in seconds.
STALE = 3600.0

_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class CachedVerdict:
    """A record as the suite wrote it, and what its environment said of itself, where it did.

    `again` is the record of a second trial, where the verdict was one that has to show again.
    """

    record: dict[str, Any]
    facts: dict[str, Any] | None
    again: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a cache holds; `damaged` are entries that no run would use."""

    entries: int
    size: int
    damaged: int


class VerdictCache:
    """Entries below a folder, which need not exist."""

    def __init__(self, cache: Path) -> None:
        """Use the verdicts below bnregress's cache folder."""
        self.root = cache / "verdicts"

    def load(self, key: dict[str, Any], cell: CellId) -> CachedVerdict | None:
        """Return the entry; None where there is none.

        Raises:
            GarbledError: it was damaged, and is now removed.
        """
        path = self._path(key)
        try:
            entry = _checked(path, key, cell)
        except GarbledError:
            path.unlink(missing_ok=True)
            raise
        if entry is not None:
            # What is in use counts as new when the cache is pruned.
            with contextlib.suppress(OSError):
                os.utime(path)
        return entry

    def has(self, key: dict[str, Any]) -> bool:
        """Whether there is such an entry, damaged or not."""
        return self._path(key).exists()

    def store(self, key: dict[str, Any], entry: CachedVerdict) -> None:
        """Write an entry, or replace it.

        Raises:
            OSError: it cannot be written; whatever was there before it still is.
        """
        body = jsonfile.plain({"key": key, "record": entry.record, "facts": entry.facts, "again": entry.again})
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        jsonfile.write_json(path, {"sha256": _sha256(body), "body": body})

    def contents(self) -> Contents:
        """Read every entry and say what there is."""
        files = list(self._files())
        damaged = sum(not _is_sound(path) for path in files)
        return Contents(entries=len(files), size=sum(path.stat().st_size for path in files), damaged=damaged)

    def prune(self, unused_for: float) -> int:
        """Remove entries that were not used for so many seconds, damaged ones and leftovers; return how many."""
        now, removed = time.time(), 0
        for path in self._files():
            if now - path.stat().st_mtime >= unused_for or not _is_sound(path):
                path.unlink(missing_ok=True)
                removed += 1
        for path in self.root.glob("*/.*.tmp"):
            if now - path.stat().st_mtime >= STALE:
                path.unlink(missing_ok=True)
        return removed

    def _path(self, key: dict[str, Any]) -> Path:
        name = _sha256(key)
        return self.root / name[:2] / f"{name}.json"

    def _files(self) -> Iterator[Path]:
        return (path for path in self.root.glob("*/*.json") if path.is_file() and not path.name.startswith("."))


def key_of(plan: Plan, planned: PlannedRelease, cell: CellId) -> dict[str, Any] | None:
    """Return all that the verdict on a cell depends on; None if that is not known, as without an interpreter."""
    if planned.interpreter is None or not planned.lock_sha256 or is_local(planned.id):
        # A person's environment may be anything that a hash of its packages does not tell.
        return None
    if "=" in cell.path:
        # As in h5-from=RELEASE: it depends on another release's lock and interpreter too.
        return None
    # Whatever else the plan's hash is made from bears on verdicts, options that are still to come among it.
    shared = {name: value for name, value in plan.ingredients.items() if name not in ("cells", "locks", "devices")}
    shared["device"] = planned.device
    if planned.placement.kind:
        shared["gpu"] = planned.placement.kind
    if plan.finetune:
        # The rate of false alarms is shared out among the cells of a run.
        shared["cells"] = len((plan.whole or plan).cells)
    return {
        **shared,
        "format": _FORMAT,
        "cell": str(cell),
        "lock": planned.lock_sha256,
        "python": planned.interpreter.version,
        "machine": [platform.system(), platform.machine()],
    }


def _checked(path: Path, key: dict[str, Any], cell: CellId) -> CachedVerdict | None:
    body = _body(path)
    if body is None:
        return None
    if body.get("key") != key:
        raise GarbledError(f"{path.name} is about something else")
    record, facts, again = body.get("record"), body.get("facts"), body.get("again")
    if not isinstance(record, dict) or not all(isinstance(each, dict | None) for each in (facts, again)):
        raise GarbledError(f"{path.name} has no record")
    if any(verdict_of(cell, each).status not in KEPT for each in (record, again) if each is not None):
        raise GarbledError(f"{path.name} is not a verdict that is kept")
    return CachedVerdict(record=record, facts=facts, again=again)


def _body(path: Path) -> dict[str, Any] | None:
    value = read_object(path)
    if value is None:
        return None
    body = value.get("body")
    if not isinstance(body, dict) or value.get("sha256") != _sha256(body):
        raise GarbledError(f"{path.name} is not what was written")
    return body


def _is_sound(path: Path) -> bool:
    try:
        return _body(path) is not None
    except GarbledError:
        return False


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def is_kept(record: dict[str, Any], cell: CellId) -> bool:
    """Whether a record, as the suite wrote it, belongs into the cache."""
    try:
        return not record.get("cached") and verdict_of(cell, record).status in KEPT and _fits(record)
    except GarbledError:
        return False


def _fits(record: dict[str, Any]) -> bool:
    return len(json.dumps(record)) < MAX_BYTES // 2
