"""What a run is going to do: releases, their interpreters and their cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from bnregress.catalog import DEVICES, Release
from bnregress.errors import NothingToDoError, UsageError, nearest
from bnregress.identifiers import CellId
from bnregress.interpreters import Interpreter, find_interpreter, how_to_install
from bnregress.selector import choose, expand_braces, matches, no_match
from bnregress.staging import suite_sha256
from bnregress.variants import default_names, offered, spelled_out

DEFAULT_SELECT = ("group:default",)

_GROUP = "group:"


@dataclass(frozen=True, kw_only=True)
class PlannedRelease:
    """A release and the cells asked of it; `unavailable` and `remedy` say why it cannot run here and what helps."""

    release: Release
    interpreter: Interpreter | None
    cells: tuple[CellId, ...]
    lock_sha256: str
    unavailable: str | None = None
    remedy: str | None = None

    @property
    def id(self) -> str:
        """The id of the release."""
        return self.release.id


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Releases in the catalog's order, each with at least one cell."""

    releases: tuple[PlannedRelease, ...]
    device: str
    suite_sha256: str

    @property
    def cells(self) -> tuple[CellId, ...]:
        """Every planned cell, release by release."""
        return tuple(cell for release in self.releases for cell in release.cells)

    @property
    def available(self) -> tuple[PlannedRelease, ...]:
        """The releases that can run here."""
        return tuple(release for release in self.releases if release.unavailable is None)

    def release(self, release_id: str) -> PlannedRelease:
        """Return the planned release of that id; KeyError where it is not planned."""
        return next((release for release in self.releases if release.id == release_id), None) or _missing(release_id)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over all that bears on a verdict: cells, device, locks and suite, not the places of interpreters."""
        return _sha256(self.ingredients)

    @cached_property
    def ingredients(self) -> dict[str, Any]:
        """What the hash is made from, by name; two plans are compared by it to say what changed."""
        return {
            "cells": sorted(str(cell) for cell in self.cells),
            "device": self.device,
            "locks": {release.id: release.lock_sha256 for release in self.releases},
            "suite": self.suite_sha256,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plan.json has it; `from_json` gives an equal plan."""
        return {
            "hash": self.hash,
            "device": self.device,
            "suite_sha256": self.suite_sha256,
            "releases": [_release_to_json(release) for release in self.releases],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """Read what `to_json` wrote; KeyError, TypeError or UsageError where it is something else."""
        releases = tuple(_release_from_json(release) for release in value["releases"])
        return cls(releases=releases, device=value["device"], suite_sha256=value["suite_sha256"])


def make_plan(
    *,
    select: Sequence[str] = (),
    paths: Sequence[str] = (),
    variants: Sequence[str] = (),
    device: str = "cpu",
    catalog: Mapping[str, Release],
    find: Callable[[str], Interpreter | None] = find_interpreter,
    known_paths: Collection[str] | None = None,
    suite: str | None = None,
) -> Plan:
    """Plan the selected cells.

    Args:
        select: selectors over release ids, over cell ids (with a slash) or `group:NAME`; any of them may
            choose a cell. Default: the group `default`.
        paths: selectors that a cell's path must fit besides; default: all.
        variants: likewise of its variant, or an exact variant; default: those that the suite asks of each path by
            default (`bnregress.suite.variants`).
        device: see `choose_device`.
        catalog: releases by id, in the order of the plan.
        find: finds an interpreter by its minor version.
        known_paths: ids of loading paths; default: the suite's registry.
        suite: SHA-256 of the suite; default: of the suite in this package.

    Raises:
        UsageError: a selector fits nothing, or the device is unknown or not served yet.
        NothingToDoError: every selector fits something, but no cell fits them all.
    """
    device = choose_device(device)
    wanted = _cells(
        select or DEFAULT_SELECT, paths, variants, catalog, _registry() if known_paths is None else known_paths
    )
    by_release: dict[str, list[CellId]] = {}
    for cell in wanted:
        by_release.setdefault(cell.release, []).append(cell)
    found: dict[str, Interpreter | None] = {}
    releases = []
    for release_id, cells in by_release.items():
        release = catalog[release_id]
        if release.python not in found:
            found[release.python] = find(release.python)
        releases.append(_planned(release, tuple(cells), found[release.python], device))
    return Plan(releases=tuple(releases), device=device, suite_sha256=suite or suite_sha256())


def choose_device(device: str) -> str:
    """Return the device that `--device` stands for.

    Raises:
        UsageError: no such device, or one that is not served yet.
    """
    if device == "gpu":
        raise UsageError("Runs on a GPU are not built yet. Use --device cpu, or leave --device out.")
    if device not in ("auto", *DEVICES):
        raise UsageError(f"{device!r} is not a device.{nearest(device, ('auto', *DEVICES))} Write auto or cpu.")
    return "cpu"


def _cells(
    selectors: Sequence[str],
    paths: Sequence[str],
    variants: Sequence[str],
    catalog: Mapping[str, Release],
    known_paths: Collection[str],
) -> list[CellId]:
    allowed_paths = choose(paths or ["*"], known_paths, "path")
    variants, spelled = spelled_out(variants, selectors)
    variants_of = {path: offered(path, spelled) for path in known_paths}
    every_variant = dict.fromkeys(variant for names in variants_of.values() for variant in names)
    allowed_variants = choose(variants, every_variant, "variant") if variants else None
    every = [
        CellId(release=name, path=path, variant=variant)
        for name in catalog
        for path in known_paths
        for variant in variants_of[path]
    ]
    names = {str(cell): cell for cell in every}
    chosen: set[CellId] = set()
    by_default = {cell for cell in every if cell.variant in default_names(cell.path)}
    for selector in selectors:
        if "/" in selector:
            found = {names[name] for name in choose([selector], names, "cell")}
            chosen.update(found)
            # Who writes a variant into the cell's id means it.
            by_default.update(found if "@" in selector else ())
        else:
            releases = _releases(selector, catalog)
            chosen.update(cell for cell in every if cell.release in releases)
    cells = [
        cell
        for cell in every
        if cell in chosen
        and cell.path in allowed_paths
        and (cell in by_default if allowed_variants is None else cell.variant in allowed_variants)
    ]
    if not cells:
        raise NothingToDoError(
            "No cell fits all of --select, --path and --variant at once, so there is nothing to do."
            " Drop one of them, or see `bnregress plan`."
        )
    return cells


def _releases(selector: str, catalog: Mapping[str, Release]) -> set[str]:
    if not selector.startswith(_GROUP):
        return set(choose([selector], catalog, "release"))
    pattern = selector.removeprefix(_GROUP)
    groups = sorted({group for release in catalog.values() for group in release.groups})
    for glob in expand_braces(pattern):
        if not any(matches(glob, group) for group in groups):
            raise no_match(pattern, glob, groups, "group of releases")
    return {name for name, release in catalog.items() if any(matches(pattern, group) for group in release.groups)}


def _planned(
    release: Release, cells: tuple[CellId, ...], interpreter: Interpreter | None, device: str
) -> PlannedRelease:
    missing = interpreter is None
    return PlannedRelease(
        release=release,
        interpreter=interpreter,
        cells=cells,
        lock_sha256=release.lock_sha256(device),
        unavailable=f"There is no CPython {release.python} on this machine." if missing else None,
        remedy=how_to_install(release.python) if missing else None,
    )


def _registry() -> Collection[str]:
    # Imported here, because the noxfile reads plans in a Python that need not have what loading paths import.
    from bnregress.suite.paths import PATHS  # noqa: PLC0415

    return list(PATHS)


def _release_to_json(planned: PlannedRelease) -> dict[str, Any]:
    release = {field.name: getattr(planned.release, field.name) for field in fields(Release)}
    release |= {
        "constraints": list(release["constraints"]),
        "groups": sorted(release["groups"]),
        "locks": str(release["locks"]),
    }
    interpreter = planned.interpreter and {
        "version": planned.interpreter.version,
        "executable": str(planned.interpreter.executable),
    }
    return {
        "release": release,
        "interpreter": interpreter,
        "cells": [str(cell) for cell in planned.cells],
        "lock_sha256": planned.lock_sha256,
        "unavailable": planned.unavailable,
        "remedy": planned.remedy,
    }


def _release_from_json(value: Mapping[str, Any]) -> PlannedRelease:
    row = dict(value["release"])
    row |= {"constraints": tuple(row["constraints"]), "groups": frozenset(row["groups"]), "locks": Path(row["locks"])}
    interpreter = value["interpreter"]
    return PlannedRelease(
        release=Release(**row),
        interpreter=interpreter and Interpreter(interpreter["version"], Path(interpreter["executable"])),
        cells=tuple(CellId.parse(cell) for cell in value["cells"]),
        lock_sha256=value["lock_sha256"],
        unavailable=value["unavailable"],
        remedy=value["remedy"],
    )


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _missing(release_id: str) -> PlannedRelease:
    raise KeyError(release_id)
