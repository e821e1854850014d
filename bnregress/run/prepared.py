"""What a run has prepared before its releases start: interpreters, data, models of other releases, and its plan."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.datasets import store
from bnregress.errors import FatalError
from bnregress.machine.fetching import FetchError
from bnregress.machine.interpreters import Interpreter
from bnregress.machine.locations import cache_dir, environments_dir
from bnregress.planning.plan import Plan, PlannedRelease, most_side_by_side, on_another_python
from bnregress.releases.crossing import Crossing
from bnregress.run import confirming, disk, folder
from bnregress.run.environment_variables import installing_variables
from bnregress.run.environments import place_of
from bnregress.run.events import (
    CellsConfirmed,
    DataPrepared,
    EnvironmentRemoved,
    Event,
    InterpreterFetched,
    RunStarted,
)
from bnregress.run.fixtures import Fixtures
from bnregress.run.options import default_jobs
from bnregress.run.release import RunSetting
from bnregress.run.requested import Requested
from bnregress.run.reuse import Reuse
from bnregress.run.rundir import write_json
from bnregress.run.trials import collect_trials

Tell = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A run whose releases can start.

    Attributes:
        setting: what the releases have in common; its plan says which interpreters could not be had.
        pending: the releases with cells to decide.
        side_by_side: how many of them run at once.
        started: when the run began; going on with it does not change that.
        identity: which run it is.
        reuse: the cache of verdicts.
    """

    setting: RunSetting
    pending: tuple[PlannedRelease, ...]
    side_by_side: int
    started: str
    identity: str
    reuse: Reuse

    def keep(self) -> None:
        """Keep what was decided and not told of, as at the moment of an interrupt."""
        confirming.settle_earlier(self.setting.run, self.setting.plan)
        self.reuse.keep(self.setting.plan.cells, replace=False)


def prepare(requested: Requested, tell: Tell) -> Prepared:
    """Do all that comes before the releases, in the folder of the run, which must be claimed.

    Raises:
        UsageError: see `bnregress.run.folder.begin`; or data or weights cannot be used.
        FatalError: the suite changed meanwhile, or data cannot be had.
    """
    options = requested.options
    begun = folder.begin(requested, tell)
    requested = replace(requested, plan=begun.plan)
    suite, sha256 = requested.surroundings.stage(cache_dir())
    if sha256 != requested.plan.suite_sha256:
        raise FatalError("The suite's files changed while the run was starting. Start it again.")
    reuse = _restored(requested, begun.plan, tell)
    plan = _with_interpreters(requested, tell)
    if plan is not begun.plan:
        reuse = _restored(requested, plan, tell)
    undecided = {planned.id: _undecided(requested, planned) for planned in plan.available}
    request = _request_to_suite(requested, plan, tell) if any(undecided.values()) else {}
    pending = tuple(planned for planned in plan.available if undecided[planned.id])
    jobs = options.jobs or default_jobs()
    side_by_side = max(1, min(jobs, most_side_by_side(pending), disk.side_by_side(options.disk_budget)))
    setting = RunSetting(
        plan=plan,
        run=requested.directory,
        suite=suite,
        request=request,
        workers=max(1, jobs // side_by_side),
        budgets=options.budgets,
        offline=options.offline,
        space=_space(requested, plan, tell),
        search=options.search,
        tell=_keeping(reuse, tell),
        stop=threading.Event(),
        trials=options.trials,
    )
    cells = tuple(cell for of_release in undecided.values() for cell in of_release)
    if any(Crossing.of(cell.path) for cell in cells):
        fixtures = Fixtures(setting, requested.surroundings.catalog, _finder(requested, tell), cache_dir())
        setting = replace(setting, fixtures=fixtures.prepare(cells))
    tell(RunStarted(plan=plan, pending=cells, side_by_side=side_by_side, workers=setting.workers))
    return Prepared(
        setting=setting,
        pending=pending,
        side_by_side=side_by_side,
        started=begun.started,
        identity=begun.identity,
        reuse=reuse,
    )


def _restored(requested: Requested, plan: Plan, tell: Tell) -> Reuse:
    """Return the cache of verdicts, those of the plan's cells taken out of it."""
    reuse = requested.reuse(plan, tell)
    # Of a rate that is measured, what was decided before would be a part that nobody measured.
    if not requested.options.fresh and requested.options.trials.times == 1:
        reuse.restore()
    return reuse


def _undecided(requested: Requested, planned: PlannedRelease) -> list[CellId]:
    return collect_trials(planned, requested.directory, (), requested.options.trials, finished=False)[1]


def _keeping(reuse: Reuse, tell: Tell) -> Tell:
    """Return what tells of events and keeps the verdicts that are confirmed."""

    def told(event: Event) -> None:
        tell(event)
        if isinstance(event, CellsConfirmed):
            reuse.keep(event.cells, replace=True)

    return told


def _with_interpreters(requested: Requested, tell: Tell) -> Plan:
    """Fetch what the plan needs and the machine lacks.

    A release whose interpreter cannot be had runs on another Python that is here, else it is unavailable. So is one in
    a shard, for all shards are of one plan, and in a run that is resumed, for what it decided was on its own.
    """
    plan = requested.plan
    lacking = {
        planned.interpreter.version: planned.interpreter
        for planned in plan.available
        if planned.interpreter and planned.interpreter.download and _undecided(requested, planned)
    }
    tried = {version: _fetch(requested, interpreter, tell) for version, interpreter in lacking.items()}
    failed = {version: error for version, error in tried.items() if error is not None}
    if not failed:
        return plan
    plan = replace(plan, releases=tuple(_without(requested, planned, failed) for planned in plan.releases))
    write_json(requested.directory.plan, plan.to_json())
    return plan


def _fetch(requested: Requested, interpreter: Interpreter, tell: Tell) -> FetchError | None:
    """Fetch one interpreter, unless it is there already; return why not if that failed."""
    try:
        requested.interpreters.fetch(interpreter, lambda doing: tell(InterpreterFetched(doing=doing)))
    except FetchError as error:
        tell(InterpreterFetched(doing=str(error)))
        return error
    return None


def _without(requested: Requested, planned: PlannedRelease, failed: Mapping[str, FetchError]) -> PlannedRelease:
    error = failed.get(planned.interpreter.version) if planned.interpreter else None
    if error is None or planned.unavailable is not None:
        return planned
    whole = requested.options.shard is None and not requested.options.resume
    if whole and (other := on_another_python(planned, requested.surroundings.find)) is not None:
        # What the cache had was decided on its own Python.
        for trial in requested.directory.trials(planned.id):
            shutil.rmtree(requested.directory.records(planned.id, trial), ignore_errors=True)
        return other
    return replace(planned, interpreter=None, unavailable=str(error), remedy=error.remedy)


def _finder(requested: Requested, tell: Tell) -> Callable[[str], Interpreter | None]:
    """Return what finds the interpreters of releases that only save a model; one that cannot be fetched is none."""

    def find(python: str) -> Interpreter | None:
        found = requested.surroundings.find(python)
        return found if found and _fetch(requested, found, tell) is None else None

    return find


def _request_to_suite(requested: Requested, plan: Plan, tell: Tell) -> Mapping[str, Any]:
    """Make the arrays of fine-tune runs, once for all releases, and return what the suite is to do with them."""
    finetune, offline = plan.finetune, requested.options.offline
    if finetune is None:
        return {}

    def say(doing: str) -> None:
        tell(DataPrepared(doing=doing))

    variables = installing_variables(os.environ, marker="", offline=offline)
    arrays = store.prepare(finetune.data, cache_dir(), offline=offline, say=say, env=variables)
    recipe = finetune.recipe(arrays, offline=offline, say=say)
    return {"suite": plan.suite, "finetune": finetune.request(arrays, len((plan.whole or plan).cells), recipe)}


def _space(requested: Requested, plan: Plan, tell: Tell) -> disk.Space:
    root = environments_dir()
    return disk.Space(
        root,
        requested.options.disk_budget,
        [place_of(root, planned) for planned in plan.available],
        lambda removed: tell(EnvironmentRemoved(name=removed.path.name, freed=removed.size)),
    )
