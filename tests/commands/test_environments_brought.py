"""`--environment`, and environments on the sides of `gate`, as a person types them; no cell is run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.commands import own_model
from bnregress.errors import ExitCode
from bnregress.results.file import write_results
from bnregress.results.model import Results
from bnregress.run import engine
from bnregress.run.events import Progress
from bnregress.run.options import RunOptions, Surroundings
from tests.judging.gate.conftest import cell, results
from tests.run.brought import TENSORFLOW, packages, virtual


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    packages(virtual(tmp_path / "venv"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "venv"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["plan", "--format", "json", *arguments]) == ExitCode.EXPECTED
    return [release["release"]["id"] for release in json.loads(capsys.readouterr().out)["releases"]]


@pytest.mark.usefixtures("venv")
def test_a_plan_with_an_environment_has_that_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert planned(capsys, "--environment", "venv") == ["tf9.9.9+local"]
    assert planned(capsys, "--environment", "venv/bin/python", "--select", "*/h5") == ["tf9.9.9+local"]
    text = '[tool.bnregress]\nenvironment = "venv"\nselect = ["tf2.1.0"]\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert planned(capsys) == ["tf9.9.9+local"]


@pytest.mark.usefixtures("venv")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run", "--environment", "venv", "--select", "tf2.1.0"], "your own environment alone"),
        (["run", "--environment", "nowhere"], "nowhere does not exist"),
        (["plan", "--environment", "nowhere"], "Give --environment the path"),
        (["gate", "--from", "./nowhere", "--to", "tf2.1.0"], "Give --from the path"),
        (["gate", "--from", "venv", "--to", "venv"], "are both venv"),
        (["gate", "--from", "venv", "--to", "tf2.1.0", "results.json"], "Give the id there"),
    ],
)
def test_a_wrong_use_is_refused_before_anything_runs(
    arguments: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_results(results(cell("tf2.1.0/h5", "pass")), tmp_path / "results.json")
    assert main([*arguments]) == ExitCode.USAGE
    assert reason in said(capsys)
    assert not (tmp_path / "bnregress-results").exists()


@pytest.mark.usefixtures("venv")
def test_an_environment_stands_on_either_side_of_an_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    packages(virtual(tmp_path / "newer"), TENSORFLOW)
    asked: list[tuple[str, ...]] = []

    def run(options: RunOptions, progress: Progress, surroundings: Surroundings) -> engine.Measured:
        asked.append(options.select)
        options.out.mkdir(parents=True)
        assert set(options.select) <= set(surroundings.catalog)
        assert "tf2.21.0" in surroundings.catalog
        before, after = options.select
        found: Results = results(cell(f"{before}/h5", "pass"), cell(f"{after}/h5", "regress", reason="It broke"))
        return engine.Measured(found, interrupted=False)

    monkeypatch.setattr(engine, "run", run)
    monkeypatch.setattr(own_model, "with_model", lambda measured, *_args, **_more: measured)
    for sides in (("venv", "tf2.21.0"), ("tf2.1.0", "venv/bin/python"), ("venv", "newer")):
        assert main(["gate", "--from", sides[0], "--to", sides[1], "--known", "none"]) == ExitCode.REGRESSION
        assert capsys.readouterr().out.startswith("unsafe")
    assert asked == [
        ("tf9.9.9+local", "tf2.21.0"),
        ("tf2.1.0", "tf9.9.9+local"),
        ("tf9.9.9+local", "tf9.9.9+local2"),
    ]
