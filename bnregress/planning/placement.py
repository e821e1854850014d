"""Which device a release runs on here, and why: decided before anything is installed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bnregress.errors import UsageError, nearest
from bnregress.machine.devices import AUTO, CPU, DEVICES, GPU
from bnregress.machine.gpus import Gpu, Gpus
from bnregress.machine.local_environment import LocalEnvironment
from bnregress.releases.catalog import Release
from bnregress.releases.cuda import Cuda, cuda_of


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a release runs.

    Attributes:
        device: `cpu` or `gpu`.
        gpus: the GPUs that it may run on, all of one kind; none on the CPU.
        driver: version of their driver.
        unavailable, remedy: why it cannot run on the device that was requested, and what helps.
        note: why it does not run on a GPU that is there, if that was left to us.
    """

    device: str = CPU
    gpus: tuple[Gpu, ...] = ()
    driver: str = ""
    unavailable: str | None = None
    remedy: str | None = None
    note: str | None = None

    @property
    def kind(self) -> dict[str, str] | None:
        """What of the GPU bears on a verdict; None on the CPU."""
        if not self.gpus:
            return None
        return {"name": self.gpus[0].name, "capability": self.gpus[0].capability, "driver": self.driver}


ON_CPU = Placement()


def require_device(device: str) -> None:
    """Raise UsageError unless `--device` may be that."""
    known = (AUTO, *DEVICES)
    if device not in known:
        raise UsageError(f"{device!r} is not a device.{nearest(device, known)} Write {', '.join(known)}.")


def place(release: Release, requested: str, gpus: Gpus) -> Placement:
    """Say where a release runs.

    Args:
        release: it need not have a lock.
        requested: `cpu`, `gpu` or `auto`, which takes a GPU if the release can use one, else the CPU.
        gpus: those of this machine.
    """
    if requested == CPU or (requested == AUTO and not gpus.gpus):
        return ON_CPU
    found = _on_a_gpu(release, gpus)
    if requested == AUTO and found.unavailable:
        return Placement(note=found.unavailable)
    return found


def _on_a_gpu(release: Release, gpus: Gpus) -> Placement:
    if release.local is not None:
        return _on_a_gpu_as_it_stands(release.local, gpus)
    if not release.gpu:
        return Placement(
            device=GPU,
            unavailable=f"{release.id} was not tried on a GPU: bnregress tests Keras on TensorFlow there.",
            remedy="Run it with --device cpu.",
        )
    if not release.is_floating and not release.lock_path(GPU).is_file():
        return Placement(
            device=GPU,
            unavailable=f"{release.id} has no lock for the GPU.",
            remedy=f"Make it with `nox -s lock -- {release.id}` in a clone of bnregress.",
        )
    if not gpus.gpus:
        return Placement(device=GPU, unavailable=gpus.absent, remedy=gpus.remedy)
    cuda = cuda_of(release)
    if not cuda.serves_driver(gpus.driver):
        return Placement(
            device=GPU,
            unavailable=f"The driver {gpus.driver} is too old for CUDA {cuda.cuda}, which {release.id} is built with.",
            remedy=f"Install the driver {cuda.driver} or a newer one.",
        )
    served = [gpu for gpu in gpus.gpus if cuda.serves_capability(gpu.capability)]
    if not served:
        return Placement(device=GPU, unavailable=_too_new(release, cuda, gpus), remedy=_older_gpu(cuda))
    return _on_one_kind(served, gpus.driver)


def _on_a_gpu_as_it_stands(local: LocalEnvironment, gpus: Gpus) -> Placement:
    """What it was built with decides; whether its libraries serve this GPU is told by TensorFlow itself."""
    if not local.built:
        return Placement(
            device=GPU,
            unavailable=f"The TensorFlow {local.tensorflow} of {local.executable} was built without CUDA.",
            remedy="Bring an environment with a build for the GPU, or run it with --device cpu.",
        )
    if not gpus.gpus:
        return Placement(device=GPU, unavailable=gpus.absent, remedy=gpus.remedy)
    return _on_one_kind(gpus.gpus, gpus.driver)


def _on_one_kind(served: Sequence[Gpu], driver: str) -> Placement:
    # One kind of GPU for all of a release's cells: its verdicts are those of one machine.
    alike = tuple(gpu for gpu in served if _kind(gpu) == _kind(served[0]))
    return Placement(device=GPU, gpus=alike, driver=driver)


def _kind(gpu: Gpu) -> tuple[str, str]:
    return gpu.name, gpu.capability


def _too_new(release: Release, cuda: Cuda, gpus: Gpus) -> str:
    names = " and ".join(
        f"{name} (compute capability {number})" for name, number in dict.fromkeys(map(_kind, gpus.gpus))
    )
    return (
        f"{release.id} is built with CUDA {cuda.cuda}, which supports GPUs up to compute capability"
        f" {cuda.capability.split('.')[0]}.x, and here there is {names}."
    )


def _older_gpu(cuda: Cuda) -> str:
    return (
        f"Run it on a GPU of compute capability {cuda.capability} or less, or with --device cpu;"
        " newer releases support newer GPUs."
    )
