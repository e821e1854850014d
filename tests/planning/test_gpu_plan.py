"""Plans in which releases run on a GPU. The GPUs are made up."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import UsageError
from bnregress.machine.gpus import Gpu, Gpus
from bnregress.machine.interpreters import Interpreter
from bnregress.planning.durations import load_durations
from bnregress.planning.packing import pack, take_shard
from bnregress.planning.plan import Plan
from bnregress.releases.catalog import load_catalog
from bnregress.reports.devices import device_lines
from bnregress.reports.planned import Forecast, print_plan
from bnregress.run.verdict_cache import key_of
from tests.planning.plans import plan_of

A10 = Gpu(uuid="GPU-a10b", name="NVIDIA A10G", capability="8.6")
HERE = Gpus(gpus=(A10,), driver="550.54.15")


def plan(device: str, found: Gpus = HERE) -> Plan:
    return plan_of(
        select=["tf2.{1.0,15.1,21.0}"],
        paths=["h5", "vgg16"],
        device=device,
        catalog=load_catalog(),
        find=lambda python: Interpreter(f"{python}.1", Path("/python")),
        gpus=lambda: found,
    )


def test_auto_has_both_devices_where_a_release_cannot_use_the_gpu() -> None:
    made = plan("auto")

    assert {each.id: each.device for each in made.releases} == {
        "tf2.1.0": "cpu",
        "tf2.15.1": "gpu",
        "tf2.21.0": "gpu",
    }
    assert made.device == "auto"
    assert len(made.available) == 3
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_plan_without_a_gpu_has_the_hash_that_it_had_before_there_were_devices() -> None:
    cpu, auto = plan("cpu"), plan("auto", Gpus(absent="no GPU", remedy="none"))

    assert cpu == auto
    assert set(cpu.ingredients) == {"cells", "device", "locks", "suite"}


def test_the_hash_of_a_plan_for_the_gpu_is_the_same_with_a_gpu_and_without() -> None:
    assert plan("gpu").hash == plan("gpu", Gpus(absent="no GPU", remedy="none")).hash
    assert len({plan("gpu").hash, plan("cpu").hash, plan("auto").hash}) == 3


def test_no_shard_has_cells_of_both_devices() -> None:
    made = plan("auto")
    packed = pack(made, 3, load_durations())

    assert {each.device for each in packed} == {"cpu", "gpu"}
    for each in packed:
        assert {made.release(cell.release).device for cell in each.cells} == {each.device}
    with pytest.raises(UsageError, match="share no shard"):
        pack(made, 1, load_durations())
    part = take_shard(made, Shard(1, 3), load_durations())
    assert part.hash == made.hash


def test_a_verdict_is_kept_under_its_own_device_whatever_else_is_planned() -> None:
    def key(made: Plan, release: str) -> object:
        return key_of(made, made.release(release), CellId(release=release, path="h5"))

    assert key(plan("auto"), "tf2.1.0") == key(plan("cpu"), "tf2.1.0")
    assert key(plan("auto"), "tf2.15.1") == key(plan("gpu"), "tf2.15.1") != key(plan("cpu"), "tf2.15.1")
    assert key(plan("gpu"), "tf2.15.1") != key(plan("gpu", replace(HERE, driver="560.28.03")), "tf2.15.1")


def test_the_plan_says_which_device_each_release_takes_and_why_not_the_gpu() -> None:
    lines = list(device_lines(plan("auto")))

    assert lines[0].startswith("tf2.1.0 on the CPU: tf2.1.0 is built with CUDA 10.1")
    assert lines[1] == "tf2.15.1, tf2.21.0 on NVIDIA A10G, compute capability 8.6, driver 550.54.15"
    assert list(device_lines(plan("cpu"))) == []


def test_the_printed_plan_has_these_lines() -> None:
    console = Console(file=io.StringIO(), width=200)
    made = plan("auto")
    forecast = Forecast(releases={each.id: 1.0 for each in made.releases}, total=3.0, jobs=1, ready=frozenset())

    print_plan(console, made, forecast, [])

    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "on the CPU or a GPU" in printed
    assert "tf2.15.1, tf2.21.0 on NVIDIA A10G" in printed


def test_a_release_on_a_gpu_is_forecast_from_figures_of_its_own_and_one_after_the_other() -> None:
    made, durations = plan("gpu"), load_durations()
    gpu = durations.on("gpu")

    for planned in made.available:
        seconds = gpu.setup_seconds(planned.id) + sum(gpu.cell_seconds(planned.id, cell.path) for cell in planned.cells)
        assert durations.release_seconds(planned, ready=False, workers=8) == pytest.approx(seconds)
        assert seconds != durations.release_seconds(plan("cpu").release(planned.id), ready=False, workers=1)
    alone = sum(durations.release_seconds(planned, ready=False, workers=1) for planned in made.available)
    assert durations.plan_seconds(made, jobs=8) == pytest.approx(alone)
    assert durations.on("cpu") is durations
    assert durations.asking("finetune").on("gpu").cell_seconds("tf2.21.0", "h5") == gpu.finetune


def test_every_path_with_a_forecast_for_the_cpu_has_one_for_the_gpu() -> None:
    assert {*load_durations().path} == {*load_durations().on("gpu").path}
