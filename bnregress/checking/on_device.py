"""What is inspected runs on the device that was asked for, or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bnregress.errors import FatalError
from bnregress.machine.devices import CPU, GPU
from bnregress.machine.gpus import VISIBLE, Gpu, probe
from bnregress.run.gpu_session import held_gpu
from bnregress.suite.gpu import VARIABLE


@contextmanager
def on_device(device: str, say: Callable[[str], None]) -> Iterator[dict[str, str]]:
    """Hold a GPU against runs of bnregress while the block runs, if one is asked for.

    Args:
        device: `cpu`, `gpu`, or `auto`, which leaves it to TensorFlow as the person's variables have it.
        say: told who has the GPU, if it must be waited for.

    Yields:
        variables of what is inspected, beside the person's own.

    Raises:
        FatalError: there is no GPU.
    """
    if device != GPU:
        yield {VISIBLE: "-1", "JAX_PLATFORMS": "cpu"} if device == CPU else {}
        return
    with one_gpu(say) as gpu:
        yield variables_of(gpu)


@contextmanager
def one_gpu(say: Callable[[str], None]) -> Iterator[Gpu]:
    """Hold one of this machine's GPUs.

    Raises:
        FatalError: there is none.
    """
    found = probe()
    if not found.gpus:
        raise FatalError(f"Could not decide: {found.absent} {found.remedy}")
    holder = {
        "marker": uuid.uuid4().hex,
        "pid": os.getpid(),
        "out": str(Path.cwd()),
        "since": datetime.now().astimezone().isoformat(sep=" ", timespec="seconds"),
    }
    waiting = lambda who: say(f"waiting for the GPU, which {who} is using")  # noqa: E731
    with held_gpu(found.gpus, holder, waiting=waiting, stopped=lambda: False) as gpu:
        assert gpu is not None  # noqa: S101 - nothing stops the wait
        yield gpu


def variables_of(gpu: Gpu) -> dict[str, str]:
    """Return the variables that make the suite demand this GPU, and TensorFlow say why it does not use it."""
    return {
        VARIABLE: GPU,
        VISIBLE: gpu.uuid,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "TF_CPP_MIN_LOG_LEVEL": "0",
        "TF_CPP_VMODULE": "dso_loader=1",
        "TF_CUDNN_DETERMINISTIC": "1",
    }
