"""What a release needs to run on a GPU: CUDA, a driver, a compute capability. One table, `resources/cuda.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from bnregress.reading.tables import Table
from bnregress.releases.catalog import ConstraintSet, Release
from bnregress.resources import RESOURCES

TABLE = RESOURCES / "cuda.toml"

#: No wheel of these is on the index, and TensorFlow runs without TensorRT.
LEFT_OUT = ("tensorrt", "tensorrt-bindings", "tensorrt-libs")

#: What TensorFlow is installed from on the CPU, and what stands in its place on a GPU.
_TENSORFLOW = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu")

_NUMBERS = r"\d+(\.\d+)+"


@dataclass(frozen=True, kw_only=True)
class Cuda:
    """What the GPU wheels of a release were built with, and what that needs.

    Attributes:
        cuda, cudnn: versions such as `11.2`.
        driver: the oldest driver that serves this CUDA on Linux.
        capability: the highest compute capability that this CUDA has code for.
        libraries: requirements that bring CUDA as wheels; none if the wheel's own extra does or nothing does.
    """

    cuda: str
    cudnn: str
    driver: str
    capability: str
    libraries: tuple[str, ...] = ()

    def serves_capability(self, capability: str) -> bool:
        """Whether its binaries run on a GPU of that compute capability, or on an older one."""
        return Version(capability).major <= Version(self.capability).major

    def serves_driver(self, driver: str) -> bool:
        """Whether that driver is new enough."""
        return Version(driver) >= Version(self.driver)


def cuda_of(release: Release) -> Cuda:
    """Return what the GPU wheels of a release were built with; the newest row stands for newer releases."""
    rows = load_cuda()
    if release.is_floating:
        return rows[max(rows)]
    version = Version(release.tensorflow)
    return rows.get((version.major, version.minor)) or rows[max(rows)]


@cache
def load_cuda(path: Path = TABLE) -> dict[tuple[int, int], Cuda]:
    """Read the table, by major and minor version of TensorFlow.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; the message names the row and the key.
    """
    document = Table.read(path, "the table of CUDA versions")
    document.check_keys(("tensorflow", "cuda", "libraries"))
    sets = Table(path, "table 'libraries'", document.entries["libraries"])
    versions = document.tables("cuda", "CUDA")
    rows = {}
    for name, row in document.tables("tensorflow", "TensorFlow").items():
        row.check_keys(("cuda", "cudnn"), ("libraries",))
        built = versions[row.choice("cuda", versions)]
        built.check_keys(("driver", "capability"))
        rows[(Version(name).major, Version(name).minor)] = Cuda(
            cuda=row.text("cuda", _NUMBERS, "a version"),
            cudnn=row.text("cudnn", _NUMBERS, "a version"),
            driver=built.text("driver", _NUMBERS, "a version"),
            capability=built.text("capability", _NUMBERS, "a compute capability such as 8.6"),
            libraries=sets.texts(row.choice("libraries", sets.entries)) if "libraries" in row.entries else (),
        )
    return rows


def gpu_limits(release: Release, limits: ConstraintSet, cpu: dict[str, str]) -> ConstraintSet:
    """Return what a GPU lock is resolved under: the versions of the CPU lock, and CUDA beside them.

    Verdicts of both devices can be compared only if nothing else differs.

    Args:
        release: whose lock it is.
        limits: its constraint sets.
        cpu: name and version of each package of its CPU lock.
    """
    pins = {name: f"{name}=={version}" for name, version in cpu.items() if name not in _TENSORFLOW}
    overridden = {Requirement(text).name.lower().replace("_", "-") for text in limits.override}
    return ConstraintSet(
        limit=(
            *limits.limit,
            *(pin for name, pin in pins.items() if name not in overridden),
            *cuda_of(release).libraries,
        ),
        override=tuple(pins[name] for name in sorted(overridden) if name in pins),
        # What keeps the package tensorflow away from tensorflow-cpu would leave nothing here.
        exclude=(*(name for name in limits.exclude if name not in _TENSORFLOW), *LEFT_OUT),
        source=limits.source,
    )
