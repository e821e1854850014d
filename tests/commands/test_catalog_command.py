"""`bnregress catalog` as a person types it, against an index of this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from bnregress.cli import main
from bnregress.commands import catalog as command
from bnregress.errors import ExitCode
from bnregress.releases import index as index_module
from bnregress.releases.catalog import load_catalog
from tests.releases.fakeindex import FakeIndex, serve


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeIndex]:
    """An index with one old release, asked for one Python."""
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(index_module.ask_index, "__defaults__", (["3.12"],))
    with serve() as served:
        monkeypatch.setenv("UV_DEFAULT_INDEX", served.address)
        served.add("tensorflow", "2.1.0", "cp312-cp312-manylinux_2_17_x86_64")
        yield served


def test_every_release_is_listed_with_its_python_wheel_and_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog"]) == ExitCode.EXPECTED
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert {line[0] for line in lines if line} >= set(load_catalog())
    assert ["tf2.1.0", "2.2.4-tf", "3.7", "tensorflow-cpu", "default,", "patch"] in lines


def test_the_list_is_there_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "--format", "json"]) == ExitCode.EXPECTED
    rows = json.loads(capsys.readouterr().out)

    assert [row["id"] for row in rows] == list(load_catalog())
    assert next(row for row in rows if row["id"] == "tf2.1.0")["groups"] == ["default", "patch"]


def test_a_catalog_that_lacks_nothing_is_as_expected(index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "--check"]) == ExitCode.EXPECTED
    assert "every release" in capsys.readouterr().out


def test_a_release_that_is_lacking_exits_1_and_says_how_to_add_it(
    index: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    index.add("tensorflow", "2.99.0", "cp312-cp312-manylinux_2_17_x86_64")

    assert main(["catalog", "--check"]) == ExitCode.REGRESSION
    said = capsys.readouterr().out
    assert "tensorflow 2.99.0, CPython 3.12" in said
    assert "bnregress catalog --add 2.99.0" in said


def test_an_empty_index_is_not_a_catalog_that_lacks_nothing(
    index: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    index.files.clear()

    assert main(["catalog", "--check"]) == ExitCode.UNDECIDED
    assert "has no wheel of tensorflow" in capsys.readouterr().err


def test_an_installed_package_is_not_edited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "checkout", lambda: None)

    assert main(["catalog", "--add", "2.99.0"]) == ExitCode.USAGE
    assert "in a clone" in capsys.readouterr().err


@pytest.mark.parametrize("wanted", ["2.1.0", "tf2.1.0", "two", "2.99"])
def test_what_cannot_be_added_is_wrong_usage(wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "--add", wanted]) == ExitCode.USAGE
    assert wanted in capsys.readouterr().err


@pytest.mark.parametrize("budget", ["0", "-3", "much", "nan"])
def test_a_disk_budget_is_a_number_above_0(budget: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["run", "--disk-budget", budget])
    assert left.value.code == ExitCode.USAGE
    assert "gigabytes" in capsys.readouterr().err


def test_the_plan_says_what_is_made_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan", "--select", "tf2.1.0", "--disk-budget", "7", "--format", "json"])
    disk = json.loads(capsys.readouterr().out)["disk"]

    assert disk["budget_bytes"] == 7 * 10**9
    assert set(disk) == {"budget_bytes", "needed_bytes", "made", "removed", "kept"}
