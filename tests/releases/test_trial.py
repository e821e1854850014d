"""The trial of a TensorFlow and a Keras: what cannot be installed says nothing, what fails says why."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from bnregress.errors import FatalError
from bnregress.machine.interpreters import Interpreter
from bnregress.releases import trial

PYTHON = Interpreter(platform.python_version(), Path(sys.executable).resolve())
LOCK = "--only-binary :all:\n"


def test_what_works_has_no_reason_and_what_fails_has_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for script, said in (
        ("pass", ""),
        ("raise SystemExit('keras is lost')", "keras is lost"),
        ("exit(3)", "exit code 3"),
    ):
        monkeypatch.setattr(trial, "_SCRIPT", script)
        assert trial.attempt(LOCK, PYTHON) == said


def test_a_network_that_cannot_be_imported_is_no_success() -> None:
    assert "No module named" in trial.attempt(LOCK, PYTHON)


def test_packages_that_cannot_be_installed_are_no_verdict() -> None:
    with pytest.raises(FatalError, match="could not be made"):
        trial.attempt("absent==1.0\n", PYTHON)


def test_what_hangs_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    real = trial._run

    def run(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
        if "-c" in command:
            raise subprocess.TimeoutExpired(command, trial.TIMEOUT)
        return real(command, folder)

    monkeypatch.setattr(trial, "_run", run)
    assert "took longer" in trial.attempt(LOCK, PYTHON)
