"""How long things may take in a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """How long things may take, in seconds.

    Attributes:
        cell: from the cell's start to its record.
        install: from the start of the session to the start of its tests.
        idle: without a file written while no cell is being decided, as when the import of the framework hangs.
        leave: from the last record to the end of the session.
    """

    cell: float = 300.0
    install: float = 1800.0
    idle: float = 300.0
    leave: float = 60.0
