"""The copy of the suite that the environments import."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import bnregress
from bnregress.machine import staging
from bnregress.machine.staging import stage_suite, suite_sha256


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package in place of bnregress, to be changed."""
    root = tmp_path / "source" / "bnregress"
    (root / "suite" / "paths").mkdir(parents=True)
    (root / "suite" / "__pycache__").mkdir()
    for name in (
        "__init__.py",
        "host.py",
        "suite/__init__.py",
        "suite/paths/h5.py",
        "suite/pytest.ini",
        "suite/statistics.npz",
    ):
        (root / name).write_text(name, encoding="utf-8")
    (root / "suite" / "__pycache__" / "x.cpython-313.pyc").write_text("compiled", encoding="utf-8")
    monkeypatch.setattr(staging, "_PACKAGE", root)
    return root


def _names(staged: Path) -> list[str]:
    return sorted(path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file())


def test_the_suite_and_nothing_of_the_host_is_copied(package: Path, tmp_path: Path) -> None:
    staged, sha256 = stage_suite(tmp_path / "cache")
    assert staged == tmp_path / "cache" / "suite" / sha256
    assert _names(staged) == [
        "bnregress/__init__.py",
        "bnregress/suite/__init__.py",
        "bnregress/suite/paths/h5.py",
        "bnregress/suite/pytest.ini",
        "bnregress/suite/statistics.npz",
    ]


def test_the_hash_follows_names_and_contents(package: Path) -> None:
    hashes = [suite_sha256()]
    (package / "suite" / "paths" / "h5.py").write_text("changed", encoding="utf-8")
    hashes.append(suite_sha256())
    (package / "suite" / "paths" / "h5.py").rename(package / "suite" / "paths" / "h6.py")
    hashes.append(suite_sha256())
    assert len(set(hashes)) == 3
    (package / "host.py").write_text("changed", encoding="utf-8")
    (package / "suite" / "__pycache__" / "y.pyc").write_text("compiled", encoding="utf-8")
    assert suite_sha256() == hashes[-1]


def test_an_unaltered_copy_is_used_again_with_its_bytecode(package: Path, tmp_path: Path) -> None:
    staged, _ = stage_suite(tmp_path)
    bytecode = staged / "bnregress" / "suite" / "__pycache__" / "x.cpython-37.pyc"
    bytecode.parent.mkdir()
    bytecode.write_text("compiled", encoding="utf-8")
    inode = (staged / "bnregress" / "__init__.py").stat().st_ino
    assert stage_suite(tmp_path)[0] == staged
    assert bytecode.exists()
    assert (staged / "bnregress" / "__init__.py").stat().st_ino == inode


@pytest.mark.parametrize("alteration", ["changed", "missing", "added"])
def test_an_altered_copy_is_made_anew(package: Path, tmp_path: Path, alteration: str) -> None:
    staged, _ = stage_suite(tmp_path)
    names = _names(staged)
    path = staged / "bnregress" / "suite" / "paths" / "h5.py"
    if alteration == "missing":
        path.unlink()
    else:
        (path if alteration == "changed" else path.with_name("tensorflow.py")).write_text("x", encoding="utf-8")
    assert stage_suite(tmp_path)[0] == staged
    assert _names(staged) == names
    assert path.read_text(encoding="utf-8") == "suite/paths/h5.py"


def test_a_copy_that_fails_leaves_nothing(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        stage_suite(tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache" / "suite").iterdir() if path.is_dir()]


def test_processes_that_stage_at_once_agree(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        staged = set(pool.map(stage_suite, [tmp_path] * 8))
    assert len(staged) == 1
    assert len([path for path in (tmp_path / "suite").iterdir() if path.is_dir()]) == 1


def test_the_real_suite_imports_from_its_copy_alone(tmp_path: Path) -> None:
    staged, _ = stage_suite(tmp_path)
    code = "import bnregress.suite.plugin as plugin, bnregress; print(bnregress.__version__, plugin.__file__)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(staged)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == [bnregress.__version__, str(staged / "bnregress" / "suite" / "plugin.py")], (
        result.stderr
    )
