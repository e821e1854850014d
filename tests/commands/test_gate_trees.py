"""`gate --from-tree --to-tree`: what two source trees pin, through the same reader as the Action."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.errors import ExitCode
from bnregress.results.file import write_results
from bnregress.run import engine
from bnregress.run.options import RunOptions, Surroundings
from tests.judging.gate.conftest import cell, results


def gate(root: Path, before: str, after: str, *more: str) -> int:
    for name, text in (("before", before), ("after", after)):
        (root / name).mkdir()
        (root / name / "requirements.txt").write_text(text, encoding="utf-8")
    return main(["gate", f"--from-tree={root / 'before'}", f"--to-tree={root / 'after'}", "--known=none", *more])


def test_the_releases_of_two_trees_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = cell("tf2.1.0/h5", "pass"), cell("tf2.15.1/h5", "regress", reason="It broke")
    write_results(results(*cells), tmp_path / "results.json")
    code = gate(tmp_path, "tensorflow==2.1.0", "tensorflow==2.15.1\nkeras==2.15.0", str(tmp_path / "results.json"))
    out = " ".join(capsys.readouterr().out.split())
    assert (code, out.split(":")[0]) == (ExitCode.REGRESSION, "unsafe")


@pytest.mark.parametrize(
    ("pin", "release"),
    [("keras==2.14.99", "tf2.15.1-keras2.14.99"), ("tf_keras==2.15.1", "tf2.15.1+tf-keras2.15.1")],
)
def test_what_the_catalog_lacks_is_run_as_pinned_and_no_verdict_on_another_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pin: str, release: str
) -> None:
    ran = []

    def run(options: RunOptions, progress: object, surroundings: Surroundings) -> engine.Measured:
        ran.append((options.select, surroundings.catalog[release]))
        return engine.Measured(results(cell("tf2.1.0/h5", "pass"), cell(f"{release}/h5", "unavailable")), False)

    monkeypatch.setattr(engine, "run", run)
    code = gate(tmp_path, "tensorflow==2.1.0", f"tensorflow==2.15.1\n{pin}", f"--out={tmp_path / 'out'}")
    assert code == ExitCode.UNDECIDED
    ((selected, row),) = ran
    assert selected == ("tf2.1.0", release)
    assert row.on_demand
    assert {*row.requirements(), *row.tools} >= {"tensorflow-cpu==2.15.1", pin.replace("_", "-")}


def test_equal_pins_are_nothing_to_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(tmp_path, "tensorflow==2.1.0", "tensorflow == 2.1.0 # same") == ExitCode.EXPECTED
    assert capsys.readouterr().out.startswith("safe: nothing to gate: both sides use tf2.1.0")


def test_what_cannot_be_told_ends_with_4_and_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(tmp_path, "tensorflow==2.1.0", "tensorflow==2.1.0\nkeras==3.16.0.dev1") == ExitCode.UNDECIDED
    assert "keras ==3.16.0.dev1 in requirements.txt" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from-tree=."], "two ends"),
        (["--from=tf2.1.0", "--from-tree=.", "--to=tf2.15.1"], "from and from-tree say the same thing"),
        (["--from-tree=lost", "--to=tf2.15.1"], "lost is not a folder"),
    ],
)
def test_a_wrong_side_is_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", *arguments]) == ExitCode.USAGE
    assert said in " ".join(capsys.readouterr().err.split())
