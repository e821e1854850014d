"""How long a plan will take, from measured seconds in `resources/durations.toml`."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bnregress.plan import Plan, PlannedRelease
from bnregress.suite.registry import FINETUNE, PROPERTIES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DURATIONS = Path(__file__).parent / "resources" / "durations.toml"


@dataclass(frozen=True, kw_only=True)
class Durations:
    """Seconds on one processor.

    Attributes:
        build: making a release's environment; `import_`: starting Python and importing the framework.
        path: deciding a cell of that path, checks included.
        finetune: training a head once, both arms, on top of building the path.
        releases: figures of single releases, by id, that stand in for the general ones.
    """

    build: float
    import_: float
    cell: float
    path: Mapping[str, float]
    finetune: float
    releases: Mapping[str, Mapping[str, Any]]

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
        )

    def release_seconds(self, planned: PlannedRelease, *, ready: bool, workers: int) -> float:
        """Seconds that a release takes; 0 where it is unavailable.

        Args:
            planned: the release.
            ready: its environment is there and can be used again.
            workers: processes that share its cells.
        """
        if planned.unavailable is not None:
            return 0.0
        own = self.releases.get(planned.id, {})
        build = 0.0 if ready else float(own.get("build", self.build))
        cells = [self.cell_seconds(planned.id, cell.path) for cell in planned.cells]
        # Workers share out whole cells: not less than the longest of them.
        shared = max(sum(cells) / min(workers, len(cells)), *cells)
        return build + float(own.get("import", self.import_)) + shared

    def cell_seconds(self, release: str, path: str) -> float:
        """Seconds that a cell takes in a process that has the framework imported."""
        own = self.releases.get(release, {}).get("path", {})
        return float(own.get(path, self.path.get(path, self.cell)))

    def plan_seconds(self, plan: Plan, *, ready: Collection[str] = (), jobs: int = 1) -> float:
        """Seconds that the plan takes with so many processes; `ready` are releases with a usable environment."""
        available = len(plan.available)
        if not available:
            return 0.0
        side_by_side = max(1, min(jobs, available))
        workers = max(1, jobs // side_by_side)
        each = [self.release_seconds(planned, ready=planned.id in ready, workers=workers) for planned in plan.available]
        return max(sum(each) / side_by_side, *each)


@cache
def load_durations(path: Path = DURATIONS) -> Durations:
    """Read the figures; they are part of the package, so what is wrong with them is a bug."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Durations(
        build=table["build"],
        import_=table["import"],
        cell=table["cell"],
        path=table["path"],
        finetune=table["finetune"],
        releases=table.get("releases", {}),
    )
