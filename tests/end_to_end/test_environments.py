"""An environment is used again only as long as it is what its lock says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.machine.locations import ENVIRONMENTS_VARIABLE
from bnregress.machine.sealing import SEAL, is_sealed
from bnregress.run.environments import environment_path
from bnregress.run.rundir import RunDir, read_json
from tests.end_to_end.command import Command, Outcome
from tests.end_to_end.machine import require_releases, wait_until

pytestmark = pytest.mark.end_to_end

RELEASE = "tf2.21.0"
INSTALLATION = "uv pip sync"

Run = Callable[[str], Outcome]


@pytest.fixture(scope="module")
def environment(secluded: Command) -> Path:
    return environment_path(Path(secluded.variables[ENVIRONMENTS_VARIABLE]), RELEASE)


@pytest.fixture(scope="module")
def run(secluded: Command) -> Run:
    """A run of one cell, each with results of its own."""
    return lambda name: secluded.run("--select", RELEASE, "--path", "vgg16", "--fresh", out=secluded.root / name)


@pytest.fixture(scope="module")
def recovered(secluded: Command, environment: Path, run: Run) -> Outcome:
    """A run after one that was killed, with all its processes, in the midst of installing."""
    require_releases(RELEASE)
    out = secluded.root / "killed"
    process = secluded.start("--select", RELEASE, "--path", "vgg16", out=out)
    wait_until(lambda: process.poll() is not None or installed(environment) > 0, "a package is installed")
    secluded.kill()
    process.wait()

    assert read_json(RunDir(out / "run").phase(RELEASE)) == {"phase": "installing"}
    assert installed(environment) > 0
    assert not is_sealed(environment)
    return run("recovered")


def test_a_half_made_environment_is_made_anew(recovered: Outcome) -> None:
    assert recovered.exit_code == ExitCode.EXPECTED, recovered.told(RELEASE)
    assert recovered.statuses == {f"{RELEASE}/vgg16": "pass"}
    assert f"{RELEASE} gets a new environment: it was never finished" in recovered.progress
    assert INSTALLATION in recovered.run.log(RELEASE).read_text(encoding="utf-8")


@pytest.mark.usefixtures("recovered")
def test_an_intact_environment_is_used_again_as_it_is(environment: Path, run: Run) -> None:
    before = (environment / SEAL).read_bytes()
    again = run("again")

    assert again.exit_code == ExitCode.EXPECTED, again.told(RELEASE)
    assert "environment" not in again.progress.replace("makes its environment", "")
    assert INSTALLATION not in again.run.log(RELEASE).read_text(encoding="utf-8")
    assert (environment / SEAL).read_bytes() == before


@pytest.mark.usefixtures("recovered")
def test_an_altered_environment_is_made_anew(environment: Path, run: Run) -> None:
    module = next(environment.glob("lib/python*/site-packages/numpy/__init__.py"))
    original = module.read_bytes()
    # Never in place: the file is a hard link into uv's cache, which other environments are made from.
    module.unlink()
    module.write_text("raise SystemExit('altered')\n", encoding="utf-8")
    repaired = run("repaired")

    assert repaired.exit_code == ExitCode.EXPECTED, repaired.told(RELEASE)
    assert f"{RELEASE} gets a new environment: its files have changed since it was made" in repaired.progress
    assert module.read_bytes() == original


def installed(environment: Path) -> int:
    return len(list(environment.glob("lib/python*/site-packages/*.dist-info")))
