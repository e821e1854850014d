"""The GPU of a release's session: locked against other runs, and the variables that make TensorFlow compute on it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from packaging.version import Version

from bnregress.machine.gpus import VISIBLE, Gpu
from bnregress.planning.plan import PlannedRelease
from bnregress.releases.catalog import Release
from bnregress.run.environments import held
from bnregress.suite.gpu import VARIABLE

#: From here on the setting that makes operations deterministic forbids the gradient of a frozen BatchNorm on a GPU:
#: tensorflow/tensorflow PR 50505. What is left is cuDNN's own setting.
_REFUSES_FROZEN_BATCHNORM = Version("2.7")
#: Before, there is cuDNN's own setting alone.
_HAS_DETERMINISTIC_OPS = Version("2.1")


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


def most_side_by_side(releases: Sequence[PlannedRelease]) -> int:
    """How many of the releases can run at the same time: one on each GPU, and those that need none."""
    gpus = {gpu for planned in releases for gpu in planned.placement.gpus}
    return len(gpus) + sum(not planned.placement.gpus for planned in releases)


def gpu_variables(environ: Mapping[str, str], *, gpu: str, environment: Path, release: Release) -> dict[str, str]:
    """Variables of tests that run on a GPU, beside those of every test.

    Args:
        environ: the session's own; CUDA that is installed on the machine is found by its LD_LIBRARY_PATH.
        gpu: UUID of the only GPU that is seen.
        environment: the release's environment, whose wheels may bring CUDA.
        release: what runs there.
    """
    return {
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
