"""The composite action in each of its commands, on releases that take no time."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.action.under_act.act import Act, Outcome

WORKFLOW = "tests/action/under_act/workflows/step.yml"
JOB = "step/step"
ONE = "tf9.9.9"
#: Outputs that differ from run to run, or are looked at apart.
NAMES = ("results-json", "report-path", "plan", "run-id", "broken-path", "broken-variant")
SAID = "It changed. Remedy: Go through sound, `fake`, which passes in the same release."
#: As a gate says it.
SAID_APART = SAID.replace(" Remedy", "\nRemedy")


def step(act: Act, **inputs: str) -> Outcome:
    given = {name.strip("_").replace("_", "-"): text for name, text in inputs.items()}
    outcome = act.run("workflow_dispatch", WORKFLOW, inputs=given)
    assert outcome.jobs == {JOB}
    return outcome


def seen_later(outcome: Outcome) -> dict[str, Any]:
    """The outputs as a later step of the same job has them."""
    match = re.search(r"^outputs: (.*)$", outcome.printed, re.MULTILINE)
    assert match is not None, outcome.story
    return dict(json.loads(match[1]))


def without_paths(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: text for name, text in outputs.items() if text and name not in NAMES}


def test_a_run_that_finds_a_regression_is_red_and_says_where(small: Act) -> None:
    outcome = step(small, command="run", select=ONE, path="{sound,regresses}")
    assert outcome.code == 1
    assert outcome.failed == {(JOB, "action")}
    assert outcome.annotations == [("error", f"{ONE}/regresses regresses", SAID)]
    outputs = seen_later(outcome)
    assert without_paths(outputs) == {
        "result": "regression", "regressions": "1", "fixed": "0", "errors": "0", "cells": "2",
    }  # fmt: skip
    assert len(outputs["plan"]) == 64
    assert outputs["run-id"].startswith("github-")
    assert outputs["results-json"].endswith("/bnregress-results/results.json")
    assert "outcome: failure" in outcome.printed
    assert "regresses" in outcome.summary(JOB)
    assert "| release |" in outcome.summary(JOB)


def test_a_run_that_finds_nothing_is_green_and_silent(small: Act) -> None:
    outcome = step(small, command="run", select=ONE, path="sound", extra_args="--jobs 1")
    assert outcome.code == 0, outcome.story
    assert outcome.annotations == []
    assert without_paths(seen_later(outcome)) == {
        "result": "expected", "regressions": "0", "fixed": "0", "errors": "0", "cells": "1",
    }  # fmt: skip


def test_a_cell_that_crashes_ends_with_its_own_word(small: Act) -> None:
    outcome = step(small, command="run", select=ONE, path="segfaults")
    assert outcome.code == 1
    assert seen_later(outcome)["result"] == "undecided"
    assert seen_later(outcome)["errors"] == "1"
    assert outcome.titles == [f"{ONE}/segfaults could not be decided (error, crash)"]


def test_a_plan_becomes_a_matrix(small: Act) -> None:
    outcome = step(small, command="plan", path="{sound,regresses}", shards="3")
    assert outcome.code == 0, outcome.story
    outputs = seen_later(outcome)
    matrix = json.loads(outputs["matrix"])["include"]
    assert [job["shard"] for job in matrix] == ["1/3", "2/3", "3/3"]
    assert {job["device"] for job in matrix} == {"cpu"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", job["locks"]) for job in matrix)
    assert outputs["cells"] == "6"
    assert "6 cells in 3 shards" in outcome.summary(JOB)


def test_an_empty_plan_is_red(small: Act) -> None:
    outcome = step(small, command="plan", select="tf9.9.9/sound", path="regresses")
    assert outcome.code == 1
    assert seen_later(outcome)["result"] == "nothing-to-do"
    assert "No cell matches all of" in outcome.annotations[0][2]


def test_a_report_renders_what_a_run_left(small: Act, results: str) -> None:
    outcome = step(small, command="report", results=results, run_id="any", out="again")
    assert outcome.code == 1
    outputs = seen_later(outcome)
    assert (outputs["result"], outputs["cells"]) == ("regression", "2")
    assert outputs["results-json"].endswith("/again/results.json")
    assert "regresses" in outcome.summary(JOB)


def test_a_gate_is_shut_by_a_regression_that_is_not_known(small: Act, results: str) -> None:
    outcome = step(small, command="gate", results=results, run_id="any")
    assert outcome.code == 1
    assert outcome.annotations == [("error", f"New regressions: {ONE}/regresses", SAID_APART)]
    assert without_paths(seen_later(outcome)) == {
        "result": "regression", "regressions": "1", "fixed": "0", "errors": "0", "cells": "2",
    }  # fmt: skip
    assert (seen_later(outcome)["broken-path"], seen_later(outcome)["broken-variant"]) == ("regresses", "default")
    assert "**unsafe**" in outcome.summary(JOB)


def test_a_gate_is_open_where_the_regression_is_known(small: Act, results: str) -> None:
    outcome = step(small, command="gate", results=results, run_id="any", known="tests/action/under_act/known.toml")
    assert outcome.code == 0, outcome.story
    assert outcome.annotations == []
    assert without_paths(seen_later(outcome)) == {
        "result": "expected", "regressions": "0", "fixed": "0", "errors": "0", "cells": "2",
    }  # fmt: skip


def test_a_gate_that_never_fails_still_warns(small: Act, results: str) -> None:
    outcome = step(small, command="gate", results=results, run_id="any", fail_on="never")
    assert outcome.code == 0, outcome.story
    assert outcome.annotations == [("warning", f"New regressions: {ONE}/regresses", SAID_APART)]


def test_results_of_an_earlier_run_are_refused_unless_any_will_do(small: Act, results: str) -> None:
    outcome = step(small, command="gate", results=results)
    assert outcome.code == 1
    assert seen_later(outcome)["result"] == "usage"
    assert "is meant" in outcome.annotations[0][2]


def test_an_upgrade_is_measured_and_judged(small: Act) -> None:
    outcome = step(small, command="gate", _from="tf9.9.8", to=ONE, path="sound")
    assert outcome.code == 0, outcome.story
    outputs = seen_later(outcome)
    assert (outputs["result"], outputs["from"], outputs["to"], outputs["cells"]) == ("expected", "tf9.9.8", ONE, "2")


def test_a_bisection_tells_that_both_ends_agree(small: Act) -> None:
    outcome = step(small, command="bisect", _from="tf9.9.7", to=ONE, path="regresses")
    assert outcome.code == 1
    assert seen_later(outcome)["result"] == "nothing-to-do"
    assert "## Bisect" in outcome.summary(JOB)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"command": "frobnicate"}, "'frobnicate' is not one of plan, run, report, gate, bisect."),
        ({"command": "plan", "shard": "1/3"}, "The input shard is not for the command plan, but for run."),
        ({"command": "run", "extra-args": "--out=/tmp"}, "'--out' is not allowed in extra-args"),
        ({"command": "run", "select": "$(touch pwned)"}, "'$(touch' is not a selector"),
        ({"command": "run", "path": "`touch pwned`\n::error::forged"}, "'`touch' is not a selector"),
        ({"command": "run", "out": "x%0A::error::forged"}, None),
        ({"command": "run", "known": "'; touch pwned; '"}, None),
        ({"command": "gate", "results": '"$(touch pwned)"'}, "There is no results.json in"),
        ({"command": "bisect", "from": "${{ github.token }}", "to": "x", "path": "h5"}, "is not a name of letters"),
    ],
)
def test_hostile_or_wrong_inputs_end_with_one_annotation_and_execute_nothing(
    inputs: dict[str, str], words: str | None, small: Act
) -> None:
    inputs = {"select": "tf0.0.0", **inputs} if inputs["command"] == "run" else inputs
    outcome = step(small, **inputs)
    assert outcome.failed == {(JOB, "action")}, "the step that looks for a file `pwned` passed"
    assert seen_later(outcome)["result"] == "usage"
    assert [level for level, _, _ in outcome.annotations] == ["error"]
    if words:
        assert words in outcome.annotations[0][2]
    assert "forged" not in outcome.titles


def test_an_input_that_the_action_does_not_have_changes_nothing(small: Act) -> None:
    """GitHub warns of it, act is silent, and actionlint refuses it in a workflow that uses `./`."""
    outcome = step(small, command="plan", path="sound", unknown_input="$(touch pwned)")
    assert outcome.code == 0, outcome.story
