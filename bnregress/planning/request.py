"""What a plan is made from: what a person requests, and what is found around it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from bnregress.machine.devices import DEFAULT_DEVICE
from bnregress.machine.gpus import Gpus, probe
from bnregress.machine.interpreters import Interpreter, find_interpreter, not_installed
from bnregress.machine.staging import suite_sha256
from bnregress.planning.finetune import Finetune
from bnregress.releases.catalog import Release, load_catalog
from bnregress.suite.registry import PROPERTIES


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """Which cells to plan, for which checks and on which device.

    Attributes:
        select: selectors over release ids, over cell ids (with a slash) or `group:NAME`; any of them may
            choose a cell. Default: the group `default`.
        paths: selectors that a cell's path must fit besides, or `group:NAME`; default: the group `default`, and for a
            selector over cell ids every path.
        variants: likewise of its variant, or an exact variant; default: those that the suite tests on each path by
            default (`bnregress.suite.variants`).
        device: `cpu`, `gpu`, or `auto`, which takes a GPU for each release that can use one, and else the CPU.
        suite: the checks: `properties`, `finetune` or `all`.
        finetune: on what to fine-tune; default: the surrogate on gratings10.
    """

    select: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    device: str = DEFAULT_DEVICE
    suite: str = PROPERTIES
    finetune: Finetune = field(default_factory=Finetune)


@dataclass(frozen=True, kw_only=True)
class PlanSources:
    """What a plan takes from its surroundings; tests give their own.

    Attributes:
        catalog: releases by id, oldest first.
        find: finds an interpreter by its minor version; one with `download` is to be fetched before it is used.
        absent: says why there is none of a minor version, and what to do.
        suite_sha256: the hash of the suite.
        known_paths: ids of loading paths, or the group of each by its id; None for those in this package.
        gpus: finds the GPUs of this machine; not called if the device is the CPU.
    """

    catalog: Mapping[str, Release] = field(default_factory=load_catalog)
    find: Callable[[str], Interpreter | None] = find_interpreter
    absent: Callable[[str], tuple[str, str]] = not_installed
    suite_sha256: Callable[[], str] = suite_sha256
    known_paths: Collection[str] | None = None
    gpus: Callable[[], Gpus] = probe
