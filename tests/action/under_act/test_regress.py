"""The reusable workflow: plan, shards, merge and gate, on releases that take no time."""

from __future__ import annotations

import json
import re

import pytest

from tests.action.under_act.act import Act, Outcome, commit_all, write

WORKFLOW = ".github/workflows/regress.yml"
#: Where act is told to run a called workflow by itself, it takes no defaults of booleans, and `cache` is false then.
SHARDS = {"regress/shard 1/3-1", "regress/shard 2/3-2", "regress/shard 3/3-3"}
JOBS = {"regress/plan", "regress/gate", *SHARDS}
KNOWN = """
[[known]]
cells = "tf9.9.{7,8,9}/regresses"
checks = { mode-parity = "It changed." }
reason = "It is made to."
remedy = "There is none."
source = "not reported upstream"
"""


def regress(act: Act, *, loses: str = "", **inputs: str) -> Outcome:
    given = {"path": "{sound,regresses}", "shards": "3", "extra-args": "--jobs 1"}
    given |= {name.replace("_", "-"): text for name, text in inputs.items()}
    return act.run("workflow_call", WORKFLOW, inputs=given, loses=loses.split(",") if loses else ())


def test_new_regressions_end_red_with_every_shard_reported(small: Act) -> None:
    outcome = regress(small)
    assert outcome.jobs == JOBS
    assert outcome.code == 1
    assert ("regress/gate", "gate") in outcome.failed
    assert not {job for job, step in outcome.failed if step not in ("gate", "report")}
    assert outcome.outputs("regress/gate", "gate")["regressions"] == "3"
    assert outcome.outputs("regress/gate", "gate")["cells"] == "6"
    assert [(level, title) for level, title, _ in outcome.annotations] == [
        ("error", "New regressions: tf9.9.{7,8,9}/regresses")
    ]
    summary = outcome.summary("regress/gate")
    assert summary.index("REGRESS") < summary.index("## Releases and paths") < summary.index("**unsafe**")
    assert sorted(path.name for path in outcome.artifacts.iterdir()) == [
        "bnregress-report", "bnregress-shard-1", "bnregress-shard-2", "bnregress-shard-3",
    ]  # fmt: skip
    merged = json.loads((outcome.artifacts / "bnregress-report" / "results.json").read_text(encoding="utf-8"))
    assert (merged["shard"], merged["complete"], len(merged["cells"])) == (None, True, 6)


def test_regressions_that_are_known_end_green(small: Act) -> None:
    write(small.repository, {"known-here.toml": KNOWN})
    commit_all(small.repository)
    outcome = regress(small, known="known-here.toml")
    assert outcome.jobs == JOBS
    assert outcome.code == 0, outcome.story
    assert outcome.outputs("regress/gate", "gate")["result"] == "expected"
    assert outcome.outputs("regress/gate", "gate")["regressions"] == "0"


def test_a_shard_that_crashes_is_missing_by_name_and_the_others_are_kept(small: Act) -> None:
    outcome = regress(small, select="*/sound tf9.9.8/kills-the-engine", path="", shards="2")
    assert outcome.jobs == {"regress/plan", "regress/gate", "regress/shard 1/2-1", "regress/shard 2/2-2"}
    assert outcome.code == 1
    crashed = next(job for job, _ in outcome.failed if job.startswith("regress/shard"))
    number = crashed.removeprefix("regress/shard ").partition("-")[0]
    assert any(message.startswith("bnregress ended with exit code 137") for _, _, message in outcome.annotations)
    told = [message for level, _, message in outcome.annotations if level == "error"]
    assert any(number in message for message in told), told
    index = number.partition("/")[0]
    assert {path.suffix for path in (outcome.artifacts / f"bnregress-shard-{index}").iterdir()} == {".log"}
    assert ("regress/gate", "report") in outcome.failed


def test_a_shard_whose_artifact_is_missing_fails_the_gate_by_name(small: Act) -> None:
    outcome = regress(small, path="{sound,also-sound}", loses="bnregress-shard-2")
    assert outcome.jobs == JOBS
    assert outcome.code == 1
    assert ("regress/gate", "report") in outcome.failed
    told = [message for level, _, message in outcome.annotations if level == "error"]
    assert any("2/3" in message for message in told), told
    assert "bnregress-report" not in {path.name for path in outcome.artifacts.iterdir()}


def test_all_artifacts_missing_is_red(small: Act) -> None:
    outcome = regress(small, path="sound", loses="bnregress-shard-1,bnregress-shard-2,bnregress-shard-3")
    assert outcome.code == 1
    assert any("There is no results.json in" in message for _, _, message in outcome.annotations)


def test_an_empty_plan_is_red_and_starts_no_shard(small: Act) -> None:
    outcome = regress(small, select="tf9.9.9/sound", path="regresses")
    assert outcome.jobs == {"regress/plan"}
    assert outcome.code == 1
    assert ("regress/plan", "plan") in outcome.failed


@pytest.mark.parametrize("runs_on", ['["self-hosted", "linux", "gpu"]', '"ubuntu-24.04"'])
def test_the_runner_is_what_the_caller_names(runs_on: str, small: Act) -> None:
    outcome = regress(small, path="sound", select="tf9.9.9", runs_on=runs_on)
    assert outcome.code == 0, outcome.story
    assert outcome.jobs == {"regress/plan", "regress/gate", "regress/shard 1/1"}


def given_shard(act: Act, device: str, *labels: str) -> Outcome:
    """Run a plan that is given, with one shard: no plan has cells for a GPU yet.

    Of one shard, because act asks for the runner of the first one for all of them.
    """
    plan = json.dumps({"include": [{"shard": "1/1", "index": 1, "device": device, "locks": ""}]})
    text = (act.repository / WORKFLOW).read_text(encoding="utf-8")
    planned = "matrix: ${{ steps.plan.outputs.matrix }}"
    assert planned in text
    write(act.repository, {".github/workflows/given.yml": text.replace(planned, f"matrix: '{plan}'")})
    commit_all(act.repository)
    inputs = {"path": "sound", "select": "tf9.9.9", "runs-on": '"ubuntu-24.04"', "gpu-runs-on": '["gpus"]'}
    return act.run("workflow_call", ".github/workflows/given.yml", inputs=inputs, labels=labels)


def test_a_gpu_shard_goes_to_the_gpu_runner_and_nothing_else_does(small: Act) -> None:
    waiting = given_shard(small, "gpu", "ubuntu-24.04")
    assert waiting.skipped == {("regress/shard 1/1", "gpus")}
    assert "regress/plan" in waiting.jobs
    assert "regress/shard 1/1" not in waiting.jobs

    served = given_shard(small, "gpu", "ubuntu-24.04", "gpus")
    assert served.code == 0, served.story
    assert (served.skipped, served.jobs) == (set(), {"regress/plan", "regress/shard 1/1", "regress/gate"})

    apart = given_shard(small, "cpu", "ubuntu-24.04")
    assert apart.code == 0, apart.story
    assert (apart.skipped, apart.jobs) == (set(), {"regress/plan", "regress/shard 1/1", "regress/gate"})


def test_hostile_inputs_execute_nothing_and_forge_nothing(small: Act) -> None:
    outcome = regress(small, select="$(touch pwned)\n::error::forged", path="`touch pwned`", variant="'\";")
    assert outcome.jobs == {"regress/plan"}
    assert outcome.failed == {("regress/plan", "plan")}
    assert len(outcome.annotations) == 1
    assert not re.search(r"forged", " ".join(outcome.titles))
    assert not list(small.folder.rglob("pwned"))
    assert not list(small.repository.rglob("pwned"))


def test_another_repository_calls_it_and_goes_on_with_its_outputs(small: Act, caller: Act) -> None:
    inputs = {"select": "tf9.9.9", "path": "sound"}
    outcome = caller.run("workflow_dispatch", ".github/workflows/call.yml", inputs=inputs)
    assert outcome.code == 0, outcome.story
    match = re.search(r"^outputs: (.*)$", outcome.printed, re.MULTILINE)
    assert match is not None
    seen = json.loads(match[1])
    assert (seen["result"], seen["cells"], seen["artifact"]) == ("expected", "1", "bnregress-report")


def pull_request(caller: Act, head: str, runs_on: str) -> Outcome:
    payload = {"pull_request": {"number": 7, "head": {"repo": {"full_name": head}}}}
    return caller.run("pull_request", ".github/workflows/call.yml", payload=payload, settings={"RUNS_ON": runs_on})


def test_a_pull_request_from_a_fork_starts_nothing_on_a_runner_of_ones_own(caller: Act) -> None:
    assert pull_request(caller, "stranger/models", '["self-hosted", "linux"]').jobs == set()


def test_the_first_step_refuses_a_fork_where_the_runner_turns_out_to_be_ones_own(caller: Act) -> None:
    """Under act no runner is GitHub's."""
    outcome = pull_request(caller, "stranger/models", '"ubuntu-24.04"')
    assert len(outcome.jobs) == 1
    assert outcome.code == 1
    assert len(outcome.failed) == 1
    assert outcome.annotations == [
        ("error", "bnregress", "Pull requests from forks do not run on self-hosted runners.")
    ]
    assert "stop-commands" not in outcome.text


@pytest.fixture
def caller(small: Act, tmp_path_factory: pytest.TempPathFactory) -> Act:
    root = tmp_path_factory.mktemp("caller")
    workflow = small.repository / "tests/action/under_act/workflows/call.yml"
    write(root, {".github/workflows/call.yml": workflow.read_text(encoding="utf-8"), "README": "models\n"})
    commit_all(root)
    return Act(
        repository=root,
        folder=tmp_path_factory.mktemp("caller-run"),
        bnregress=small.repository,
        variables=small.variables,
    )
