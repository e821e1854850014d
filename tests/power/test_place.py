"""Trials on a GPU and in an environment that a person brings. The GPUs are made up, and TensorFlow is a stand-in."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.machine.gpus import Gpu, Gpus, probe
from bnregress.releases.catalog import load_catalog
from bnregress.run.gpu_session import held_gpu
from bnregress.suite import gpu as suite_gpu
from tests.power.__main__ import main
from tests.power.place import Place
from tests.run.brought import packages, virtual

H200 = Gpu(uuid="GPU-1", name="NVIDIA H200", capability="9.0")


@pytest.mark.skipif(bool(probe().gpus), reason="this machine has a GPU")
def test_without_a_gpu_no_fault_is_planted_and_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--device", "gpu", "--release", "tf2.21.0"]) == ExitCode.NOTHING_TO_DO
    assert "no driver" in capsys.readouterr().err


def test_a_release_that_this_gpu_cannot_run_is_refused_with_the_reason() -> None:
    with pytest.raises(Exception, match=r"supports GPUs up to compute capability 7\.x") as refused:
        Place.of("tf2.1.0", None, "gpu", lambda: Gpus(gpus=(H200,), driver="580.1"))
    assert getattr(refused.value, "exit_code", None) == ExitCode.NOTHING_TO_DO


def test_an_unknown_release_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--release", "tf2.21.9"]) == ExitCode.USAGE
    assert "Did you mean" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [("--environment", "x", "--release", "tf2.1.0"), ("--suite", "finetune", "--device", "gpu")],
)
def test_options_that_do_not_go_together_are_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == ExitCode.USAGE


def test_an_environment_of_ones_own_imports_the_suite_the_faults_and_its_own_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages(virtual(tmp_path / "mine"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "further"))
    place = Place.of(None, str(tmp_path / "mine"), "cpu")
    (tmp_path / "scratch").mkdir()

    with place.interpreter(tmp_path / "scratch") as (python, variables):
        asked = "import bnregress.suite, tests.faults.registry, tensorflow, sys; print(tensorflow.__file__, *sys.path)"
        told = subprocess.check_output([python, "-c", asked], env=variables, cwd=tmp_path / "scratch", text=True)

    assert str(tmp_path / "mine") in told.split()[0]
    assert str(tmp_path / "further") in told.split()
    assert variables["CUDA_VISIBLE_DEVICES"] == "-1"
    assert suite_gpu.VARIABLE not in variables


def test_on_a_gpu_it_is_held_and_seen_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("tests.power.place.require_environment", lambda _release, _device: tmp_path)
    place = Place(release=load_catalog()["tf2.21.0"], device="gpu", gpus=(H200,))
    (tmp_path / "scratch").mkdir()

    with place.interpreter(tmp_path / "scratch") as (_, variables):
        waited: list[str] = []
        with held_gpu((H200,), {}, waiting=waited.append, stopped=lambda: bool(waited)) as other:
            assert other is None
        assert variables[suite_gpu.VARIABLE] == "gpu"
        assert variables["CUDA_VISIBLE_DEVICES"] == "GPU-1"
        assert os.pathsep in variables["PYTHONPATH"]
