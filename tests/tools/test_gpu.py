"""`nox -s gpu` without a GPU: GPUs are made up, and what the steps would leave is written by a stand-in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest

from bnregress.errors import ExitCode
from bnregress.machine.gpus import Gpu, Gpus, probe
from bnregress.releases.catalog import load_catalog
from bnregress.results.file import write_results
from bnregress.results.model import CheckResult, Results
from bnregress.suite import status
from tests.judging.gate.conftest import cell, results
from tools.gpu.__main__ import main, newest
from tools.gpu.deviations import deviations
from tools.gpu.steps import FAULTS, PARTS, Step, carry_out, steps

ROOT = Path(__file__).parents[2]
H200 = Gpus(gpus=(Gpu(uuid="GPU-1", name="NVIDIA H200", capability="9.0"),), driver="580.159.04")
DEVICE = {"kind": "gpu", "name": "NVIDIA H200", "driver": "580.159.04", "cuda": "12.5.1", "cudnn": "9.19"}
SOUND = {"relative": 1e-6, "tolerance": 4e-6}


def check(name: str, **evidence: Any) -> CheckResult:
    return CheckResult(name=name, status=status.PASS, reason="as it must", evidence=evidence)


def left(*statuses: str) -> Results:
    """Results of one cell a status."""
    names = ("h5", "json", "clone")
    cells = [
        replace(
            cell(f"tf2.21.0/{name}", each),
            checks=(check("release-drift", **SOUND),) * (each == status.PASS),
            seconds={"build": 1.0, "checks": 2.0},
        )
        for name, each in zip(names, statuses, strict=False)
    ]
    made = results(*cells)
    releases = {id: replace(release, device=DEVICE) for id, release in made.releases.items()}
    return replace(made, releases=releases)


class Steps:
    """Stands for the commands: leaves results by the name of the folder, and exits as it is told."""

    def __init__(self, codes: dict[str, int] | None = None, left: dict[str, Results] | None = None) -> None:
        self.codes, self.left = codes or {}, left or {}
        self.commands: list[Sequence[str]] = []

    def __call__(self, command: Sequence[str], stdout: IO[str] | None) -> int:
        self.commands.append(command)
        if stdout is not None:
            stdout.write("a table\n7 of 7 caught, 7 of them attributed correctly.\n")
            return self.codes.get(FAULTS, 0)
        out = Path(command[command.index("--out") + 1])
        out.mkdir(exist_ok=True)
        write_results(self.left.get(out.name, left(status.PASS)), out / "results.json")
        return self.codes.get(out.name, 0)


@pytest.mark.skipif(bool(probe().gpus), reason="this machine has a GPU")
def test_without_a_gpu_the_command_itself_says_so_and_exits_with_3(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tools.gpu", "--out", str(tmp_path / "out")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == ExitCode.NOTHING_TO_DO
    assert ended.stderr.startswith("Nothing was run on a GPU: This machine has no driver")
    assert not (tmp_path / "out").exists()


def test_all_parts_run_in_turn_and_the_block_tells_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake = Steps()

    assert main(["--out", str(tmp_path)], lambda: H200, fake) == ExitCode.EXPECTED

    told = [next(part for part in ("finetune", "tests.power", "cpu", "gpu") if part in each) for each in fake.commands]
    assert told == ["gpu", "gpu", "finetune", "tests.power", "cpu", "cpu"]
    release = newest(load_catalog())
    assert all(release in command for command in fake.commands)
    block = capsys.readouterr().out
    for said in (
        "### NVIDIA H200, 20",
        "| driver | 580.159.04 |",
        "| cuDNN | 9.19 |",
        "7 of 7 caught",
        "Of 1 cells, 1 have the same status on both",
        "<code>release-drift</code> | float32 | 1 | 1.0e-06 | 4.0e-06 | 25% | <code>h5</code> |",
    ):
        assert said in block
    assert block.endswith((tmp_path / "gpu.md").read_text(encoding="utf-8"))


def test_a_cell_that_the_gpu_decides_otherwise_than_the_cpu_is_told_and_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = Steps(
        left={"properties": left(status.PASS, status.INCONCLUSIVE), "benchmark": left(status.PASS, status.PASS)}
    )

    assert main(["--out", str(tmp_path), "--part", "benchmark"], lambda: H200, fake) == ExitCode.REGRESSION
    assert "- <code>json</code>: pass on the CPU, inconclusive on the GPU" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ({"finetune": 4}, ExitCode.UNDECIDED),
        ({FAULTS: 1, "finetune": 4}, ExitCode.REGRESSION),
        ({FAULTS: 3}, ExitCode.NOTHING_TO_DO),
        ({"properties": -9}, ExitCode.UNDECIDED),
    ],
)
def test_the_gravest_exit_code_of_a_part_is_that_of_the_whole(
    codes: dict[str, int], expected: ExitCode, tmp_path: Path
) -> None:
    assert main(["--out", str(tmp_path)], lambda: H200, Steps(codes)) == expected


def test_where_the_first_cell_cannot_run_on_the_gpu_nothing_else_is_tried(tmp_path: Path) -> None:
    fake = Steps({"ready-gpu": 4})

    assert main(["--out", str(tmp_path)], lambda: H200, fake) == ExitCode.UNDECIDED
    assert len(fake.commands) == 1


def test_an_environment_takes_the_place_of_the_release_in_every_command(tmp_path: Path) -> None:
    found = steps(("--environment", "/opt/mine"), tmp_path, PARTS, 2, offline=True)

    assert all("/opt/mine" in step.command for step in found)
    assert not any("--select" in step.command or "--release" in step.command for step in found)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--release", "tf2.21.9"),
        ("--environment", "/nowhere"),
        ("--environment", "x", "--release", "tf2.21.0"),
        ("--seeds", "0"),
    ],
)
def test_a_mistake_is_refused_before_anything_runs(arguments: tuple[str, ...], tmp_path: Path) -> None:
    fake = Steps()
    try:
        code = main([*arguments, "--out", str(tmp_path / "out")], lambda: H200, fake)
    except SystemExit as refused:
        code = int(refused.code or 0)
    assert code == ExitCode.USAGE
    assert not fake.commands


def test_results_of_an_earlier_call_never_stand_in_for_a_step_that_left_none(tmp_path: Path) -> None:
    step = Step(name="x", title="x", command=("true",), out=tmp_path)
    write_results(left(status.PASS), tmp_path / "results.json")

    assert carry_out(step, lambda _command, _stdout: 2).results is None


def test_the_cpu_is_measured_on_two_cores_alone(tmp_path: Path) -> None:
    everywhere = os.sched_getaffinity(0)
    seen: list[int] = []

    def start(_command: Sequence[str], _stdout: IO[str] | None) -> int:
        seen.append(len(os.sched_getaffinity(0)))
        return 0

    for step in steps(("--select", "tf2.21.0"), tmp_path, ("benchmark",), 1, offline=False):
        carry_out(step, start)
    assert seen[-1] <= 2
    assert seen[0] == len(everywhere) == len(os.sched_getaffinity(0))


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_reaches_the_step_and_waits_for_its_end(tmp_path: Path) -> None:
    script = f"""
import signal, sys, time
def end(*_):
    time.sleep(0.5)
    open({str(tmp_path / "ended")!r}, "w").close()
    sys.exit(130)
signal.signal(signal.SIGINT, end)
open({str(tmp_path / "begun")!r}, "w").close()
time.sleep(600)
"""
    caller = "import sys; from tools.gpu.steps import to_its_end; to_its_end([sys.executable, '-c', sys.argv[1]], None)"
    command = [sys.executable, "-c", caller, script]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True) as parent:
        while not (tmp_path / "begun").exists():
            assert parent.poll() is None
            time.sleep(0.05)
        parent.send_signal(signal.SIGINT)
        try:
            assert parent.wait(timeout=60) != 0
        finally:
            os.killpg(parent.pid, signal.SIGKILL) if parent.poll() is None else None
    assert (tmp_path / "ended").exists()


def test_of_each_check_and_precision_the_cell_nearest_to_its_tolerance_is_told() -> None:
    near, far = {"relative": {"1": 1e-7, "3": 2e-6}, "tolerance": 4e-6}, {"relative": 1e-7, "tolerance": 1e-6}
    rows = deviations(
        [
            replace(cell("tf2.21.0/h5", "pass"), checks=(check("batch-independence", **far),)),
            replace(cell("tf2.21.0/json", "pass"), checks=(check("batch-independence", **near),)),
            replace(cell("tf2.21.0/small@train=mixed", "pass"), checks=(check("batch-independence", **far),)),
        ]
    )

    assert [(row.precision, row.cells, row.cell) for row in rows] == [
        ("float32", 2, "json"),
        ("mixed", 1, "small@train=mixed"),
    ]
    assert rows[0].share == pytest.approx(0.5)


def test_what_must_differ_and_what_did_not_pass_is_no_deviation() -> None:
    unfrozen = check("fit-eval-parity", fit_loss=2.0, evaluate_loss=3.0, tolerance=4e-6, documented="un-frozen")
    broken = replace(check("oracle", largest=9.0, tolerance=1e-6), status=status.REGRESS)
    losses = check("fit-eval-parity", fit_loss=2.0, evaluate_loss=2.000002, tolerance=4e-6)
    none = check("mode-parity", relative=0.0, tolerance=0.0)
    control = check("unfreeze-control", relative=0.9, clear=1e-3, tolerance=3e-6)
    momentum = check("unfreeze-control", relative=0.9, clear=1e-3, momentum_deviation=6e-8, tolerance=3e-6)

    rows = deviations(
        [replace(cell("tf2.21.0/h5", "pass"), checks=(unfrozen, broken, losses, none, control, momentum))]
    )

    told = [(row.check, row.cells) for row in rows]
    assert told == [("fit-eval-parity", 1), ("mode-parity", 1), ("unfreeze-control", 1)]
    assert rows[2].share == pytest.approx(0.02)
    assert rows[0].largest == pytest.approx(1e-6, rel=1e-3)
    assert rows[1].share == 0


def test_the_newest_release_is_that_of_the_catalog() -> None:
    catalog = load_catalog()
    assert "default" in catalog[newest(catalog)].groups
    assert "-keras" not in newest(catalog)
