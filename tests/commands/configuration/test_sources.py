"""Command line over environment over file, and a clear error for whatever is wrong in either."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bnregress.cli import main
from bnregress.commands.configuration.sources import arguments_of, from_file
from bnregress.commands.declared import KEYS
from bnregress.commands.declared.run import RunArguments
from bnregress.errors import UsageError


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder that a person works in, and nothing configured elsewhere."""
    for option in KEYS:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.setenv("BNREGRESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BNREGRESS_ENVIRONMENTS", str(tmp_path / "environments"))
    (tmp_path / "project" / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def write(folder: Path, table: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.bnregress]\n{table}\n", encoding="utf-8")


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["plan", "--format", "json", *arguments])
    plan: dict[str, Any] = json.loads(capsys.readouterr().out)
    return plan


def releases(plan: dict[str, Any]) -> list[str]:
    return [release["release"]["id"] for release in plan["releases"]]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments or ["plan"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_file_chooses_what_is_planned_and_the_plan_says_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, 'select = "tf2.1.0"\npath = ["h5", "json"]\njobs = 2')
    plan = planned(capsys)
    assert releases(plan) == ["tf2.1.0"]
    assert len(plan["releases"][0]["cells"]) == 2
    origin = f"{project / 'pyproject.toml'}, [tool.bnregress]"
    assert plan["settings"] == {
        "select": {"value": ["tf2.1.0"], "from": origin},
        "path": {"value": ["h5", "json"], "from": origin},
        "jobs": {"value": 2, "from": origin},
    }
    main(["plan"])
    table = capsys.readouterr().out
    assert ["option", "value", "from"] in [line.split() for line in table.splitlines()]
    assert "jobs" in table
    assert "[tool.bnregress]" in table.replace("\n", "")


def test_a_plan_that_is_as_by_default_says_nothing_of_settings(capsys: pytest.CaptureFixture[str]) -> None:
    main(["plan"])
    assert ["option", "value", "from"] not in [line.split() for line in capsys.readouterr().out.splitlines()]
    assert planned(capsys)["settings"] == {}


def test_the_command_line_is_over_the_environment_and_that_over_the_file(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, 'select = ["tf2.1.0", "tf2.1.1"]')
    monkeypatch.setenv("BNREGRESS_SELECT", "tf2.2.3 tf2.3.4")
    plan = planned(capsys)
    assert releases(plan) == ["tf2.2.3", "tf2.3.4"]
    assert plan["settings"]["select"]["from"] == "BNREGRESS_SELECT"
    plan = planned(capsys, "--select", "tf2.4.4")
    assert releases(plan) == ["tf2.4.4"]
    assert plan["settings"]["select"]["from"] == "the command line"


def test_the_command_line_counts_even_where_it_says_the_default(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, 'device = "cpu"')
    assert planned(capsys)["settings"]["device"]["value"] == "cpu"
    assert planned(capsys, "--dev", "auto")["settings"]["device"] == {"value": "auto", "from": "the command line"}


def test_the_nearest_file_with_a_table_counts(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, 'select = "tf2.1.0"')
    (project / "deep" / "pyproject.toml").write_text("[tool.other]\nselect = 1\n", encoding="utf-8")
    monkeypatch.chdir(project / "deep" / "down")
    assert releases(planned(capsys)) == ["tf2.1.0"]
    write(project / "deep", 'select = "tf2.2.3"')
    assert releases(planned(capsys)) == ["tf2.2.3"]


def test_a_path_in_a_file_starts_from_its_folder(project: Path) -> None:
    write(project, 'out = "results"')
    parsed = arguments_of(RunArguments, {}, KEYS, {}, project / "deep")
    assert parsed.out == project / "results"


def test_a_word_that_stands_for_no_file_is_no_path(project: Path) -> None:
    write(project, 'known = "none"')
    (setting,) = from_file(KEYS, project)
    assert setting.value == "none"
    write(project, 'known = "known.toml"')
    (setting,) = from_file(KEYS, project)
    assert setting.value == project / "known.toml"


def test_each_kind_of_value_is_read_from_the_environment(project: Path) -> None:
    environ = {
        "BNREGRESS_JOBS": "3",
        "BNREGRESS_TIMEOUT": "7.5",
        "BNREGRESS_OFFLINE": "yes",
        "BNREGRESS_PATH": " h5  json ",
    }
    parsed = arguments_of(RunArguments, {}, KEYS, environ, project)
    assert (parsed.jobs, parsed.timeout, parsed.offline, parsed.path) == (3, 7.5, True, ("h5", "json"))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("selct = 'tf2.1.0'", "unknown key 'selct'. Did you mean select?"),
        ("fail_on = 'drift'", "Did you mean fail-on?"),
        ("select = 1", "key 'select': 1 is not a string or a list of strings"),
        ("select = []", "is not a string or a list of strings"),
        ("select = ['a', 2]", "is not a string or a list of strings"),
        ("jobs = true", "is not a whole number above 0"),
        ("jobs = 0", "is not a whole number above 0"),
        ("learning-rate = 0", "key 'learning-rate': 0 is not a number above 0."),
        ("learning-rate = 'low'", "is not a number above 0, nor auto."),
        ("timeout = inf", "is not a number of seconds above 0"),
        ("disk-budget = 1e308", "is not a number of gigabytes above 0"),
        ("disk-budget = -1", "is not a number of gigabytes above 0"),
        ("timeout = nan", "is not a number of seconds above 0"),
        ("offline = 'yes'", "is not true or false"),
        ("device = 'cpus'", "is not one of auto, cpu, gpu. Did you mean cpu"),
        ("device = ['cpu']", "is not one of auto, cpu, gpu"),
        ("out = '~nobody-of-this-name/out'", "has no home folder here"),
        ("out = ''", "is not a string"),
        ("select = ", "cannot be read as TOML"),
        ("a = " + "[" * 50_000, "cannot be read as TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_file_and_key(
    table: str, message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, table)
    said = refused(capsys)
    assert str(project / "pyproject.toml") in said
    assert message in said


def test_a_tool_table_of_another_shape_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("tool.bnregress = 1\n", encoding="utf-8")
    assert "not a table" in refused(capsys)


@pytest.mark.parametrize(
    ("name", "text"), [("JOBS", "two"), ("TIMEOUT", "soon"), ("OFFLINE", "perhaps"), ("DEVICE", "x")]
)
def test_what_is_wrong_in_a_variable_is_told_by_its_name(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"BNREGRESS_{name}", text)
    assert f"BNREGRESS_{name}: {text!r} is" in refused(capsys)


def test_gigabytes_are_read_as_bytes(project: Path) -> None:
    write(project, "disk-budget = 1.5")
    (setting,) = from_file(KEYS, project)
    assert setting.value == 1_500_000_000
    assert isinstance(setting.value, int)


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BNREGRESS_JOBS", "")
    assert planned(capsys)["settings"] == {}


def test_commands_that_take_no_option_of_the_table_do_not_read_the_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, "selct = 1")
    assert main(["cache"]) == 0
    with pytest.raises(UsageError):
        arguments_of(RunArguments, {}, KEYS, {}, project)
