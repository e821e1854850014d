from __future__ import annotations

from tests.action.under_act.act import Act

STEP = "tests/action/under_act/workflows/step.yml"


def test_a_run(small: Act) -> None:
    outcome = small.run("workflow_dispatch", STEP, inputs={"command": "run", "path": "{sound,regresses}"})
    print(outcome.text)
    assert outcome.code == 1
