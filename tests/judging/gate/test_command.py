"""`bnregress gate` and `bnregress known` as a person types them, on results of files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.commands import own_model
from bnregress.results.file import load_results, write_results
from bnregress.results.model import CheckResult, Results
from bnregress.run import engine
from bnregress.run.events import Progress
from bnregress.run.options import RunOptions
from tests.judging.gate.conftest import cell, drifting, results

ENTRY = """\
[[known]]
cells = "tf2.1.0/h5"
checks = { mode-parity = "off by" }
reason = "Known why."
remedy = "Do."
source = "not reported upstream"
"""
BROKEN = CheckResult(name="mode-parity", status="regress", reason="off by 16.2")
SOUND = CheckResult(name="mode-parity", status="pass", reason="same")


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    """One known regression, one that is sound, in two releases; their file and a file of what is known lie here."""
    monkeypatch.chdir(tmp_path)
    run = results(
        cell("tf2.1.0/h5", "regress", checks=(BROKEN, *drifting(1e-6))),
        cell("tf2.1.0/json", "pass", checks=(SOUND, *drifting(1e-6))),
        cell("tf2.15.1/h5", "pass", checks=(SOUND, *drifting(2e-6))),
        cell("tf2.15.1/json", "pass", checks=(SOUND, *drifting(2e-6))),
    )
    write_results(run, tmp_path / "results.json")
    (tmp_path / "known.toml").write_text(ENTRY, encoding="utf-8")
    return run


def first_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    ("options", "code", "first"),
    [
        (["--known", "known.toml"], 0, "safe: 1 regression, and it is known; every other cell tried is sound."),
        (["--known", "none"], 1, "unsafe: 1 of 2 releases breaks a frozen BatchNorm, on h5"),
        (
            ["--known", "none", "--fail-on", "never"],
            0,
            "unsafe: 1 of 2 releases breaks a frozen BatchNorm, on h5",
        ),
        (
            ["--known", "none", "--path", "json"],
            0,
            "safe: a frozen BatchNorm stays frozen on every path",
        ),
        (["--known", "known.toml", "--from", "tf2.1.0", "--to", "tf2.15.1"], 0, "safe: tf2.1.0 to tf2.15.1: "),
        (["--known", "known.toml", "--from", "tf2.15.1", "--to", "tf2.1.0"], 1, "unsafe: tf2.15.1 to tf2.1.0: 1 path"),
        (["--from", "tf2.15.1", "--to", "tf2.1.0", "--format", "github"], 1, "unsafe: "),
        (["--from", "tf2.15.1", "--to", "tf2.1.0", "--format", "markdown"], 1, "**unsafe**: "),
    ],
)
def test_the_first_line_answers_and_the_exit_code_agrees(
    options: list[str], code: int, first: str, measured: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", "results.json", *options]) == code
    assert first_line(capsys).startswith(first)


def test_json_is_for_programs(measured: Results, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "results.json", "--known", "known.toml", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["answer"] == "safe"
    assert [section["kind"] for section in document["sections"]] == ["known"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "There is nothing to judge"),
        (["--from", "tf2.1.0"], "Give both from and to"),
        (["--from", "tf2.1.0", "--to", "tf2.1.0"], "Give two releases"),
        (["--from", "tf2.1.00", "--to", "tf2.15.1"], "Did you mean tf2.1.0"),
        (["--from", "tf2.1.*", "--to", "tf2.15.1"], "is a selector"),
        (["results.json", "--jobs", "2"], "--jobs: nothing is run if RESULTS are given"),
        (
            ["results.json", "--from", "tf2.1.1", "--to", "tf2.15.1"],
            "no cell of tf2.1.1. Did you mean tf2.15.1, tf2.1.0?",
        ),
        (["results.json", "--path", "jason"], "Did you mean json?"),
        (["absent.json"], "cannot be read"),
        (["results.json", "--known", "absent.toml"], "absent.toml cannot be read: No such file"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_runs(
    arguments: list[str], message: str, measured: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_without_results_both_releases_are_run_and_judged(
    measured: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def run(options: RunOptions, progress: Progress, surroundings: object = None) -> engine.Measured:
        asked.append(options)
        options.out.mkdir()
        return engine.Measured(measured, interrupted=False)

    monkeypatch.setattr(engine, "run", run)
    ends = ["--from", "tf2.1.0", "--to", "tf2.15.1", "--known", "known.toml"]
    assert main(["gate", *ends, "--path", "h5", "--jobs", "2", "--offline", "--out", "there"]) == 0
    (options,) = asked
    assert options.select == ("tf2.1.0", "tf2.15.1")
    assert (options.paths, options.jobs, options.offline, options.out) == (("h5",), 2, True, tmp_path / "there")
    assert first_line(capsys).startswith("safe: tf2.1.0 to tf2.15.1: 1 is cured")
    assert {cell.drift for cell in load_results(tmp_path / "there" / "results.json").cells} == {None}
    assert load_results(tmp_path / "there" / "results.json").cells[0].known


def test_an_own_model_is_held_against_what_is_known_like_every_cell(
    measured: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: RunOptions, progress: Progress, surroundings: object = None) -> engine.Measured:
        options.out.mkdir()
        return engine.Measured(measured, interrupted=False)

    def with_own(measured: engine.Measured, target: str, **_: object) -> engine.Measured:
        results, interrupted = measured.results, measured.interrupted
        own = cell("tf2.15.1/own-model", "regress", reason="bn1 is affected", remedy="Pass training=False.")
        cells = [*results.cells, cell("tf2.1.0/own-model", "pass"), own]
        return engine.Measured(results.with_cells(cells), interrupted)

    monkeypatch.setattr(engine, "run", run)
    monkeypatch.setattr(own_model, "with_model", with_own)
    Path("models.py").touch()
    assert main(["gate", "--from", "tf2.1.0", "--to", "tf2.15.1", "--model", "models:build", "--out", "there"]) == 1
    written = {str(each.id): each for each in load_results(tmp_path / "there" / "results.json").cells}
    own = written["tf2.15.1/own-model"]
    assert (own.drift, own.remedy) == ("new", "Pass training=False.")


def test_an_interrupted_run_answers_nothing(
    measured: Results, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: RunOptions, progress: Progress, surroundings: object = None) -> engine.Measured:
        options.out.mkdir(parents=True)
        return engine.Measured(measured, interrupted=True)

    monkeypatch.setattr(engine, "run", run)
    assert main(["gate", "--from", "tf2.1.0", "--to", "tf2.15.1"]) == 130
    assert capsys.readouterr().out == ""


def test_known_lists_what_is_known(measured: Results, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["known", "--known", "known.toml"]) == 0
    out = capsys.readouterr().out
    assert "tf2.1.0/h5" in out
    assert "Known why. Fails mode-parity." in out


def test_known_proposes_a_diff_and_writes_only_where_it_is_told_to(
    measured: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "known.toml").write_text(ENTRY.replace("tf2.1.0", "tf2.15.1"), encoding="utf-8")
    before = (tmp_path / "known.toml").read_bytes()
    assert main(["known", "--known", "known.toml", "--update", "results.json"]) == 0
    captured = capsys.readouterr()
    assert '-cells = "tf2.15.1/h5"' in captured.out
    assert '+cells = "tf2.1.0/h5"' in captured.out
    assert "fixed, removed: tf2.15.1/h5" in captured.err
    assert "new, proposed: tf2.1.0/h5" in captured.err
    assert (tmp_path / "known.toml").read_bytes() == before
    assert main(["known", "--known", "known.toml", "--update", "results.json", "--out", "next.toml"]) == 0
    assert main(["gate", "results.json", "--known", "next.toml", "--fail-on", "drift"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "x.toml"], "Give the results.json of a run with --update"),
        (["--update", "results.json", "--out", "absent/x.toml"], "cannot be written"),
    ],
)
def test_known_refuses_what_it_cannot_do(
    arguments: list[str], message: str, measured: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["known", *arguments]) == 2
    assert message in capsys.readouterr().err
