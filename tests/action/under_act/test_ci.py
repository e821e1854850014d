"""Jobs of our own ci.yml that reach nothing but what this machine has; the others fetch nox itself first."""

from __future__ import annotations

from tests.action.under_act.act import Act

WORKFLOW = ".github/workflows/ci.yml"


def test_the_action_is_used_on_itself_in_a_real_release(real: Act) -> None:
    outcome = real.run("push", WORKFLOW, job="action")
    assert outcome.jobs == {"ci/the action, used on itself"}
    assert outcome.code == 0, outcome.story
    outputs = outcome.outputs("ci/the action, used on itself", "run")
    assert (outputs["result"], outputs["cells"], outputs["errors"]) == ("expected", "1", "0")
