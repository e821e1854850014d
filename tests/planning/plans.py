"""Plans of any size, and what the cells in them take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.machine.interpreters import Interpreter
from bnregress.planning import plan as planning
from bnregress.planning.durations import Durations
from bnregress.planning.plan import Plan, PlannedRelease
from bnregress.planning.request import PlanRequest, PlanSources
from bnregress.releases.catalog import Release

SETUP = 24.0


def make_plan(cells: Mapping[str, Sequence[str]], *, available: bool = True) -> Plan:
    """A plan of releases by name, each with its paths."""
    return Plan(
        releases=tuple(_planned(name, paths, available=available) for name, paths in cells.items() if paths),
        device="cpu",
        suite_sha256="5" * 64,
    )


def plan_of(*, resolve: Any = None, device: str = "cpu", **options: Any) -> Plan:
    """What `bnregress.planning.plan.make_plan` plans from options of a request and of its sources."""
    wanted = {each.name: options.pop(each.name) for each in fields(PlanRequest) if each.name in options}
    wanted |= {name: tuple(value) for name, value in wanted.items() if isinstance(value, list)}
    return planning.make_plan(PlanRequest(device=device, **wanted), PlanSources(**options), resolve=resolve)


def make_times(path: Mapping[str, float]) -> Durations:
    return Durations(build=SETUP - 4, import_=4.0, cell=10.0, path=path, finetune=0.0, releases={})


def _planned(name: str, paths: Sequence[str], *, available: bool) -> PlannedRelease:
    release = Release(
        id=name,
        tensorflow=name.removeprefix("tf"),
        keras="2.2.4-tf",
        python="3.7",
        cpu="tensorflow",
        gpu="tensorflow",
        constraints=(),
        groups=frozenset({"default"}),
    )
    return PlannedRelease(
        release=release,
        interpreter=Interpreter("3.7.16", Path("/opt/python3.7")) if available else None,
        cells=tuple(CellId(release=name, path=path) for path in paths),
        lock_sha256="1" * 64,
        unavailable=None if available else "There is no CPython 3.7 on this machine.",
    )
