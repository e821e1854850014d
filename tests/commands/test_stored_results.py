"""`bnregress report --diff` and `bnregress history`, as a person types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.errors import ExitCode
from bnregress.results.file import load_results, write_results

SAMPLE = Path(__file__).parents[1] / "reports" / "sample" / "results.json"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two stored runs: in the second, a regression is gone."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    shutil.copy(SAMPLE, tmp_path / "old")
    results = load_results(SAMPLE)
    cured = [
        cell if str(cell.id) != "tf2.1.0/h5" else type(cell)(id=cell.id, device="cpu", status="pass", reason="holds")
        for cell in results.cells
    ]
    write_results(results.with_cells(cured), tmp_path / "new" / "results.json")
    return tmp_path


@pytest.mark.parametrize("command", ["report", "history"])
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    assert f"examples:\n  bnregress {command} " in capsys.readouterr().out


def test_a_cure_is_better_and_its_reverse_is_worse(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = str(runs / "old"), str(runs / "new" / "results.json")
    assert main(["report", old, new, "--diff"]) == ExitCode.EXPECTED
    assert "Better (1)\n  tf2.1.0/h5: REGRESS -> pass" in capsys.readouterr().out
    assert main(["report", new, old, "--diff", "--format", "markdown"]) == ExitCode.REGRESSION
    assert "## Worse (1)\n\n- <code>tf2.1.0/h5</code>: pass → REGRESS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "old", "--diff"], "--diff compares two runs, 1 given"),
        (["report", "old", "new", "new", "--diff"], "3 given"),
        (["report", "old", "absent", "--diff"], "absent: cannot be read"),
        (["report", "old", "broken.json", "--diff"], "broken.json: not a JSON file"),
        (["history", "absent"], "absent is not a folder"),
        (["history", "old", "--out", "history.pdf"], ".html or .md"),
    ],
)
def test_bad_input_is_refused_in_words(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(runs)
    (runs / "broken.json").write_text('{"schema": ', encoding="utf-8")
    assert main(arguments) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_the_history_of_a_folder_is_drawn_and_written(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = runs / "history.html"
    assert main(["history", str(runs), "--out", str(page)]) == ExitCode.EXPECTED
    out = capsys.readouterr().out
    assert "1 cell changed, 8 never did" in out
    assert "tf2.1.0/h5" in out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_broken_file_in_the_folder_stops_the_history_before_anything_is_written(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs / "results-broken.json").write_text("[" * 100_000, encoding="utf-8")
    assert main(["history", str(runs), "--out", str(runs / "history.md")]) == ExitCode.USAGE
    assert "results-broken.json: not a JSON file of results (nested deeper" in capsys.readouterr().err
    assert not (runs / "history.md").exists()


def test_a_folder_without_results_is_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", str(tmp_path)]) == ExitCode.NOTHING_TO_DO
    assert "holds no *results*.json" in capsys.readouterr().err
