"""Packing for a machine that reaches no package index, unpacking there, and running from it.

The TensorFlow is a small one that is not one, and the machine has no GPU.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.machine.gpus import probe
from tests.run.brought import TENSORFLOW

GPU = Path(__file__).parents[2] / "tools" / "gpu"
SCRIPTS = ("pack", "unpack", "there")
NEEDED = ("bash", "git", "uv", "xz")


def wheel(folder: Path, name: str, version: str, text: str) -> str:
    """Make a wheel of one module, and return the line of a lock that names it."""
    folder.mkdir(exist_ok=True)
    file, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, content)
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n    # via x\n"


def call(script: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *arguments], env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        pytest.skip(f"there is no {missing[0]} here")
    root = tmp_path_factory.mktemp("packed")
    wheels = root / "wheels"
    lock = f"# made by hand\n--no-index\n--find-links {wheels}\n" + "".join(
        wheel(wheels, name, version, text)
        for name, version, text in (
            ("tensorflow", "9.9.9", TENSORFLOW),
            ("numpy", "1.2.3", "__version__ = '1.2.3'\n"),
            ("nvidia_cudnn_cu12", "9.0", "raise ImportError('the machine has its own')\n"),
        )
    ).replace("nvidia_cudnn_cu12", "nvidia-cudnn-cu12")
    (root / "lock.txt").write_text(lock, encoding="utf-8")
    options = ("--lock", str(root / "lock.txt"), "--python", sys.executable, "--slice", "20M", "--level", "0")
    ended = call(GPU / "pack", *options, str(root / "archive"))
    assert ended.returncode == 0, ended.stderr
    return root / "archive"


def test_what_was_packed_runs_there_from_its_slices_alone(packed: Path, tmp_path: Path) -> None:
    sent = shutil.copytree(packed, tmp_path / "sent")
    home = tmp_path / "home"
    assert len(list(sent.glob("part.*"))) > 1

    ended = call(sent / "there", GPU_HOME=str(home), OUT=str(tmp_path / "out"))

    if not probe().gpus:
        assert ended.returncode == ExitCode.NOTHING_TO_DO, ended.stderr
        assert "Nothing was run on a GPU: This machine has no driver" in ended.stderr
    asked = [str(home / "python"), "-c", "import tensorflow; print(tensorflow.__file__)"]
    assert subprocess.check_output(asked, text=True).strip() == f"{home}/site/tensorflow/__init__.py"
    assert not (home / "site" / "nvidia_cudnn_cu12").exists()

    # What it unpacked is an environment that a person brings: it is described, and its cells are planned.
    python, brought = str(home / "venv" / "bin" / "python"), str(home / "python")
    plan = [python, "-m", "bnregress", "plan", "--environment", brought, "--device", "cpu", "--path", "h5"]
    assert "tf9.9.9+local" in subprocess.check_output(plan, text=True, cwd=home)


def test_a_slice_that_was_damaged_on_the_way_is_refused(packed: Path, tmp_path: Path) -> None:
    sent = shutil.copytree(packed, tmp_path / "sent")
    with (sent / "part.00").open("r+b") as stream:
        stream.write(b"x")

    ended = call(sent / "unpack", "add", "00", GPU_HOME=str(tmp_path / "home"))

    assert ended.returncode == 1
    assert "part.00 is not there, or not what was packed" in ended.stderr
    assert not (tmp_path / "home" / "archive.tar.xz").exists()


def test_slices_in_another_order_are_refused_and_dropped(packed: Path, tmp_path: Path) -> None:
    home = {"GPU_HOME": str(tmp_path / "home")}
    assert call(packed / "unpack", "add", "01", "00", **home).returncode == 0

    ended = call(packed / "unpack", "finish", **home)

    assert ended.returncode == 1
    assert "in order" in ended.stderr
    assert not (tmp_path / "home" / "archive.tar.xz").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--realease", "x"), "There is no option --realease"),
        (("--python", sys.executable, "--release", "tf9.9.9"), "Make it with `nox -s lock -- tf9.9.9`"),
        (("--python", sys.executable, "--lock", __file__, str(GPU)), "no archive of this"),
    ],
)
def test_a_mistake_is_refused_before_anything_is_packed(arguments: tuple[str, ...], said: str) -> None:
    ended = call(GPU / "pack", *arguments)
    assert ended.returncode == ExitCode.USAGE
    assert said in ended.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_can_be_started_and_read_by_bash(name: str) -> None:
    assert os.access(GPU / name, os.X_OK)
    assert subprocess.run(["bash", "-n", GPU / name], check=False).returncode == 0
