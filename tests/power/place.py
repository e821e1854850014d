"""Where trials run: in a release's environment or in one that a person brings, on the CPU or on a GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.brought import brought
from bnregress.errors import FatalError, NothingToDoError, UsageError, nearest
from bnregress.machine.devices import CPU, GPU
from bnregress.machine.gpus import Gpu, Gpus, probe
from bnregress.machine.locations import environments_dir
from bnregress.machine.sealing import is_sealed
from bnregress.machine.staging import stage_suite
from bnregress.planning.placement import place
from bnregress.releases.catalog import Release, load_catalog
from bnregress.run.environment_variables import handed_on, local_variables, testing_variables
from bnregress.run.environments import environment_path
from bnregress.run.gpu_session import gpu_variables, held_gpu
from bnregress.run.suite_tools import unpack

TESTS = Path(__file__).resolve().parent.parent
#: What of the tests goes into the environment.
STAGED = ("faults/*.py", "power/__init__.py", "power/inside.py", "power/network.py", "power/tuning.py")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A release, and the device that it computes on.

    Attributes:
        gpus: any of them will do; none on the CPU.
    """

    release: Release
    device: str = CPU
    gpus: tuple[Gpu, ...] = ()

    @classmethod
    def of(cls, release: str | None, environment: str | None, device: str, look: Callable[[], Gpus] = probe) -> Place:
        """Find the place.

        Args:
            release: an id of the catalog; None where an environment is brought.
            environment: interpreter or folder of an environment that a person brings.
            device: `cpu` or `gpu`.
            look: finds the GPUs of this machine.

        Raises:
            NothingToDoError: this machine has no GPU that it could run on.
            UsageError: there is no such release, or the environment is of no use.
        """
        # Looked for first: describing an environment imports TensorFlow, which takes seconds.
        gpus = look() if device == GPU else Gpus()
        if device == GPU and not gpus.gpus:
            raise NothingToDoError(f"{gpus.absent} {gpus.remedy}")
        if environment is not None:
            chosen = brought(environment)
        else:
            catalog = load_catalog()
            if release not in catalog:
                raise UsageError(f"There is no release {release}.{nearest(str(release), catalog)}")
            chosen = catalog[str(release)]
        placed = place(chosen, device, gpus)
        if placed.unavailable is not None:
            raise NothingToDoError(f"{placed.unavailable} {placed.remedy}")
        return cls(release=chosen, device=device, gpus=placed.gpus)

    @contextmanager
    def interpreter(self, scratch: Path) -> Iterator[tuple[Path, dict[str, str]]]:
        """Yield the interpreter and the variables of a process that imports the suite and the staged tests.

        A GPU is held against other runs until the block ends.

        Args:
            scratch: an empty folder; `home` below it is for the process to work in.
        """
        home, beside = scratch / "home", scratch / "beside"
        home.mkdir()
        suite, tests = stage(scratch)
        behind: list[str] = []
        if self.release.local is None:
            environment = require_environment(self.release.id, self.device)
            python = environment / "bin" / "python"
            variables = testing_variables(
                os.environ, home=home, suite=suite, device=self.device, engine=self.release.engine
            )
        else:
            environment, python = beside, self.release.local.executable
            unpack(beside, self.release.local.packages)
            variables = local_variables({**os.environ, **handed_on(os.environ)}, home=home, device=self.device)
            behind = [str(beside), *filter(None, [variables.get("PYTHONPATH")])]
        holder = {"out": str(scratch), "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        with held_gpu(self.gpus, holder, waiting=_waiting, stopped=lambda: False) as gpu:
            if gpu is not None:
                variables |= gpu_variables(os.environ, gpu=gpu.uuid, environment=environment, release=self.release)
            variables["PYTHONPATH"] = os.pathsep.join([str(suite), str(tests), *behind])
            yield python, variables


def _waiting(holder: str) -> None:
    sys.stderr.write(f"waiting for the GPU: {holder}\n")


def stage(scratch: Path, staged: Sequence[str] = STAGED) -> tuple[Path, Path]:
    """Copy the suite and files of the tests, so that nothing else of this repository is importable there."""
    suite, _ = stage_suite(scratch)
    root = scratch / "staged"
    for pattern in staged:
        for file in sorted(TESTS.glob(pattern)):
            copy = root / "tests" / file.relative_to(TESTS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    # A regular package wins over any `tests` that lies in site-packages.
    (root / "tests" / "__init__.py").touch()
    return suite, root


def require_environment(release: str, device: str = CPU) -> Path:
    """Return the release's environment, made by the engine where it is not there yet."""
    environment = environment_path(environments_dir(), release, device)
    if not is_sealed(environment):
        with tempfile.TemporaryDirectory() as out:
            which = ("--select", release, "--path", "vgg16", "--device", device)
            command = [sys.executable, "-m", "bnregress", "run", *which, "--fresh", "--out", out]
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if not is_sealed(environment):
        raise FatalError(
            f"There is no environment of {release}. `bnregress run --select {release} --device {device}` tells why."
        )
    return environment
