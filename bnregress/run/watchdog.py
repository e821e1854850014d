"""Watches one release while its session runs: tells what happens, and ends what takes too long."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bnregress.cells.identifiers import CellId
from bnregress.run import process_groups
from bnregress.run.budgets import Budgets
from bnregress.run.events import CellDecided, CellStarted, Event, PhaseChanged
from bnregress.run.records import GarbledError, read_object, read_verdict
from bnregress.run.rundir import write_json
from bnregress.suite import status
from bnregress.suite.record_files import RecordPaths

_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)

#: Seconds between two looks.
POLL = 0.1

#: Seconds that a process has to write its stacks down before it is ended.
STACKS_WAIT = 1.0


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a session came to its end.

    Attributes:
        by: `itself`, `interrupt`, or the budget that ran out: `cell`, `install`, `idle`, `leave`.
        at: where the process was when the budget ran out, as `FILE:LINE in FUNCTION`, if that is known.
    """

    by: str
    at: str | None = None


class Watch:
    """One session under watch.

    Args:
        child: the nox process.
        marker: what every process of the session carries.
        cells: those that the session was given.
        phase: reads the phase the session is in.
        tell: takes events.
        stop: set when the user interrupts.
    """

    def __init__(
        self,
        *,
        child: subprocess.Popen[bytes],
        marker: str,
        release: str,
        cells: Sequence[CellId],
        records: Path,
        phase: Callable[[], str],
        budgets: Budgets,
        tell: Callable[[Event], None],
        stop: threading.Event,
    ) -> None:
        self._child = child
        self._marker = marker
        self._release = release
        self._phase_of = phase
        self._paths = RecordPaths(records)
        self._budgets = budgets
        self._tell = tell
        self._stop = stop
        self._waiting = {cell.subject: cell for cell in cells}
        self._running: dict[str, float] = {}
        self._phase = ""
        self._seen: frozenset[tuple[str, int]] = frozenset()
        self._begun = self._active = time.monotonic()

    def run(self) -> Ending:
        """Watch until the session has ended or must be ended, which is the caller's to do."""
        while True:
            ended = self._child.poll() is not None
            self._look()
            if ended:
                return Ending(by="itself")
            if self._stop.wait(POLL):
                return Ending(by="interrupt")
            if ending := self._enforce():
                return ending

    def _look(self) -> None:
        phase = self._phase_of()
        if phase != self._phase:
            self._phase, self._active = phase, time.monotonic()
            if phase != "done":
                self._tell(PhaseChanged(release=self._release, phase=phase))
        seen = frozenset(_files(self._paths.root))
        if seen == self._seen:
            return
        self._seen, self._active = seen, time.monotonic()
        names = {name for name, _ in seen}
        for subject, cell in list(self._waiting.items()):
            if subject not in self._running and self._paths.started(subject).name in names:
                self._running[subject] = self._active
                self._tell(CellStarted(cell=cell))
            if self._paths.record(subject).name in names:
                self._decided(subject)
        for subject in list(self._running):
            if self._is_lost(subject, names):
                # Told of when the release has finished, with its reason.
                self._running.pop(subject)
                self._waiting.pop(subject)

    def _decided(self, subject: str) -> None:
        self._running.pop(subject, None)
        cell = self._waiting.pop(subject)
        verdict = read_verdict(cell, self._paths.root)
        self._tell(CellDecided(cell=cell, status=verdict.status if verdict else status.ERROR))

    def _is_lost(self, subject: str, names: set[str]) -> bool:
        pid = self._started_by(subject).get("pid")
        return isinstance(pid, int) and self._paths.worker_exit(pid).name in names

    def _enforce(self) -> Ending | None:
        now = time.monotonic()
        if self._phase not in ("testing", "done"):
            return Ending(by="install") if now - self._begun > self._budgets.install else None
        for subject, since in list(self._running.items()):
            if now - since > self._budgets.cell and not self._end_overdue(subject):
                return Ending(by="cell")
        if self._running:
            return None
        if not self._waiting:
            return Ending(by="leave") if now - self._active > self._budgets.leave else None
        if now - self._active > self._budgets.idle:
            return Ending(by="idle", at=next(self._idle_at(), None))
        return None

    def _end_overdue(self, subject: str) -> bool:
        """End the overdue cell's process; False if its process is not known and the session must end."""
        started = self._started_by(subject)
        pid, group = started.get("pid"), started.get("pgid")
        if not isinstance(pid, int) or not isinstance(group, int):
            self._give_up(subject, None)
            return False
        stacks = self._stacks(pid)
        self._look()
        if subject not in self._running:
            return True
        self._give_up(subject, stacks)
        process_groups.kill(self._marker, group=group)
        return True

    def _give_up(self, subject: str, stacks: str | None) -> None:
        check, at = self._started_by(subject).get("check"), innermost(stacks)
        doing = f"the check {check}" if check else "building the path"
        where = f", at {at}" if at else ""
        note = {
            "kind": status.TIMEOUT,
            "reason": f"No verdict within {self._budgets.cell:g} s: {doing} did not finish{where}.",
            "remedy": "See the log; if the machine is only slow, give more time with --timeout.",
            "stacks": stacks,
        }
        write_json(self._paths.timeout(subject), note)
        self._running.pop(subject)
        self._tell(CellDecided(cell=self._waiting.pop(subject), status=status.ERROR))

    def _started_by(self, subject: str) -> dict[str, object]:
        try:
            return read_object(self._paths.started(subject)) or {}
        except GarbledError:
            return {}

    def _idle_at(self) -> Iterator[str]:
        for process in process_groups.marked(self._marker):
            if self._paths.worker(process.pid).exists() and (at := innermost(self._stacks(process.pid))):
                yield at

    def _stacks(self, pid: int) -> str | None:
        """Ask a process for its Python stacks; None if it does not answer."""
        file = self._paths.stacks(pid)
        # Without the file the process has no handler, and the signal would end it.
        if (
            sigusr1 is None
            or not file.exists()
            or pid not in {process.pid for process in process_groups.marked(self._marker)}
        ):
            return None
        size = file.stat().st_size
        os.kill(pid, sigusr1)
        deadline = time.monotonic() + STACKS_WAIT
        while time.monotonic() < deadline:
            time.sleep(POLL)
            if size < (size := file.stat().st_size):
                continue
            if size:
                break
        return file.read_bytes()[-16_384:].decode("utf-8", "replace") or None


sigusr1: signal.Signals | None = getattr(signal, "SIGUSR1", None)


def innermost(stacks: str | None) -> str | None:
    """Return the innermost frame of the last thread in faulthandler's dump, the one that took the signal."""
    found = _FRAME.search((stacks or "").split("\n\n")[-1])
    return f"{Path(found['file']).name}:{found['line']} in {found['function']}" if found else None


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    for entry in os.scandir(folder):
        # A file may be renamed while we look.
        with contextlib.suppress(OSError):
            yield entry.name, entry.stat(follow_symlinks=False).st_mtime_ns
