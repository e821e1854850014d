"""Which device a release runs on, and why not on a GPU. The GPUs here are made up; no test claims to run on one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.errors import UsageError
from bnregress.machine.gpus import Gpu, Gpus, probe, visible
from bnregress.machine.local_environment import LocalEnvironment
from bnregress.planning.placement import ON_CPU, Placement, place
from bnregress.releases.catalog import Release, load_catalog
from bnregress.releases.cuda import cuda_of, load_cuda
from bnregress.releases.local import as_release
from bnregress.results.converting import structure, unstructure

CATALOG = load_catalog()
T4 = Gpu(uuid="GPU-4f6e", name="Tesla T4", capability="7.5")
A10 = Gpu(uuid="GPU-a10b", name="NVIDIA A10G", capability="8.6")
OTHER_A10 = replace(A10, uuid="GPU-c3d4")
BLACKWELL = Gpu(uuid="GPU-5090", name="NVIDIA GeForce RTX 5090", capability="12.0")
NONE = Gpus(absent="There is no GPU.", remedy="Buy one.")


def gpus(*found: Gpu, driver: str = "550.54.15") -> Gpus:
    return Gpus(gpus=found, driver=driver)


@pytest.mark.parametrize("release", ["tf1.15.5", "tf2.1.0", "tf2.21.0", "nightly"])
def test_auto_without_a_gpu_is_the_cpu_as_if_nobody_had_asked(release: str) -> None:
    assert place(CATALOG[release], "auto", NONE) == ON_CPU


@pytest.mark.parametrize("release", ["tf1.15.5", "tf2.1.0", "tf2.21.0", "nightly"])
def test_gpu_without_a_gpu_is_unavailable_with_the_reason_and_never_the_cpu(release: str) -> None:
    found = place(CATALOG[release], "gpu", NONE)

    assert (found.device, found.unavailable, found.remedy) == ("gpu", NONE.absent, NONE.remedy)


@pytest.mark.parametrize(
    ("release", "gpu", "device"),
    [
        ("tf2.1.0", T4, "gpu"),
        ("tf2.1.0", A10, "cpu"),
        ("tf2.4.4", A10, "gpu"),
        ("tf2.13.1", A10, "gpu"),
        ("tf2.13.1", BLACKWELL, "cpu"),
        ("tf2.21.0", BLACKWELL, "cpu"),
        ("tf2.21.0", T4, "gpu"),
    ],
)
def test_auto_takes_a_gpu_where_the_release_has_code_for_it(release: str, gpu: Gpu, device: str) -> None:
    found = place(CATALOG[release], "auto", gpus(gpu))

    assert found.device == device
    assert found.unavailable is None
    assert bool(found.note) == (device == "cpu")


def test_a_gpu_that_is_too_new_is_told_with_its_name_and_both_capabilities() -> None:
    found = place(CATALOG["tf2.1.0"], "gpu", gpus(A10))

    assert found.unavailable
    for part in ("tf2.1.0", "CUDA 10.1", "7.x", "NVIDIA A10G", "8.6"):
        assert part in found.unavailable
    assert found.gpus == ()


def test_a_driver_that_is_too_old_is_told_with_the_one_that_is_needed() -> None:
    found = place(CATALOG["tf2.21.0"], "gpu", gpus(T4, driver="470.82.01"))

    assert found.unavailable
    assert "470.82.01 is too old for CUDA 12.5" in found.unavailable
    assert "525.60.13" in str(found.remedy)
    assert place(CATALOG["tf2.13.1"], "gpu", gpus(T4, driver="470.82.01")).unavailable is None


def test_a_release_gets_gpus_of_one_kind_and_none_that_it_has_no_code_for() -> None:
    assert place(CATALOG["tf2.1.0"], "gpu", gpus(A10, T4)).gpus == (T4,)
    assert place(CATALOG["tf2.15.1"], "gpu", gpus(A10, T4, OTHER_A10)).gpus == (A10, OTHER_A10)


def test_a_release_without_a_lock_for_the_gpu_says_how_to_make_it(tmp_path: Path) -> None:
    release: Release = replace(CATALOG["tf2.15.1"], locks=tmp_path)

    found = place(release, "gpu", gpus(T4))

    assert "no lock for the GPU" in str(found.unavailable)
    assert "nox -s lock -- tf2.15.1" in str(found.remedy)


def test_another_engine_runs_on_the_cpu_alone_and_says_so() -> None:
    release = CATALOG["keras3.15.1-jax0.11.2"]
    found = place(release, "gpu", gpus(A10))
    assert found.unavailable is not None
    assert "not tried on a GPU" in found.unavailable
    assert place(release, "auto", gpus(A10)).device == "cpu"


def test_a_placement_survives_its_json() -> None:
    for found in (ON_CPU, place(CATALOG["tf2.15.1"], "gpu", gpus(A10, OTHER_A10)), Placement(note="because")):
        assert structure(unstructure(found), Placement) == found


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        (None, (T4, A10, OTHER_A10)),
        ("1", (A10,)),
        ("2,0", (OTHER_A10, T4)),
        ("GPU-c3", (OTHER_A10,)),
        ("1,1", (A10,)),
        ("0,-1,1", (T4,)),
        ("-1", ()),
        ("", ()),
        ("7", ()),
        ("GPU-", ()),
    ],
)
def test_the_users_own_setting_restricts_the_gpus(setting: str | None, left: tuple[Gpu, ...]) -> None:
    found = visible(gpus(T4, A10, OTHER_A10), setting)

    assert found.gpus == left
    assert (found.absent is None) == bool(left)


@given(st.text(max_size=12))
def test_no_setting_of_visible_gpus_makes_gpus_or_goes_wrong(setting: str) -> None:
    assert set(visible(gpus(T4, A10), setting).gpus) <= {T4, A10}


def test_looking_for_gpus_here_ends_with_gpus_or_with_a_reason() -> None:
    found = probe()

    assert bool(found.gpus) != bool(found.absent)
    assert bool(found.absent) == bool(found.remedy)


def test_every_release_of_the_catalog_has_a_row_of_its_own_in_the_table() -> None:
    rows = load_cuda()
    for release in CATALOG.values():
        if release.on_tensorflow and not release.is_floating:
            assert tuple(map(int, release.tensorflow.split(".")[:2])) in rows
    assert cuda_of(CATALOG["nightly"]) == rows[max(rows)]


def test_a_row_of_the_table_that_names_no_cuda_is_told_by_name(tmp_path: Path) -> None:
    table = tmp_path / "cuda.toml"
    table.write_text('[tensorflow]\n"2.1" = { cuda = "10.2", cudnn = "7.6" }\n[libraries]\n[cuda]\n', encoding="utf-8")

    with pytest.raises(UsageError, match=r"TensorFlow '2\.1'.*no '10\.2'"):
        load_cuda(table)


def brought(**built: str) -> Release:
    local = LocalEnvironment(
        executable=Path("/opt/tf/bin/python"),
        python="3.7.16",
        tensorflow="1.15.5+nv23.3",
        keras="2.2.4-tf",
        packages={},
        packages_sha256="a" * 64,
        files="b" * 64,
        built=built,
    )
    return as_release(local)


def test_an_environment_of_your_own_runs_on_any_gpu_that_it_was_built_for_in_its_own_words() -> None:
    """A build of NVIDIA's serves a GPU that the release of the same version does not."""
    release = brought(cuda="12.1", cudnn="8.9")
    assert release.id == "tf1.15.5+local"
    assert place(release, "gpu", gpus(BLACKWELL)) == Placement(device="gpu", gpus=(BLACKWELL,), driver="550.54.15")
    assert place(release, "gpu", NONE).unavailable == NONE.absent
    assert place(release, "auto", NONE) == ON_CPU


def test_an_environment_of_your_own_that_was_built_without_cuda_is_not_run_as_if_on_a_gpu() -> None:
    asked, left_open = (place(brought(), device, gpus(T4)) for device in ("gpu", "auto"))
    assert asked.unavailable is not None
    assert "built without CUDA" in asked.unavailable
    assert (left_open.device, left_open.unavailable, left_open.note) == ("cpu", None, asked.unavailable)
