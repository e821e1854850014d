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
from bnregress.machine.gpus import Gpu, Gpus, probe
from bnregress.results.file import load_results
from bnregress.results.model import Results
from bnregress.run.environments import environment_path
from bnregress.run.gpu_session import held_gpu, most_side_by_side
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
