"""The example for users on a sample repository whose pin moves between real releases, and the nightly workflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.action.under_act.act import ROOT, Act, Outcome, commit_all, write

WORKFLOW = ".github/workflows/upgrade-gate.yml"
GATE, COMMENT = "TensorFlow upgrade/gate", "TensorFlow upgrade/comment"


class Project:
    """A repository of models with a pin, and a pull request that moves it."""

    def __init__(self, root: Path, act: Act) -> None:
        self.api = root / "github.json"
        self.repository = root / "models"
        self._act = Act(
            repository=self.repository,
            folder=root / "run",
            bnregress=act.repository,
            variables=act.variables,
        )
        workflow = (ROOT / "examples" / "upgrade-gate.yml").read_text(encoding="utf-8")
        write(self.repository, {WORKFLOW: workflow, "train.py": "import tensorflow\n"})

    def pull_request(self, old: dict[str, str], new: dict[str, str], head: str = "acme/models") -> Outcome:
        base = commit_all(write(self.repository, old))
        commit_all(write(self.repository, new))
        payload = {"pull_request": {"number": 7, "base": {"sha": base}, "head": {"repo": {"full_name": head}}}}
        return self._act.run("pull_request", WORKFLOW, payload=payload, api=self.api)

    @property
    def comments(self) -> list[dict[str, Any]]:
        return list(json.loads(self.api.read_text(encoding="utf-8"))["comments"])


@pytest.fixture
def project(tmp_path: Path, real: Act) -> Project:
    return Project(tmp_path, real)


def requirements(version: str) -> dict[str, str]:
    return {"requirements.txt": f"numpy\ntensorflow-cpu=={version}  # pinned\n"}


def test_a_pin_that_moves_to_a_cured_release_is_green_and_one_that_moves_back_is_red_in_the_same_comment(
    project: Project,
) -> None:
    cured = project.pull_request(
        {"requirements.txt": "tensorflow==2.0.0\n"}, {"requirements.txt": "tensorflow==2.1.4\n"}
    )
    assert cured.jobs == {GATE, COMMENT}
    assert cured.code == 0, cured.story
    outputs = cured.outputs(GATE, "gate")
    assert (outputs["result"], outputs["from"], outputs["to"]) == ("expected", "tf2.0.0", "tf2.1.4")
    assert (outputs["regressions"], outputs["fixed"], outputs["cells"]) == ("0", "1", "2")
    assert [(level, title) for level, title, _ in cured.annotations] == [("notice", "Cured: tf-keras-applications")]
    assert "## Cured (1)" in cured.summary(GATE)
    assert len(project.comments) == 1
    assert project.comments[0]["body"].startswith("<!-- bnregress: tensorflow-upgrade -->\n**safe**")
    assert "Cured" in project.comments[0]["body"]

    broken = project.pull_request(requirements("2.1.4"), requirements("2.1.0"))
    assert broken.jobs == {GATE, COMMENT}
    assert broken.code == 1
    assert broken.failed == {(GATE, "gate")}
    outputs = broken.outputs(GATE, "gate")
    assert (outputs["result"], outputs["regressions"], outputs["fixed"]) == ("regression", "1", "0")
    assert [(level, title) for level, title, _ in broken.annotations] == [("error", "Breaks: tf-keras-applications")]
    assert len(project.comments) == 1
    assert "**unsafe**" in project.comments[0]["body"]


def test_a_pin_that_stays_is_not_gated_and_not_commented_on(project: Project) -> None:
    outcome = project.pull_request(requirements("2.1.4"), {"requirements.txt": "tensorflow-cpu==2.1.4\n"})
    assert outcome.jobs == {GATE}
    assert outcome.code == 0, outcome.story
    assert outcome.outputs(GATE, "gate")["result"] == "unchanged"
    assert project.comments == []


def test_a_pin_that_the_catalog_lacks_is_red_and_says_so(project: Project) -> None:
    outcome = project.pull_request(requirements("2.1.4"), requirements("2.1.99"))
    assert outcome.code == 1
    assert "tf2.1.99, pinned in requirements.txt, is not in the catalog" in outcome.annotations[0][2]


def test_a_pull_request_from_a_fork_is_gated_but_nothing_is_written_for_it(project: Project) -> None:
    outcome = project.pull_request(requirements("2.1.4"), {"README": "x\n"}, head="stranger/models")
    assert outcome.jobs == {GATE}
    assert project.comments == []


def test_a_nightly_that_regresses_opens_one_issue_with_the_release_to_blame(small: Act, tmp_path: Path) -> None:
    workflow = ROOT / ".github" / "workflows" / "nightly.yml"
    text = workflow.read_text(encoding="utf-8")
    for before, after in (
        ("STABLE: tf2.21.0", "STABLE: tf9.9.7"),
        ("NIGHTLY: nightly", "NIGHTLY: tf9.9.9"),
        ("tensorflow=tf-nightly@$day", "tensorflow=tf9.9.9"),
        ("KERAS: tf2.21.0-keras3.15.1", "KERAS: tf9.9.7"),
        ("keras=keras-nightly@$day", "keras=tf9.9.9"),
        ('PATHS: ""', "PATHS: breaks-in-9-9-9"),
    ):
        assert before in text
        text = text.replace(before, after)
    # What is published is built by tools that a step without a network cannot fetch; tests/tools/test_pages.py runs it.
    text, _, published = text.partition("\n  every:\n")
    assert "actions/deploy-pages@" in published
    write(small.repository, {".github/workflows/nightly-here.yml": text})
    commit_all(small.repository)
    api = tmp_path / "github.json"
    for _ in range(2):
        outcome = small.run("workflow_dispatch", ".github/workflows/nightly-here.yml", api=api)
        assert outcome.jobs == {"nightly/gate", "nightly/issue"}
        assert outcome.code == 1
        assert outcome.failed == {("nightly/gate", "gate"), ("nightly/gate", "keras")}
        issues = json.loads(api.read_text(encoding="utf-8"))["issues"]
        assert [issue["title"] for issue in issues] == ["A nightly build of TensorFlow or Keras regresses"]
        assert issues[0]["body"].startswith("<!-- bnregress: nightly -->\n")
        assert "breaks-in-9-9-9" in issues[0]["body"]
        assert "## Bisect" in issues[0]["body"]
        assert "The nightly Keras regresses against tf9.9.7" in issues[0]["body"]
        assert issues[0]["body"].count("## Bisect") == 2
        assert "tf9.9.9" in issues[0]["body"].partition("## Bisect")[2]
