"""Every loading path of an environment, without a framework: what is told of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bnregress.commands.checked import Listener
from bnregress.suite import crossing, repro, subject, work
from bnregress.suite.cells import Cell
from bnregress.suite.finding import Finding, NotApplicable, passed, regressed
from bnregress.suite.inspection import every_path
from bnregress.suite.loader import FrameworkLoader
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import Check as SuiteCheck
from bnregress.suite.registry import LoadingPath
from tests.checking.conftest import Check


class Subject:
    released = False

    def release(self) -> None:
        self.released = True


def path(build: Callable[..., Any]) -> LoadingPath:
    return LoadingPath(id="h5", family="saved", summary="h5", build=build)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    monkeypatch.setattr(subject, "build_subject", lambda framework, path, variant: path.build(framework))
    monkeypatch.setattr(every_path, "every_cell", lambda: (Cell("h5"),))
    monkeypatch.setattr(repro, "script", lambda *_: "the script")

    def run(build: Callable[..., Any], *decisions: Callable[[Subject], Finding]) -> dict[str, Any]:
        named = {
            f"check-{n}": SuiteCheck(name=f"check-{n}", statement="", decide=each) for n, each in enumerate(decisions)
        }
        monkeypatch.setattr(every_path, "CHECKS", named)
        monkeypatch.setattr(work, "CHECKS", named)
        monkeypatch.setattr(crossing, "PATHS", {"h5": path(build)})
        answers: list[dict[str, Any]] = []
        every_path.inspect_environment(FrameworkLoader(), answers.append)
        return answers[0]

    return run


def fails(*_: Any) -> Any:
    raise RuntimeError("out of luck\n  File ...")


def absent(*_: Any) -> Any:
    raise NotApplicable("this release has no such thing")


def test_a_path_that_does_not_exist_says_why(ask: Callable[..., dict[str, Any]]) -> None:
    answer = ask(absent, lambda _: passed("never asked"))
    assert answer["status"] == "not-applicable"
    assert answer["reason"] == "this release has no such thing"


def test_a_path_that_cannot_be_built_is_an_error_with_its_traceback(ask: Callable[..., dict[str, Any]]) -> None:
    answer = ask(fails, lambda _: passed("never asked"))
    assert (answer["status"], answer["kind"]) == ("error", "crash")
    assert answer["reason"] == "building the path raised RuntimeError: out of luck"
    assert "in fails" in answer["traceback"]
    assert answer["checks"] == []


def test_a_check_that_raises_does_not_hide_a_regression(ask: Callable[..., dict[str, Any]]) -> None:
    answer = ask(
        lambda _: Subject(), fails, absent, lambda _: regressed("it moves", figure=3), lambda _: passed("fine")
    )
    assert answer["status"] == "regress"
    assert answer["reason"] == "it moves"
    assert [(check["name"], check["status"], check["repro"]) for check in answer["checks"]] == [
        ("check-0", "error", None),
        ("check-1", "not-applicable", None),
        ("check-2", "regress", "the script"),
        ("check-3", "pass", None),
    ]


def test_a_check_that_raises_alone_leaves_the_path_undecided(ask: Callable[..., dict[str, Any]]) -> None:
    answer = ask(lambda _: Subject(), lambda _: passed("fine"), fails)
    assert answer["status"] == "error"
    assert answer["reason"] == "the check check-1 raised RuntimeError: out of luck"


def test_the_network_is_handed_back_before_the_next_path(ask: Callable[..., dict[str, Any]]) -> None:
    network = Subject()
    ask(lambda _: network, fails)
    assert network.released


def test_quick_decides_the_paths_that_most_people_use_alone(
    ask: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {name: path(lambda *_: Subject()) for name in ("clone", "h5", "json")}
    monkeypatch.setattr(every_path, "PATHS", others)
    ask(lambda _: Subject(), lambda _: passed("fine"))
    monkeypatch.setattr(every_path, "every_cell", lambda: tuple(map(Cell, others)))
    decided: list[dict[str, Any]] = []
    every_path.inspect_environment(FrameworkLoader(), decided.append, quick=True)
    assert [record["path"] for record in decided] == ["h5"]


def test_the_quick_paths_are_paths() -> None:
    assert set(every_path.QUICK) <= set(PATHS)


def test_quick_is_for_loading_paths_alone(check: Check) -> None:
    said = check("models:build", "--quick")
    assert said.exit_code == 2
    assert "--quick is for loading paths" in said.stderr


def test_who_waits_is_told_of_each_path_and_of_its_time(
    ask: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(lambda _: Subject(), lambda _: passed("fine"))
    Listener()({"event": "path", "answer": answer})
    assert capsys.readouterr().err == "h5: pass, 0 s\n"
