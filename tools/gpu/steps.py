"""The steps of `nox -s gpu`: each one command of bnregress or of its tests, timed as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bnregress.errors import ExitCode
from bnregress.results.file import RESULTS_FILE, load_results
from bnregress.results.model import Results

PARTS = PLAIN, FINETUNE, FAULTS, BENCHMARK = ("properties", "finetune", "faults", "benchmark")
#: What the GPU is measured against.
CORES = 2
#: Takes a command and where its output goes, None for ours; returns its exit code.
Start = Callable[[Sequence[str], "IO[str] | None"], int]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command.

    Attributes:
        name: of its folder or file below the folder of all results.
        needed: without it the others tell nothing.
        cores: the command may use so many alone; None for all.
        keeps: what it prints is all that it leaves, and is kept in this file.
    """

    name: str
    title: str
    command: tuple[str, ...]
    out: Path
    needed: bool = False
    cores: int | None = None
    keeps: bool = False


@dataclass(frozen=True, kw_only=True)
class Done:
    """A step that ended: its exit code, and its seconds as a whole, start and planning included."""

    step: Step
    code: int
    seconds: float

    @property
    def results(self) -> Results | None:
        """What it left, None if that is no results.json."""
        file = self.step.out / RESULTS_FILE
        return load_results(file) if file.is_file() else None

    @property
    def last_line(self) -> str:
        """The last line that it printed, if that is kept."""
        text = self.step.out.read_text(encoding="utf-8") if self.step.keeps else ""
        return (text.strip().splitlines() or ["nothing was printed"])[-1]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All that ended, by name.

    Attributes:
        differing: cells with their status on the CPU and on the GPU, if these are not the same.
        compared: cells that both decided.
    """

    done: dict[str, Done]
    differing: tuple[tuple[str, str, str, str], ...]
    compared: int

    @classmethod
    def of(cls, done: Iterable[Done]) -> Outcome:
        """Compare the plain run on the GPU with that on the CPU, if both were made."""
        named = {each.step.name: each for each in done}
        gpu, cpu = (named[name].results if name in named else None for name in (PLAIN, BENCHMARK))
        there = {cell.id.subject: cell for cell in cpu.cells} if cpu else {}
        pairs = [(there[cell.id.subject], cell) for cell in (gpu.cells if gpu else ()) if cell.id.subject in there]
        return cls(
            done=named,
            differing=tuple(
                (other.id.subject, other.status, cell.status, cell.reason)
                for other, cell in pairs
                if other.status != cell.status
            ),
            compared=len(pairs),
        )


def steps(which: Sequence[str], out: Path, parts: Iterable[str], seeds: int, *, offline: bool) -> list[Step]:
    """Return the steps in their order.

    Args:
        which: the options that choose the release.
        out: the folder of all results.
        parts: of `PARTS`.
        seeds: runs of the unbroken suite beside the planted faults.
        offline: install from uv's cache alone.
    """
    parts = tuple(parts)

    def run(name: str, title: str, *more: str, needed: bool = False, cores: int | None = None) -> Step:
        command = (sys.executable, "-m", "bnregress", "run", *which, *more, "--fresh", "--quiet")
        command += ("--offline",) * offline + ("--out", str(out / name))
        return Step(name=name, title=title, command=command, out=out / name, needed=needed, cores=cores)

    gpu, cpu = ("--device", "gpu"), ("--device", "cpu", "--jobs", str(CORES))
    # The environment is made by a run that is not timed.
    found = [run("ready-gpu", "one cell on the GPU", *gpu, "--path", "vgg16", needed=True)]
    if PLAIN in parts or BENCHMARK in parts:
        found.append(run(PLAIN, "a plain run on the GPU", *gpu))
    if FINETUNE in parts:
        alone = ("--suite", "finetune", "--path", "tf-keras-applications")
        found.append(run(FINETUNE, "a fine-tune on the GPU", *gpu, *alone))
    if FAULTS in parts:
        place = ("--release", which[1]) if which[0] == "--select" else tuple(which)
        command = (sys.executable, "-m", "tests.power", "--device", "gpu", *place, "--seeds", str(seeds))
        kept = out / "faults.txt"
        found.append(Step(name=FAULTS, title="planted faults on the GPU", command=command, out=kept, keeps=True))
    if BENCHMARK in parts:
        found.append(run("ready-cpu", "one cell on the CPU", *cpu, "--path", "vgg16"))
        found.append(run(BENCHMARK, f"a plain run on {CORES} cores of the CPU", *cpu, cores=CORES))
    return found


def to_its_end(command: Sequence[str], stdout: IO[str] | None) -> int:
    """Run a command and return its exit code; interrupted, let it end what it has started."""
    with subprocess.Popen(command, stdout=stdout) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGINT)
            child.wait()
            raise


def carry_out(step: Step, start: Start = to_its_end) -> Done:
    """Run the command to its end. What an earlier one left is removed, so that it is not taken for this one's."""
    (step.out if step.keeps else step.out / RESULTS_FILE).unlink(missing_ok=True)
    begun = time.monotonic()
    with _cores(step.cores), contextlib.ExitStack() as stack:
        code = start(step.command, stack.enter_context(step.out.open("w", encoding="utf-8")) if step.keeps else None)
    seconds = time.monotonic() - begun
    if step.keeps:
        sys.stdout.write(step.out.read_text(encoding="utf-8"))
    # Ended by a signal, it decided nothing.
    return Done(step=step, code=code if code >= 0 else ExitCode.UNDECIDED, seconds=seconds)


@contextmanager
def _cores(count: int | None) -> Iterator[None]:
    """Let what is started meanwhile use so many cores alone."""
    if count is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
