"""The built wheel, away from the repository, runs the main job."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from uv import find_uv_bin

import bnregress
from bnregress.errors import ExitCode
from bnregress.machine.locations import CACHE_VARIABLE, ENVIRONMENTS_VARIABLE
from bnregress.machine.sealing import is_sealed
from bnregress.run.environments import environment_path
from tests.end_to_end.command import Command
from tests.end_to_end.machine import require_releases

pytestmark = pytest.mark.end_to_end

RELEASE = "tf2.21.0"
PACKAGE = Path(bnregress.__file__).parent
REPOSITORY = PACKAGE.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", str(folder), str(REPOSITORY))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The command that the wheel installs, with nothing of this test's own Python in reach."""
    root = tmp_path_factory.mktemp("installed")
    python = str(root / "venv" / "bin" / "python")
    uv("venv", "--quiet", "--python", sys.executable, str(root / "venv"))
    requirements = REPOSITORY / "requirements" / "run.txt"
    uv("pip", "install", "--quiet", "--python", python, "--require-hashes", "--requirement", str(requirements))
    uv("pip", "install", "--quiet", "--python", python, "--no-deps", str(wheel))
    ours = str(Path(sys.executable).parent)
    path = os.pathsep.join(entry for entry in os.environ["PATH"].split(os.pathsep) if entry != ours)
    nothing = dict.fromkeys(["PYTHONPATH", "VIRTUAL_ENV", ENVIRONMENTS_VARIABLE], "")
    program = [str(root / "venv" / "bin" / "bnregress")]
    with Command(root=root, variables={**nothing, "PATH": path}, program=program) as command:
        yield command
    shutil.rmtree(command.environ[CACHE_VARIABLE], ignore_errors=True)


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {file.relative_to(REPOSITORY).as_posix() for file in PACKAGE.rglob("*") if file.is_file()}
    assert packed == {name for name in there if "__pycache__" not in name}


def test_the_installed_command_says_its_version(command: Command) -> None:
    asked = command.ask("--version")
    assert (asked.returncode, asked.stdout) == (0, f"bnregress {bnregress.__version__}\n")


def test_the_installed_command_runs_the_main_job_from_an_empty_folder(command: Command) -> None:
    require_releases(RELEASE)
    outcome = command.run("--select", RELEASE, "--path", "vgg16", out=command.root / "out")

    assert outcome.exit_code == ExitCode.EXPECTED, outcome.told(RELEASE)
    assert outcome.statuses == {f"{RELEASE}/vgg16": "pass"}
    environments = Path(command.environ[CACHE_VARIABLE]) / "environments"
    assert is_sealed(environment_path(environments, RELEASE))
    assert list(command.workplace.iterdir()) == []


def uv(*arguments: str) -> None:
    done = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
