"""What act cannot show of the workflows, because it ignores it: read from the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from bnregress.releases.catalog import load_catalog

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = [*OURS, *sorted((ROOT / "examples").glob("*.yml"))]
ACTIONS = [ROOT / "action.yml", *sorted((ROOT / ".github" / "actions").glob("*/action.yml"))]
REGRESS = ROOT / ".github" / "workflows" / "regress.yml"
OURSELVES = "OWNER/bnregress"
USES = re.compile(r"^\s*(?:- )?uses: (?P<name>[^@\s]+)@(?P<digest>[0-9a-f]{40}) # (?P<version>v\d+\.\d+\.\d+)$")
#: The events that can carry the code of somebody who may not write to the repository.
STRANGERS = ("pull_request", "pull_request_target", "workflow_run", "issue_comment")


def load(path: Path) -> Any:
    # YAML 1.1 takes the key `on` for true.
    return {("on" if key is True else key): value for key, value in yaml.safe_load(path.read_text("utf-8")).items()}


def jobs(path: Path) -> dict[str, Any]:
    return dict(load(path)["jobs"])


JOBS = [pytest.param(path, name, id=f"{path.name}:{name}") for path in WORKFLOWS for name in jobs(path)]
FILES = [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in [*WORKFLOWS, *ACTIONS]]


def steps(path: Path) -> Iterator[dict[str, Any]]:
    document = load(path)
    for job in document.get("jobs", {"": document.get("runs")}).values():
        yield from job.get("steps", [])


def test_all_workflows_and_actions_are_looked_at() -> None:
    assert {path.name for path in WORKFLOWS} >= {"ci.yml", "nightly.yml", "regress.yml", "upgrade-gate.yml"}
    assert len(ACTIONS) == 3


@pytest.mark.parametrize("path", FILES)
def test_every_action_of_others_is_pinned_by_digest_with_its_version(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"\s*(- )?uses:", line)]
    others = [line for line in lines if not re.search(rf"uses: (\./|{OURSELVES}[/@])", line)]
    assert [line for line in others if not USES.match(line)] == []


def test_an_action_is_pinned_to_the_same_digest_everywhere() -> None:
    files = [*WORKFLOWS, *ACTIONS, *(ROOT / "docs").glob("*.md"), *(ROOT / "tests/action/under_act").rglob("*.yml")]
    pins: dict[str, set[tuple[str, str]]] = {}
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            if (match := USES.match(line)) and not match["name"].startswith(OURSELVES):
                pins.setdefault(match["name"], set()).add((match["digest"], match["version"]))
    assert len(pins) == 8
    assert {name: len(versions) for name, versions in pins.items()} == dict.fromkeys(pins, 1)


@pytest.mark.parametrize("path", FILES)
def test_no_script_holds_an_expression(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", FILES)
def test_every_script_runs_in_a_bash_that_stops_at_errors(path: Path) -> None:
    default = load(path).get("defaults", {}).get("run", {}).get("shell")
    assert {step.get("shell", default) for step in steps(path) if "run" in step} <= {"bash"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_grants_nothing_and_is_never_started_by_strangers_with_rights(path: Path) -> None:
    document = load(path)
    assert document["permissions"] == {}
    assert not set(document["on"]) & {"pull_request_target", "workflow_run", "issue_comment"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_says_what_may_run_at_once(path: Path) -> None:
    assert load(path)["concurrency"]["group"]


@pytest.mark.parametrize(("path", "name"), JOBS)
def test_a_job_says_its_rights_and_how_long_it_may_take(path: Path, name: str) -> None:
    job = jobs(path)[name]
    alone = {"publish": {"id-token", "attestations"}, "deploy": {"id-token", "pages"}}
    allowed = alone.get(name, {"contents", "pull-requests", "issues"})
    assert set(job["permissions"]) <= allowed
    # One job commits rows and locks, see `bnregress.action.propose`.
    assert job["permissions"].get("contents", "read") == ("write" if name == "pull-request" else "read")
    if "uses" not in job:
        assert job["timeout-minutes"]


@pytest.mark.parametrize(("path", "name"), JOBS)
def test_a_job_that_may_write_installs_nothing(path: Path, name: str) -> None:
    job = jobs(path)[name]
    if "write" not in job["permissions"].values():
        return
    if name == "publish":
        # It publishes what another job has built and tested, and runs none of it.
        assert [step["run"] for step in job["steps"] if "run" in step] == [
            "uv publish --trusted-publishing always dist/*"
        ]
        used = {step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step}
        assert used == {"astral-sh/setup-uv", "actions/download-artifact", "actions/attest-build-provenance"}
        return
    if name == "deploy":
        # It hands the site that another job has built to GitHub Pages, and runs none of it.
        assert [step["uses"].partition("@")[0] for step in job["steps"]] == ["actions/deploy-pages"]
        return
    for step in job["steps"]:
        assert "run" not in step
        assert re.match(
            r"actions/(checkout|download-artifact)@|(\.|OWNER/bnregress)/\.github/actions/(post|propose)(@|$)",
            step["uses"],
        )


def test_what_is_published_has_run_the_small_first_run_of_the_readme() -> None:
    (small,) = re.findall(r"^\$ uvx nox -s regress -- (.+)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    scripts = [step.get("run", "") for step in steps(ROOT / ".github" / "workflows" / "release.yml")]
    assert any(f"bin/bnregress run {small}\n" in script for script in scripts)


def test_only_a_tag_publishes_and_only_what_was_tested() -> None:
    release = load(ROOT / ".github" / "workflows" / "release.yml")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    assert release["jobs"]["publish"]["needs"] == "build"
    assert release["jobs"]["publish"]["environment"] == "release"


@pytest.mark.parametrize(("path", "name"), JOBS)
def test_no_job_that_installs_packages_is_given_a_secret(path: Path, name: str) -> None:
    job = jobs(path)[name]
    if "write" not in job["permissions"].values():
        assert not re.search(r"secrets\b|github\.token", yaml.safe_dump(job))


@pytest.mark.parametrize(("path", "name"), JOBS)
def test_a_matrix_goes_on_when_one_of_its_jobs_fails(path: Path, name: str) -> None:
    strategy = jobs(path)[name].get("strategy")
    assert strategy is None or strategy["fail-fast"] is False


@pytest.mark.parametrize("path", FILES)
def test_no_checkout_leaves_a_token_behind(path: Path) -> None:
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", FILES)
def test_nothing_is_cached_between_runs_unless_the_caller_wants_it(path: Path) -> None:
    """So that no pull request can write what a later run of another branch reads."""
    for step in steps(path):
        used = step.get("uses", "")
        assert not used.startswith("actions/cache") or (path == REGRESS and step["if"].startswith("inputs.cache && "))
        if used.startswith("astral-sh/setup-uv@"):
            assert step["with"]["enable-cache"] is False


def test_the_cache_is_off_by_default_keyed_by_the_locks_and_not_written_for_strangers() -> None:
    assert load(REGRESS)["on"]["workflow_call"]["inputs"]["cache"]["default"] is False
    restore, save = (step for step in steps(REGRESS) if step.get("uses", "").startswith("actions/cache"))
    assert restore["uses"].startswith("actions/cache/restore@")
    assert save["uses"].startswith("actions/cache/save@")
    assert restore["with"] == save["with"]
    assert restore["with"]["key"].endswith("-${{ matrix.locks }}")
    assert all("runner.environment == 'github-hosted'" in step["if"] for step in (restore, save))
    assert "head.repo.full_name == github.repository" in save["if"]
    assert all(f'"{event}"' in save["if"] for event in STRANGERS)


def test_every_job_that_may_meet_a_runner_of_ones_own_refuses_strangers_first() -> None:
    first = [job["steps"][0] for job in jobs(REGRESS).values()]
    assert len(first) == 3
    assert first[0] == first[1] == first[2]
    assert "runner.environment != 'github-hosted'" in first[0]["if"]
    assert all(f'"{event}"' in first[0]["if"] for event in STRANGERS)
    assert "exit 1" in first[0]["run"]


def test_no_job_is_sent_to_a_runner_of_ones_own_for_strangers() -> None:
    plan, *others = jobs(REGRESS).values()
    assert all(f'"{event}"' in plan["if"] for event in STRANGERS)
    assert "head.repo.full_name == github.repository" in plan["if"]
    assert all("plan" in job["needs"] for job in others)
    assert "needs.plan.outputs.cells != ''" in others[0]["if"]
    assert "needs.plan.result == 'success'" in others[1]["if"]


def test_two_runs_never_share_a_gpu_runner_and_none_is_cancelled_for_another() -> None:
    concurrency = load(REGRESS)["concurrency"]
    assert "inputs.device == 'gpu' && inputs.gpu-runs-on" in concurrency["group"]
    assert concurrency["cancel-in-progress"] is False


def test_the_runner_is_read_from_json_for_cpu_and_gpu_shards_apart() -> None:
    assert jobs(REGRESS)["shard"]["runs-on"] == (
        "${{ fromJSON(matrix.device == 'gpu' && inputs.gpu-runs-on || inputs.runs-on) }}"
    )


def test_the_workflow_takes_the_action_of_its_own_commit() -> None:
    ours = [step for step in steps(REGRESS) if step.get("with", {}).get("path") == ".bnregress"]
    assert len(ours) == 3
    for step in ours:
        assert step["with"]["repository"] == "${{ job.workflow_repository || github.repository }}"
        assert step["with"]["ref"] == "${{ job.workflow_sha || github.sha }}"


def test_every_input_of_the_workflow_has_a_default() -> None:
    inputs = load(REGRESS)["on"]["workflow_call"]["inputs"]
    assert [name for name, each in inputs.items() if "default" not in each or not each.get("description")] == []


def test_the_nightly_is_held_against_the_newest_stable_release() -> None:
    numbered = [release for release in load_catalog().values() if release.on_tensorflow and not release.is_floating]
    stable = [release for release in numbered if not Version(release.tensorflow).is_prerelease]
    newest = max(stable, key=lambda release: release.sort_key)
    settings = load(ROOT / ".github" / "workflows" / "nightly.yml")["env"]
    assert settings["STABLE"] == f"tf{newest.tensorflow}"
    # Its builds run on the same TensorFlow, and are held against the newest Keras that is listed with it.
    apart = max((release for release in stable if "-keras" in release.id), key=lambda release: release.sort_key)
    assert settings["KERAS"] == apart.id


def test_the_shell_and_the_python_of_an_action_are_told_apart_from_its_inputs() -> None:
    for path in ACTIONS:
        for step in steps(path):
            assert set(step) <= {"name", "id", "shell", "env", "run"}
            assert not re.search(r"\beval\b|\$\(|`", step["run"])
