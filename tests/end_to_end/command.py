"""bnregress as a person starts it, in a process of its own, and a way to find every process that comes of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psutil

from bnregress.machine.locations import CACHE_VARIABLE
from bnregress.results.file import load_results
from bnregress.results.model import Results
from bnregress.run.rundir import RunDir
from tests.end_to_end.machine import PATIENCE, wait_until

#: Handed on by the host, by nox and into the suite's clean variables, so that it marks whatever a command starts.
MARK = "TMPDIR"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command came to.

    Attributes:
        progress: its stderr.
        out: the folder that it was told to write to, for a run.
    """

    exit_code: int
    stdout: str
    progress: str
    out: Path

    @cached_property
    def results(self) -> Results:
        """The results, which loading proves to fit the schema."""
        return load_results(self.out / "results.json")

    @property
    def run(self) -> RunDir:
        """The run's own folder."""
        return RunDir(self.out / "run")

    @property
    def statuses(self) -> dict[str, str]:
        """The status of each decided cell."""
        return {str(cell.id): cell.status for cell in self.results.cells}

    def told(self, release: str) -> str:
        """All that a failed test should show of a run of one release."""
        log = self.run.log(release)
        return self.progress + (log.read_text(encoding="utf-8", errors="replace")[-6000:] if log.exists() else "")


@dataclass(frozen=True, kw_only=True)
class Command:
    """bnregress with a cache and a folder for temporary files of its own; leaving it ends what it left running.

    Attributes:
        root: the test's folder.
        base: environment variables that the command starts from.
        variables: laid over those.
        program: what a person would type as `bnregress`.
    """

    root: Path
    base: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    variables: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = (sys.executable, "-m", "bnregress")

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables of the command."""
        own = {MARK: str(self.root / "tmp"), CACHE_VARIABLE: str(self.root / "cache")}
        return {**self.base, **own, **self.variables}

    def start(self, *arguments: str, out: Path) -> subprocess.Popen[bytes]:
        """Start `bnregress run` at the head of a process group, as a shell does."""
        self.prepare()
        with out.with_name(f"{out.name}.stdout").open("wb") as stdout, self.stderr(out).open("wb") as stderr:
            return subprocess.Popen(
                [*self.program, "run", *arguments, "--out", str(out)],
                env=self.environ, cwd=self.workplace, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                start_new_session=True,
            )  # fmt: skip

    def finish(self, process: subprocess.Popen[bytes], *, out: Path) -> Outcome:
        """Wait for what `start` started."""
        process.wait(timeout=PATIENCE)
        stdout = out.with_name(f"{out.name}.stdout").read_text(encoding="utf-8")
        progress = self.stderr(out).read_text(encoding="utf-8")
        return Outcome(exit_code=process.returncode, stdout=stdout, progress=progress, out=out)

    def run(self, *arguments: str, out: Path) -> Outcome:
        """Do `bnregress run` to its end."""
        return self.finish(self.start(*arguments, out=out), out=out)

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Do any command that is over in seconds."""
        self.prepare()
        return subprocess.run(
            [*self.program, *arguments],
            env=self.environ, cwd=self.workplace, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def stderr(self, out: Path) -> Path:
        """Return the file that takes the stderr of a run."""
        return out.with_name(f"{out.name}.stderr")

    @property
    def workplace(self) -> Path:
        """The empty folder that the command is started in."""
        return self.root / "workplace"

    def prepare(self) -> None:
        """Make the folders that the command takes for granted."""
        for folder in (self.workplace, self.root / "tmp"):
            folder.mkdir(exist_ok=True)

    def processes(self) -> list[psutil.Process]:
        """Return the living processes that came of the command."""
        return list(self._processes())

    def _processes(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(MARK) == self.environ[MARK] and process.status() != psutil.STATUS_ZOMBIE:
                    yield process

    def kill(self) -> None:
        """End all processes of the command at once, as a power cut does."""
        while processes := self.processes():
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGKILL)
            psutil.wait_procs(processes, timeout=1)

    def wait_until_gone(self) -> None:
        """Fail unless every process of the command is gone within moments."""
        wait_until(lambda: not self.processes(), f"{self.processes()} are gone", seconds=5)
