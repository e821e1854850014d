"""From what the suite and the host wrote about a release to exactly one result for each planned cell."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.machine.local_environment import LocalEnvironment
from bnregress.planning.plan import PlannedRelease
from bnregress.releases.catalog import Release
from bnregress.results.model import Attempt, CellResult, ReleaseResult
from bnregress.run import failures, searching
from bnregress.run.records import GarbledError, Verdict, read_object, read_verdict
from bnregress.run.rundir import write_json
from bnregress.suite import status
from bnregress.suite.record_files import RecordPaths

#: Signals that others send; a process that crashes gets another.
FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")
#: In the note on a lost cell: whether `--resume` runs it again.
AGAIN = "again"


@dataclass(frozen=True, kw_only=True)
class AttemptLog:
    """One session of a release.

    Attributes:
        number: counts from 1, also over resumed runs.
        subjects: the cells that it was given.
        kind, reason, remedy: what a cell is told that the session did not come to.
        trial: which trial of these cells it was for, counted from 1.
    """

    number: int
    subjects: tuple[str, ...]
    kind: str
    reason: str
    remedy: str | None = None
    trial: int = 1


def collect_cells(
    planned: PlannedRelease, records: Path, attempts: Sequence[AttemptLog], *, device: str, finished: bool
) -> tuple[list[CellResult], list[CellId]]:
    """Return the results of a release's cells, and the cells that are not decided.

    Args:
        planned: the release.
        records: its records directory; need not exist.
        attempts: the sessions so far, oldest first.
        device: `cpu` or `gpu`.
        finished: whether all was done that will be done. If so, a cell without
            a record is an error, and no cell is left undecided.
    """
    results, undecided = [], []
    for cell in planned.cells:
        verdict = _unavailable(planned) or read_verdict(cell, records)
        if verdict is None and finished:
            verdict = _unexplained(cell, records, attempts)
        if verdict is None:
            undecided.append(cell)
        else:
            results.append(_result(cell, verdict, attempts, device))
    return results, undecided


def explain_losses(
    cells: Iterable[CellId], records: Path, *, while_running: bool, out_of_memory: bool, session: str, log: Path
) -> None:
    """Write `<subject>.lost.json` for each cell that was started and whose process is gone.

    Args:
        cells: those that the session was given.
        records: the release's records directory.
        while_running: the session still runs, so that only cells whose process left an exit file are lost.
        out_of_memory: the kernel has ended processes of this control group during the session.
        session: what became of the session, for cells whose process left no exit file.
        log: where to read more.
    """
    paths = RecordPaths(records)
    for cell in cells:
        if read_verdict(cell, records) is not None:
            continue
        try:
            started = read_object(paths.started(cell.subject))
        except GarbledError:
            started = {}
        if (
            started is None
            or (ending := _process_ending(started.get("pid"), paths, while_running=while_running, session=session))
            is None
        ):
            continue
        how, killed_by = ending
        check = started.get("check")
        doing = f"during the check {check}" if isinstance(check, str) else "while the path was built"
        note: dict[str, Any] = {
            "kind": status.CRASH,
            "reason": f"Its process {how} {doing}; see {log}.",
            "remedy": None,
        }
        if killed_by == "SIGKILL" and out_of_memory:
            note = {
                "kind": status.OOM,
                "reason": f"The system ran out of memory {doing} and ended its process ({how}).",
                "remedy": "Run again with --resume and fewer --jobs, or give the machine more memory.",
                AGAIN: True,
            }
        elif (full := failures.full_disk(log, records)) is not None:
            reason = f"The disk is full ({full}), and its process {how} {doing}; see {log}."
            note = {"kind": status.INFRA, "reason": reason, "remedy": failures.MAKE_ROOM, AGAIN: True}
        elif killed_by is not None:
            note |= {"remedy": "Something outside ended it. Run again with --resume.", AGAIN: True}
        write_json(lost(records, cell), note)


def lost(records: Path, cell: CellId) -> Path:
    """Return the note on a cell whose process is gone."""
    return records / f"{cell.subject}.lost.json"


def may_run_again(cell: CellId, records: Path) -> bool:
    """Whether the cell was lost to something outside of it: a signal, a full disk or memory; a crash is its own."""
    try:
        note = read_object(lost(records, cell)) or {}
    except GarbledError:
        return False
    return note.get(AGAIN) is True and not RecordPaths(records).record(cell.subject).exists()


def release_result(planned: PlannedRelease, records: Path) -> ReleaseResult:
    """Return what the release really was; what its environment did not come to report is None."""
    try:
        facts = read_object(RecordPaths(records).facts) or {}
    except GarbledError:
        facts = {}
    local, builds = planned.release.local, planned.release.builds
    packages, device = local.packages if local else facts.get("packages"), facts.get("device")
    if isinstance(packages, dict):
        packages = packages | {build.package: build.version for build in builds}
    searched = [found for cell in planned.cells if (found := searching.figures(cell, read_verdict(cell, records)))]
    return ReleaseResult(
        tensorflow=_string(facts.get("tensorflow"), planned.release.tensorflow) or None,
        engine=_engine(planned.release, facts),
        keras=_string(facts.get("keras"), planned.release.keras),
        python=planned.interpreter.version if planned.interpreter else None,
        own_python=planned.release.own_python,
        own_keras=planned.release.own_keras,
        lock_sha256=planned.lock_sha256,
        packages={str(name): str(version) for name, version in packages.items()}
        if isinstance(packages, dict)
        else None,
        device=_device(planned, device),
        search=searched[0] if searched else None,
        local=_local(local) if local else _built(planned.release) if builds else None,
    )


def describe_exit(code: int) -> str:
    """`was ended by SIGSEGV` or `ended with exit code 3`."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _process_ending(
    pid: Any, paths: RecordPaths, *, while_running: bool, session: str
) -> tuple[str, str | None] | None:
    """How the process ended, and by which signal from outside if by one; None if it may still live."""
    try:
        note = read_object(paths.worker_exit(pid)) if isinstance(pid, int) else None
    except GarbledError:
        note = {}
    if note is not None:
        code = note.get("exitcode")
        how = describe_exit(code) if isinstance(code, int) else "went down"
        return how, _from_outside(how)
    return None if while_running else (f"is gone, for {session},", _from_outside(session))


def _from_outside(said: str) -> str | None:
    return next((name for name in FROM_OUTSIDE if said.endswith(f"was ended by {name}")), None)


def _unavailable(planned: PlannedRelease) -> Verdict | None:
    if planned.unavailable is None:
        return None
    return Verdict(status=status.UNAVAILABLE, reason=planned.unavailable, remedy=planned.remedy)


def _unexplained(cell: CellId, records: Path, attempts: Sequence[AttemptLog]) -> Verdict:
    sessions = [attempt for attempt in attempts if cell.subject in attempt.subjects]
    if (records / f"{cell.subject}.started.json").exists() or not sessions:
        return Verdict(status=status.ERROR, kind=status.CRASH, reason="It returned no record.", outcome="lost")
    last = sessions[-1]
    return Verdict(status=status.ERROR, kind=last.kind, reason=last.reason, remedy=last.remedy, outcome="not-started")


def _result(cell: CellId, verdict: Verdict, attempts: Sequence[AttemptLog], device: str) -> CellResult:
    return CellResult(
        id=cell,
        device=device,
        status=verdict.status,
        kind=verdict.kind,
        reason=verdict.reason,
        remedy=verdict.remedy,
        checks=verdict.checks,
        seconds=verdict.seconds,
        peak_rss_bytes=verdict.peak_rss_bytes,
        cached=verdict.cached,
        attempts=tuple(_attempts(cell, verdict, attempts)),
    )


def _attempts(cell: CellId, verdict: Verdict, attempts: Sequence[AttemptLog]) -> Iterable[Attempt]:
    sessions = [attempt for attempt in attempts if cell.subject in attempt.subjects]
    for attempt in sessions[:-1]:
        yield Attempt(number=attempt.number, outcome="not-started", detail=attempt.reason)
    for attempt in sessions[-1:]:
        detail = None if verdict.outcome == "decided" else verdict.reason
        yield Attempt(number=attempt.number, outcome=verdict.outcome, detail=detail)


def _device(planned: PlannedRelease, device: Any) -> dict[str, str] | None:
    if not isinstance(device, dict) or device.get("kind") not in ("cpu", "gpu"):
        return None
    found = {"name": "None"} | {str(name): str(value) for name, value in device.items()}
    return found | ({"note": planned.placement.note} if planned.placement.note else {})


def _engine(release: Release, facts: Mapping[str, Any]) -> dict[str, str] | None:
    if release.on_tensorflow:
        return None
    return {
        "name": release.engine,
        "version": _string(facts.get(release.engine), release.engine_version),
    }


def _built(release: Release) -> dict[str, Any]:
    told = ("package", "version", "replaced", "sha256")
    builds = [{name: getattr(build, name) for name in told} | {"build": build.given} for build in release.builds]
    return {"base": release.base, "builds": builds}


def _local(local: LocalEnvironment) -> dict[str, Any]:
    return {
        "packages_sha256": local.packages_sha256,
        "built": dict(local.built),
        "found": dict(local.found),
        "variables": dict(local.variables),
    }


def _string(value: Any, default: str) -> str:
    return value if isinstance(value, str) and value else default
