"""Where a run stands, made from its events: what is decided, what runs, how long it may still take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import mean

from bnregress.cells.identifiers import CellId
from bnregress.run.events import CellDecided, CellStarted, Event, PhaseChanged, ReleaseFinished, RunStarted


@dataclass
class Running:
    """A release at work: its phase, since when, and the cells that a worker is on, each since when."""

    phase: str
    since: float
    cells: dict[CellId, float] = field(default_factory=dict)


@dataclass
class _Times:
    """When a release began with its environment, came to its first cell, and was done; None if it has not yet."""

    began: float
    testing: float | None = None
    ended: float | None = None


class Tally:
    """Counts events; all times are seconds on one clock that only goes forward."""

    def __init__(self, predict: Callable[[CellId], float]) -> None:
        """Start empty; `predict` says how many seconds a cell takes when nothing runs beside it."""
        self._predict = predict
        self._started = 0.0
        self._side_by_side = 1
        self._times: dict[str, _Times] = {}
        self.pending: tuple[CellId, ...] = ()
        self.decided: dict[CellId, str] = {}
        self.running: dict[str, Running] = {}

    def see(self, event: Event, now: float) -> list[tuple[CellId, str]]:
        """Take in one event and return the cells that it decided for the first time."""
        if isinstance(event, RunStarted):
            self._started, self.pending, self._side_by_side = now, event.pending, max(1, event.side_by_side)
        elif isinstance(event, PhaseChanged):
            self.running[event.release] = Running(phase=event.phase, since=now)
            self._times.setdefault(event.release, _Times(began=now))
        elif isinstance(event, CellStarted):
            self.running.setdefault(event.cell.release, Running(phase="testing", since=now)).cells[event.cell] = now
            self._at_first_cell(event.cell.release, now)
        elif isinstance(event, CellDecided):
            if event.cell.release in self.running:
                self.running[event.cell.release].cells.pop(event.cell, None)
                self._at_first_cell(event.cell.release, now)
            return self._decide([(event.cell, event.status)])
        elif isinstance(event, ReleaseFinished):
            self.running.pop(event.release, None)
            if event.release in self._times:
                self._times[event.release].ended = now
            return self._decide(event.statuses)
        return []

    def _at_first_cell(self, release: str, now: float) -> None:
        times = self._times.setdefault(release, _Times(began=now))
        if times.testing is None:
            times.testing = now

    def _decide(self, statuses: Iterable[tuple[CellId, str]]) -> list[tuple[CellId, str]]:
        fresh = [(cell, status) for cell, status in statuses if self.decided.get(cell) != status]
        self.decided.update(fresh)
        return fresh

    def counts(self) -> Counter[str]:
        """Count the decided cells by status."""
        return Counter(self.decided.values())

    def elapsed(self, now: float) -> float:
        """Return the seconds since the run started."""
        return now - self._started

    def left(self, now: float) -> float | None:
        """Return the seconds that the run may still take; None until an environment and a cell have been timed.

        Environments and cells are forecast apart: an environment takes the mean of those made so far, a cell its
        prediction times the pace of the cells so far.
        """
        tested = {release: times for release, times in self._times.items() if times.testing is not None}
        undecided = [cell for cell in self.pending if cell not in self.decided]
        if not undecided:
            return 0.0
        done = self._begun(now) + sum(self._predict(cell) for cell in self.decided if cell.release in tested)
        if not tested or not any(cell.release in tested for cell in self.decided) or done <= 0:
            return None
        setup = mean((times.testing or 0.0) - times.began for times in tested.values())
        spent = sum((now if times.ended is None else times.ended) - (times.testing or 0.0) for times in tested.values())
        waiting = {cell.release for cell in undecided} - tested.keys()
        setups = sum(
            max(0.0, setup - (now - self._times[each].began if each in self._times else 0)) for each in waiting
        )
        cells = max(0.0, sum(map(self._predict, undecided)) - self._begun(now)) * spent / done
        return (setups + cells) / min(self._side_by_side, len({cell.release for cell in undecided}))

    def _begun(self, now: float) -> float:
        """Return what was predicted for the part of the running cells that is behind them."""
        cells = [item for running in self.running.values() for item in running.cells.items()]
        return sum(min(now - since, self._predict(cell)) for cell, since in cells)
