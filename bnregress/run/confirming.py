"""What a session decided counts once its environment was found to be what it was before the session.

A note names the cells of a session until then. It outlives a run that is killed:
whoever goes on with the run, or keeps its verdicts, looks at the environment first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.version import InvalidVersion, Version

from bnregress.cells.identifiers import CellId
from bnregress.machine.local_environment import LocalEnvironment, is_local
from bnregress.machine.locations import environments_dir
from bnregress.machine.sealing import reason_to_discard, sealed_files
from bnregress.planning.plan import Plan, PlannedRelease
from bnregress.releases.catalog import Build
from bnregress.run.environments import place_of
from bnregress.run.records import GarbledError, read_object
from bnregress.run.rundir import RunDir, read_json, write_json
from bnregress.run.unpacking import contents_sha256
from bnregress.suite.record_files import RecordPaths

REMOVED = "it was removed"


def note(run: RunDir, release: str, cells: Iterable[CellId], trial: int = 1) -> None:
    """Remember that nothing vouches yet for what a trial decides of these cells."""
    write_json(run.unconfirmed(release), {"subjects": [cell.subject for cell in cells], "trial": trial})


def settle(run: RunDir, planned: PlannedRelease, environment: Path) -> str | None:
    """Confirm what a session decided that has just ended, or drop it; returns why it was dropped, else None.

    Args:
        run: the folder of the run.
        planned: the release, whose environment nobody else uses now.
        environment: the environment's folder.
    """
    file = run.unconfirmed(planned.id)
    if not file.exists():
        return None
    reason = None
    if _tested(run, planned.id):
        reason = _reason(run, planned, environment)
        if reason:
            _drop(run, planned, file)
    file.unlink()
    return reason


def settle_earlier(run: RunDir, plan: Plan) -> None:
    """Confirm or drop what sessions decided that nobody was left to look after, as of a run that was killed."""
    for planned in plan.available:
        file = run.unconfirmed(planned.id)
        if not file.exists():
            continue
        environment = place_of(environments_dir(), planned)
        # It may have been made anew since.
        same = _phase(run, planned.id).get("files") == sealed_files(environment)
        if not same or _reason(run, planned, environment):
            _drop(run, planned, file)
        file.unlink()


def _reason(run: RunDir, planned: PlannedRelease, environment: Path) -> str | None:
    if planned.interpreter is None or not environment.exists():
        return REMOVED
    reason = reason_to_discard(environment, lock_sha256=planned.environment_sha256, interpreter=planned.interpreter)
    local, builds = planned.release.local, planned.release.builds
    trials = [RecordPaths(run.records(planned.id, trial)) for trial in run.trials(planned.id) or (1,)]
    if reason is None and builds:
        return _first(_another_build(paths, builds) for paths in trials)
    if reason or local is None:
        return reason
    return local.why_changed() or _first(_imported_another(paths, local) for paths in trials)


def _another_build(paths: RecordPaths, builds: Iterable[Build]) -> str | None:
    """Say if a build was altered, or if the tests took a module from elsewhere than from the build."""
    try:
        facts = read_object(paths.facts)
    except GarbledError:
        facts = {}
    origins = facts.get("origins") if facts else None
    origins = origins if isinstance(origins, dict) else {}
    for build in builds:
        if contents_sha256(build.folder) != build.sha256:
            return f"the files of the build of {build.package} have changed"
        for module in build.modules if facts is not None else ():
            if not Path(str(origins.get(module))).is_relative_to(build.folder):
                return f"its tests took {module} from {origins.get(module)}, and not from the build of {build.package}"
    return None


def _first(reasons: Iterable[str | None]) -> str | None:
    return next(filter(None, reasons), None)


def _imported_another(paths: RecordPaths, local: LocalEnvironment) -> str | None:
    """Say if the tests did not run on what the interpreter was found to import, as behind a script that chooses."""
    try:
        facts = read_object(paths.facts)
        told = str(facts.get("tensorflow")) if facts else None
        if told is None or Version(told) == Version(local.tensorflow):
            return None
    except (GarbledError, InvalidVersion):
        told = "of no readable version"
    return f"its tests imported TensorFlow {told}, where {local.tensorflow} was found"


def _tested(run: RunDir, release: str) -> bool:
    """Whether the session came to its tests: before, the environment may be half-made, and nothing is decided."""
    return _phase(run, release).get("phase") in ("testing", "done")


def _phase(run: RunDir, release: str) -> dict[str, object]:
    try:
        value = read_json(run.phase(release))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _drop(run: RunDir, planned: PlannedRelease, note: Path) -> None:
    noted = read_json(note)
    trials, subjects = [int(noted.get("trial", 1))], [str(subject) for subject in noted["subjects"]]
    if is_local(planned.id):
        # Nobody makes it again as it was: what earlier sessions decided in it is no better.
        trials, subjects = run.trials(planned.id), [cell.subject for cell in planned.cells]
    for trial in trials:
        _remove(RecordPaths(run.records(planned.id, trial)), subjects)


def _remove(paths: RecordPaths, subjects: Sequence[str]) -> None:
    # The verdicts first, so that one that is killed in between leaves none to be believed.
    files = [place(subject) for place in (paths.record, paths.timeout, paths.started) for subject in subjects]
    for file in (*files, paths.facts):
        file.unlink(missing_ok=True)
