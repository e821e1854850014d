"""Layout of a run directory, `OUT/run`: all that a run needs to be watched, collected and resumed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.errors import UsageError
from bnregress.suite import jsonfile


@dataclass(frozen=True)
class RunDir:
    """Where everything of a run lies; nothing here makes or opens a file.

    Attributes:
        root: `OUT/run`.
    """

    root: Path

    @property
    def plan(self) -> Path:
        """The plan that is being run."""
        return self.root / "plan.json"

    @property
    def started(self) -> Path:
        """When the run began first; it outlives being resumed."""
        return self.root / "started.json"

    @property
    def identity(self) -> Path:
        """Which run it is; it outlives being resumed."""
        return self.root / "identity.json"

    def log(self, release: str) -> Path:
        """Output of a release's session, and of pytest in it."""
        return self.root / "logs" / f"{release}.log"

    def release(self, release: str) -> Path:
        """Folder of one release."""
        return self.root / "releases" / release

    def phase(self, release: str) -> Path:
        """How far the release's session is."""
        return self.release(release) / "phase.json"

    def session(self, release: str) -> Path:
        """What the engine asks of the session."""
        return self.release(release) / "session.json"

    def cells(self, release: str) -> Path:
        """What the session asks of the suite."""
        return self.release(release) / "cells.json"

    def attempts(self, release: str) -> Path:
        """The sessions that the release has had."""
        return self.release(release) / "attempts.json"

    def unconfirmed(self, release: str) -> Path:
        """The cells of a session whose environment was not looked at again; `bnregress.run.confirming`."""
        return self.release(release) / "unconfirmed.json"

    def records(self, release: str, trial: int = 1) -> Path:
        """Folder that the suite writes a trial to; `bnregress.suite.record_files.RecordPaths` names its files."""
        return self.release(release) / ("records" if trial == 1 else f"records-{trial}")

    def trials(self, release: str) -> list[int]:
        """The trials that there are records of, in their order."""
        numbers = (folder.name.partition("-")[2] or "1" for folder in self.release(release).glob("records*"))
        return sorted(int(number) for number in numbers if number.isdecimal())

    def scratch(self, release: str) -> Path:
        """Folder for what the session needs while it runs, its home directory among it."""
        return self.release(release) / "scratch"


def require_begun(run: RunDir) -> None:
    """Refuse to continue where no run began.

    Raises:
        UsageError: there is no plan of one.
    """
    if not run.plan.exists():
        raise UsageError(f"There is no run to resume in {run.root.parent}. Leave --resume out.")


def write_json(path: Path, value: Any) -> None:
    """Write strict JSON, whole or not at all, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    jsonfile.write_json(path, value)


def read_json(path: Path) -> Any:
    """Read what the host itself wrote; records come from elsewhere and are read by `bnregress.run.records`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not JSON.
    """
    return json.loads(path.read_bytes())
