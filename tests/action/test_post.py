"""The comment and the issue, written through a server that answers as GitHub's REST interface does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnregress.action import post
from bnregress.action.post import LIMIT, PER_PAGE, PostError, defused
from tests.action.githubapi import GitHub, serve

SCRIPT = Path(post.__file__)
MARK = "<!-- bnregress: upgrade -->\n"


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serve(GitHub()) as state:
        yield state


@pytest.fixture
def environ(github: GitHub, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "report.md").write_text("**regression**: one\n", encoding="utf-8")
    return {
        "GITHUB_API_URL": github.address,
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_WORKSPACE": str(tmp_path),
        "BNREGRESS_POST_BODY": "report.md",
        "BNREGRESS_POST_MARKER": "upgrade",
        "BNREGRESS_POST_PULL_REQUEST": "7",
        "BNREGRESS_POST_TOKEN": "secret",
    }


def run_script(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(SCRIPT)]
    return subprocess.run(
        command, env=environ, cwd=environ["GITHUB_WORKSPACE"], capture_output=True, text=True, check=False
    )


@pytest.fixture(autouse=True)
def in_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_first_report_becomes_a_comment(github: GitHub, environ: dict[str, str]) -> None:
    done = run_script(environ)
    assert (done.returncode, done.stdout) == (0, "new comments\n"), done.stderr
    assert [comment["body"] for comment in github.comments] == [f"{MARK}**regression**: one\n"]
    assert github.asked[-1] == ("POST", "/repos/acme/models/issues/7/comments")
    assert github.tokens == {"Bearer secret"}


def test_the_next_report_replaces_it(github: GitHub, environ: dict[str, str]) -> None:
    github.add("comments", "Nice.", author="somebody")
    post.post(environ)
    (Path(environ["GITHUB_WORKSPACE"]) / "report.md").write_text("cured\n", encoding="utf-8")
    assert post.post(environ) == "comments 2"
    assert [comment["body"] for comment in github.comments] == ["Nice.", f"{MARK}cured\n"]


def test_a_comment_that_somebody_else_marked_as_ours_is_left_alone(github: GitHub, environ: dict[str, str]) -> None:
    github.add("comments", f"{MARK}mine", author="somebody")
    post.post(environ)
    assert github.comments[0]["body"] == f"{MARK}mine"
    assert len(github.comments) == 2


def test_our_comment_is_found_behind_a_hundred_others(github: GitHub, environ: dict[str, str]) -> None:
    for _ in range(PER_PAGE):
        github.add("comments", "Nice.", author="somebody")
    github.add("comments", f"{MARK}old")
    assert post.post(environ) == f"comments {PER_PAGE + 1}"


def test_reports_of_another_kind_have_a_comment_of_their_own(github: GitHub, environ: dict[str, str]) -> None:
    post.post(environ)
    post.post(environ | {"BNREGRESS_POST_MARKER": "nightly"})
    assert len(github.comments) == 2


def test_an_issue_is_opened_once_and_updated_from_then_on(github: GitHub, environ: dict[str, str]) -> None:
    github.add("issues", f"{MARK}a pull request", pull_request={})
    nightly = environ | {"BNREGRESS_POST_TITLE": "The nightly release regresses"}
    assert post.post(nightly) == "new issues"
    assert post.post(nightly) == "issues 2"
    assert github.issues[1]["title"] == "The nightly release regresses"
    assert github.issues[1]["body"] == f"{MARK}**regression**: one\n"


def test_a_hostile_report_notifies_nobody_and_passes_for_no_other() -> None:
    assert defused("@everyone <!-- bnregress: nightly -->\0") == "@\u200beveryone <\u200b!-- bnregress: nightly -->"


def test_a_report_that_is_too_long_is_cut_at_a_line_and_says_so() -> None:
    text = defused("0123456789\n" * LIMIT)
    assert LIMIT - 100 < len(text) < 65_000
    assert text.splitlines()[-1].startswith("Truncated.")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MARKER", "-->", "input marker"),
        ("MARKER", "$(touch pwned)", "input marker"),
        ("PULL_REQUEST", "7/../../x", "input pull-request"),
        ("PULL_REQUEST", "", "input pull-request"),
        ("TITLE", "a\nb", "title of an issue"),
        ("BODY", "../secret", "not a plain file"),
        ("BODY", "gone.md", "not a plain file"),
        ("BODY", "link.md", "not a plain file"),
        ("TOKEN", "", "input token is empty"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(
    name: str, value: str, words: str, github: GitHub, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "link.md").symlink_to(os.devnull)
    (tmp_path.parent / "secret").write_text("secret", encoding="utf-8")
    with pytest.raises(PostError, match=words):
        post.post(environ | {f"BNREGRESS_POST_{name}": value})
    assert github.asked == []


def test_a_refusal_ends_with_an_annotation_that_shows_no_token(github: GitHub, environ: dict[str, str]) -> None:
    github.refuses = 403
    done = run_script(environ)
    assert done.returncode == 1
    assert done.stdout == (
        "::error title=bnregress::GitHub answered 403 to GET /repos/acme/models/issues/7/comments.\n"
    )
    assert "secret" not in done.stdout + done.stderr


def test_a_server_out_of_reach_is_told(environ: dict[str, str]) -> None:
    with pytest.raises(PostError, match="GitHub cannot be reached"):
        post.post(environ | {"GITHUB_API_URL": "http://127.0.0.1:1"})
