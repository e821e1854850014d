"""A refusal that nobody has listed is new, leaves the run undecided, and is told first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from bnregress.errors import ExitCode
from bnregress.judging.gate.regressions import judge
from bnregress.judging.known.drift import hold_against
from bnregress.judging.known.proposal import propose
from bnregress.reports.summary import render_summary
from bnregress.reports.terminal import print_report
from bnregress.results.file import load_results, write_results
from bnregress.results.model import DEFAULT_POLICY, CheckResult, Results, exit_code
from tests.judging.known.conftest import NAMES, cell, check, entry, results

REFUSED = CheckResult(
    name="frozen-state",
    status="inconclusive",
    reason="this release refuses it: ValueError: no",
    evidence={"refused": {"call": "fit", "error": "ValueError: no"}},
)
DOUBT = CheckResult(name="frozen-state", status="inconclusive", reason="the head stood still", evidence={})


def held(check_of_json: CheckResult = REFUSED) -> Results:
    cells = (
        cell("tf2.1.0/clone", "error"),
        cell("tf2.1.0/json", "inconclusive", check("mode-parity", "pass"), check_of_json),
        cell("tf2.1.0/h5", "pass"),
    )
    return hold_against(results(*cells), [])


@pytest.mark.parametrize(("check_of_json", "drift"), [(REFUSED, "new"), (DOUBT, None)])
def test_drift(check_of_json: CheckResult, drift: str | None) -> None:
    assert [each.drift for each in held(check_of_json).cells] == [None, drift, None]


def test_it_is_no_regression_and_never_green() -> None:
    sound = results(*held().cells[1:])
    assert exit_code(sound) == ExitCode.UNDECIDED
    assert judge(sound, DEFAULT_POLICY).word == "cannot tell"


def test_where_a_regression_is_known_the_refusal_is_one_that_is_missing() -> None:
    made = hold_against(results(*held().cells), [entry("tf2.1.0/json")])
    assert made.cells[1].drift == "missing"


def test_it_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(Console(width=100), held())
    for said in (capsys.readouterr().out, render_summary(held())):
        assert said.index("Refusals that are not listed (1)") < said.index("Errors (1)")
        assert "Inconclusive (" not in said


def test_results_with_it_are_read_back(tmp_path: Path) -> None:
    write_results(held(), tmp_path / "results.json")
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["cells"][1]["drift"] == "new"
    assert load_results(tmp_path / "results.json").cells == held().cells


def test_nobody_proposes_to_list_it_as_a_regression() -> None:
    assert "json" not in propose(held(), [], "", NAMES).text
