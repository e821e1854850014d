"""results.json: its model, and the exit code that follows from it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import bnregress
from bnregress.errors import ExitCode
from bnregress.identifiers import CellId
from bnregress.suite import status

SCHEMA_NAME = "bnregress/results/1"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One start of the release's tests that the cell was asked of.

    Attributes:
        number: counts from 1.
        outcome: `decided`, `lost` (started, and its process went down) or `not-started`.
        detail: why, where it was not decided.
    """

    number: int
    outcome: str
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one check said of the cell; `evidence` holds JSON values, `repro` a standalone script or None."""

    name: str
    status: str
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    repro: str | None = None


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """The verdict on one cell.

    Attributes:
        kind: `crash`, `timeout`, `oom` or `infra` where the status is `error`, else None.
        reason, remedy: a sentence each for a person.
        seconds: seconds of the cell's `build` and of its `checks`; None where nothing was measured.
        peak_rss_bytes: largest resident memory of the process that decided the cell, in bytes.
    """

    id: CellId
    device: str
    status: str
    kind: str | None = None
    reason: str
    remedy: str | None = None
    drift: str | None = None
    checks: tuple[CheckResult, ...] = ()
    seconds: Mapping[str, float] | None = None
    peak_rss_bytes: int | None = None
    attempts: tuple[Attempt, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the cell as results.json has it."""
        names = {"id": str(self.id), "release": self.id.release, "path": self.id.path, "variant": self.id.variant}
        values = {name: value for name, value in asdict(self).items() if name != "id"}
        return names | values | {"checks": list(values["checks"]), "attempts": list(values["attempts"])}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> CellResult:
        """Read a cell that fits the schema."""
        rest = {name: item for name, item in value.items() if name not in ("id", "release", "path", "variant")}
        rest["checks"] = tuple(CheckResult(**check) for check in value["checks"])
        rest["attempts"] = tuple(Attempt(**attempt) for attempt in value["attempts"])
        return cls(id=CellId.parse(value["id"]), **rest)


@dataclass(frozen=True, kw_only=True)
class ReleaseResult:
    """What the release really was.

    Attributes:
        python: full version of its interpreter; None where there is none.
        packages: installed versions by name; None where its environment did not come to report them.
        device: `kind` and `name` of what it ran on; None as for `packages`.
        search: what the search came to, `examples`, `failures`, `profile`, `seed`; None where it was not asked.
    """

    tensorflow: str
    keras: str
    python: str | None
    lock_sha256: str | None
    packages: Mapping[str, str] | None = None
    device: Mapping[str, Any] | None = None
    search: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Host:
    """The machine and the Python that ran bnregress itself."""

    platform: str
    machine: str
    python: str
    cpus: int

    @classmethod
    def here(cls) -> Host:
        """Describe this machine, without its name or its user's."""
        return cls(
            platform=platform.platform(),
            machine=platform.machine(),
            python=platform.python_version(),
            cpus=os.cpu_count() or 1,
        )


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything a run measured.

    Attributes:
        plan: hash of the plan.
        complete: every planned cell is among `cells`.
        cells: each planned cell that is decided, exactly once, in the plan's order.
        undecided: planned cells that an interrupted run did not come to.
    """

    plan: str
    complete: bool
    host: Host
    releases: Mapping[str, ReleaseResult]
    cells: tuple[CellResult, ...]
    undecided: tuple[CellId, ...] = ()
    bnregress: str = bnregress.__version__

    def with_cells(self, cells: Iterable[CellResult]) -> Results:
        """Return the same results with other cells, as when remedies were found."""
        return replace(self, cells=tuple(cells))

    def to_json(self) -> dict[str, Any]:
        """Return the whole of results.json."""
        return {
            "schema": SCHEMA_NAME,
            "plan": self.plan,
            "complete": self.complete,
            "bnregress": self.bnregress,
            "host": asdict(self.host),
            "releases": {name: asdict(release) for name, release in self.releases.items()},
            "cells": [cell.to_json() for cell in self.cells],
            "undecided": [str(cell) for cell in self.undecided],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Results:
        """Read results that fit the schema; see `bnregress.resultsfile.load_results` for a file."""
        return cls(
            plan=value["plan"],
            complete=value["complete"],
            bnregress=value["bnregress"],
            host=Host(**value["host"]),
            releases={name: ReleaseResult(**release) for name, release in value["releases"].items()},
            cells=tuple(CellResult.from_json(cell) for cell in value["cells"]),
            undecided=tuple(CellId.parse(cell) for cell in value.get("undecided", ())),
        )


def exit_code(results: Results) -> ExitCode:
    """Return the exit code that the statuses alone call for.

    A regression outweighs whatever could not be decided; what could not be
    decided outweighs success; and a run in which nothing was decided at all
    is no success either.
    """
    statuses = {cell.status for cell in results.cells}
    if status.REGRESS in statuses:
        return ExitCode.REGRESSION
    if statuses & {status.ERROR, status.INCONCLUSIVE} or not results.complete:
        return ExitCode.UNDECIDED
    if status.PASS not in statuses:
        return ExitCode.NOTHING_TO_DO
    return ExitCode.EXPECTED
