"""Where a release's own Python cannot be fetched, the run goes on with another that is here, and its results say so."""

from __future__ import annotations

import platform
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bnregress.cells.shard import Shard
from bnregress.errors import ExitCode
from bnregress.machine.fetching import FetchError, Interpreters
from bnregress.machine.interpreters import Interpreter
from bnregress.reports.terminal import print_report
from bnregress.results.file import load_results
from bnregress.results.model import Results
from tests.run.conftest import PYTHON, World

ONLY = ("tf9.9.9",)
OWN = "3.1"


@pytest.fixture
def unreached(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A release whose own Python is offered and cannot be fetched, and which has wheels for the one that is here."""
    release = replace(world.catalog["tf9.9.9"], python=OWN, other_pythons=(PYTHON,))
    release.on(PYTHON).lock_path().write_bytes(release.lock().read_bytes() + b"# for another Python\n")
    world.catalog["tf9.9.9"] = release
    found = world.find

    def find(python: str) -> Interpreter | None:
        return Interpreter(f"{OWN}.7", Path("/there"), "https://nowhere.invalid") if python == OWN else found(python)

    def fetch(*_: object) -> Interpreter:
        raise FetchError("It could not be fetched.", "Name a mirror.")

    monkeypatch.setattr(world, "find", find)
    monkeypatch.setattr(Interpreters, "fetch", fetch)
    return world


def stood_in(results: Results) -> bool:
    release = results.releases["tf9.9.9"]
    return (release.python, release.own_python) == (platform.python_version(), OWN)


def test_it_runs_on_the_python_that_is_here_and_says_so(unreached: World) -> None:
    results, code = unreached.run("sound", select=ONLY)

    assert code == ExitCode.EXPECTED
    assert [cell.status for cell in results.cells] == ["pass"]
    assert stood_in(results)
    assert load_results(unreached.out / "results.json").releases == results.releases
    screen = StringIO()
    print_report(Console(file=screen, width=200), results)
    assert f"On CPython {platform.python_version()} instead of the release's own: tf9.9.9 ({OWN})." in screen.getvalue()


def test_it_goes_on_there_when_it_is_resumed(unreached: World) -> None:
    before, _ = unreached.run("sound", select=ONLY)
    after, code = unreached.run("sound", select=ONLY, resume=True)

    assert code == ExitCode.EXPECTED
    assert stood_in(after)
    assert (after.plan, after.cells) == (before.plan, before.cells)


def test_no_verdict_that_was_decided_on_its_own_python_is_taken_over(
    unreached: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache has one of two cells; the other needs the interpreter."""
    with monkeypatch.context() as patched:
        own = Interpreter(f"{OWN}.7", Path(unreached.find(PYTHON).executable))  # type: ignore[union-attr]
        patched.setattr(unreached, "find", lambda python: own if python == OWN else None)
        unreached.run("sound", select=ONLY, fresh=False)
    results, _ = unreached.run("sound", "also-sound", select=ONLY, fresh=False)

    assert stood_in(results)
    assert [cell.cached for cell in results.cells] == [False, False]


def test_a_shard_stays_with_the_plan_that_all_shards_have(unreached: World) -> None:
    results, code = unreached.run("sound", select=ONLY, shard=Shard(1, 1))

    assert code == ExitCode.UNDECIDED
    assert [(cell.status, cell.reason) for cell in results.cells] == [("unavailable", "It could not be fetched.")]
