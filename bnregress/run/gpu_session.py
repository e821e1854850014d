"""The GPU of a release's session: locked against other runs, and the variables that make TensorFlow compute on it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from packaging.version import Version

from bnregress.machine.gpus import VISIBLE, Gpu
from bnregress.machine.locations import cache_dir
from bnregress.planning.plan import PlannedRelease
from bnregress.releases.catalog import Release
from bnregress.run.environments import held
from bnregress.suite.apart import setup_of
from bnregress.suite.gpu import MEMORY, VARIABLE

#: From here on the setting that makes operations deterministic forbids the gradient of a frozen BatchNorm on a GPU:
#: tensorflow/tensorflow PR 50505. What is left is cuDNN's own setting.
_REFUSES_FROZEN_BATCHNORM = Version("2.7")
#: Before, there is cuDNN's own setting alone.
_HAS_DETERMINISTIC_OPS = Version("2.1")
#: From here on Keras compiles with XLA by itself, and TensorFlow can keep what was compiled: the flag is in the
#: binaries of 2.9.3 and newer. Written and read again by 2.21.0 on a CPU; never tried on a GPU.
_KEEPS_XLA = Version("2.16")
#: Memory that a process gets of a GPU at least, if several share it: one that decided a plain run of 2.21.0 held 14,461
#: MiB of an H200. Less may do; nobody has measured it.
PROCESS_MIB = 16 * 1024
#: What CUDA takes for each process beside what TensorFlow allots, an estimate.
CONTEXT_MIB = 1024


def locks_dir() -> Path:
    """Where the locks of GPUs are: one place for all runs of a user, wherever their caches and environments are."""
    return Path(tempfile.gettempdir()) / "bnregress-gpus"


@contextmanager
def held_gpu(
    gpus: Sequence[Gpu], holder: dict[str, Any], *, waiting: Callable[[str], None], stopped: Callable[[], bool]
) -> Iterator[Gpu | None]:
    """Hold one of the GPUs against all other releases and runs, until the block ends or the process does.

    Args:
        gpus: any of them will do; none yields None at once.
        holder: see `bnregress.run.environments.held`.
        waiting: called once, with who holds a GPU, before waiting.
        stopped: asked while waiting; once true, the wait is given up.

    Yields:
        The GPU; None only if there are none to hold, or when stopped.
    """
    told = False
    while gpus and not stopped():
        for gpu in gpus:
            busy: list[str] = []
            with held(locks_dir() / gpu.uuid, holder, waiting=busy.append, stopped=lambda: bool(busy)) as mine:  # noqa: B023
                if mine:
                    yield gpu
                    return
            if not told and gpu == gpus[-1]:
                waiting(busy[0])
                told = True
    yield None


@contextmanager
def held_further(
    gpus: Sequence[Gpu], first: Gpu | None, holder: dict[str, Any], count: int
) -> Iterator[tuple[Gpu, ...]]:
    """Hold further GPUs beside the first, if they are free now: who waited for a second could wait for each other.

    Args:
        gpus: any of them will do.
        first: the one that is held; None yields no GPU.
        holder: see `bnregress.run.environments.held`.
        count: of GPUs with the first.

    Yields:
        The GPUs that are held, the first one first.
    """
    with ExitStack() as stack:
        mine = [first] if first else []
        for gpu in gpus:
            if mine and gpu not in mine and len(mine) < count:
                busy: list[str] = []
                lock = held(locks_dir() / gpu.uuid, holder, waiting=busy.append, stopped=lambda: bool(busy))  # noqa: B023
                mine += [gpu] * stack.enter_context(lock)
        yield tuple(mine)


def wanted_by(planned: PlannedRelease, releases: Sequence[PlannedRelease]) -> int:
    """How many GPUs a release wants: those of its replicas, if that leaves one for every other release of the plan."""
    most = max(int(setup_of(cell.path, cell.variant).devices) for cell in planned.cells)
    others = sum(bool(other.placement.gpus) for other in releases if other.id != planned.id)
    return max(1, min(most, len(planned.placement.gpus) - others))


def seen_by(gpus: Sequence[str], devices: int) -> str:
    """The GPUs that a process sees, as CUDA_VISIBLE_DEVICES has it: as many of those held as its cells need."""
    return ",".join(gpus[:devices])


def shared(free: int, processes: int) -> tuple[int, int]:
    """How many processes may use a GPU at once, and the MiB that each of them may take; 0 for no limit.

    Args:
        free: memory that is free, in MiB.
        processes: as many as there is work, processors and memory of the machine for.
    """
    count = min(processes, free // PROCESS_MIB)
    return (count, free // count - CONTEXT_MIB) if count > 1 else (1, 0)


def xla_cache(planned: PlannedRelease) -> Path | None:
    """Where what XLA compiles for a release on its kind of GPU is kept; None for releases that cannot keep it.

    Nothing compiled for another build, GPU or driver is in the same folder.
    """
    if not planned.release.is_floating and Version(planned.release.tensorflow) < _KEEPS_XLA:
        return None
    what = json.dumps([planned.environment_sha256, planned.placement.kind], sort_keys=True)
    return cache_dir() / "xla" / hashlib.sha256(what.encode()).hexdigest()[:16]


def gpu_variables(
    environ: Mapping[str, str],
    *,
    gpu: str,
    environment: Path,
    release: Release,
    memory: int = 0,
    xla: str | None = None,
) -> dict[str, str]:
    """Variables of tests that run on a GPU, beside those of every test.

    Args:
        environ: the session's own; CUDA that is installed on the machine is found by its LD_LIBRARY_PATH.
        gpu: UUID of the only GPU that is seen, or several, see `seen_by`.
        environment: the release's environment, whose wheels may bring CUDA.
        release: what runs there.
        memory: MiB that a process may take of the GPU; 0 for no limit.
        xla: folder for what XLA compiles, see `xla_cache`.
    """
    own_flags = release.local is not None and "TF_XLA_FLAGS" in environ
    return {
        **({MEMORY: str(memory)} if memory else {}),
        **({"TF_XLA_FLAGS": f"--tf_xla_persistent_cache_directory={xla}"} if xla and not own_flags else {}),
        VARIABLE: "gpu",
        VISIBLE: gpu,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        # Why no GPU is seen is told by the log alone: which library is missing, from 2.16 on at this level only.
        "TF_CPP_MIN_LOG_LEVEL": "0",
        "TF_CPP_VMODULE": "dso_loader=1",
        **_deterministic(release),
        **cuda_wheels(environment, environ),
    }


def cuda_wheels(environment: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which CUDA is found in an environment's wheels, before that of the machine."""
    nvidia = sorted(environment.glob("lib/python*/site-packages/nvidia"))
    libraries = [str(folder) for root in nvidia for folder in sorted(root.glob("*/lib"))]
    libraries += [environ["LD_LIBRARY_PATH"]] if environ.get("LD_LIBRARY_PATH") else []
    variables = {}
    if libraries:
        variables["LD_LIBRARY_PATH"] = ":".join(libraries)
    for compiler in (root / "cuda_nvcc" for root in nvidia):
        if (compiler / "nvvm" / "libdevice").is_dir():
            variables["XLA_FLAGS"] = f"--xla_gpu_cuda_data_dir={compiler}"
    return variables


def _deterministic(release: Release) -> dict[str, str]:
    if not release.is_floating and _HAS_DETERMINISTIC_OPS <= Version(release.tensorflow) < _REFUSES_FROZEN_BATCHNORM:
        return {"TF_DETERMINISTIC_OPS": "1"}
    return {"TF_DETERMINISTIC_OPS": "0", "TF_CUDNN_DETERMINISTIC": "1"}
