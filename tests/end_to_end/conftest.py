"""Real releases of TensorFlow, installed by real nox and uv.

Environments are those of the repository's `.nox`, or of BNREGRESS_ENVIRONMENTS,
made where they are missing; tests that break an environment make their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnregress.machine.locations import ENVIRONMENTS_VARIABLE, environments_dir
from tests.conftest import SHARING
from tests.end_to_end.command import Command, Outcome
from tests.end_to_end.machine import require_releases

THREE_RELEASES = ("tf2.1.0", "tf2.15.1", "tf2.21.0")


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """A command that shares the environments of this machine."""
    with Command(root=tmp_path, variables={ENVIRONMENTS_VARIABLE: str(environments_dir())}) as command:
        yield command


@pytest.fixture(scope="module")
def secluded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A command with environments of its own, which take gigabytes and are removed when the module is done."""
    root = tmp_path_factory.mktemp("own")
    environments = root / "environments"
    with Command(root=root, variables={ENVIRONMENTS_VARIABLE: str(environments)}) as command:
        yield command
    shutil.rmtree(environments, ignore_errors=True)


@pytest.fixture(scope="session")
def three_releases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Outcome:
    """One run of every path in an old, a middle and a new release, which many tests look at."""
    users = {item.path.name for item in request.session.items if "three_releases" in getattr(item, "fixturenames", ())}
    assert users <= {*SHARING}, "name the file in tests/conftest.py, or two processes do the same run"
    require_releases(*THREE_RELEASES)
    root = tmp_path_factory.mktemp("three-releases")
    with Command(root=root, variables={ENVIRONMENTS_VARIABLE: str(environments_dir())}) as command:
        return command.run("--select", "tf2.{1.0,15.1,21.0}", out=root / "out")
