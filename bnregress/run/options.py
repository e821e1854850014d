"""How a run goes, and what it takes from outside itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bnregress.cells.shard import Shard
from bnregress.machine.fetching import AUTO
from bnregress.machine.memory import available_bytes
from bnregress.machine.staging import stage_suite
from bnregress.planning.request import PlanRequest, PlanSources
from bnregress.run.budgets import Budgets
from bnregress.run.searching import SearchOptions
from bnregress.run.trials import Trials

#: Memory that a worker process is given room for; measured peak 1.5 GiB.
WORKER_BYTES = 2 * 2**30


@dataclass(frozen=True, kw_only=True)
class RunOptions(PlanRequest):
    """The options of `bnregress run`: those of its plan, and how to carry it out.

    Attributes:
        out: where results.json and the run directory go.
        jobs: processes that decide cells, over all releases; default: as many as processors and memory allow.
        offline: install from uv's cache alone.
        interpreters: one of `bnregress.machine.fetching.MODES`: whether interpreters that are lacking are fetched.
        resume: continue with the run in `out`.
        shard: run this part of the plan alone.
        run_id: which run this is; default: see `bnregress.run.beginning.identified`.
        fresh: run cells again that earlier runs decided, see `bnregress.run.verdict_cache`.
        budgets: how long things may take.
        disk_budget: bytes that environments may take; default: see `bnregress.run.disk.default_budget`.
        search: how to search beyond the fixed probes.
        trials: how often cells are run; by default a regression is run again before it counts, whatever is known.
    """

    out: Path
    jobs: int | None = None
    offline: bool = False
    interpreters: str = AUTO
    resume: bool = False
    shard: Shard | None = None
    run_id: str | None = None
    fresh: bool = False
    budgets: Budgets = field(default_factory=Budgets)
    disk_budget: int | None = None
    search: SearchOptions = field(default_factory=SearchOptions)
    trials: Trials = field(default_factory=Trials)


@dataclass(frozen=True, kw_only=True)
class Surroundings(PlanSources):
    """What a run takes from outside itself, its plan's sources among them.

    Attributes:
        stage: copies the suite below a cache folder, returns the copy's folder and its hash.
    """

    stage: Callable[[Path], tuple[Path, str]] = stage_suite


def default_jobs() -> int:
    """Return processes for deciding cells: one for each processor that we may use and for each 2 GiB of free memory."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(processors, available_bytes() // WORKER_BYTES))
