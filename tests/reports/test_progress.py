"""What is shown while a run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.planning.plan import Plan, make_plan
from bnregress.releases.catalog import load_catalog
from bnregress.reports.progress import LineProgress, LiveProgress, progress_for
from bnregress.reports.tally import Tally
from bnregress.run.events import (
    CellDecided,
    CellStarted,
    EnvironmentDiscarded,
    EnvironmentWaiting,
    Event,
    PhaseChanged,
    ReleaseFinished,
    RunStarted,
)

Make = Callable[..., Any]

RELEASES = ("tf2.0.0", "tf2.1.0")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(select=RELEASES, catalog=load_catalog(), find=lambda python: None)


def started(plan: Plan, side_by_side: int = 1) -> RunStarted:
    return RunStarted(plan=plan, pending=plan.cells, side_by_side=side_by_side, workers=1)


def ten_seconds(cell: CellId) -> float:
    return 10.0


def whole_run(plan: Plan, broken: str = "tf2.1.0/h5") -> Iterator[Event]:
    yield started(plan)
    for release in plan.releases:
        for phase in ("creating", "installing", "testing"):
            yield PhaseChanged(release=release.id, phase=phase)
        statuses = tuple((cell, "regress" if str(cell) == broken else "pass") for cell in release.cells)
        for cell, status in statuses:
            yield CellStarted(cell=cell)
            yield CellDecided(cell=cell, status=status)
        yield ReleaseFinished(release=release.id, seconds=44, statuses=statuses)


def test_a_log_gets_a_few_lines_for_each_release_and_none_for_a_cell_that_passes(
    console: Make, printed: Make, plan: Plan
) -> None:
    screen = console()
    progress = progress_for(screen, ten_seconds)
    assert isinstance(progress, LineProgress)
    with progress:
        for event in whole_run(plan):
            progress(event)
    lines = printed(screen).splitlines()
    assert len(lines) == 1 + 3 * len(RELEASES) + 1
    assert lines[0].startswith(f"[0/{len(plan.cells)}] {len(plan.cells)} cells in 2 releases")
    assert any("REGRESS tf2.1.0/h5" in line for line in lines)
    assert lines[-1].startswith(f"[{len(plan.cells)}/{len(plan.cells)}] tf2.1.0 done in 44 s: 1 REGRESS, ")
    assert "about 0 s left" in lines[-1]


def test_a_log_has_no_escape_codes(console: Make, printed: Make, plan: Plan) -> None:
    screen = console()
    progress = LineProgress(screen, ten_seconds)
    for event in whole_run(plan):
        progress(event)
    assert "\x1b" not in printed(screen)


def test_a_terminal_gets_a_live_display_that_keeps_what_broke(
    console: Make, printed: Make, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = console(terminal=True)
    progress = progress_for(screen, ten_seconds)
    assert isinstance(progress, LiveProgress)
    with progress:
        for event in whole_run(plan):
            progress(event)
    assert printed(screen).count(" tf2.1.0/h5") == 1


def test_the_live_display_shows_phase_running_cells_verdicts_and_time_left(
    console: Make, printed: Make, plan: Plan, clock: Clock
) -> None:
    progress = LiveProgress(console(), ten_seconds, clock)
    first, second = plan.releases[0].cells[:2]
    events: list[Event] = [
        started(plan),
        PhaseChanged(release="tf2.0.0", phase="testing"),
        PhaseChanged(release="tf2.1.0", phase="installing"),
        CellDecided(cell=first, status="regress"),
        CellStarted(cell=second),
    ]
    for event in events:
        progress(event)
    clock.now += 12
    screen = console()
    screen.print(progress.render())
    text = printed(screen)
    assert f"1/{len(plan.cells)} cells, 12 s, about " in text
    assert "1 REGRESS" in text
    assert f"{second.subject} 12 s" in text
    assert "tf2.1.0  installs its packages  12 s" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_environment_news_is_told_in_both_displays(console: Make, printed: Make) -> None:
    for display in (LineProgress, LiveProgress):
        screen = console()
        progress = display(screen, ten_seconds)
        progress(EnvironmentWaiting(release="tf2.0.0", holder="process 12"))
        progress(EnvironmentDiscarded(release="tf2.1.0", reason="numpy was altered"))
        assert "process 12" in printed(screen)
        assert "tf2.1.0 gets a new environment: numpy was altered" in printed(screen)


def test_a_regression_that_only_the_end_of_its_release_tells_is_announced_once(
    console: Make, printed: Make, plan: Plan
) -> None:
    screen = console()
    progress = LineProgress(screen, ten_seconds)
    cell = plan.releases[0].cells[0]
    progress(started(plan))
    progress(ReleaseFinished(release="tf2.0.0", seconds=3, statuses=((cell, "regress"),)))
    progress(ReleaseFinished(release="tf2.0.0", seconds=3, statuses=((cell, "regress"),)))
    assert printed(screen).count(f"REGRESS {cell}") == 1


def test_time_left_follows_the_prediction_first_and_the_observed_pace_later(plan: Plan) -> None:
    tally = Tally(ten_seconds)
    total = 10.0 * len(plan.cells)
    tally.see(started(plan, side_by_side=2), 0)
    assert tally.left(0) == pytest.approx(total / 2)
    for cell in plan.cells[:-1]:
        tally.see(CellDecided(cell=cell, status="pass"), 0)
    slow = 3 * 10.0 * (len(plan.cells) - 1)
    assert tally.left(slow) == pytest.approx(30, rel=0.15)
    tally.see(CellDecided(cell=plan.cells[-1], status="pass"), slow)
    assert tally.left(slow) == 0


def test_time_left_goes_down_while_a_cell_is_being_decided(plan: Plan) -> None:
    tally = Tally(ten_seconds)
    tally.see(started(plan), 0)
    tally.see(CellStarted(cell=plan.cells[0]), 0)
    assert tally.left(8) < tally.left(4) < tally.left(0)


def test_a_run_with_nothing_pending_has_nothing_left() -> None:
    assert Tally(ten_seconds).left(5.0) == 0
