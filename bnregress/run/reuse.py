"""Takes verdicts out of the cache before a run, and keeps in it what the run decides."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.planning.plan import Plan, PlannedRelease
from bnregress.run.collect import collect_cells
from bnregress.run.events import CacheTrouble, CellsReused, Event
from bnregress.run.records import GarbledError, read_object
from bnregress.run.rundir import RunDir
from bnregress.run.trials import ONCE, Trials, collect_trials
from bnregress.run.verdict_cache import CachedVerdict, VerdictCache, is_kept, key_of
from bnregress.suite import jsonfile
from bnregress.suite.record_files import RecordPaths


class Reuse:
    """The cache as one run uses it. Nothing that is wrong with the cache ends a run: its cells then run.

    Args:
        cache: the verdicts.
        plan: what is run.
        run: where its records are.
        tell: takes events.
        trials: how often cells are run; a regression that must show again is kept if it did, with both records.
        passed_over: cells that are neither taken out of the cache nor kept in it.
    """

    def __init__(
        self,
        cache: VerdictCache,
        plan: Plan,
        run: RunDir,
        tell: Callable[[Event], None],
        trials: Trials = ONCE,
        passed_over: Callable[[CellId], bool] = lambda _cell: False,
    ) -> None:
        self._cache = cache
        self._plan = plan
        self._run = run
        self._tell = tell
        self._trials = trials
        self._passed_over = passed_over
        self._usable = True

    def restore(self) -> None:
        """Write the records of cells that are in the cache, as if they had been decided."""
        reused = 0
        for planned in self._plan.available:
            records = self._run.records(planned.id)
            _, undecided = collect_cells(planned, records, (), device=planned.device, finished=False)
            reused += sum(self._restored(planned, cell) for cell in undecided)
        if reused:
            self._tell(CellsReused(number=reused))

    def keep(self, cells: Iterable[CellId], *, replace: bool) -> None:
        """Put what was decided about the cells into the cache; entries that are there stay unless `replace`."""
        try:
            for cell in cells if self._usable else ():
                self._keep(self._plan.release(cell.release), cell, replace=replace)
        except OSError as error:
            self._usable = False
            self._tell(CacheTrouble(message=f"verdicts are not kept for later runs: {error}"))

    def _key(self, planned: PlannedRelease, cell: CellId) -> dict[str, Any] | None:
        return None if self._passed_over(cell) else key_of(self._plan, planned, cell)

    def _restored(self, planned: PlannedRelease, cell: CellId) -> bool:
        key = self._key(planned, cell)
        try:
            entry = self._cache.load(key, cell) if key else None
        except GarbledError as error:
            self._tell(CacheTrouble(message=f"{cell} runs again: its cached verdict is damaged: {error}"))
            return False
        except OSError as error:
            self._tell(CacheTrouble(message=f"{cell} runs again: its cached verdict cannot be read: {error}"))
            return False
        if entry is None:
            return False
        paths = RecordPaths(self._run.records(planned.id))
        paths.root.mkdir(parents=True, exist_ok=True)
        if entry.facts is not None:
            jsonfile.create_json(paths.facts, entry.facts)
        if entry.again is not None:
            again = RecordPaths(self._run.records(planned.id, 2))
            again.root.mkdir(parents=True, exist_ok=True)
            jsonfile.create_json(again.record(cell.subject), entry.again | {"cached": True})
        return jsonfile.create_json(paths.record(cell.subject), entry.record | {"cached": True})

    def _keep(self, planned: PlannedRelease, cell: CellId, *, replace: bool) -> None:
        key = self._key(planned, cell)
        if key is None or (not replace and self._cache.has(key)):
            return
        results, _ = collect_trials(
            dataclasses.replace(planned, cells=(cell,)), self._run, (), self._trials, finished=False
        )
        if not results or (results[0].trials and {*results[0].trials} != {results[0].status}):
            # A trial is still to come, or they disagree: the next run is to find out by itself.
            return
        paths, again = (RecordPaths(self._run.records(planned.id, trial)) for trial in (1, 2))
        try:
            record, facts = read_object(paths.record(cell.subject)), read_object(paths.facts)
            second = read_object(again.record(cell.subject))
        except GarbledError:
            return
        if record is None or not (is_kept(record, cell) or (record.get("cached") and second)):
            return
        self._cache.store(key, CachedVerdict(record=_own(record), facts=facts, again=second and _own(second)))


def _own(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the suite wrote it."""
    return {name: value for name, value in record.items() if name != "cached"}
