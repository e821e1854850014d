"""What a run tells while it continues; `bnregress.reports.progress` shows it, and anything else may listen."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from bnregress.cells.identifiers import CellId
from bnregress.planning.plan import Plan


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """The plan stands and the releases are about to be worked through.

    Attributes:
        plan: all that was requested, unavailable releases included.
        pending: the cells that this run is going to decide (fewer than planned on `--resume`).
        side_by_side: how many releases run at the same time.
        workers: processes per release that decide cells.
    """

    plan: Plan
    pending: tuple[CellId, ...]
    side_by_side: int
    workers: int


@dataclass(frozen=True, kw_only=True)
class DataPrepared:
    """The data of fine-tune runs are being prepared before anything else; `doing` says what takes time."""

    doing: str


@dataclass(frozen=True, kw_only=True)
class InterpreterFetched:
    """An interpreter that the machine lacks is being fetched, or could not be; `doing` says which, from where."""

    doing: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentWaiting:
    """Another run holds the release's environment; `holder` says which."""

    release: str
    holder: str


@dataclass(frozen=True, kw_only=True)
class GpuWaiting:
    """Every GPU that the release can run on is in use; `holder` says by which run."""

    release: str
    holder: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentDiscarded:
    """The release's environment was removed because it cannot be trusted; it is built again."""

    release: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CellsReused:
    """So many cells were decided by an earlier run, and are not run again."""

    number: int


@dataclass(frozen=True, kw_only=True)
class CacheTrouble:
    """Something is wrong with the cache of verdicts, and the run continues without it; `message` says what."""

    message: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentRemoved:
    """An environment was removed to keep all of them within the disk budget; `freed` is its size in bytes."""

    name: str
    freed: int


@dataclass(frozen=True, kw_only=True)
class PhaseChanged:
    """The release is now `creating`, `installing` or `testing`."""

    release: str
    phase: str


@dataclass(frozen=True, kw_only=True)
class CellStarted:
    """A worker process began with the cell."""

    cell: CellId


@dataclass(frozen=True, kw_only=True)
class CellDecided:
    """The cell has its verdict, or its time budget ran out.

    A cell that is lost in any other way is decided when its release finishes.
    """

    cell: CellId
    status: str


@dataclass(frozen=True, kw_only=True)
class CellsRunAgain:
    """These cells are run once more, in other processes; `trial` counts from 1, so it is 2 at least."""

    release: str
    cells: tuple[CellId, ...]
    trial: int


@dataclass(frozen=True, kw_only=True)
class CellsConfirmed:
    """The environment that these cells ran in is still what it was: what was decided of them counts."""

    cells: tuple[CellId, ...]


@dataclass(frozen=True, kw_only=True)
class ReleaseFinished:
    """The release is done; `statuses` has one entry for each of its pending cells."""

    release: str
    seconds: float
    statuses: tuple[tuple[CellId, str], ...]


Event = (
    RunStarted
    | DataPrepared
    | InterpreterFetched
    | EnvironmentWaiting
    | GpuWaiting
    | EnvironmentDiscarded
    | CellsReused
    | CacheTrouble
    | EnvironmentRemoved
    | PhaseChanged
    | CellStarted
    | CellDecided
    | CellsRunAgain
    | CellsConfirmed
    | ReleaseFinished
)


class Progress(Protocol):
    """Called with every event, by one thread at a time, never after `engine.run` has returned."""

    def __call__(self, event: Event, /) -> None:
        """Hear of an event."""


def one_at_a_time(progress: Progress) -> Progress:
    """Return what tells `progress` of events that come from any thread, one after the other."""
    telling = threading.Lock()

    def tell(event: Event) -> None:
        with telling:
            progress(event)

    return tell


def silent(event: Event) -> None:
    """Listen and say nothing."""
