"""A machine with one Python runs what that Python can, fetches the others, and names the rest with what helps."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from uv import find_uv_bin

from bnregress.errors import ExitCode
from bnregress.machine.interpreters import find_interpreter
from bnregress.machine.locations import ENVIRONMENTS_VARIABLE
from bnregress.releases.catalog import load_catalog
from tests.end_to_end.command import Command
from tests.end_to_end.machine import require_releases
from tests.machine.standalone import key, pack, sha256, write_list

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


def settings_of_this_machine() -> dict[str, str]:
    """The wheels of this machine, and the index that it is set up for."""
    cache = subprocess.check_output([find_uv_bin(), "cache", "dir"], text=True).strip()
    kept = {
        name: value for name, value in os.environ.items() if re.match("PIP_|UV_|SSL_|.*_proxy$", name, re.IGNORECASE)
    }
    return {**kept, "UV_CACHE_DIR": cache}


def test_the_plan_has_the_releases_of_that_python_and_a_remedy_for_each_other(alone: Command) -> None:
    asked = alone.ask("plan", "--select", "*", "--interpreters", "installed", "--format", "json")

    planned = {entry["release"]["id"]: entry for entry in json.loads(asked.stdout)["releases"]}
    catalog = load_catalog()
    assert list(planned) == list(catalog)
    runnable = {name for name, entry in planned.items() if entry["unavailable"] is None}
    assert runnable == {
        name
        for name, release in catalog.items()
        if MINOR in (release.python, *(release.on(other).python for other in release.other_pythons))
        and not release.needs_resolving
    }
    for name in set(planned) - runnable:
        assert f"CPython {catalog[name].python}" in planned[name]["unavailable"]
        assert planned[name]["remedy"].startswith(f"Install CPython {catalog[name].python} with ")
    assert asked.returncode == (ExitCode.EXPECTED if runnable else ExitCode.NOTHING_TO_DO)


def test_a_run_of_a_release_out_of_reach_decides_nothing_and_says_what_helps(alone: Command) -> None:
    outcome = alone.run("--select", "tf2.1.0", "--interpreters", "installed", out=alone.root / "out")

    assert outcome.exit_code == ExitCode.UNDECIDED, outcome.progress
    assert outcome.results.complete
    assert set(outcome.statuses.values()) == {"unavailable"}
    assert {cell.remedy for cell in outcome.results.cells} != {None}
    assert "pyenv install 3.7" in " ".join(outcome.stdout.split())


def test_the_plan_offers_every_release_and_says_what_will_be_fetched(alone: Command) -> None:
    planned = json.loads(alone.ask("plan", "--format", "json").stdout)["releases"]
    assert [entry["release"]["id"] for entry in planned if entry["unavailable"]] == []
    for entry in planned:
        fetched = entry["release"]["python"] != MINOR
        assert bool(entry["interpreter"]["download"]) == fetched, entry["release"]["id"]
    shown = " ".join(alone.ask("plan").stdout.split())
    assert "will be fetched first" in shown
    assert "3.7.9 from https://" in shown


def test_where_nothing_can_be_fetched_a_release_is_decided_on_another_python_that_is_here(alone: Command) -> None:
    require_releases("tf2.8.4")
    here = find_interpreter("3.10")
    assert here is not None
    (alone.root / "bin" / "python3.10").symlink_to(here.executable)
    offline = replace(
        alone, variables={**alone.variables, **settings_of_this_machine(), "UV_PYTHON_DOWNLOADS": "never"}
    )
    outcome = offline.run("--select", "tf2.8.4", "--path", "tf-keras-applications", out=alone.root / "out")

    assert outcome.statuses == {"tf2.8.4/tf-keras-applications": "pass"}, outcome.told("tf2.8.4")
    assert outcome.exit_code == ExitCode.EXPECTED
    release = outcome.results.releases["tf2.8.4"]
    assert (release.python, release.own_python) == (here.version, "3.9")
    assert f"On CPython {here.version} instead of the release's own: tf2.8.4 (3.9)." in " ".join(outcome.stdout.split())


def test_what_cannot_be_fetched_is_unavailable_with_the_reason_that_was_seen(alone: Command) -> None:
    """No such host answers anywhere: the name is reserved for that, RFC 2606."""
    write_list(alone.root / "list.json", "3.7.9", "https://nowhere.invalid/python.tar.gz", "0" * 64)
    own_list = {"UV_PYTHON_DOWNLOADS_JSON_URL": (alone.root / "list.json").as_uri(), "UV_HTTP_RETRIES": "0"}
    outcome = replace(alone, variables={**alone.variables, **own_list}).run(
        "--select", "tf2.1.0", "--path", "vgg16", out=alone.root / "out"
    )

    (cell,) = outcome.results.cells
    assert outcome.exit_code == ExitCode.UNDECIDED, outcome.progress
    assert cell.status == "unavailable"
    assert "could not be fetched from https://nowhere.invalid/python.tar.gz" in cell.reason
    assert "UV_PYTHON_INSTALL_MIRROR" in str(cell.remedy)


def test_a_run_decides_a_release_on_an_interpreter_that_it_fetched(alone: Command) -> None:
    require_releases("tf2.1.0")
    here = find_interpreter("3.7")
    assert here is not None
    archive = alone.root / "python.tar.gz"
    pack(here.executable.parents[1], archive)
    write_list(alone.root / "list.json", "3.7.9", archive.as_uri(), sha256(archive))
    variables = {
        **alone.variables,
        **settings_of_this_machine(),
        "UV_PYTHON_DOWNLOADS_JSON_URL": (alone.root / "list.json").as_uri(),
        "UV_PYTHON_INSTALL_DIR": str(alone.root / "pythons"),
    }
    fetching = replace(alone, variables=variables)
    outcome = fetching.run("--select", "tf2.1.0", "--path", "tf-keras-applications", out=alone.root / "out")

    assert outcome.statuses == {"tf2.1.0/tf-keras-applications": "regress"}, outcome.told("tf2.1.0")
    assert outcome.exit_code == ExitCode.EXPECTED
    assert "fetching CPython 3.7.9 from file://" in outcome.progress
    assert (alone.root / "pythons" / key("3.7.9") / "bin" / "python3.7").exists()
