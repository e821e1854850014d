"""What makes an environment trustworthy, where it is, and who may use it."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from nox.sessions import _normalize_path

from bnregress.machine import sealing
from bnregress.machine.interpreters import Interpreter
from bnregress.run import environments
from bnregress.run.process_groups import MARKER_VARIABLE

LOCK = "1" * 64
PYTHON = Interpreter("3.11.7", Path("/opt/python"))


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    environment = tmp_path / "regress-tf1-1-1"
    (environment / "lib" / "package").mkdir(parents=True)
    (environment / "lib" / "package" / "module.py").write_text("x = 1\n", encoding="utf-8")
    (environment / "python").symlink_to("/opt/python")
    sealing.seal(environment, lock_sha256=LOCK, interpreter=PYTHON)
    return environment


def _reason(environment: Path, lock: str = LOCK, interpreter: Interpreter = PYTHON) -> str | None:
    return sealing.reason_to_discard(environment, lock_sha256=lock, interpreter=interpreter)


def test_a_sealed_environment_is_intact(environment: Path) -> None:
    assert _reason(environment) is None


def test_bytecode_that_appears_later_does_not_count(environment: Path) -> None:
    cache = environment / "lib" / "package" / "__pycache__"
    cache.mkdir()
    (cache / "module.pyc").touch()
    assert _reason(environment) is None


def test_no_environment_at_all_is_nothing_to_discard(tmp_path: Path) -> None:
    assert _reason(tmp_path / "absent") is None


def _change(environment: Path) -> None:
    module = environment / "lib" / "package" / "module.py"
    module.write_text("x = 2\n", encoding="utf-8")
    os.utime(module, ns=(0, module.stat().st_mtime_ns + 1))


def _add(environment: Path) -> None:
    (environment / "lib" / "sitecustomize.py").touch()


def _remove(environment: Path) -> None:
    (environment / "lib" / "package" / "module.py").unlink()


def _turn_link(environment: Path) -> None:
    (environment / "python").unlink()
    (environment / "python").symlink_to("/elsewhere")


@pytest.mark.parametrize("alter", [_change, _add, _remove, _turn_link])
def test_an_altered_environment_is_discarded(environment: Path, alter: Callable[[Path], None]) -> None:
    alter(environment)
    assert _reason(environment) == "its files have changed since it was made"


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"lock_sha256": 1, "unknown": 2}'])
def test_an_environment_without_a_good_seal_was_never_finished(environment: Path, content: str | None) -> None:
    (environment / sealing.SEAL).unlink()
    if content is not None:
        (environment / sealing.SEAL).write_text(content, encoding="utf-8")
    assert _reason(environment) == "it was never finished"


def test_another_lock_or_interpreter_is_a_reason(environment: Path) -> None:
    assert _reason(environment, lock="2" * 64) == "the lock has changed"
    assert "3.11.7" in str(_reason(environment, interpreter=Interpreter("3.11.8", PYTHON.executable)))
    assert "/opt/python" in str(_reason(environment, interpreter=Interpreter("3.11.7", Path("/usr/bin/python"))))


def test_an_interrupted_removal_leaves_something_that_is_not_trusted(environment: Path) -> None:
    (environment / sealing.SEAL).unlink()
    assert not sealing.is_sealed(environment)
    sealing.discard(environment)
    assert not environment.exists()


@pytest.mark.parametrize("release", ["tf2.1.0", "tf2.18.1-keras3.6.0", "tf2.22.0rc0", "nightly"])
@pytest.mark.parametrize("depth", [1, 6, 7, 8, 9, 12])
def test_the_folder_is_the_one_that_nox_uses(release: str, depth: int) -> None:
    root = "/" + "/".join(["ten-chars"] * depth)
    expected = _normalize_path(root, environments.session_name(release))
    assert str(environments.environment_path(Path(root), release)) == expected


def test_a_module_is_told_from_one_that_is_missing_without_importing_it(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.7" / "site-packages"
    package = site / "there"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError\n", encoding="utf-8")
    (site / "alone.py").touch()
    assert environments.has_modules(tmp_path, ["there", "alone"])
    assert environments.has_modules(tmp_path, [])
    assert not environments.has_modules(tmp_path, ["there", "absent"])
    # Of the host's own, not of the environment.
    assert not environments.has_modules(tmp_path, ["pytest"])


def test_only_packages_with_altered_or_missing_files_are_named(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("good", "edited", "missing"):
        (site / f"{name}-1.0.dist-info").mkdir(parents=True)
        (site / f"{name}.py").write_text(name, encoding="utf-8")
        digest = base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()).rstrip(b"=").decode()
        record = f"{name}.py,sha256={digest},4\n{name}-1.0.dist-info/RECORD,,\n"
        (site / f"{name}-1.0.dist-info" / "RECORD").write_text(record, encoding="utf-8")
    (site / "edited.py").write_text("edited!", encoding="utf-8")
    (site / "missing.py").unlink()
    with (site / "good-1.0.dist-info" / "RECORD").open("a", encoding="utf-8") as rows:
        rows.write("good-1.0.dist-info/METADATA,sha256=published-with-another,9\n")

    assert environments.altered_packages(tmp_path) == ["edited", "missing"]


def test_one_holder_at_a_time_and_the_other_is_told_who(tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    told: list[str] = []
    stop = threading.Event()

    def waiting(holder: str) -> None:
        told.append(holder)
        stop.set()

    holder = {"pid": 7, "out": "/results", "since": "noon"}
    with environments.held(environment, holder, waiting=waiting, stopped=stop.is_set) as first:
        assert first
        assert not told
        with environments.held(environment, {}, waiting=waiting, stopped=stop.is_set) as second:
            assert not second
    assert told == ["the run in /results (process 7, since noon)"]


def test_what_a_dead_holder_left_running_is_ended_before_the_environment_is_given_out(tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    variables = {**os.environ, MARKER_VARIABLE: "left-behind"}
    orphan = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], env=variables, start_new_session=True
    )
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks" / "environment.json").write_text('{"marker": "left-behind"}', encoding="utf-8")
    with environments.held(environment, {}, waiting=print, stopped=lambda: False) as held:
        assert held
        assert orphan.wait(10) < 0
