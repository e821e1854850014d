"""A run, from the options to results.json, as a row of small steps."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from bnregress.cells.identifiers import CellId
from bnregress.datasets import store
from bnregress.errors import FatalError, UsageError
from bnregress.machine.fetching import FetchError, Interpreters
from bnregress.machine.interpreters import Interpreter
from bnregress.machine.locations import cache_dir, environments_dir
from bnregress.machine.memory import available_bytes
from bnregress.planning.packing import take_shard
from bnregress.planning.plan import Plan, PlannedRelease, make_plan, on_another_python
from bnregress.releases.crossing import Crossing
from bnregress.results.file import clear, write_results
from bnregress.results.model import Host, Results
from bnregress.run import confirming, disk, resolving, resume
from bnregress.run.beginning import began, identified
from bnregress.run.collect import collect_cells, release_result
from bnregress.run.environment_variables import installing_variables
from bnregress.run.environments import end_leftovers, environment_path
from bnregress.run.events import (
    CellsConfirmed,
    DataPrepared,
    EnvironmentRemoved,
    Event,
    InterpreterFetched,
    Progress,
    RunStarted,
    silent,
)
from bnregress.run.fixtures import Fixtures
from bnregress.run.gpu_session import most_side_by_side
from bnregress.run.options import RunOptions, Surroundings
from bnregress.run.release import ReleaseRun, RunSetting, load_attempts
from bnregress.run.reuse import Reuse
from bnregress.run.rundir import RunDir, read_json, write_json
from bnregress.run.signals import signals_ignored, termination_interrupts
from bnregress.run.verdict_cache import VerdictCache

#: Memory that a worker process is given room for; measured peak 1.5 GiB.
WORKER_BYTES = 2 * 2**30

#: Seconds to wait for a folder: a child that a killed run was just starting holds its lock for a moment more.
CLAIM = 2.0


class Measured(NamedTuple):
    """What a run measured, not yet compared with what is known, and whether it was interrupted before its end.

    `planned` is every cell of the whole plan in its order, of which a shard has a part.
    """

    results: Results
    interrupted: bool
    planned: tuple[CellId, ...] = ()


class _Run:
    """State of one run between its steps."""

    plan: Plan
    reuse: Reuse
    suite: Path
    asked: Mapping[str, Any]
    setting: RunSetting
    pending: tuple[PlannedRelease, ...]
    side_by_side: int
    started: str
    identity: str
    interpreters: Interpreters
    results: Results

    def __init__(self, options: RunOptions, progress: Progress, surroundings: Surroundings, stack: ExitStack) -> None:
        self.options = options
        self.surroundings = surroundings
        self.stack = stack
        self.directory = RunDir(options.out.absolute() / "run")
        self.stop = threading.Event()
        self._progress = progress
        self._telling = threading.Lock()

    def tell(self, event: Event) -> None:
        with self._telling:
            self._progress(event)
        if isinstance(event, CellsConfirmed):
            self.reuse.keep(event.cells, replace=True)

    def reuse_of(self, plan: Plan) -> Reuse:
        anew = self.options.search.asks_anew
        return Reuse(VerdictCache(cache_dir()), plan, self.directory, self.tell, passed_over=anew)


def run(options: RunOptions, progress: Progress = silent, surroundings: Surroundings | None = None) -> Measured:
    """Run the selected cells, and write what was measured to results.json in `options.out`.

    Ctrl-C and SIGTERM end every child, and leave a valid results.json that says it is not complete.
    The results are not judged: they have no drift, and every regression counts as new until a command
    has assessed them, see `bnregress.judging.assessment`.

    Args:
        options: what to run, and how.
        progress: told what happens; see `bnregress.run.events`.
        surroundings: the catalog and the rest; default: bnregress's own.

    Returns:
        The results, and whether the run was interrupted.

    Raises:
        UsageError: an option is wrong, another run works in the same folder, or there is nothing to resume.
        NothingToDoError: the plan is empty.
        KeyboardInterrupt: interrupted before there was anything to report.
    """
    with ExitStack() as stack, termination_interrupts():
        state = _Run(options, progress, surroundings or Surroundings(), stack)
        for step in (
            _make_plan,
            _claim_directory,
            _prepare_directory,
            _stage_suite,
            _reuse,
            _fetch_interpreters,
            _prepare_data,
            _prepare_setting,
        ):
            step(state)
        interrupted = _run_releases(state)
        for step in (_keep, _collect, _write):
            step(state)
    return Measured(state.results, interrupted, (state.plan.whole or state.plan).cells)


def default_jobs() -> int:
    """Return processes for deciding cells: one for each processor that we may use and for each 2 GiB of free memory."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(processors, available_bytes() // WORKER_BYTES))


def _make_plan(state: _Run) -> None:
    options, outside = state.options, state.surroundings
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs {options.jobs} is not a number of processes. Give 1 or more, or leave --jobs out.")
    state.interpreters = Interpreters(mode=options.interpreters, offline=options.offline)
    state.surroundings = resolving.sources(options, outside)
    resolve = resolving.resolver(offline=options.offline, fetch=state.interpreters.fetch)
    state.plan = make_plan(options, state.surroundings, resolve=resolve)
    if options.shard is not None:
        state.plan = take_shard(state.plan, options.shard)
    state.reuse = state.reuse_of(state.plan)


def _claim_directory(state: _Run) -> None:
    out = state.options.out.absolute()
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / ".bnregress.lock")
        if Path(lock.lock_file).is_symlink():
            raise UsageError(f"{lock.lock_file} is a link, and is not followed. Remove it, or choose another --out.")
        state.stack.enter_context(lock.acquire(timeout=CLAIM))
    except Timeout:
        raise UsageError(f"Another run is using {out}. Wait for it, or choose another folder with --out.") from None
    except OSError as error:
        raise UsageError(f"{out} cannot be written to: {error.strerror}. Choose another folder with --out.") from error


def _prepare_directory(state: _Run) -> None:
    root = state.directory.root
    if root.is_symlink():
        raise UsageError(f"{root} is a link, and is not followed. Remove it, or choose another folder with --out.")
    end_leftovers(environments_dir(), str(root.parent))
    if state.options.resume:
        state.plan = resume.prepare(state.plan, state.directory, state.surroundings.find)
        state.reuse = state.reuse_of(state.plan)
    elif root.exists():
        if any(root.iterdir()) and not state.directory.plan.exists():
            raise UsageError(f"{root} is not a folder that bnregress made. Move it away, or choose another with --out.")
        _keep_of_earlier_run(state)
        shutil.rmtree(root)
    root.mkdir(exist_ok=True)
    write_json(state.directory.plan, state.plan.to_json())
    state.started = began(state.directory)
    state.identity = identified(state.directory, state.options.run_id, os.environ)
    # Whatever breaks off from here on, no results of an earlier run stand for those of this one.
    clear(state.options.out.absolute())


def _stage_suite(state: _Run) -> None:
    state.suite, sha256 = state.surroundings.stage(cache_dir())
    if sha256 != state.plan.suite_sha256:
        raise FatalError("The suite's files changed while the run was starting. Start it again.")


def _reuse(state: _Run) -> None:
    if not state.options.fresh:
        state.reuse.restore()


def _keep(state: _Run) -> None:
    """Keep what was decided and not told of, as at the moment of an interrupt."""
    confirming.settle_earlier(state.directory, state.plan)
    state.reuse.keep(state.plan.cells, replace=False)


def _keep_of_earlier_run(state: _Run) -> None:
    """Keep what a run had decided that was killed and is not resumed."""
    try:
        earlier = Plan.from_json(read_json(state.directory.plan))
    except (OSError, ValueError, KeyError, TypeError, UsageError):
        return
    confirming.settle_earlier(state.directory, earlier)
    state.reuse_of(earlier).keep(earlier.cells, replace=False)


def _fetch_interpreters(state: _Run) -> None:
    """Fetch what the plan needs and the machine lacks.

    A release whose interpreter cannot be had runs on another Python that is here, else it is unavailable. So is one in
    a shard, for all shards are of one plan, and in a run that is resumed, for what it decided was on its own.
    """
    failed: dict[str, FetchError] = {}
    lacking = {
        planned.interpreter.version: planned.interpreter
        for planned in state.plan.available
        if planned.interpreter and planned.interpreter.download and _undecided(state, planned)
    }
    for version, interpreter in lacking.items():
        if (error := _fetch(state, interpreter)) is not None:
            failed[version] = error
    if failed:
        releases = tuple(_without(state, planned, failed) for planned in state.plan.releases)
        state.plan = replace(state.plan, releases=releases)
        write_json(state.directory.plan, state.plan.to_json())
        state.reuse = state.reuse_of(state.plan)
        _reuse(state)


def _fetch(state: _Run, interpreter: Interpreter) -> FetchError | None:
    """Fetch one interpreter, unless it is there already; return why not if that failed."""
    try:
        state.interpreters.fetch(interpreter, lambda doing: state.tell(InterpreterFetched(doing=doing)))
    except FetchError as error:
        state.tell(InterpreterFetched(doing=str(error)))
        return error
    return None


def _finder(state: _Run) -> Callable[[str], Interpreter | None]:
    """Return what finds the interpreters of releases that only save a model; one that cannot be fetched is none."""

    def find(python: str) -> Interpreter | None:
        found = state.surroundings.find(python)
        return found if found and _fetch(state, found) is None else None

    return find


def _without(state: _Run, planned: PlannedRelease, failed: Mapping[str, FetchError]) -> PlannedRelease:
    error = failed.get(planned.interpreter.version) if planned.interpreter else None
    if error is None or planned.unavailable is not None:
        return planned
    whole = state.options.shard is None and not state.options.resume
    if whole and (other := on_another_python(planned, state.surroundings.find)) is not None:
        # What the cache had was decided on its own Python.
        shutil.rmtree(state.directory.records(planned.id), ignore_errors=True)
        return other
    return replace(planned, interpreter=None, unavailable=str(error), remedy=error.remedy)


def _prepare_data(state: _Run) -> None:
    """Make the arrays of fine-tune runs, once for all releases, and say what the suite is to do."""
    state.asked = {}
    finetune = state.plan.finetune
    if finetune is None or not any(_undecided(state, planned) for planned in state.plan.available):
        return

    def say(doing: str) -> None:
        state.tell(DataPrepared(doing=doing))

    prepared = store.prepare(
        finetune.data,
        cache_dir(),
        offline=state.options.offline,
        say=say,
        env=installing_variables(os.environ, marker="", offline=state.options.offline),
    )
    recipe = finetune.recipe(prepared, offline=state.options.offline, say=say)
    request = finetune.request(prepared, len((state.plan.whole or state.plan).cells), recipe)
    state.asked = {"suite": state.plan.suite, "finetune": request}


def _prepare_setting(state: _Run) -> None:
    jobs = state.options.jobs or default_jobs()
    pending = tuple(cell for planned in state.plan.available for cell in _undecided(state, planned))
    state.pending = tuple(planned for planned in state.plan.available if not set(planned.cells).isdisjoint(pending))
    budget = state.options.disk_budget
    side_by_side = max(1, min(jobs, most_side_by_side(state.pending), disk.side_by_side(budget)))
    root = environments_dir()
    state.setting = RunSetting(
        plan=state.plan,
        run=state.directory,
        suite=state.suite,
        asked=state.asked,
        workers=max(1, jobs // side_by_side),
        budgets=state.options.budgets,
        offline=state.options.offline,
        space=disk.Space(
            root,
            budget,
            [environment_path(root, planned.id, planned.device) for planned in state.plan.available],
            lambda removed: state.tell(EnvironmentRemoved(name=removed.path.name, freed=removed.size)),
        ),
        search=state.options.search,
        tell=state.tell,
        stop=state.stop,
    )
    if any(Crossing.of(cell.path) for cell in pending):
        fixtures = Fixtures(state.setting, state.surroundings.catalog, _finder(state), cache_dir())
        state.setting = replace(state.setting, fixtures=fixtures.prepare(pending))
    state.tell(RunStarted(plan=state.plan, pending=pending, side_by_side=side_by_side, workers=state.setting.workers))
    state.side_by_side = side_by_side


def _undecided(state: _Run, planned: PlannedRelease) -> list[CellId]:
    records = state.directory.records(planned.id)
    return collect_cells(planned, records, (), device=planned.device, finished=False)[1]


def _run_releases(state: _Run) -> bool:
    """Run the available releases that have cells to decide; whether the user interrupted."""
    with ThreadPoolExecutor(max_workers=state.side_by_side, thread_name_prefix="release") as pool:
        try:
            futures = [pool.submit(ReleaseRun(planned, state.setting)) for planned in state.pending]
            unfinished = set(futures)
            while unfinished:
                finished, unfinished = wait(unfinished, timeout=1, return_when=FIRST_EXCEPTION)
                for future in finished:
                    future.result()
        except BaseException as error:
            # Whatever it is, no child may outlive us; a second Ctrl-C must not prevent that.
            state.stop.set()
            with signals_ignored():
                pool.shutdown(wait=True, cancel_futures=True)
            if not isinstance(error, KeyboardInterrupt):
                raise
            return True
    return False


def _collect(state: _Run) -> None:
    cells, undecided = [], []
    for planned in state.plan.releases:
        decided, rest = collect_cells(
            planned,
            state.directory.records(planned.id),
            load_attempts(state.directory, planned.id),
            device=planned.device,
            finished=not state.stop.is_set(),
        )
        cells += decided
        undecided += rest
    state.results = Results(
        plan=state.plan.hash,
        complete=not undecided,
        host=Host.here(),
        releases={
            planned.id: release_result(planned, state.directory.records(planned.id)) for planned in state.plan.releases
        },
        cells=tuple(cells),
        undecided=tuple(undecided),
        shard=state.plan.shard,
        places=_places(state.plan),
        run=state.identity,
        asked={**state.plan.asked, "devices": {planned.id: planned.device for planned in state.plan.releases}},
        started=state.started,
    )


def _places(plan: Plan) -> dict[CellId, int] | None:
    """Where the cells of a shard stand in the whole plan."""
    if plan.whole is None:
        return None
    own = set(plan.cells)
    return {cell: place for place, cell in enumerate(plan.whole.cells) if cell in own}


def _write(state: _Run) -> None:
    write_results(state.results, state.options.out.absolute() / "results.json")
