"""The pull request of new releases, through a server that answers as GitHub's REST interface does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bnregress.action import propose as module
from bnregress.action.post import PostError
from bnregress.action.propose import LARGEST, propose
from tests.action.githubapi import GitHub, serve

SHA = "1" * 40
BRANCH = "bnregress/new-releases"


@dataclass
class Repository(GitHub):
    """The part of a repository that a proposal touches."""

    branches: dict[str, str] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    tree: dict[str, Any] = field(default_factory=dict)
    commit: dict[str, Any] = field(default_factory=dict)

    def answer(self, method: str, path: str, value: Any) -> Any:
        self.asked.append((method, path))
        route = path.partition("?")[0].removeprefix("/repos/acme/models")
        if method == "GET":
            refs = [{"ref": f"refs/heads/{name}"} for name in self.branches]
            answers = {
                f"/git/commits/{SHA}": {"tree": {"sha": "base"}},
                f"/git/matching-refs/heads/{BRANCH}": refs,
                "/pulls": self.pulls,
                "": {"default_branch": "main"},
            }
            return answers[route]
        if route == "/git/trees":
            self.tree = value
        elif route == "/git/commits":
            self.commit = value
        elif route == "/pulls":
            self.pulls.append({"number": 7, **value})
        elif route == "/pulls/7":
            self.pulls[0] |= value
        else:
            self.branches[(value.get("ref") or route).rpartition("heads/")[2]] = value["sha"]
        return {"sha": f"made at {route}", "html_url": "the pull request"}


@pytest.fixture
def repository() -> Iterator[Repository]:
    state = Repository()
    with serve(state):
        yield state


@pytest.fixture
def environ(repository: Repository, tmp_path: Path) -> dict[str, str]:
    files = tmp_path / "proposal" / "files" / "bnregress" / "resources"
    (files / "locks").mkdir(parents=True)
    (files / "catalog.toml").write_text("rows\n", encoding="utf-8")
    (files / "locks" / "tf2.21.0-keras3.16.0.cpu.py312.txt").write_text("keras==3.16.0\n", encoding="utf-8")
    (tmp_path / "proposal" / "body.md").write_text("for @everyone\n", encoding="utf-8")
    return {
        "GITHUB_API_URL": repository.address,
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_SHA": SHA,
        "GITHUB_WORKSPACE": str(tmp_path),
        "BNREGRESS_PROPOSE_FOLDER": "proposal",
        "BNREGRESS_PROPOSE_TITLE": "Add the releases that the index has",
        "BNREGRESS_PROPOSE_BRANCH": BRANCH,
        "BNREGRESS_POST_TOKEN": "secret",
    }


def test_a_pull_request_is_opened_on_the_commit_that_it_was_made_from(
    repository: Repository, environ: dict[str, str]
) -> None:
    command = [sys.executable, "-I", str(Path(module.__file__))]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "the pull request\n"), done.stderr
    assert repository.tree["base_tree"] == "base"
    assert {entry["path"]: entry["content"] for entry in repository.tree["tree"]} == {
        "bnregress/resources/catalog.toml": "rows\n",
        "bnregress/resources/locks/tf2.21.0-keras3.16.0.cpu.py312.txt": "keras==3.16.0\n",
    }
    assert repository.commit["parents"] == [SHA]
    assert repository.branches == {BRANCH: "made at /git/commits"}
    (opened,) = repository.pulls
    assert (opened["head"], opened["base"]) == (BRANCH, "main")
    assert "@everyone" not in opened["body"]
    assert repository.tokens == {"Bearer secret"}


def test_a_second_proposal_takes_the_place_of_the_first(repository: Repository, environ: dict[str, str]) -> None:
    propose(environ)
    propose(environ)
    assert len(repository.pulls) == 1
    assert ("PATCH", f"/repos/acme/models/git/refs/heads/{BRANCH}") in repository.asked


@pytest.mark.parametrize(
    "name",
    [
        ".github/workflows/ci.yml",
        "bnregress/resources/known.toml",
        "bnregress/resources/locks/a/b.txt",
        "bnregress/action/post.py",
        "action.yml",
    ],
)
def test_only_the_catalog_and_its_locks_may_be_changed(
    repository: Repository, environ: dict[str, str], tmp_path: Path, name: str
) -> None:
    path = tmp_path / "proposal" / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    with pytest.raises(PostError, match="none may change"):
        propose(environ)
    assert repository.asked == []


def test_links_and_large_files_are_refused(repository: Repository, environ: dict[str, str], tmp_path: Path) -> None:
    catalog = tmp_path / "proposal" / "files" / "bnregress" / "resources" / "catalog.toml"
    catalog.write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(PostError, match="larger than"):
        propose(environ)
    catalog.unlink()
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    catalog.symlink_to(tmp_path / "secret")
    with pytest.raises(PostError, match="not a plain file"):
        propose(environ)
    assert repository.asked == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BNREGRESS_PROPOSE_BRANCH", "main"),
        ("BNREGRESS_PROPOSE_TITLE", "two\nlines"),
        ("BNREGRESS_PROPOSE_FOLDER", ".."),
        ("BNREGRESS_PROPOSE_FOLDER", ""),
        ("GITHUB_SHA", "main"),
        ("BNREGRESS_POST_TOKEN", ""),
    ],
)
def test_a_wrong_input_changes_nothing(
    repository: Repository, environ: dict[str, str], variable: str, value: str
) -> None:
    with pytest.raises(PostError):
        propose({**environ, variable: value})
    assert repository.asked == []
