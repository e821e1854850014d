"""The engine of a run: what is asked for is prepared, measured, collected, and written down."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import NamedTuple

from bnregress.cells.identifiers import CellId
from bnregress.planning.plan import Plan
from bnregress.results.file import RESULTS_FILE, write_results
from bnregress.results.model import Host, Results
from bnregress.run.collect import release_result
from bnregress.run.events import Progress, one_at_a_time, silent
from bnregress.run.folder import claimed
from bnregress.run.options import RunOptions, Surroundings
from bnregress.run.prepared import Prepared, prepare
from bnregress.run.release import ReleaseRun, load_attempts
from bnregress.run.requested import Requested
from bnregress.run.signals import signals_ignored, termination_interrupts
from bnregress.run.trials import collect_trials


class Measured(NamedTuple):
    """What a run measured, not yet compared with what is known, and whether it was interrupted before its end.

    `planned` is every cell of the whole plan in its order, of which a shard has a part.
    """

    results: Results
    interrupted: bool
    planned: tuple[CellId, ...] = ()


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
    with termination_interrupts():
        requested = Requested.of(options, surroundings or Surroundings())
        with claimed(requested.out):
            prepared = prepare(requested, one_at_a_time(progress))
            interrupted = _run_releases(prepared)
            prepared.keep()
            results = _collect(prepared)
            write_results(results, requested.out / RESULTS_FILE)
    plan = prepared.setting.plan
    return Measured(results, interrupted, (plan.whole or plan).cells)


def _run_releases(prepared: Prepared) -> bool:
    """Run the available releases that have cells to decide; whether the user interrupted."""
    setting = prepared.setting
    with ThreadPoolExecutor(max_workers=prepared.side_by_side, thread_name_prefix="release") as pool:
        try:
            futures = [pool.submit(ReleaseRun(planned, setting)) for planned in prepared.pending]
            unfinished = set(futures)
            while unfinished:
                finished, unfinished = wait(unfinished, timeout=1, return_when=FIRST_EXCEPTION)
                for future in finished:
                    future.result()
        except BaseException as error:
            # Whatever it is, no child may outlive us; a second Ctrl-C must not prevent that.
            setting.stop.set()
            with signals_ignored():
                pool.shutdown(wait=True, cancel_futures=True)
            if not isinstance(error, KeyboardInterrupt):
                raise
            return True
    return False


def _collect(prepared: Prepared) -> Results:
    """Return a result of every cell that was decided, and the ids of the others."""
    plan, directory = prepared.setting.plan, prepared.setting.run
    cells, undecided = [], []
    for planned in plan.releases:
        decided, rest = collect_trials(
            planned,
            directory,
            load_attempts(directory, planned.id),
            prepared.setting.trials,
            finished=not prepared.setting.stop.is_set(),
        )
        cells += decided
        undecided += rest
    return Results(
        plan=plan.hash,
        complete=not undecided,
        host=Host.here(),
        releases={planned.id: release_result(planned, directory.records(planned.id)) for planned in plan.releases},
        cells=tuple(cells),
        undecided=tuple(undecided),
        shard=plan.shard,
        places=_places(plan),
        run=prepared.identity,
        asked={**plan.asked, "devices": {planned.id: planned.device for planned in plan.releases}},
        started=prepared.started,
    )


def _places(plan: Plan) -> dict[CellId, int] | None:
    """Where the cells of a shard stand in the whole plan."""
    if plan.whole is None:
        return None
    own = set(plan.cells)
    return {cell: place for place, cell in enumerate(plan.whole.cells) if cell in own}
