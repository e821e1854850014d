"""Shows a run while it continues: a live display on a terminal, a line at a time in a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bnregress.cells.identifiers import CellId
from bnregress.reading.text import count, duration, one_line, size
from bnregress.reports.devices import device_lines
from bnregress.reports.style import KNOWN_STYLE, LOOKS
from bnregress.reports.tally import Running, Tally
from bnregress.run.events import (
    CacheTrouble,
    CellsReused,
    CellsRunAgain,
    DataPrepared,
    EnvironmentDiscarded,
    EnvironmentRemoved,
    EnvironmentWaiting,
    Event,
    GpuWaiting,
    InterpreterFetched,
    PhaseChanged,
    ReleaseFinished,
    RunStarted,
)
from bnregress.suite import status

#: What each phase of a release is called for a person.
PHASES = {"creating": "makes its environment", "installing": "installs its packages", "testing": "decides cells"}
#: The phases that a log is told of; another line of its own says that the release is done.
LOGGED_PHASES = ("creating", "testing")

Clock = Callable[[], float]
Predict = Callable[[CellId], float]
#: Says of a cell whether it is listed as known, by a value that is true.
Listed = Callable[[CellId], object]


class ProgressDisplay(Protocol):
    """A listener to a run's events that is entered before the run and left after it."""

    def __enter__(self) -> ProgressDisplay: ...

    def __exit__(self, *error: object) -> None: ...

    def __call__(self, event: Event) -> None: ...


def nothing_listed(_cell: CellId) -> bool:
    """Know of no regression."""
    return False


def progress_for(console: Console, predict: Predict, *, listed: Listed = nothing_listed) -> ProgressDisplay:
    """Return a live display where the console is a terminal, lines if it is a log."""
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveProgress(console, predict, listed=listed)
    return LineProgress(console, predict, listed=listed)


class _Display:
    """What every display has: where it prints, when it is, and where the run stands."""

    def __init__(
        self,
        console: Console,
        predict: Predict,
        clock: Clock = time.monotonic,
        listed: Listed = nothing_listed,
    ) -> None:
        self._console = console
        self._listed = listed
        self._tally = Tally(predict)
        self._clock = clock


class LineProgress(_Display):
    """One line for each thing that happens to a release and for each cell that breaks; never one for each cell."""

    def __enter__(self) -> LineProgress:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __call__(self, event: Event) -> None:
        """Print what the event is worth."""
        now = self._clock()
        fresh = self._tally.see(event, now)
        # Before a plan is made there is nothing to count.
        place = f"[{len(self._tally.decided)}/{len(self._tally.pending)}] " if self._tally.pending else ""
        left = about_left(self._tally.left(now))
        said = list(announcements(event))
        said += [
            f"{LOOKS[verdict].word} {cell}{known_already(self._listed(cell))}"
            for cell, verdict in fresh
            if verdict == status.REGRESS
        ]
        if isinstance(event, RunStarted):
            said += [f"{started(event)}{left}"] if event.pending else []
        elif isinstance(event, PhaseChanged) and event.phase in LOGGED_PHASES:
            said.append(f"{event.release} {PHASES.get(event.phase, event.phase)}{left}")
        elif isinstance(event, ReleaseFinished):
            said.append(f"{finished(event)}{left}")
        for line in said:
            self._console.print(Text(f"{place}{one_line(line)}"), soft_wrap=True)
            self._console.file.flush()


class LiveProgress(_Display):
    """An overall bar, verdicts so far, and a line for each release at work; what breaks is printed above and stays."""

    def __init__(
        self,
        console: Console,
        predict: Predict,
        clock: Clock = time.monotonic,
        listed: Listed = nothing_listed,
    ) -> None:
        super().__init__(console, predict, clock, listed)
        self._lock = threading.Lock()
        self._live = Live(console=console, get_renderable=self.render, refresh_per_second=4, transient=True)

    def __enter__(self) -> LiveProgress:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take the event in; the display follows on its own."""
        with self._lock:
            fresh = self._tally.see(event, self._clock())
        # Printed without our lock: the display's thread takes the two locks in the other order.
        for line in announcements(event):
            self._console.print(Text(one_line(line), style="yellow"))
        for cell, verdict in fresh:
            if verdict == status.REGRESS:
                known = self._listed(cell)
                style = KNOWN_STYLE if known else LOOKS[verdict].style
                self._console.print(Text.assemble((LOOKS[verdict].word, style), f" {cell}{known_already(known)}"))

    def render(self) -> RenderableType:
        """Draw where the run stands now."""
        with self._lock:
            now = self._clock()
            total, done = len(self._tally.pending), len(self._tally.decided)
            elapsed, left = duration(self._tally.elapsed(now)), about_left(self._tally.left(now))
            counts = self._tally.counts()
            regressed = [cell for cell, verdict in self._tally.decided.items() if verdict == status.REGRESS]
            rows = [_running_row(release, running, now) for release, running in self._tally.running.items()]
        if not total:
            return Text("prepares", style="dim")
        bar = Table.grid(padding=(0, 1), expand=True)
        bar.add_column(ratio=1)
        bar.add_column(no_wrap=True)
        bar.add_row(ProgressBar(total=total, completed=done), f"{done}/{total} cells, {elapsed}{left}")
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for row in rows:
            table.add_row(*row)
        return Group(bar, _counts_line(counts, sum(bool(self._listed(cell)) for cell in regressed)), table)


def _running_row(release: str, running: Running, now: float) -> tuple[Text, Text, Text]:
    if running.cells:
        at_work = ", ".join(f"{cell.subject} {duration(now - since)}" for cell, since in running.cells.items())
    else:
        at_work = duration(now - running.since)
    return Text(release), Text(PHASES.get(running.phase, running.phase), style="dim"), Text(at_work)


def _counts_line(counts: dict[str, int], known: int) -> Text:
    counts = {**counts, status.REGRESS: counts.get(status.REGRESS, 0) - known}
    words = [(f"{counts[name]} {look.word}", look.style) for name, look in LOOKS.items() if counts.get(name)]
    words += [(f"{known} listed as known", KNOWN_STYLE)] if known else []
    line = Text()
    for index, word in enumerate(words):
        line.append("  " if index else "").append(*word)
    return line


def known_already(listed: object) -> str:
    """Say beside a regression that it was to be expected; whether it is for the reason known is told at the end."""
    return ", listed as known" if listed else ""


def announcements(event: Event) -> list[str]:
    """Return what a person must know about data, environments or the cache, in a sentence."""
    if isinstance(event, RunStarted):
        return list(device_lines(event.plan))
    if isinstance(event, (DataPrepared, InterpreterFetched)):
        return [event.doing]
    if isinstance(event, EnvironmentWaiting):
        return [f"{event.release} waits for its environment, which {event.holder} is using"]
    if isinstance(event, GpuWaiting):
        return [f"{event.release} waits for a GPU, which {event.holder} is using"]
    if isinstance(event, EnvironmentDiscarded):
        return [f"{event.release} gets a new environment: {event.reason}"]
    if isinstance(event, CellsReused):
        return [f"{count(event.number, 'cell')} from the cache, decided by earlier runs; --fresh runs them again"]
    if isinstance(event, CellsRunAgain):
        return [f"{event.release}: {count(len(event.cells), 'cell')} again in other processes, trial {event.trial}"]
    if isinstance(event, CacheTrouble):
        return [event.message]
    if isinstance(event, EnvironmentRemoved):
        return [f"the environment {event.name} was removed, {size(event.freed)}, to keep within the disk budget"]
    return []


def about_left(seconds: float | None) -> str:
    """Return the end of a sentence that forecasts the time left; nothing while there is nothing to go by."""
    return "" if seconds is None else f", about {duration(seconds)} left"


def started(event: RunStarted) -> str:
    """Say what a run sets out to do."""
    releases = len({cell.release for cell in event.pending})
    aside = f", {event.side_by_side} side by side" if event.side_by_side > 1 else ""
    return f"{count(len(event.pending), 'cell')} in {count(releases, 'release')}{aside}"


def finished(event: ReleaseFinished) -> str:
    """Say what a release came to."""
    counted = [(name, sum(verdict == name for _, verdict in event.statuses)) for name in LOOKS]
    verdicts = ", ".join(f"{number} {LOOKS[name].word}" for name, number in counted if number)
    return f"{event.release} done in {duration(event.seconds)}: {verdicts or 'nothing decided'}"
