"""Runs that are to use a GPU. The GPUs that the engine is told of are made up; the suite is one of fakes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.machine.gpus import Gpu, Gpus, free_mib, probe
from bnregress.planning.plan import PlannedRelease, most_side_by_side
from bnregress.results.file import load_results
from bnregress.results.model import Results
from bnregress.run.environments import environment_path
from bnregress.run.gpu_session import (
    PROCESS_MIB,
    held_further,
    held_gpu,
    seen_by,
    shared,
    wanted_by,
    xla_cache,
)
from bnregress.run.options import RunOptions
from bnregress.suite import status
from tests.planning.plans import make_plan
from tests.run.conftest import World, run

ONE, OTHER = (Gpu(uuid=uuid, name="Tesla T4", capability="7.5") for uuid in ("GPU-1", "GPU-2"))
HOLDER = {"out": "here", "pid": os.getpid(), "since": "now"}


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(bool(probe().gpus), reason="this machine has a GPU")
def test_a_run_on_a_machine_without_a_gpu_ends_at_once_as_unavailable_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BNREGRESS_ENVIRONMENTS", str(tmp_path / "environments"))
    monkeypatch.setenv("BNREGRESS_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "out"

    code = main(["run", "--select", "tf2.21.0", "--path", "vgg16", "--device", "gpu", "--out", str(out)])

    (cell,) = load_results(out / "results.json").cells
    assert code == 4
    assert (cell.status, cell.device) == (status.UNAVAILABLE, "gpu")
    assert "no driver" in cell.reason
    assert "--device cpu" in str(cell.remedy)
    assert not list((tmp_path / "environments").glob("regress-*"))


@pytest.mark.skipif(bool(probe().gpus), reason="this machine has a GPU")
def test_a_plan_for_the_gpu_is_parted_where_there_is_no_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["plan", "--select", "tf2.{1.0,21.0}", "--device", "gpu", "--shards", "3", "--format", "github"])

    rows = json.loads(capsys.readouterr().out)["include"]
    assert code == 0
    assert {row["device"] for row in rows} == {"gpu"}


def run_on(world: World, found: Gpus, device: str, *paths: str) -> Results:
    world.catalog["tf9.9.9"].lock_path("gpu").write_bytes(world.catalog["tf9.9.9"].lock().read_bytes())
    options = RunOptions(out=world.out, select=("tf9.9.9",), paths=paths, device=device, fresh=True, jobs=2)
    results, _ = run(options, world.events.append, replace(world.surroundings(), gpus=lambda: found))
    return results


def test_a_cell_that_is_to_run_on_a_gpu_is_not_decided_by_a_framework_that_sees_none(world: World) -> None:
    """The fake framework has no GPU, as TensorFlow where the driver has gone after the plan was made."""
    results = run_on(world, Gpus(gpus=(ONE,), driver="550.54"), "gpu", "sound", "regresses")

    assert {cell.status for cell in results.cells} == {status.UNAVAILABLE}
    assert all(cell.device == "gpu" and not cell.checks and cell.remedy for cell in results.cells)
    assert environment_path(world.environments, "tf9.9.9", "gpu").is_dir()
    assert not environment_path(world.environments, "tf9.9.9").exists()


def test_auto_runs_on_the_cpu_where_the_gpu_cannot_be_used_and_says_why(world: World) -> None:
    results = run_on(world, Gpus(gpus=(ONE,), driver="300.1"), "auto", "sound")

    assert [(cell.status, cell.device) for cell in results.cells] == [(status.PASS, "cpu")]
    assert "driver 300.1 is too old" in str((results.releases["tf9.9.9"].device or {})["note"])


def test_a_gpu_is_held_by_one_at_a_time_and_several_are_spread() -> None:
    waited: list[str] = []
    with (
        held_gpu((ONE, OTHER), HOLDER, waiting=waited.append, stopped=lambda: False) as first,
        held_gpu((ONE, OTHER), HOLDER, waiting=waited.append, stopped=lambda: False) as second,
    ):
        assert {first, second} == {ONE, OTHER}
        assert not waited
        with held_gpu((ONE, OTHER), HOLDER, waiting=waited.append, stopped=lambda: bool(waited)) as third:
            assert third is None
    assert len(waited) == 1
    assert "the run in here" in waited[0]


def test_who_waits_for_a_gpu_gets_it_when_it_is_free() -> None:
    got: list[Gpu | None] = []
    waits = threading.Event()

    def take() -> None:
        with held_gpu((ONE,), HOLDER, waiting=lambda _: waits.set(), stopped=lambda: False) as gpu:
            got.append(gpu)

    with held_gpu((ONE,), HOLDER, waiting=print, stopped=lambda: False):
        other = threading.Thread(target=take)
        other.start()
        assert waits.wait(timeout=30)
        assert not got
    other.join(timeout=30)
    assert got == [ONE]


def test_a_gpu_is_free_again_when_its_run_was_killed(locks: Path) -> None:
    script = (
        "import sys, time; from bnregress.machine.gpus import Gpu; from bnregress.run.gpu_session import held_gpu\n"
        "gpu = Gpu(uuid='GPU-1', name='Tesla T4', capability='7.5')\n"
        "with held_gpu((gpu,), {'out': 'there'}, waiting=print, stopped=lambda: False): print('held', flush=True);"
        " time.sleep(600)"
    )
    variables = {**os.environ, "TMPDIR": str(locks)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=variables) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "held\n"
            waited: list[str] = []
            with held_gpu((ONE,), HOLDER, waiting=waited.append, stopped=lambda: bool(waited)) as gpu:
                assert gpu is None
        finally:
            child.send_signal(signal.SIGKILL)
    with held_gpu((ONE,), HOLDER, waiting=print, stopped=lambda: False) as gpu:
        assert gpu == ONE


def test_no_more_releases_run_side_by_side_than_there_are_gpus() -> None:
    plan = make_plan({"tf2.1.0": ["h5"], "tf2.2.3": ["h5"], "tf2.3.4": ["h5"]})
    on_gpu = [replace(each, placement=replace(each.placement, device="gpu", gpus=(ONE,))) for each in plan.releases]

    assert most_side_by_side(plan.releases) == 3
    assert most_side_by_side(on_gpu) == 1
    assert most_side_by_side([*on_gpu[:2], plan.releases[2]]) == 2


def test_as_many_processes_share_a_gpu_as_its_free_memory_has_room_for() -> None:
    assert shared(140_000, 16) == (8, 140_000 // 8 - 1024)
    assert shared(140_000, 2)[0] == 2
    assert shared(81_000, 16) == (4, 81_000 // 4 - 1024)


@pytest.mark.parametrize(("free", "processes"), [(0, 16), (PROCESS_MIB * 2 - 1, 16), (140_000, 1)])
def test_where_there_is_room_for_one_it_has_no_limit(free: int, processes: int) -> None:
    assert shared(free, processes) == (1, 0)


@pytest.mark.skipif(bool(probe().gpus), reason="this machine has a GPU")
def test_what_is_free_of_a_gpu_that_does_not_answer_is_nothing() -> None:
    assert free_mib("GPU-1") == 0


def test_what_xla_compiled_is_kept_apart_for_each_build_and_kind_of_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BNREGRESS_CACHE", str(tmp_path))
    new, other, old = (
        replace(each, placement=replace(each.placement, device="gpu", gpus=(ONE,), driver="550.54"))
        for each in make_plan({"tf2.21.0": ["h5"], "tf2.20.0": ["h5"], "tf2.15.1": ["h5"]}).releases
    )
    other = replace(other, lock_sha256="2" * 64)
    driver = replace(new, placement=replace(new.placement, driver="560.1"))

    folders = {xla_cache(planned) for planned in (new, other, driver)}

    assert len(folders) == 3
    assert all(folder is not None and folder.parent == tmp_path / "xla" for folder in folders)
    assert xla_cache(new) in folders
    assert xla_cache(old) is None


def test_a_run_on_a_gpu_with_room_is_shared_and_each_process_is_told_its_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnregress.run.release.free_mib", lambda _uuid: 64_000)

    run_on(world, Gpus(gpus=(ONE,), driver="550.54"), "gpu", "sound", "regresses")

    request = json.loads((world.out / "run" / "releases" / "tf9.9.9" / "session.json").read_text(encoding="utf-8"))
    assert (request["workers"], request["gpu_memory"]) == (2, 64_000 // 2 - 1024)
    assert request["gpus"] == [ONE.uuid]
    assert "/xla/" in request["xla"]


def on_gpus(*gpus: Gpu, cells: dict[str, tuple[str, str]]) -> list[PlannedRelease]:
    """Releases with a cell each, path and variant, on these GPUs."""
    planned = make_plan({id: [path] for id, (path, _) in cells.items()}).releases
    return [
        replace(
            each,
            cells=tuple(replace(cell, variant=cells[each.id][1]) for cell in each.cells),
            placement=replace(each.placement, device="gpu", gpus=gpus),
        )
        for each in planned
    ]


@pytest.mark.parametrize("cell", [("replicas", "default"), ("small", "wrap=functional,train=replicas")])
def test_a_release_with_replicas_wants_two_gpus_where_no_other_release_lacks_one(cell: tuple[str, str]) -> None:
    alone = on_gpus(ONE, OTHER, cells={"tf2.1.0": cell})
    beside = on_gpus(ONE, OTHER, cells={"tf2.1.0": cell, "tf2.2.3": ("h5", "default")})
    plain = on_gpus(ONE, OTHER, cells={"tf2.1.0": ("h5", "default")})

    assert wanted_by(alone[0], alone) == 2
    assert wanted_by(beside[0], beside) == 1
    assert wanted_by(plain[0], plain) == 1
    single = on_gpus(ONE, cells={"tf2.1.0": cell})
    assert wanted_by(single[0], single) == 1


def test_a_second_gpu_is_held_if_it_is_free_and_nobody_waits_for_it() -> None:
    waited: list[str] = []
    with held_further((ONE, OTHER), ONE, HOLDER, 2) as gpus:
        assert gpus == (ONE, OTHER)
        with held_gpu((OTHER,), HOLDER, waiting=waited.append, stopped=lambda: bool(waited)) as third:
            assert third is None
        with held_further((ONE, OTHER), ONE, HOLDER, 2) as others:
            assert others == (ONE,)
    with held_further((ONE, OTHER), None, HOLDER, 2) as none:
        assert none == ()


def test_only_a_process_whose_cells_need_several_gpus_sees_several() -> None:
    assert seen_by(["GPU-1", "GPU-2"], 1) == "GPU-1"
    assert seen_by(["GPU-1", "GPU-2"], 2) == "GPU-1,GPU-2"
    assert seen_by(["GPU-1"], 2) == "GPU-1"
