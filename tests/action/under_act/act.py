"""Runs a workflow for real, on this machine, with act: no container, no network, stubs for the actions of others."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
STUBS = Path(__file__).with_name("stubs")
#: Every label that a workflow may ask for; act skips a job with another, and ends with 0.
LABELS = ("ubuntu-latest", "ubuntu-22.04", "ubuntu-24.04", "self-hosted", "linux", "gpu")
#: The repository as others name it; what they write after it is this working tree.
OURSELVES = "OWNER/bnregress"
PATIENCE = 900
#: act says so of a job whose label it has no runner for; it asks for the labels one by one or together.
_NO_RUNNER = re.compile(r"Skipping unsupported platform.*-P ([^=]+)=")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What act told, one JSON record a line.

    Attributes:
        code: act's own exit code, 1 where a job failed.
        artifacts: the folder with a folder for each artifact.
    """

    code: int
    text: str = field(repr=False)
    artifacts: Path

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The records, names of jobs without the spaces that act pads them with."""
        found = []
        for line in self.text.splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                found.append(record | {"job": str(record.get("job", "")).strip()})
        return found

    @property
    def jobs(self) -> set[str]:
        """The jobs that ran, to whatever end."""
        return {record["job"] for record in self.records if record.get("step") == "Complete job"}

    @property
    def skipped(self) -> set[tuple[str, str]]:
        """The jobs that found no runner, each with the labels that it asked for."""
        told = ((record["job"], _NO_RUNNER.search(record.get("msg", ""))) for record in self.records)
        return {(job, match[1]) for job, match in told if match}

    @property
    def failed(self) -> set[tuple[str, str]]:
        """Job and step id of the outermost steps that failed."""
        return {
            (record["job"], record["stepID"][0])
            for record in self.records
            if record.get("stepResult") == "failure" and len(record.get("stepID", ())) == 1
        }

    @property
    def annotations(self) -> list[tuple[str, str, str]]:
        """Level, title and message of each."""
        return [
            (record["command"], (record.get("kvPairs") or {}).get("title", ""), record["arg"])
            for record in self.records
            if record.get("command") in ("error", "warning", "notice")
        ]

    @property
    def titles(self) -> list[str]:
        """The titles of the annotations."""
        return [title for _, title, _ in self.annotations]

    def outputs(self, job: str, step: str) -> dict[str, str]:
        """The outputs of a step."""
        return {
            record["name"]: record["arg"] for record in self._commands("set-output", job) if record["stepID"][0] == step
        }

    def summary(self, job: str) -> str:
        """The job summary; that of a composite action is told again for each step around it."""
        pages = dict.fromkeys(record["content"] for record in self._commands("summary", job))
        return "\n".join(pages)

    @property
    def printed(self) -> str:
        """What the steps printed."""
        return "".join(record["msg"] for record in self.records if record.get("raw_output"))

    @property
    def story(self) -> str:
        """What a failing test shows of the run: which steps failed, what was annotated, the end of what was printed."""
        end = self.printed[-4000:] or self.text[-2000:]
        return f"failed: {sorted(self.failed)}\nannotations: {self.annotations}\n{end}"

    def _commands(self, command: str, job: str) -> Iterator[dict[str, Any]]:
        return (record for record in self.records if record.get("command") == command and record["job"] == job)


@dataclass(frozen=True, kw_only=True)
class Act:
    """A repository whose workflows can be run.

    Attributes:
        repository: what is checked out; all of it is committed.
        folder: for all that a run leaves.
        bnregress: the repository of the action, where that is another.
        variables: what every step finds in its environment.
    """

    repository: Path
    folder: Path
    bnregress: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        event: str,
        workflow: str,
        *,
        inputs: Mapping[str, str] = {},
        payload: Mapping[str, Any] = {},
        variables: Mapping[str, str] = {},
        loses: Iterable[str] = (),
        api: Path | None = None,
        settings: Mapping[str, str] = {},
        labels: Collection[str] = LABELS,
        job: str = "",
    ) -> Outcome:
        """Run a workflow as an event would.

        Args:
            event: as `push` or `workflow_call`.
            workflow: its file.
            inputs: of `workflow_call` or `workflow_dispatch`.
            payload: the event as GitHub sends it.
            variables: added to the environment of every step.
            loses: names of artifacts that never arrive.
            api: where GitHub's REST interface keeps its state.
            settings: what the context `vars` holds.
            labels: those that there is a runner for; where others are given, a job that asks for none of them does
                not run, which is told in `Outcome.skipped`.
            job: the one job of the workflow to run, by its key, and what it needs; default: all.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        artifacts, home = self.folder / "artifacts", self.folder / "home"
        for folder in (artifacts, home):
            folder.mkdir(parents=True)
        event_file = self.folder / "event.json"
        # Where act is given an event, it takes the inputs of a dispatch from there.
        event_file.write_text(json.dumps({**payload, "inputs": dict(inputs)}), encoding="utf-8")
        every = {
            "ACT_STUBS": str(STUBS),
            "ACT_REPOSITORY": str(self.repository),
            "ACT_ARTIFACTS": str(artifacts),
            "ACT_LOSES": ",".join(loses),
            "NO_COLOR": "1",
            **({"ACT_BNREGRESS": str(self.bnregress)} if self.bnregress else {}),
            **({"GITHUB_API_URL": "{api}"} if api else {}),
            **self.variables,
            **variables,
        }
        command = [
            *(shutil.which("act") or "act", event, "--json", "--rm"),
            *("-C", str(self.repository), "-W", workflow, "-e", str(event_file)),
            *("--no-cache-server", "--container-daemon-socket", "-", "--action-offline-mode", "--no-skip-checkout"),
            *("--action-cache-path", str(self.folder / "cache")),
            *(part for kind in ("env", "secret", "var", "input") for part in (f"--{kind}-file", os.devnull)),
            *(part for label in labels for part in ("-P", f"{label}=-self-hosted")),
            *(part for ref, place in self._actions() for part in ("--local-repository", f"{ref}={place}")),
            *(part for name, value in every.items() for part in ("--env", f"{name}={value}")),
            *(part for name, value in inputs.items() for part in ("--input", f"{name}={value}")),
            *(part for name, value in settings.items() for part in ("--var", f"{name}={value}")),
            *("-s", "GITHUB_TOKEN=not-a-secret"),
            *(("-j", job) if job else ()),
        ]
        done = subprocess.run(
            [*apart(api), *command],
            # Steps inherit all of this: no more of it than they need.
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            timeout=PATIENCE,
        )  # fmt: skip
        outcome = Outcome(code=done.returncode, text=done.stdout, artifacts=artifacts)
        (self.folder / "told.jsonl").write_text(done.stdout, encoding="utf-8")
        assert labels is not LABELS or not outcome.skipped, "a job asks for a label that is not in LABELS"
        return outcome

    def _actions(self) -> Iterator[tuple[str, Path]]:
        """Yield every `uses:` of the repository's workflows and actions with what stands for it on this disk."""
        files = [*self.repository.rglob("*.yml")]
        if self.bnregress:
            files += [self.bnregress / "action.yml", *(self.bnregress / ".github").rglob("*.yml")]
        refs = {ref for file in files for ref in _uses(yaml.safe_load(file.read_text(encoding="utf-8")))}
        places: dict[str, Path] = {}
        for ref in sorted(refs):
            name, _, commit = ref.partition("@")
            owner, repository, *_ = name.split("/")
            if f"{owner}/{repository}" == OURSELVES:
                places[f"{OURSELVES}@{commit}"] = self.bnregress or self.repository
            else:
                places[f"{owner}/{repository}@{commit}"] = STUBS / repository
        return iter(places.items())


def _uses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(ref := value.get("uses"), str) and not ref.startswith("./"):
            yield ref
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _uses(each)


def apart(api: Path | None) -> list[str]:
    """Return the command before a command that leaves it a loopback and no other network."""
    return ["unshare", "-rn", sys.executable, "-m", "tests.action.under_act.apart", str(api or "-"), "--"]


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed."""
    settings = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid", "-c", "init.defaultBranch=main")
    command: Sequence[str] = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit_all(folder: Path, message: str = "all") -> str:
    """Commit whatever is in a folder, which becomes a repository, and return the commit's digest."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
        git(folder, "remote", "add", "origin", "https://github.com/acme/models.git")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files, and return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def working_tree(target: Path) -> Path:
    """Copy the files of this repository as they are now, without what git ignores."""
    names = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-coz", "--exclude-standard"], check=True, capture_output=True
    ).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target
