"""What a run is to do, and what it takes from outside itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bnregress.cells.shard import Shard
from bnregress.machine.gpus import Gpus, probe
from bnregress.machine.interpreters import Interpreter, find_interpreter
from bnregress.machine.staging import stage_suite, suite_sha256
from bnregress.planning.finetune import Finetune
from bnregress.planning.placement import DEFAULT_DEVICE
from bnregress.releases.catalog import Release, load_catalog
from bnregress.run.searching import SearchOptions
from bnregress.run.watch import Budgets
from bnregress.suite.registry import PROPERTIES


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of `bnregress run`.

    Attributes:
        out: where results.json and the run directory go.
        select, paths, variants, device: see `bnregress.planning.plan.make_plan`.
        jobs: processes that decide cells, over all releases; default: as many as processors and memory allow.
        offline: install from uv's cache alone.
        resume: continue with the run in `out`.
        shard: run this part of the plan alone.
        run_id: which run this is; default: see `bnregress.run.beginning.identified`.
        fresh: run cells again that earlier runs decided, see `bnregress.run.verdicts`.
        budgets: how long things may take.
        suite, finetune: which checks run on the cells, see `bnregress.planning.plan.make_plan`.
        disk_budget: bytes that environments may take; default: see `bnregress.run.disk.default_budget`.
        search: how to search beyond the fixed probes.
    """

    out: Path
    select: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    device: str = DEFAULT_DEVICE
    jobs: int | None = None
    offline: bool = False
    resume: bool = False
    shard: Shard | None = None
    run_id: str | None = None
    fresh: bool = False
    budgets: Budgets = field(default_factory=Budgets)
    suite: str = PROPERTIES
    finetune: Finetune = field(default_factory=Finetune)
    disk_budget: int | None = None
    search: SearchOptions = field(default_factory=SearchOptions)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a run takes from outside itself; tests give their own.

    Attributes:
        catalog: releases by id, oldest first.
        find: finds an interpreter by its minor version.
        suite_sha256: the hash of the suite.
        stage: copies the suite below a cache folder, returns the copy's folder and its hash.
        known_paths: ids of the suite's loading paths; None for those in this package.
        gpus: finds the GPUs of this machine.
    """

    catalog: Mapping[str, Release] = field(default_factory=load_catalog)
    find: Callable[[str], Interpreter | None] = find_interpreter
    suite_sha256: Callable[[], str] = suite_sha256
    stage: Callable[[Path], tuple[Path, str]] = stage_suite
    known_paths: Collection[str] | None = None
    gpus: Callable[[], Gpus] = probe
