"""How long a plan will take, from measured seconds in `resources/durations.toml`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.machine.devices import CPU, GPU
from bnregress.planning.plan import Plan, PlannedRelease, most_side_by_side
from bnregress.resources import RESOURCES
from bnregress.suite.registry import FINETUNE, PROPERTIES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DURATIONS = RESOURCES / "durations.toml"


@dataclass(frozen=True, kw_only=True)
class Durations:
    """Seconds on one processor.

    Attributes:
        build: making a release's environment; `import_`: starting Python and importing the framework.
        path: deciding a cell of that path, checks included.
        finetune: training a head once, both arms, on top of building the path.
        releases: figures that stand in for the general ones, by id (`tf2.1.0`) or for a whole minor version (`tf2.1`).
        gpu: figures of releases on a GPU, used by one process.
    """

    build: float
    import_: float
    cell: float
    path: Mapping[str, float]
    finetune: float
    releases: Mapping[str, Mapping[str, Any]]
    gpu: Durations | None = None

    def on(self, device: str) -> Durations:
        """The figures for a device: `cpu` or `gpu`."""
        return self.gpu if device == GPU and self.gpu is not None else self

    def asking(self, suite: str, seeds: int = 1) -> Durations:
        """The same figures for another suite, with so many fine-tunes a cell."""
        if suite == PROPERTIES:
            return self
        more, own = self.finetune * seeds, 0.0 if suite == FINETUNE else 1.0
        return replace(
            self,
            cell=self.cell * own + more,
            path={path: seconds * own + more for path, seconds in self.path.items()},
            releases={name: {key: row[key] for key in row if key != "path"} for name, row in self.releases.items()},
            gpu=self.gpu and self.gpu.asking(suite, seeds),
        )

    def release_seconds(self, planned: PlannedRelease, *, ready: bool, workers: int) -> float:
        """Seconds that a release takes; 0 if it is unavailable.

        Args:
            planned: the release.
            ready: its environment is there and can be used again.
            workers: processes that share its cells.
        """
        if planned.unavailable is not None:
            return 0.0
        if (figures := self.on(planned.device)) is not self:
            # How many processes a GPU has room for is not known before.
            return figures.release_seconds(planned, ready=ready, workers=1)
        own = self._own(planned.id)
        build = 0.0 if ready else float(own.get("build", self.build))
        cells = [self.cell_seconds(planned.id, cell.path) for cell in planned.cells]
        # Workers share out whole cells: not less than the longest of them.
        shared = max(sum(cells) / min(workers, len(cells)), *cells)
        return build + float(own.get("import", self.import_)) + shared

    def setup_seconds(self, release: str) -> float:
        """Seconds that a release takes before its first cell: its environment, and the framework's import."""
        own = self._own(release)
        return float(own.get("build", self.build)) + float(own.get("import", self.import_))

    def cell_seconds(self, release: str, path: str) -> float:
        """Seconds that a cell takes in a process that has the framework imported."""
        own = self._own(release)["path"]
        return float(own.get(path, self.path.get(path, self.cell)))

    def _own(self, release: str) -> dict[str, Any]:
        """Return the figures of a release: its minor version's, its patch's, and its own, the last weighing most."""
        own: dict[str, Any] = {"path": {}}
        for name in spellings(release):
            found = self.releases.get(name, {})
            own |= {**found, "path": own["path"] | found.get("path", {})}
        return own

    def plan_seconds(self, plan: Plan, *, ready: Collection[str] = (), jobs: int = 1) -> float:
        """Seconds that the plan takes with so many processes; `ready` are releases with a usable environment."""
        available = len(plan.available)
        if not available:
            return 0.0
        side_by_side = max(1, min(jobs, available, most_side_by_side(plan.available)))
        workers = max(1, jobs // side_by_side)
        each = [self.release_seconds(planned, ready=planned.id in ready, workers=workers) for planned in plan.available]
        return max(sum(each) / side_by_side, *each)


def durations_of(plan: Plan) -> Durations:
    """Return the figures for what the plan asks of its cells."""
    return load_durations().asking(plan.suite, plan.finetune.seeds if plan.finetune else 1)


def predictor(suite: str = PROPERTIES, seeds: int = 1, device: str = CPU) -> Callable[[CellId], float]:
    """Return what gives the seconds of a cell if nothing runs beside it."""
    durations = load_durations().asking(suite, seeds).on(device)
    return lambda cell: durations.cell_seconds(cell.release, cell.path)


def spellings(release: str) -> tuple[str, ...]:
    """Return the names under which figures of a release may stand, the general first: `tf2.18`, `tf2.18.1`, its id."""
    patch = release.partition("-keras")[0]
    minor = patch.rpartition(".")[0] if patch.count(".") == 2 else patch
    return tuple(dict.fromkeys((minor, patch, release)))


@cache
def load_durations(path: Path = DURATIONS) -> Durations:
    """Read the figures; they are part of the package, so what is wrong with them is a bug."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return replace(_figures(table), gpu=_figures(table["gpu"]))


def _figures(table: Mapping[str, Any]) -> Durations:
    return Durations(
        build=table["build"],
        import_=table["import"],
        cell=table["cell"],
        path=table["path"],
        finetune=table["finetune"],
        releases=table.get("releases", {}),
    )
