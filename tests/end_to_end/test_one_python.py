"""A machine with one Python runs what that Python can, and names the rest with what helps."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.machine.locations import ENVIRONMENTS_VARIABLE
from bnregress.releases.catalog import load_catalog
from tests.end_to_end.command import Command

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(Path("/opt/conda").exists(), reason="/opt/conda is found whatever HOME and PATH say"),
]

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Command]:
    """bnregress where HOME is empty and PATH holds one interpreter, the one that runs these tests."""
    for folder in ("home", "bin"):
        (tmp_path / folder).mkdir()
    interpreter = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    (tmp_path / "bin" / f"python{MINOR}").symlink_to(interpreter)
    base = {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "bin"), "LANG": "C.UTF-8"}
    variables = {ENVIRONMENTS_VARIABLE: str(tmp_path / "environments")}
    with Command(root=tmp_path, base=base, variables=variables) as command:
        yield command


def test_the_plan_has_the_releases_of_that_python_and_a_remedy_for_each_other(alone: Command) -> None:
    asked = alone.ask("plan", "--select", "*", "--format", "json")

    planned = {entry["release"]["id"]: entry for entry in json.loads(asked.stdout)["releases"]}
    catalog = load_catalog()
    assert list(planned) == list(catalog)
    runnable = {name for name, entry in planned.items() if entry["unavailable"] is None}
    assert runnable == {name for name, release in catalog.items() if release.python == MINOR}
    for name in set(planned) - runnable:
        assert f"CPython {catalog[name].python}" in planned[name]["unavailable"]
        assert planned[name]["remedy"].startswith(f"Install CPython {catalog[name].python} with ")
    assert asked.returncode == (ExitCode.EXPECTED if runnable else ExitCode.NOTHING_TO_DO)


def test_a_run_of_a_release_out_of_reach_decides_nothing_and_says_what_helps(alone: Command) -> None:
    outcome = alone.run("--select", "tf2.1.0", out=alone.root / "out")

    assert outcome.exit_code == ExitCode.NOTHING_TO_DO, outcome.progress
    assert outcome.results.complete
    assert set(outcome.statuses.values()) == {"unavailable"}
    assert {cell.remedy for cell in outcome.results.cells} != {None}
    assert "pyenv install 3.7" in " ".join(outcome.stdout.split())
