"""What is shown while a run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bnregress.cells.identifiers import CellId
from bnregress.planning.plan import Plan
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
from tests.planning.plans import plan_of

Make = Callable[..., Any]

RELEASES = ("tf2.0.0", "tf2.1.0")
NO_PLAN = Plan(releases=(), device="cpu", suite_sha256="5" * 64)


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
    return plan_of(select=RELEASES, catalog=load_catalog(), find=lambda python: None)


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


def test_a_regression_that_is_listed_as_known_is_not_shown_as_an_alarm(plan: Plan, clock: Clock) -> None:
    known, new = plan.releases[0].cells[:2]
    screen = Console(file=StringIO(), force_terminal=True, color_system="standard", width=80)
    progress = LiveProgress(screen, ten_seconds, clock, listed=lambda cell: cell == known)
    progress(started(plan))
    alarm = "\x1b[1;37;41m"
    for cell, alarms in ((known, 0), (new, 1)):
        with screen.capture() as said:
            progress(CellDecided(cell=cell, status="regress"))
        assert said.get().count(alarm) == alarms
        with screen.capture() as drawn:
            screen.print(progress.render())
        assert drawn.get().count(alarm) == alarms
        assert ("1 REGRESS" in drawn.get(), "1 listed as known" in drawn.get()) == (bool(alarms), True)


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


@given(
    environment=st.floats(0, 90),
    factor=st.floats(0.2, 5),
    seconds=st.lists(st.lists(st.floats(0.5, 60), min_size=1, max_size=8), min_size=3, max_size=12),
    lanes=st.integers(1, 3),
)
def test_once_a_third_is_done_the_forecast_is_within_half_as_much_again(
    environment: float, factor: float, seconds: list[list[float]], lanes: int
) -> None:
    """Whatever an environment takes, and however far the machine is from the one that the predictions come from."""
    cells = {
        CellId(release=f"tf2.{number}.0", path=f"p{index}"): each
        for number, row in enumerate(seconds)
        for index, each in enumerate(row)
    }
    moments = simulate(cells, environment, factor, lanes)
    end = max(now for now, _ in moments)
    tally = Tally(cells.__getitem__)
    longest = environment + factor * max(map(sum, seconds))
    for now, event in moments:
        tally.see(event, now)
        left = tally.left(now)
        if left is not None and now > end / 3:
            # At the end lanes stand idle, which nobody can know before.
            assert (end - now) / 1.5 - longest <= left <= 1.5 * (end - now) + longest


def simulate(cells: dict[CellId, float], environment: float, factor: float, lanes: int) -> list[tuple[float, Event]]:
    """The events of a run whose releases take turns on so many lanes."""
    free = [0.0] * lanes
    moments: list[tuple[float, Event]] = [
        (0.0, RunStarted(plan=NO_PLAN, pending=tuple(cells), side_by_side=lanes, workers=1))
    ]
    for release in dict.fromkeys(cell.release for cell in cells):
        lane = free.index(min(free))
        now = free[lane]
        moments.append((now, PhaseChanged(release=release, phase="creating")))
        now += environment
        moments.append((now, PhaseChanged(release=release, phase="testing")))
        mine = {cell: each for cell, each in cells.items() if cell.release == release}
        for cell, predicted in mine.items():
            moments.append((now, CellStarted(cell=cell)))
            now += factor * predicted
            moments.append((now, CellDecided(cell=cell, status="pass")))
        statuses = tuple((cell, "pass") for cell in mine)
        moments.append((now, ReleaseFinished(release=release, seconds=now - free[lane], statuses=statuses)))
        free[lane] = now
    return sorted(moments, key=lambda moment: moment[0])


def test_nothing_is_forecast_before_an_environment_and_a_cell_were_timed(plan: Plan) -> None:
    tally = Tally(ten_seconds)
    first, second = plan.cells[:2]
    tally.see(started(plan), 0)
    assert tally.left(0) is None
    tally.see(PhaseChanged(release=first.release, phase="installing"), 1)
    assert tally.left(30) is None
    tally.see(CellStarted(cell=first), 30)
    assert tally.left(35) is None
    tally.see(CellDecided(cell=first, status="pass"), 40)
    tally.see(CellStarted(cell=second), 40)
    left = tally.left(40)
    assert left is not None
    assert left > 0


def test_time_left_goes_down_while_a_cell_is_being_decided(plan: Plan) -> None:
    tally = Tally(ten_seconds)
    tally.see(started(plan), 0)
    tally.see(CellStarted(cell=plan.cells[0]), 0)
    tally.see(CellDecided(cell=plan.cells[0], status="pass"), 10)
    tally.see(CellStarted(cell=plan.cells[1]), 10)
    left = [tally.left(now) or 0.0 for now in (10, 14, 18)]
    assert left == sorted(left, reverse=True)
    assert left[0] > left[-1]


def test_a_run_with_nothing_pending_has_nothing_left() -> None:
    assert Tally(ten_seconds).left(5.0) == 0


def test_where_nothing_can_run_no_log_says_how_long_that_takes(console: Make, printed: Make, plan: Plan) -> None:
    log = console(80)
    with LineProgress(log, ten_seconds) as progress:
        progress(RunStarted(plan=plan, pending=(), side_by_side=1, workers=1))
    assert printed(log) == ""
