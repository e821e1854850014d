"""Models that one release saves for others to load: made on demand, kept in the cache by the hash of their content."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bnregress.cells.identifiers import CellId
from bnregress.machine.atomic import replace_text
from bnregress.machine.interpreters import Interpreter, how_to_install
from bnregress.planning.plan import Plan, PlannedRelease, on_what_is_here
from bnregress.releases.catalog import Release
from bnregress.releases.crossing import Crossing
from bnregress.run.collect import collect_cells
from bnregress.run.events import silent
from bnregress.run.release import ReleaseRun, RunSetting, load_attempts
from bnregress.run.rundir import RunDir, write_json
from bnregress.run.trials import ONCE
from bnregress.suite import status
from bnregress.suite.record_files import RecordPaths

#: What is saved is the same on every device, and the CPU is everywhere.
_SAVING = "cpu"


@dataclass(frozen=True, kw_only=True)
class Absent:
    """Why there is no model to load; `kind` where the status is an error."""

    status: str
    reason: str
    kind: str | None = None
    remedy: str | None = None


class Fixtures:
    """The models that a plan's cells load, see `bnregress.releases.crossing`.

    Args:
        setting: of the run.
        catalog: releases by id.
        find: finds an interpreter by its minor version.
        cache: the cache folder; models are kept in `<cache>/fixtures/<SHA-256>`.
    """

    def __init__(
        self,
        setting: RunSetting,
        catalog: Mapping[str, Release],
        find: Callable[[str], Interpreter | None],
        cache: Path,
    ) -> None:
        self._setting = setting
        self._catalog = catalog
        self._find = find
        self._root = cache / "fixtures"
        self._run = RunDir(setting.run.root / "fixtures")

    def prepare(self, cells: Iterable[CellId]) -> dict[CellId, Path]:
        """Return the folder of the model for each cell that loads one; the others get a verdict that says why not.

        Cells that load nothing are passed over. A release that saves is installed if it is not yet, one after the
        other.
        """
        wanted: dict[Crossing, list[CellId]] = {}
        for cell in cells:
            if crossing := Crossing.of(cell.path):
                wanted.setdefault(crossing, []).append(cell)
        by_release: dict[str, list[Crossing]] = {}
        for crossing in wanted:
            by_release.setdefault(crossing.release, []).append(crossing)
        folders: dict[CellId, Path] = {}
        for release, crossings in by_release.items():
            for crossing, outcome in self._of_release(self._catalog[release], crossings).items():
                for cell in wanted[crossing]:
                    if isinstance(outcome, Path):
                        folders[cell] = outcome
                    else:
                        self._settle(cell, outcome)
        return folders

    def _of_release(self, release: Release, crossings: list[Crossing]) -> dict[Crossing, Path | Absent]:
        found: dict[Crossing, Path | Absent] = {}
        keys = {crossing: self._key(release, crossing) for crossing in crossings}
        for crossing, key in keys.items():
            if (kept := self._kept(key)) is not None:
                found[crossing] = kept
        missing = [crossing for crossing in crossings if crossing not in found]
        if not missing or self._setting.stop.is_set():
            return found
        release, interpreter = on_what_is_here(release, self._find)
        if interpreter is None:
            reason = f"{release.id}, which saves the model, needs CPython {release.python}, and there is none here."
            absent = Absent(status=status.UNAVAILABLE, reason=reason, remedy=how_to_install(release.python))
            return found | dict.fromkeys(missing, absent)
        return found | self._save(release, interpreter, {crossing: keys[crossing] for crossing in missing})

    def _save(
        self, release: Release, interpreter: Interpreter, keys: Mapping[Crossing, str]
    ) -> dict[Crossing, Path | Absent]:
        """Let the release's own environment save the models, and take those into the cache."""
        device = _SAVING
        planned = PlannedRelease(
            release=release,
            interpreter=interpreter,
            cells=tuple(crossing.saving for crossing in keys),
            lock_sha256=release.lock_sha256(device),
        )
        plan = Plan(releases=(planned,), device=device, suite_sha256=self._setting.plan.suite_sha256)
        run = RunDir(self._run.root / release.id)
        shutil.rmtree(run.root, ignore_errors=True)
        write_json(run.plan, plan.to_json())
        folders = {crossing.saving: run.root / "saved" / crossing.path for crossing in keys}
        for folder in folders.values():
            folder.mkdir(parents=True)
        ReleaseRun(planned, replace(self._setting, plan=plan, run=run, tell=silent, fixtures=folders, trials=ONCE))()
        attempts = load_attempts(run, release.id)
        results, _ = collect_cells(planned, run.records(release.id), attempts, device=device, finished=True)
        outcomes: dict[Crossing, Path | Absent] = {}
        for crossing, result in zip(keys, results, strict=True):
            if result.status == status.PASS:
                outcomes[crossing] = self._keep(keys[crossing], folders[result.id])
            else:
                reason = f"{release.id} did not save the model: {result.reason}"
                outcomes[crossing] = Absent(status=result.status, reason=reason, kind=result.kind, remedy=result.remedy)
        return outcomes

    def _key(self, release: Release, crossing: Crossing) -> str:
        """SHA-256 over all that bears on what is saved."""
        device = _SAVING
        parts = [release.id, release.lock_sha256(device), device, self._setting.plan.suite_sha256, crossing.path]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _kept(self, key: str) -> Path | None:
        """Return the folder that was saved before, None if it is not there or not what it was."""
        try:
            content = (self._root / "index" / key).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        folder = self._root / content
        return folder if content and folder.is_dir() and content_sha256(folder) == content else None

    def _keep(self, key: str, saved: Path) -> Path:
        content = content_sha256(saved)
        folder, index = self._root / content, self._root / "index" / key
        index.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists() and content_sha256(folder) != content:
            shutil.rmtree(folder)
        if not folder.exists():
            # Under another name until it is whole; another run may be as fast.
            temporary = Path(tempfile.mkdtemp(prefix=".saving-", dir=self._root))
            shutil.copytree(saved, temporary, dirs_exist_ok=True)
            try:
                temporary.rename(folder)
            except OSError:
                shutil.rmtree(temporary)
        replace_text(index, content)
        return folder

    def _settle(self, cell: CellId, absent: Absent) -> None:
        note = {"status": absent.status, "kind": absent.kind, "reason": absent.reason, "remedy": absent.remedy}
        write_json(RecordPaths(self._setting.run.records(cell.release)).root / f"{cell.subject}.lost.json", note)


def content_sha256(folder: Path) -> str:
    """SHA-256 over names and contents of the folder's files."""
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return total.hexdigest()
