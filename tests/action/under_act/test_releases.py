"""The reusable workflow with three shards on real releases."""

from __future__ import annotations

import json

from tests.action.under_act.act import Act, Outcome

WORKFLOW = ".github/workflows/regress.yml"
JOBS = {"regress/plan", "regress/gate", *(f"regress/shard {number}/3-{number}" for number in (1, 2, 3))}


def regress(act: Act, known: str = "") -> Outcome:
    inputs = {
        "select": "tf2.1.0 tf2.15.1 tf2.21.0",
        "path": "tf-keras-applications",
        "shards": "3",
        "known": known,
        "extra-args": "--jobs 1",
    }
    return act.run("workflow_call", WORKFLOW, inputs=inputs)


def test_a_regression_that_is_news_ends_red_and_one_that_is_known_green(real: Act) -> None:
    red = regress(real, known="none")
    assert red.jobs == JOBS
    assert red.code == 1
    assert ("regress/gate", "gate") in red.failed
    outputs = red.outputs("regress/gate", "gate")
    assert (outputs["result"], outputs["regressions"], outputs["cells"]) == ("regression", "1", "3")
    grave = [title for level, title, _ in red.annotations if level == "error"]
    assert "New regressions: tf2.1.0/tf-keras-applications" in grave
    results = json.loads((red.artifacts / "bnregress-report" / "results.json").read_text(encoding="utf-8"))
    assert {cell["id"]: cell["status"] for cell in results["cells"]} == {
        "tf2.1.0/tf-keras-applications": "regress",
        "tf2.15.1/tf-keras-applications": "pass",
        "tf2.21.0/tf-keras-applications": "pass",
    }

    green = regress(real)
    assert green.jobs == JOBS
    assert green.code == 0, green.story
    assert green.outputs("regress/gate", "gate")["result"] == "expected"
    assert green.outputs("regress/gate", "gate")["regressions"] == "0"
