"""`bnregress check` as a person starts it, in environments of real releases or of pretended ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bnregress.machine.locations import environments_dir
from bnregress.machine.sealing import is_sealed
from bnregress.run.environments import environment_path
from tests.end_to_end.machine import PATIENCE, require_releases

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command said, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """What `--format json` printed, and nothing beside it."""
        document: dict[str, Any] = json.loads(self.stdout)
        return document

    @property
    def layers(self) -> dict[str, dict[str, Any]]:
        """The layers of the document by name."""
        return {layer["name"]: layer for layer in self.document["layers"]}


Check = Callable[..., Said]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """`bnregress check ARGUMENTS`, in a folder of a person's own."""

    def run(*arguments: str, cwd: Path = tmp_path, **variables: str) -> Said:
        own = {"BNREGRESS_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
        finished = subprocess.run(
            [sys.executable, "-m", "bnregress", "check", *arguments],
            cwd=cwd,
            env={**os.environ, **own, **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in finished.stdout
        return Said(exit_code=finished.returncode, stdout=finished.stdout, stderr=finished.stderr)

    return run


def release_python(release: str) -> str:
    """Return the interpreter of a release's environment, which is made where it is missing."""
    environment = environment_path(environments_dir(), release)
    if not is_sealed(environment):
        require_releases(release)
        make = [sys.executable, "-m", "bnregress", "run", "--select", release, "--path", "vgg16", "--fresh"]
        with tempfile.TemporaryDirectory() as out:
            subprocess.run([*make, "--out", f"{out}/results"], cwd=ROOT, timeout=PATIENCE, check=False)
    return str(environment / "bin" / "python")


@pytest.fixture
def pretended(tmp_path: Path) -> Callable[[str], str]:
    """An interpreter whose environment has a TensorFlow with the given source."""

    def make(source: str) -> str:
        package = tmp_path / "site" / "tensorflow"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(source, encoding="utf-8")
        return script(tmp_path, f'export PYTHONPATH="{tmp_path / "site"}"\nexec "{sys.executable}" "$@"\n')

    return make


def script(folder: Path, lines: str) -> str:
    """Write an executable shell script that stands where an interpreter is expected."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{lines}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)
