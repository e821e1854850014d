"""Where a run stands, made from its events: what is decided, what runs, how long it may still take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bnregress.cells.identifiers import CellId
from bnregress.run.events import CellDecided, CellStarted, Event, PhaseChanged, ReleaseFinished, RunStarted

#: The share of the whole run for which the prediction outweighs what was observed.
TRUST = 0.1


@dataclass
class Running:
    """A release at work: its phase, since when, and the cells that a worker is on, each since when."""

    phase: str
    since: float
    cells: dict[CellId, float] = field(default_factory=dict)


class Tally:
    """Counts events; all times are seconds on one clock that only goes forward."""

    def __init__(self, predict: Callable[[CellId], float]) -> None:
        """Start empty; `predict` says how many seconds a cell takes when nothing runs beside it."""
        self._predict = predict
        self._started = 0.0
        self._side_by_side = 1
        self.pending: tuple[CellId, ...] = ()
        self.decided: dict[CellId, str] = {}
        self.running: dict[str, Running] = {}

    def see(self, event: Event, now: float) -> list[tuple[CellId, str]]:
        """Take in one event and return the cells that it decided for the first time."""
        if isinstance(event, RunStarted):
            self._started, self.pending, self._side_by_side = now, event.pending, max(1, event.side_by_side)
        elif isinstance(event, PhaseChanged):
            self.running[event.release] = Running(phase=event.phase, since=now)
        elif isinstance(event, CellStarted):
            self.running.setdefault(event.cell.release, Running(phase="testing", since=now)).cells[event.cell] = now
        elif isinstance(event, CellDecided):
            if event.cell.release in self.running:
                self.running[event.cell.release].cells.pop(event.cell, None)
            return self._decide([(event.cell, event.status)])
        elif isinstance(event, ReleaseFinished):
            self.running.pop(event.release, None)
            return self._decide(event.statuses)
        return []

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

    def left(self, now: float) -> float:
        """Return the seconds that the run may still take: what was predicted, scaled by what was observed so far."""
        total = sum(self._predict(cell) for cell in self.pending)
        done = sum(self._predict(cell) for cell in self.decided) + self._begun(now)
        pace = (self.elapsed(now) + TRUST * total / self._side_by_side) / (done + TRUST * total) if total else 0.0
        return max(0.0, total - done) * pace

    def _begun(self, now: float) -> float:
        """Return what was predicted for the part of the running cells that is behind them."""
        cells = [item for running in self.running.values() for item in running.cells.items()]
        return sum(min(now - since, self._predict(cell)) for cell, since in cells)
