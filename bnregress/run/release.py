"""One release from its environment to its last record: sessions of nox, watched, and begun again where that helps."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.machine import sealing
from bnregress.machine.devices import CPU
from bnregress.machine.gpus import Gpu, free_mib
from bnregress.machine.local_environment import is_local
from bnregress.machine.locations import environments_dir
from bnregress.machine.memory import out_of_memory_kills
from bnregress.planning.plan import Plan, PlannedRelease
from bnregress.results.converting import structure, unstructure
from bnregress.results.model import CellResult
from bnregress.run import confirming, environments, failures, process_groups, searching
from bnregress.run.budgets import Budgets
from bnregress.run.collect import AttemptLog, describe_exit, explain_losses
from bnregress.run.disk import Space
from bnregress.run.environment_variables import handed_on, installing_variables
from bnregress.run.events import (
    CellsConfirmed,
    CellsRunAgain,
    EnvironmentDiscarded,
    EnvironmentWaiting,
    Event,
    GpuWaiting,
    ReleaseFinished,
)
from bnregress.run.gpu_session import held_further, held_gpu, shared, wanted_by, xla_cache
from bnregress.run.records import read_verdict
from bnregress.run.rundir import RunDir, read_json, write_json
from bnregress.run.searching import SearchOptions
from bnregress.run.trials import Trials, collect_trials, lacking, last
from bnregress.run.watchdog import Ending, Watch
from bnregress.suite import status

#: Sessions that a release gets at most, as long as each decides a cell.
MAX_ATTEMPTS = 3

_NOXFILE = Path(__file__).resolve().with_name("noxfile.py")


@dataclass(frozen=True, kw_only=True)
class RunSetting:
    """What all releases of a run have in common.

    Attributes:
        suite: folder that holds the staged suite.
        request: what cells.json says beside the cells; nothing means the properties.
        workers: processes per release.
        space: makes room for environments.
        tell: takes events, from any thread.
        stop: set when the run is interrupted; everything then ends within seconds.
        fixtures: the folder that a cell saves its model to, or that another release saved it to.
        trials: how often cells are run.
    """

    plan: Plan
    run: RunDir
    suite: Path
    request: Mapping[str, Any]
    workers: int
    budgets: Budgets
    offline: bool
    space: Space
    search: SearchOptions
    tell: Callable[[Event], None]
    stop: threading.Event
    fixtures: Mapping[CellId, Path] = field(default_factory=dict)
    trials: Trials = field(default_factory=Trials)


class ReleaseRun:
    """The run of one available release; call it to do it."""

    def __init__(self, planned: PlannedRelease, setting: RunSetting) -> None:
        if planned.interpreter is None:
            raise ValueError(f"{planned.id} is unavailable")
        self._planned = planned
        self._interpreter = planned.interpreter
        self._setting = setting
        self._run = setting.run
        self._marker = uuid.uuid4().hex
        self._log = setting.run.log(planned.id)
        self._trial = 1
        self._attempts = load_attempts(setting.run, planned.id)
        self._gpus: tuple[Gpu, ...] = ()
        self._session_name = environments.session_name(planned.release.base or planned.id, planned.device)

    def __call__(self) -> None:
        """Decide the cells that are not decided yet; returns early, leaving nothing behind, when interrupted."""
        begun, pending = time.monotonic(), self._collected(finished=False)[1]
        try:
            self._hold_and_try()
        except OSError as error:
            reason = f"The release could not be run: {error}."
            self._note(
                pending, status.INFRA, reason, "Free some space or allow writing there, then run again with --resume."
            )
        if not self._setting.stop.is_set():
            cells, _ = self._collected(finished=True)
            statuses = tuple((cell.id, cell.status) for cell in cells if cell.id in pending)
            self._setting.tell(
                ReleaseFinished(release=self._planned.id, seconds=time.monotonic() - begun, statuses=statuses)
            )

    def _hold_and_try(self) -> None:
        environment = environments.place_of(environments_dir(), self._planned)
        holder = {
            "marker": self._marker,
            "pid": os.getpid(),
            "out": str(self._run.root.parent),
            "since": datetime.now().astimezone().isoformat(sep=" ", timespec="seconds"),
        }
        with (
            self._setting.space.used_by_run(environment),
            environments.held(environment, holder, waiting=self._waiting, stopped=self._setting.stop.is_set) as held,
        ):
            if held:
                self._discard_unless_intact(environment)
                if not environment.exists():
                    self._setting.space.make_room(environment)
                gpus, wanted = self._planned.placement.gpus, wanted_by(self._planned, self._setting.plan.releases)
                stopped = self._setting.stop.is_set
                with (
                    held_gpu(gpus, holder, waiting=self._waiting_for_gpu, stopped=stopped) as first,
                    held_further(gpus, first, holder, wanted) as self._gpus,
                ):
                    if self._gpus or self._planned.device == CPU:
                        self._try_each(environment)
                sealing.note_use(environment)
                interrupted = self._setting.stop.is_set()
                if not interrupted and environment.exists() and not sealing.is_sealed(environment):
                    # Half-made, it would only take room from the releases that follow.
                    sealing.discard(environment)

    def _waiting(self, holder: str) -> None:
        self._setting.tell(EnvironmentWaiting(release=self._planned.id, holder=holder))

    def _waiting_for_gpu(self, holder: str) -> None:
        self._setting.tell(GpuWaiting(release=self._planned.id, holder=holder))

    def _discard_unless_intact(self, environment: Path) -> None:
        reason = sealing.reason_to_discard(
            environment, lock_sha256=self._planned.environment_sha256, interpreter=self._interpreter
        )
        if reason:
            self._setting.tell(EnvironmentDiscarded(release=self._planned.id, reason=reason))
            sealing.discard(environment)

    def _try_each(self, environment: Path) -> None:
        """Do the first trial of each cell, then the others that are asked for, or that a regression calls for."""
        self._trial = 1
        self._try(environment)
        while not self._setting.stop.is_set() and self._trial < last(self._planned, self._run, self._setting.trials):
            self._trial += 1
            if again := self._pending():
                self._setting.tell(CellsRunAgain(release=self._planned.id, cells=again, trial=self._trial))
                self._try(environment)

    def _try(self, environment: Path) -> None:
        for _ in range(MAX_ATTEMPTS):
            pending = self._pending()
            if not pending or self._setting.stop.is_set():
                return
            confirming.note(self._run, self._planned.id, pending, self._trial)
            self._attempt(pending)
            if reason := confirming.settle(self._run, self._planned, environment):
                if is_local(self._planned.id):
                    self._give_up(reason)
                    return
                self._make_again(environment, pending, reason)
                continue
            self._setting.tell(CellsConfirmed(cells=pending))
            if len(self._pending()) == len(pending):
                return

    def _give_up(self, reason: str) -> None:
        """Nothing is kept of what was decided in a person's environment that changed meanwhile, in no trial."""
        self._trial = 1
        self._note(
            self._planned.cells,
            status.INFRA,
            f"The environment is not what it was when the run began ({reason}), so no verdict of it counts.",
            "Find what changes it, and run again without --resume.",
        )

    def _make_again(self, environment: Path, cells: tuple[CellId, ...], reason: str) -> None:
        """Discard an environment that was edited while it was in use; nothing decided in it counts."""
        self._setting.tell(EnvironmentDiscarded(release=self._planned.id, reason=f"{reason}, while it was in use"))
        self._note(
            cells,
            status.INFRA,
            f"The environment cannot be trusted ({reason}, while it was in use), so no verdict of it counts.",
            f"Find what writes to {environment}, then run again with --resume.",
        )
        if environment.exists():
            sealing.discard(environment)
        self._setting.space.make_room(environment)

    def _pending(self) -> tuple[CellId, ...]:
        """Cells without a verdict in this trial that no process has begun with."""
        wanted = lacking(self._planned, self._run, self._setting.trials, self._trial)
        return tuple(cell for cell in wanted if not (self._records / f"{cell.subject}.started.json").exists())

    @property
    def _records(self) -> Path:
        return self._run.records(self._planned.id, self._trial)

    def _collected(self, *, finished: bool) -> tuple[list[CellResult], list[CellId]]:
        return collect_trials(self._planned, self._run, self._attempts, self._setting.trials, finished=finished)

    def _attempt(self, cells: tuple[CellId, ...]) -> None:
        self._prepare(cells)
        kills = out_of_memory_kills()
        child = process_groups.start(
            self._command(),
            env=self._session_variables()
            # With `uvx --from . bnregress` the noxfile lies in uv's cache, and there uv refuses to work.
            | {
                "BNREGRESS_RUN": str(self._run.plan),
                "BNREGRESS_RELEASE": self._planned.id,
                "UV_PROJECT": str(self._run.root),
            },
            cwd=self._run.root,
            log=self._log,
        )
        try:
            ending = self._watch(child, cells)
            if ending.by == "interrupt":
                self._explain(cells, while_running=True, out_of_memory=out_of_memory_kills() > kills)
        finally:
            process_groups.end(self._marker)
            child.wait()
        if ending.by != "interrupt":
            session = f"the session that it belonged to {describe_exit(self._exit_code(child))}"
            self._explain(cells, while_running=False, out_of_memory=out_of_memory_kills() > kills, session=session)
        self._note(cells, *self._why_not_started(ending, self._exit_code(child)))

    def _prepare(self, cells: tuple[CellId, ...]) -> None:
        self._records.mkdir(parents=True, exist_ok=True)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{failures.ATTEMPT}{len(self._attempts) + 1} at {len(cells)} cells\n")
        write_json(self._run.phase(self._planned.id), {"phase": "creating"})
        write_json(
            self._run.cells(self._planned.id),
            {"cells": [self._cell_request(cell) for cell in cells], **self._setting.request},
        )
        workers, memory = min(self._setting.workers, len(cells)), 0
        if self._gpus:
            workers, memory = shared(min(free_mib(gpu.uuid) for gpu in self._gpus), workers)
        request = {
            "suite": str(self._setting.suite),
            "environment": str(environments.place_of(environments_dir(), self._planned)),
            "workers": workers,
            "gpus": [gpu.uuid for gpu in self._gpus],
            "gpu_memory": memory,
            "xla": str(xla) if self._gpus and (xla := xla_cache(self._planned)) else None,
            "restarts": len(cells) + self._setting.workers,
            "search": self._search(),
            "trial": self._trial,
        }
        write_json(self._run.session(self._planned.id), request)

    def _search(self) -> dict[str, Any]:
        """How to search: in a further trial from the seed of the first, for other examples would say nothing of it."""
        first = self._run.records(self._planned.id)
        seeds = (searching.figures(cell, read_verdict(cell, first)) for cell in self._planned.cells)
        searched = next(filter(None, seeds), None) if self._trial > 1 else None
        search = self._setting.search if searched is None else replace(self._setting.search, seed=searched["seed"])
        return search.profile(self._planned.id)

    def _cell_request(self, cell: CellId) -> dict[str, str]:
        fixture = self._setting.fixtures.get(cell)
        return {"path": cell.path, "variant": cell.variant} | ({"fixture": str(fixture)} if fixture else {})

    def _command(self) -> list[str]:
        return [
            sys.executable, "-m", "nox", "--noxfile", str(_NOXFILE), "--envdir", str(environments_dir()),
            "--session", self._session_name, "--no-color", "--error-on-missing-interpreters",
        ]  # fmt: skip

    def _session_variables(self) -> dict[str, str]:
        variables = installing_variables(os.environ, marker=self._marker, offline=self._setting.offline)
        return variables if self._planned.release.local is None else variables | handed_on(os.environ)

    def _watch(self, child: subprocess.Popen[bytes], cells: tuple[CellId, ...]) -> Ending:
        return Watch(
            child=child,
            marker=self._marker,
            release=self._planned.id,
            cells=cells,
            records=self._records,
            phase=self._phase,
            budgets=self._setting.budgets,
            tell=self._setting.tell,
            stop=self._setting.stop,
        ).run()

    def _phase(self) -> str:
        return str(read_json(self._run.phase(self._planned.id))["phase"])

    def _exit_code(self, child: subprocess.Popen[bytes]) -> int:
        """Pytest's own where the session lived to note it, else nox's."""
        return int(read_json(self._run.phase(self._planned.id)).get("exitcode", child.returncode))

    def _explain(self, cells: Sequence[CellId], *, while_running: bool, out_of_memory: bool, session: str = "") -> None:
        explain_losses(
            cells,
            self._records,
            while_running=while_running,
            out_of_memory=out_of_memory,
            session=session,
            log=self._log,
        )

    def _why_not_started(self, ending: Ending, code: int) -> tuple[str, str, str | None]:
        """Kind, reason and remedy for the cells that the session did not come to."""
        budgets = self._setting.budgets
        again = "Run again with --resume."
        at = f", at {ending.at}" if ending.at else ""
        if ending.by == "interrupt":
            return status.INFRA, "The run was interrupted.", again
        if ending.by == "install":
            reason = f"Making the environment took longer than {budgets.install:g} s."
            return status.INFRA, reason, f"See {self._log}; check the network and the disk. {again}"
        if self._phase() not in ("testing", "done"):
            return status.INFRA, *failures.explain(self._log, "The environment could not be made")
        if ending.by == "idle":
            reason = f"Nothing happened for {budgets.idle:g} s before the cell started; an import may hang{at}."
            return status.TIMEOUT, reason, f"See {self._log}."
        if ending.by == "cell":
            return status.CRASH, "It was not started before a cell whose process is unknown overran its time.", again
        return status.CRASH, *failures.explain(
            self._log, f"The tests {describe_exit(code)} before the cell was started"
        )

    def _note(self, cells: Sequence[CellId], kind: str, reason: str, remedy: str | None) -> None:
        number, subjects = len(self._attempts) + 1, tuple(cell.subject for cell in cells)
        attempt = AttemptLog(
            number=number, subjects=subjects, kind=kind, reason=reason, remedy=remedy, trial=self._trial
        )
        self._attempts.append(attempt)
        write_json(self._run.attempts(self._planned.id), {"attempts": list(map(unstructure, self._attempts))})


def load_attempts(run: RunDir, release: str) -> list[AttemptLog]:
    """Return the sessions that the release has had in this run directory, oldest first."""
    try:
        return [structure(each, AttemptLog) for each in read_json(run.attempts(release))["attempts"]]
    except FileNotFoundError:
        return []
