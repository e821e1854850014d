"""The commits of a clone as releases: which they are, what is taken out of them, and that the clone stays as it is."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bnregress.bisecting.bisection import Bisection, bisection_of
from bnregress.bisecting.commit_row import CommitRow, commit_row
from bnregress.bisecting.commits import Repository
from bnregress.bisecting.one_release import ReleaseTester, Target
from bnregress.bisecting.search import search
from bnregress.errors import UsageError
from bnregress.machine.sealing import SEAL, sealed_files
from bnregress.releases.catalog import Catalog
from bnregress.reports.bisected import commit_lines
from bnregress.run.options import Surroundings
from tests.bisecting.conftest import Row

BASE = "tf9.9.9-keras3.3.0"
VERSION = "keras/src/version.py"
#: A path that does what the module keras says, which no environment here has.
PATH = """
from bnregress.suite.registry import loading_path


@loading_path("by-commit", family="applications", summary="fake")
def by_commit(framework):
    import keras
    return keras.VERDICT
"""


@dataclass
class Clone:
    """A repository that a test makes."""

    path: Path

    def git(self, *arguments: str) -> str:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=master")
        command = ["git", "-C", str(self.path), *who, *arguments]
        return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, subject: str, files: Mapping[str, str]) -> str:
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def content(self) -> dict[str, str]:
        files = (path for path in sorted(self.path.rglob("*")) if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "clone")
    made.path.mkdir()
    made.git("init", "--quiet")
    made.commit("Begin", {VERSION: '__version__ = "3.3.0"\n', "keras/__init__.py": "VERDICT = 'pass'\n"})
    made.git("tag", "v3.3.0")
    return made


def subjects(clone: Clone, first: str, last: str) -> list[str]:
    commits, _ = Repository(clone.path).between(first, last)
    return [commit.subject for commit in commits]


def test_the_row_follows_first_parents_and_takes_a_merge_for_one_commit(clone: Clone) -> None:
    clone.commit("One", {"a": "1"})
    clone.git("checkout", "--quiet", "-b", "side")
    clone.commit("Aside", {"b": "1"})
    clone.git("checkout", "--quiet", "master")
    clone.commit("Two", {"a": "2"})
    clone.git("merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    clone.commit("Three", {"a": "3"})
    assert subjects(clone, "v3.3.0", "master") == ["Begin", "One", "Two", "Merge", "Three"]
    repository = Repository(clone.path)
    commits, said = repository.between("v3.3.0", "master")
    assert said is None
    assert [repository.files(commit) for commit in commits[1:]] == [("a",), ("a",), ("b",), ("a",)]


def test_an_end_on_a_branch_begins_where_the_two_part_and_says_so(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "-b", "release")
    clone.commit("Patch", {"a": "1"})
    clone.git("checkout", "--quiet", "master")
    clone.commit("One", {"b": "1"})
    commits, said = Repository(clone.path).between("release", "master")
    assert [commit.subject for commit in commits] == ["Begin", "One"]
    assert said
    assert said.startswith(f"release is not on the way to master: the search begins at {commits[0].short}")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("v9", "master", "has no commit v9"),
        ("--all", "master", "has no commit --all"),
        ("master", "v3.3.0", "master is not older than v3.3.0"),
        ("master", "master", "is not older than"),
    ],
)
def test_ends_that_span_no_row_are_refused(clone: Clone, first: str, last: str, words: str) -> None:
    clone.commit("One", {"a": "1"})
    with pytest.raises(UsageError, match=words):
        Repository(clone.path).between(first, last)


def test_what_is_no_clone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        Repository(tmp_path / "absent").between("a", "b")
    with pytest.raises(UsageError, match="has no commit a"):
        Repository(tmp_path).between("a", "b")


def test_only_plain_files_of_the_package_are_taken_out_and_once(clone: Clone, tmp_path: Path) -> None:
    (clone.path / "keras" / "link.py").symlink_to("/etc/passwd")
    clone.commit("More", {"keras/src/more.py": "x = 1\n", "setup.py": "raise SystemExit\n"})
    repository = Repository(clone.path)
    (_, commit), _ = repository.between("v3.3.0", "master")
    folder = repository.take_out(commit, tmp_path / "out")
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {"keras/__init__.py", "keras/src/more.py", VERSION}
    assert repository.take_out(commit, tmp_path / "out") == folder
    assert [path.name for path in (tmp_path / "out").iterdir()] == [commit.sha]


def test_a_commit_without_the_package_is_refused(clone: Clone, tmp_path: Path) -> None:
    clone.git("rm", "--quiet", "-r", "keras")
    clone.commit("Gone", {"a": "1"})
    repository = Repository(clone.path)
    (_, commit), _ = repository.between("v3.3.0", "master")
    with pytest.raises(UsageError, match="it has no folder keras"):
        repository.take_out(commit, tmp_path / "out")
    with pytest.raises(UsageError, match="master has no Keras 3, but none"):
        commit_row(catalog({}), repository, "v3.3.0", "master", cache=tmp_path)


def catalog(releases: Mapping[str, object]) -> Catalog:
    return Catalog(exclude_newer="2026-11-24", tools=(), constraints={}, releases=dict(releases), left_out={})  # type: ignore[arg-type]


@pytest.fixture
def base(row: Row, tmp_path: Path) -> Surroundings:
    """Surroundings with one release, whose suite asks the module keras."""
    surroundings = row("pass")
    (release,) = surroundings.catalog.values()
    named = replace(release, id=BASE, keras="3.3.0")
    named.lock_path("cpu").write_bytes(release.lock_path("cpu").read_bytes())
    staged, _ = surroundings.stage(tmp_path)
    with (staged / "bnregress" / "suite" / "paths" / "__init__.py").open("a", encoding="utf-8") as stream:
        stream.write(PATH)
    return replace(surroundings, catalog={BASE: named}, known_paths=["by-commit"])


Bisect = Callable[[Clone], tuple[Bisection, CommitRow]]


@pytest.fixture
def bisect(base: Surroundings, tmp_path: Path) -> Bisect:
    def find(clone: Clone) -> tuple[Bisection, CommitRow]:
        made = commit_row(catalog(base.catalog), Repository(clone.path), "v3.3.0", "master", cache=tmp_path / "cache")
        tester = ReleaseTester(
            target=Target(path="by-commit", variant="default"),
            out=tmp_path / "out",
            surroundings=replace(base, catalog=made.catalog),
        )

        def test(place: int) -> str | None:
            made.take_out(made.ids[place])
            return tester.test(made.ids[place]).verdict

        found = search(len(made.ids), test)
        more = {"commits": made.commits, "repository": clone.path, "said": made.said}
        return bisection_of(tester.target, made.ids, found, tester.outcomes, **more), made

    return find


def test_the_commit_is_named_with_its_files_and_the_clone_and_the_environment_stay_as_they_are(
    clone: Clone, bisect: Bisect, tmp_path: Path
) -> None:
    clone.commit("Document", {"README.md": "more"})
    clone.commit("Cannot be imported", {"keras/__init__.py": "raise ImportError('half done')\n"})
    guilty = clone.commit("Break it", {"keras/__init__.py": "VERDICT = 'regress'\n", "keras/src/a.py": ""})
    clone.commit("Document again", {"README.md": "still more"})
    (clone.path / "keras" / "__init__.py").write_text("raise SystemExit('the work tree was used')\n", encoding="utf-8")
    before = clone.content()
    found, made = bisect(clone)
    assert clone.content() == before
    (step,) = found.steps
    assert made.commits[step.after].sha == guilty
    assert [made.commits[name].subject for name in step.between] == ["Cannot be imported"]
    found = replace(found, files=made.repository.files(made.commits[step.after]))
    assert commit_lines(found)[0].startswith(f"The commit is {guilty}, of ")
    assert commit_lines(found)[0].endswith(": Break it")
    assert commit_lines(found)[1:] == ["  keras/__init__.py", "  keras/src/a.py"]
    assert found.command.startswith(f"bnregress bisect --path by-commit --repository {clone.path} --from ")
    (environment,) = (path for path in (tmp_path / "environments").iterdir() if (path / SEAL).is_file())
    assert sealed_files(environment)
    assert not [*environment.glob("lib/*/site-packages/keras")]
    assert step.after == f"{BASE}+{guilty[:12]}"
