"""The GPUs of this machine, as NVIDIA's own library tells; nothing of TensorFlow is needed or touched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_DRIVER = "no driver"

#: What restricts which GPUs a process sees; the user's own setting counts.
VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One GPU; `uuid` as CUDA_VISIBLE_DEVICES takes it, `capability` such as `8.6`."""

    uuid: str
    name: str
    capability: str


@dataclass(frozen=True, kw_only=True)
class Gpus:
    """The GPUs that may be used, in the order of their places on the bus, and the driver's version.

    Where there is none, `absent` says why in a sentence, and `remedy` what helps.
    """

    gpus: tuple[Gpu, ...] = ()
    driver: str = ""
    absent: str | None = None
    remedy: str | None = None


def probe(environ: Mapping[str, str] | None = None) -> Gpus:
    """Look for GPUs; takes milliseconds if there is no driver, and never raises.

    Args:
        environ: whose CUDA_VISIBLE_DEVICES counts; default: ours.
    """
    # Imported here, because most commands need no GPU, and the import is half of what this costs.
    import pynvml  # noqa: PLC0415

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return _without_driver(pynvml, error)
    try:
        found = Gpus(gpus=_gpus(pynvml), driver=_text(pynvml.nvmlSystemGetDriverVersion()))
    except pynvml.NVMLError as error:
        return Gpus(absent=f"The NVIDIA driver does not answer: {error}.", remedy="See what `nvidia-smi` says.")
    finally:
        pynvml.nvmlShutdown()
    if not found.gpus:
        return Gpus(
            driver=found.driver,
            absent=f"The NVIDIA driver {found.driver} sees no GPU.",
            remedy="See what `nvidia-smi` says; a container or a job may not have been given one.",
        )
    return visible(found, (os.environ if environ is None else environ).get(VISIBLE))


def free_mib(uuid: str) -> int:
    """Return the memory of a GPU that is free now, in MiB; 0 if that is not told, or if it takes one process alone."""
    import pynvml  # noqa: PLC0415

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return 0
    try:
        handle = pynvml.nvmlDeviceGetHandleByUUID(uuid)
        if pynvml.nvmlDeviceGetComputeMode(handle) != pynvml.NVML_COMPUTEMODE_DEFAULT:
            return 0
        return int(pynvml.nvmlDeviceGetMemoryInfo(handle).free) // 2**20
    except pynvml.NVMLError:
        return 0
    finally:
        pynvml.nvmlShutdown()


def visible(found: Gpus, setting: str | None) -> Gpus:
    """Return the GPUs that a setting of CUDA_VISIBLE_DEVICES leaves, by place or the beginning of the UUID.

    As CUDA has it, nothing behind an entry that names no GPU counts.
    """
    if setting is None:
        return found
    left: list[Gpu] = []
    for entry in (part.strip() for part in setting.split(",")):
        named = [gpu for gpu in found.gpus if entry and gpu.uuid.startswith(entry)]
        if entry.isdecimal() and int(entry) < len(found.gpus):
            named = [found.gpus[int(entry)]]
        if len(named) != 1:
            break
        left += [gpu for gpu in named if gpu not in left]
    if left:
        return Gpus(gpus=tuple(left), driver=found.driver)
    return Gpus(
        driver=found.driver,
        absent=f"{VISIBLE} is {setting!r} and hides every GPU of this machine.",
        remedy=f"Take {VISIBLE} out of the environment, or let it name a GPU by its number or UUID.",
    )


def _gpus(nvml: Any) -> tuple[Gpu, ...]:
    gpus = []
    for index in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
        uuid, name = _text(nvml.nvmlDeviceGetUUID(handle)), _text(nvml.nvmlDeviceGetName(handle))
        gpus.append(Gpu(uuid=uuid, name=name, capability=f"{major}.{minor}"))
    return tuple(gpus)


def _without_driver(nvml: Any, error: Exception) -> Gpus:
    nodes = [path.name for path in sorted(Path("/dev").glob("nvidia[0-9]*"))]
    if isinstance(error, nvml.NVMLError_LibRmVersionMismatch):
        return Gpus(
            absent="The NVIDIA driver's libraries and its kernel module are of different versions.",
            remedy="Restart the machine, as after every update of the driver.",
        )
    if nodes:
        return Gpus(
            absent=f"This machine has {', '.join(nodes)} in /dev, but its NVIDIA driver does not answer ({error}).",
            remedy="Install the driver's libraries; a container needs the NVIDIA container toolkit and `--gpus`.",
        )
    return Gpus(
        absent=f"This machine has {NO_DRIVER} for an NVIDIA GPU and no /dev/nvidia* ({error}).",
        remedy="Run it on a machine with a GPU and NVIDIA's driver, or with --device cpu.",
    )


def _text(value: str | bytes) -> str:
    # Older versions of the library give bytes.
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
