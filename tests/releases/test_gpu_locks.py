"""The locks for the GPU: the CPU's versions, and CUDA beside them."""

from __future__ import annotations

import pytest

from bnregress.releases.catalog import Release, load_catalog
from bnregress.releases.cuda import cuda_of
from bnregress.releases.resolution import pinned

TENSORFLOW = {"tensorflow", "tensorflow-cpu", "tensorflow-gpu"}
EVERYWHERE = [each for own in load_catalog().values() for each in (own, *map(own.on, own.other_pythons))]
RELEASES = [each for each in EVERYWHERE if each.lock_path("gpu").is_file()]


def pins(release: Release, device: str) -> dict[str, str]:
    return pinned(release.lock(device).read_text(encoding="utf-8"))


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.lock_path("gpu").stem)
def test_a_lock_for_the_gpu_has_the_versions_of_the_cpu_and_cuda_beside_them(release: Release) -> None:
    cpu, gpu = pins(release, "cpu"), pins(release, "gpu")
    cuda = {name for name in gpu if name.startswith("nvidia-")}

    assert {name: version for name, version in gpu.items() if name not in cuda | TENSORFLOW} == {
        name: version for name, version in cpu.items() if name not in TENSORFLOW
    }
    package = release.gpu.partition("[")[0]
    assert TENSORFLOW & set(gpu) == {package}
    assert gpu[package] == release.tensorflow


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.lock_path("gpu").stem)
def test_cuda_in_a_lock_is_of_the_generation_that_the_release_is_built_with(release: Release) -> None:
    gpu, cuda = pins(release, "gpu"), cuda_of(release)
    runtimes = {name: version for name, version in gpu.items() if name.startswith("nvidia-cuda-runtime-cu")}

    if release.gpu.endswith("[and-cuda]") or cuda.libraries:
        ((name, version),) = runtimes.items()
        assert name.endswith("-cu" + cuda.cuda.partition(".")[0])
        assert version.partition(".")[0] == cuda.cuda.partition(".")[0]
        assert tuple(map(int, version.split(".")[:2])) >= tuple(map(int, cuda.cuda.split(".")))
        assert any(name.startswith("nvidia-cudnn-cu") for name in gpu)
    else:
        assert not runtimes


def test_every_release_of_the_default_group_has_a_lock_for_the_gpu() -> None:
    missing = [each.lock_path("gpu").name for each in EVERYWHERE if "default" in each.groups and each not in RELEASES]
    assert not missing
