"""`gate --from-tree --to-tree`: what two source trees pin, through the same reader as the Action."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.errors import ExitCode
from bnregress.results.file import write_results
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


def test_a_keras_that_the_catalog_lacks_is_no_verdict_on_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate(tmp_path, "tensorflow==2.1.0", "tensorflow==2.15.1\nkeras==2.14.99") == ExitCode.UNDECIDED
    assert "keras ==2.14.99 in requirements.txt" in " ".join(capsys.readouterr().err.split())


def test_equal_pins_are_nothing_to_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(tmp_path, "tensorflow==2.1.0", "tensorflow == 2.1.0 # same") == ExitCode.EXPECTED
    assert capsys.readouterr().out.startswith("safe: nothing to gate: both sides use tf2.1.0")


def test_what_cannot_be_told_ends_with_4_and_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(tmp_path, "tensorflow==2.1.0", "tensorflow==2.1.0\ntf_keras==2.15.1") == ExitCode.UNDECIDED
    assert "tf-keras ==2.15.1 in requirements.txt" in " ".join(capsys.readouterr().err.split())


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
