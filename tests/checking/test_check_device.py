"""`check --device` and `--environment`: the device that was asked for or none, and an environment as it stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bnregress.checking import on_device
from bnregress.checking.inspected_variables import inspected_variables
from bnregress.checking.interpreter import Inspected
from bnregress.errors import FatalError, UsageError
from bnregress.machine.gpus import Gpu, Gpus
from bnregress.machine.local_environment import files_sha256
from tests.checking.conftest import Check, script

GPU = Gpu(uuid="GPU-8a7b", name="NVIDIA H200", capability="9.0")


def test_without_a_gpu_nothing_is_decided_and_nothing_imported(
    tmp_path: Path, pretended: Callable[[str], str], check: Check
) -> None:
    mark = tmp_path / "imported"
    said = check("--device", "gpu", "--environment", pretended(f"open({str(mark)!r}, 'w').close()"))
    assert said.exit_code == 4
    assert "Could not decide" in said.stderr
    assert not mark.exists()


def test_on_the_cpu_no_gpu_is_seen(pretended: Callable[[str], str], check: Check) -> None:
    tell = "import os; raise ImportError('it sees ' + os.environ['CUDA_VISIBLE_DEVICES'])"
    said = check("--device", "cpu", "--environment", pretended(tell), CUDA_VISIBLE_DEVICES="3")
    assert said.exit_code == 4
    assert "it sees -1" in said.stderr


def test_a_gpu_that_is_asked_for_is_held_and_demanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(on_device, "probe", lambda: Gpus(gpus=(GPU,), driver="580.1"))
    monkeypatch.setattr("bnregress.run.gpu_session.locks_dir", lambda: tmp_path)
    heard: list[str] = []
    with on_device.on_device("gpu", heard.append) as variables:
        assert variables["CUDA_VISIBLE_DEVICES"] == GPU.uuid
        assert variables["BNREGRESS_DEVICE"] == "gpu"
        assert [path.name for path in (tmp_path / ".locks").glob("*.json")] == [f"{GPU.uuid}.json"]
    with on_device.on_device("auto", heard.append) as variables:
        assert variables == {}
    assert not heard


def test_no_gpu_is_said_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_device, "probe", lambda: Gpus(absent="There is none.", remedy="Buy one."))
    with pytest.raises(FatalError, match=r"There is none\. Buy one"), on_device.on_device("gpu", print):
        pass


def test_an_environment_keeps_pythonpath_and_nothing_is_compiled_into_it(tmp_path: Path, check: Check) -> None:
    site = tmp_path / "site"
    (site / "tensorflow").mkdir(parents=True)
    text = "raise ImportError('of a module of the cluster')"
    (site / "tensorflow" / "__init__.py").write_text(text, encoding="utf-8")
    bare = script(tmp_path, f'exec "{sys.executable}" "$@"\n')
    said = check("--environment", bare, PYTHONPATH=f"{Path(__file__).parents[2]}:{site}")
    assert said.exit_code == 4
    assert "of a module of the cluster" in said.stderr
    assert not [*site.rglob("__pycache__")]
    assert "PYTHONPATH" not in inspected_variables({"PYTHONPATH": "x"}, keeps=False)


def test_packages_that_change_while_they_are_inspected_decide_nothing(
    tmp_path: Path, pretended: Callable[[str], str], check: Check
) -> None:
    python = pretended("open(__file__.replace('__init__', 'new'), 'w').close(); raise ImportError('after')")
    said = check("--environment", python)
    assert said.exit_code == 4
    assert "changed while it was inspected" in said.stderr


def test_python_and_environment_are_one_and_the_same(check: Check) -> None:
    said = check("--environment", ".", "--python", sys.executable)
    assert said.exit_code == 2
    assert "say the same thing" in said.stderr


def test_a_file_on_our_own_path_that_changes_is_not_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "ours"
    ours.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(ours))
    python = Path(sys.executable)
    inspected = [
        Inspected(
            executable=python,
            version="3.11.7",
            keeps=keeps,
            files=files_sha256(python, inspected_variables(os.environ, keeps=keeps)),
        )
        for keeps in (True, False)
    ]
    (ours / "module.py").touch()
    assert inspected[0].why_changed() is not None
    assert inspected[1].why_changed() is None


def test_an_environment_that_cannot_be_looked_at_again_is_not_called_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_given: object) -> str:
        raise UsageError("it cannot be run")

    monkeypatch.setattr("bnregress.checking.interpreter.files_sha256", gone)
    said = Inspected(executable=Path("python"), version="3.11.7", keeps=False, files="0").why_changed()
    assert said == "the packages of python could not be looked at again (it cannot be run)"
