"""A regression that is news shows again in another process, or is not blamed; and what several trials come to."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import ExitCode
from bnregress.judging.known.drift import Unexpected, hold_cell
from bnregress.results.model import CellResult, CheckResult, Host, ReleaseResult, Results, exit_code
from bnregress.run.events import CellDecided, CellsReused, CellsRunAgain, CellStarted, Event, RunStarted
from bnregress.run.options import RunOptions
from bnregress.run.trials import Trials, every_regression, together
from bnregress.suite import status
from tests.judging.known.conftest import check, entry
from tests.run.conftest import PATHS, World, by_subject
from tests.run.conftest import run as run_engine

ONLY = ("tf9.9.9",)
NAMES = ("mode-parity", "frozen-state", "oracle")
CHECKED = (status.PASS, status.REGRESS, status.INCONCLUSIVE, status.NOT_APPLICABLE)


@st.composite
def cells(draw: st.DrawFn) -> CellResult:
    """A cell as the suite would decide it: the worst of its checks, or an error without any."""
    base = CellResult(id=CellId(release="tf9.9.9", path="h5"), device="cpu", status=status.ERROR, reason="gone")
    if draw(st.integers(0, 5)) == 0:
        return replace(base, kind=draw(st.sampled_from(status.ERROR_KINDS)))
    words = draw(st.lists(st.sampled_from(CHECKED), min_size=1, max_size=3))
    checks = tuple(
        CheckResult(name=name, status=word, reason=f"{name} {word}", evidence={"number": draw(st.integers(0, 9))})
        for name, word in zip(NAMES, words)
    )
    worst = status.worst(words)
    return replace(
        base, status=worst, reason=next(each.reason for each in checks if each.status == worst), checks=checks
    )


def exit_of(cell: CellResult) -> ExitCode:
    release = ReleaseResult(tensorflow="9.9.9", keras="8", python="3.12", lock_sha256=None)
    host = Host(platform="", machine="", python="", cpus=1)
    return exit_code(Results(plan="a" * 64, complete=True, host=host, releases={"tf9.9.9": release}, cells=(cell,)))


@given(st.lists(cells(), min_size=2, max_size=5))
def test_what_does_not_show_in_every_trial_is_neither_red_nor_green(trials: list[CellResult]) -> None:
    found = together(trials)
    words = {trial.status for trial in trials}
    assert found.trials is not None
    assert sum(found.trials.values()) == len(trials)
    assert set(found.trials) == words
    if len(words) > 1:
        assert found.status in (status.INCONCLUSIVE, status.ERROR)
        assert exit_of(found) == ExitCode.UNDECIDED
        assert status.ERROR not in words or status.REGRESS in words or found.status == status.ERROR
    if found.status == status.REGRESS:
        in_each = [{each.name for each in trial.checks if each.status == status.REGRESS} for trial in trials]
        stands = {each.name for each in found.checks if each.status == status.REGRESS}
        assert stands == set.intersection(*in_each)
        assert stands
    else:
        assert all(each.status != status.REGRESS for each in found.checks)
    if found.status == status.PASS:
        assert words == {status.PASS}


@given(st.lists(cells(), min_size=2, max_size=4))
def test_of_a_check_that_regressed_now_and_then_the_evidence_of_every_trial_is_kept(trials: list[CellResult]) -> None:
    found = {each.name: each for each in together(trials).checks}
    for name in NAMES:
        own = [next((each for each in trial.checks if each.name == name), None) for trial in trials]
        words = [each.status if each else None for each in own]
        if status.REGRESS in words and set(words) != {status.REGRESS}:
            told = found[name].evidence["trials"]
            assert [each.get("evidence") for each in told] == [each and each.evidence for each in own]


@given(cells(), st.integers(1, 4))
def test_only_what_is_news_or_asked_for_is_run_again(cell: CellResult, times: int) -> None:
    assert Trials(times=times, news=lambda _: False).wanted(cell) == times
    needed = 2 if cell.status == status.REGRESS else 1
    assert Trials(times=times).wanted(cell) == max(times, needed)
    assert Trials(times=times).wanted(replace(cell, status=status.UNAVAILABLE)) == 1


@given(cells())
def test_trials_that_agree_come_to_what_one_would(cell: CellResult) -> None:
    found = together([cell, cell, cell])
    assert replace(found, trials=None) == replace(cell, attempts=found.attempts)
    assert together([cell]) == cell


def measured(*checks: tuple[str, str, str]) -> CellResult:
    found = tuple(check(*each) for each in checks)
    id_ = CellId(release="tf2.1.0", path="h5")
    return CellResult(id=id_, device="cpu", status="regress", reason=found[0].reason, checks=found)


def test_a_regression_that_shows_again_as_it_is_listed_is_not_red() -> None:
    listed = (entry("tf2.1.0/h5", mode_parity="off by"),)
    news = Unexpected(listed)
    more = measured(("mode-parity", "regress", "off by 3"), ("oracle", "regress", "new"))
    known = measured(("mode-parity", "regress", "off by 3"), ("oracle", "pass", "fine"))
    other = measured(("mode-parity", "regress", "is nan"))
    assert (news(more), news(known), news(other)) == (True, False, True)
    for trials in ([more, known], [other, known], [known, other]):
        held = hold_cell(together(trials, news), listed[0])
        assert held.status == status.INCONCLUSIVE
        assert not held.unexpected
    assert hold_cell(together([other, other], news), listed[0]).unexpected
    assert hold_cell(together([known, known], news), listed[0]).as_known


def engine(world: World, *paths: str, trials: Trials | None = None, **more: Any) -> dict[str, CellResult]:
    options = RunOptions(out=world.out, select=ONLY, paths=paths, jobs=1, trials=trials or Trials(), fresh=True)
    options = replace(options, **more)
    world.events.clear()
    surroundings = replace(world.surroundings(), known_paths=[*PATHS, "flaky", "also-flaky"])
    results, _ = run_engine(options, world.events.append, surroundings)
    return by_subject(results)


def flaky(world: World, words: str, name: str = "flaky") -> None:
    (world.staged / f"{name}.txt").write_text(words, encoding="utf-8")


def started(world: World) -> list[str]:
    return [event.cell.path for event in world.told(CellStarted)]


def test_a_regression_that_does_not_show_again_is_inconclusive_with_both_pieces_of_evidence(
    shared_world: World,
) -> None:
    flaky(shared_world, "regress pass")
    found = engine(shared_world, "sound", "flaky", "regresses")
    assert {name: cell.status for name, cell in found.items()} == {
        "sound": "pass",
        "flaky": "inconclusive",
        "regresses": "regress",
    }, shared_world.log()
    cell = found["flaky"]
    assert cell.reason.startswith("Regressed in 1 of 2 trials, each in other processes: It changed.")
    assert [each["status"] for each in cell.checks[0].evidence["trials"]] == ["regress", "pass"]
    assert [each["evidence"]["figure"] for each in cell.checks[0].evidence["trials"]] == ["inf", 0.5]
    assert cell.trials == {"regress": 1, "pass": 1}
    assert exit_of(cell) == ExitCode.UNDECIDED
    assert found["regresses"].trials == {"regress": 2}
    assert found["sound"].trials is None
    (again,) = shared_world.told(CellsRunAgain)
    assert {id_.path for id_ in again.cells} == {"flaky", "regresses"}
    assert sorted(started(shared_world)) == ["flaky", "flaky", "regresses", "regresses", "sound"]
    first, second = (_pid(shared_world, trial) for trial in (1, 2))
    assert first != second


def _pid(world: World, trial: int) -> str:
    folder = world.records() if trial == 1 else world.records().with_name(f"records-{trial}")
    return (folder / "regresses.started.json").read_text(encoding="utf-8")


def test_what_is_known_or_passes_is_not_run_again(shared_world: World) -> None:
    found = engine(shared_world, "sound", "regresses", trials=Trials(news=lambda _: False))
    assert found["regresses"].status == "regress"
    assert sorted(started(shared_world)) == ["regresses", "sound"]
    assert not shared_world.told(CellsRunAgain)


def test_every_cell_is_repeated_as_often_as_is_asked_and_the_rate_is_told(shared_world: World) -> None:
    flaky(shared_world, "pass regress pass pass")
    found = engine(shared_world, "sound", "flaky", "segfaults", trials=Trials(times=4))
    assert found["sound"].trials == {"pass": 4}
    assert found["flaky"].trials == {"pass": 3, "regress": 1}
    assert "in 1 of 4 trials" in found["flaky"].reason
    assert found["segfaults"].trials == {"error": 4}
    assert {name: cell.status for name, cell in found.items()} == {
        "sound": "pass",
        "flaky": "inconclusive",
        "segfaults": "error",
    }


def test_a_second_trial_that_cannot_be_carried_out_blames_nobody(shared_world: World) -> None:
    flaky(shared_world, "regress crash")
    cell = engine(shared_world, "flaky")["flaky"]
    assert (cell.status, cell.kind) == ("inconclusive", None), shared_world.log()
    assert "The others: error" in cell.reason
    assert cell.trials == {"regress": 1, "error": 1}


def test_a_run_that_ends_between_two_trials_goes_on_with_the_second(shared_world: World) -> None:
    flaky(shared_world, "regress pass regress")

    class Interrupted(list[Event]):
        def append(self, event: Event) -> None:
            super().append(event)
            if isinstance(event, CellsRunAgain):
                raise KeyboardInterrupt

    events, shared_world.events = shared_world.events, Interrupted()
    assert engine(shared_world, "sound", "flaky").keys() == {"sound"}
    shared_world.events = events
    found = engine(shared_world, "sound", "flaky", resume=True)
    assert (found["flaky"].status, found["flaky"].trials) == ("inconclusive", {"regress": 1, "pass": 1})
    assert started(shared_world) == ["flaky"]


def test_the_cache_has_a_regression_with_its_second_trial_and_none_that_did_not_show_again(
    shared_world: World,
) -> None:
    flaky(shared_world, "regress pass pass")
    engine(shared_world, "regresses", "flaky", fresh=False)
    found = engine(shared_world, "regresses", "flaky", fresh=False)
    assert [event.number for event in shared_world.told(CellsReused)] == [1]
    assert (found["regresses"].cached, found["regresses"].trials) == (True, {"regress": 2})
    assert found["flaky"].status == "pass"
    assert started(shared_world) == ["flaky"]


def test_a_cached_regression_that_was_known_is_run_once_more_where_it_is_news(shared_world: World) -> None:
    engine(shared_world, "regresses", trials=Trials(news=lambda _: False), fresh=False)
    found = engine(shared_world, "regresses", fresh=False)
    assert found["regresses"].trials == {"regress": 2}
    assert started(shared_world) == ["regresses"]
    engine(shared_world, "regresses", fresh=False)
    assert started(shared_world) == []
    assert shared_world.told(RunStarted)[0].pending == ()


def test_a_rate_is_never_taken_from_the_cache(shared_world: World) -> None:
    engine(shared_world, "sound", fresh=False)
    assert engine(shared_world, "sound", trials=Trials(times=2), fresh=False)["sound"].trials == {"pass": 2}
    assert started(shared_world) == ["sound", "sound"]


def test_a_shard_runs_again_what_is_its_own(shared_world: World) -> None:
    flaky(shared_world, "regress pass")
    flaky(shared_world, "regress regress", name="also-flaky")
    found = [engine(shared_world, "flaky", "also-flaky", shard=Shard(index, 2)) for index in (1, 2)]
    assert {name: cell.status for cells_ in found for name, cell in cells_.items()} == {
        "flaky": "inconclusive",
        "also-flaky": "regress",
    }


def test_an_environment_that_is_edited_in_the_second_trial_costs_that_trial(world: World) -> None:
    class Meddler(list[Event]):
        def append(self, event: Event) -> None:
            super().append(event)
            if isinstance(event, CellDecided) and sum(isinstance(each, CellDecided) for each in self) == 2:
                module = world.site_packages() / "pytest" / "__init__.py"
                text = module.read_text(encoding="utf-8")
                module.unlink()
                module.write_text(text + "\n# edited\n", encoding="utf-8")

    world.events = Meddler()
    found = engine(world, "regresses")["regresses"]
    assert (found.status, found.trials) == ("regress", {"regress": 2})
    assert started(world) == ["regresses", "regresses", "regresses"]
    shutil.rmtree(world.environment())


def test_by_default_every_regression_is_news() -> None:
    assert Trials().news is every_regression


@pytest.mark.parametrize("word", ["pass", "inconclusive"])
def test_an_error_among_trials_is_never_hidden(word: str) -> None:
    base = CellResult(id=CellId(release="tf9.9.9", path="h5"), device="cpu", status=word, reason="so")
    found = together([base, replace(base, status="error", kind="crash", reason="gone")])
    assert (found.status, found.kind, found.reason) == ("error", "crash", "In 1 of 2 trials: gone")
