"""What a run is going to do: releases, their interpreters and their cells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import UsageError
from bnregress.machine.devices import AUTO, CPU
from bnregress.machine.gpus import Gpus
from bnregress.machine.interpreters import Interpreter
from bnregress.planning.finetune import Finetune, wanted
from bnregress.planning.placement import ON_CPU, Placement, place, require_device
from bnregress.planning.request import PlanRequest, PlanSources
from bnregress.planning.selection import select_cells
from bnregress.releases.catalog import Release
from bnregress.releases.nightly import UnresolvedError
from bnregress.results import planhash
from bnregress.results.converting import CONVERTER, structure, unstructure
from bnregress.suite.registry import PROPERTIES

DEFAULT_SELECT = ("group:default",)

#: Cells of one run. Their results take 4 kB each, measured over 372; they can be read if they take twice as much.
MOST_CELLS = 100_000
# What was never resolved has no lock: the hash of nothing stands in its place.
_NO_LOCK = hashlib.sha256().hexdigest()


@dataclass(frozen=True, kw_only=True)
class PlannedRelease:
    """A release and its planned cells; `unavailable` and `remedy` say why it cannot run here and what helps."""

    release: Release
    interpreter: Interpreter | None
    cells: tuple[CellId, ...]
    lock_sha256: str
    unavailable: str | None = None
    remedy: str | None = None
    placement: Placement = ON_CPU

    @property
    def id(self) -> str:
        """The id of the release."""
        return self.release.id

    @property
    def environment_sha256(self) -> str:
        """The hash of what its environment is made from, which builds are no part of."""
        return self.release.environment_sha256(self.device) if self.release.builds else self.lock_sha256

    @property
    def device(self) -> str:
        """What its cells run on: `cpu` or `gpu`."""
        return self.placement.device


def most_side_by_side(releases: Sequence[PlannedRelease]) -> int:
    """How many of the releases can run at the same time: one on each GPU, and those that need none."""
    gpus = {gpu for planned in releases for gpu in planned.placement.gpus}
    return len(gpus) + sum(not planned.placement.gpus for planned in releases)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Releases in the catalog's order, each with at least one cell.

    A shard holds its own part of the releases, and in `whole` the plan that it is a part of. `suite` names the checks
    that run; `finetune` is None if nothing is fine-tuned. `device` is that of all releases, `auto` if they
    differ.
    """

    releases: tuple[PlannedRelease, ...]
    device: str
    suite_sha256: str
    suite: str = PROPERTIES
    finetune: Finetune | None = None
    shard: Shard | None = None
    whole: Plan | None = None

    @property
    def cells(self) -> tuple[CellId, ...]:
        """Every planned cell, release by release."""
        return tuple(cell for release in self.releases for cell in release.cells)

    @property
    def available(self) -> tuple[PlannedRelease, ...]:
        """The releases that can run here."""
        return tuple(release for release in self.releases if release.unavailable is None)

    def release(self, release_id: str) -> PlannedRelease:
        """Return the planned release of that id; KeyError if it is not planned."""
        return next((release for release in self.releases if release.id == release_id), None) or _missing(release_id)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over all that bears on a verdict: cells, device, locks and suite, not the places of interpreters.

        Every shard has the hash of the whole plan.
        """
        return self.whole.hash if self.whole else planhash.sha256(self.ingredients)

    @cached_property
    def ingredients(self) -> dict[str, Any]:
        """What the hash is made from, by name; two plans are compared by it to say what changed."""
        return planhash.ingredients(
            cells=self.cells,
            devices={release.id: release.device for release in self.releases},
            locks={release.id: release.lock_sha256 for release in self.releases},
            asked=self.asked,
        )

    @property
    def asked(self) -> dict[str, Any]:
        """What the hash is made from beside cells, devices and locks, as JSON values."""
        tuned = {"asks": self.suite, "finetune": self.finetune.identity} if self.finetune else {}
        return {"suite": self.suite_sha256, **tuned}

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plan.json has it; `from_json` gives an equal plan."""
        return unstructure(self)

    @classmethod
    def from_json(cls, value: Any) -> Plan:
        """Read what `to_json` wrote; ValueError if it is something else, says where."""
        return structure(value, cls)


_fields = make_dict_unstructure_fn(Plan, CONVERTER)
_read = make_dict_structure_fn(Plan, CONVERTER)


# The hash is for people and programs: it follows from the rest.
@CONVERTER.register_unstructure_hook
def _with_hash(plan: Plan) -> dict[str, Any]:
    return {"hash": plan.hash, **_fields(plan)}


@CONVERTER.register_structure_hook
def _without_hash(value: Any, kind: type[Plan]) -> Plan:
    return _read({name: each for name, each in dict(value).items() if name != "hash"}, kind)


def make_plan(
    request: PlanRequest,
    sources: PlanSources | None = None,
    *,
    resolve: Callable[[Release, Interpreter, str], Release] | None = None,
) -> Plan:
    """Plan the requested cells.

    Args:
        request: which cells, for which checks, on which device.
        sources: where releases, interpreters and GPUs are found; default: this package and this machine.
        resolve: gives a release that `needs_resolving` its versions and lock on an interpreter and device, or raises
            `UnresolvedError`; default: it is planned as unavailable.

    Raises:
        UsageError: a selector fits nothing, the device is unknown, or there are too many cells for one results.json.
        NothingToDoError: every selector fits something, but no cell fits them all.
    """
    sources = sources or PlanSources()
    require_device(request.device)
    here = Gpus() if request.device == CPU else sources.gpus()
    fine_tuned = wanted(request.suite, request.finetune)
    known_paths = _registry() if sources.known_paths is None else sources.known_paths
    select = request.select or DEFAULT_SELECT
    planned_cells = select_cells(select, request.paths, request.variants, sources.catalog, known_paths, request.suite)
    if len(planned_cells) > MOST_CELLS:
        raise UsageError(
            f"{len(planned_cells):,} cells are selected, and the results of one run hold {MOST_CELLS:,} at most. Select"
            " fewer with --select, --path or --variant, and make several runs."
        )
    by_release: dict[str, list[CellId]] = {}
    for cell in planned_cells:
        by_release.setdefault(cell.release, []).append(cell)
    find = cache(sources.find)
    releases = []
    for release_id, cells in by_release.items():
        release, interpreter = on_what_is_here(sources.catalog[release_id], find)
        placement = place(release, request.device, here)
        if release.needs_resolving:
            releases.append(_planned_unresolved(release, tuple(cells), interpreter, placement, resolve, sources.absent))
        else:
            releases.append(_planned(release, tuple(cells), interpreter, placement, sources.absent))
    devices = {release.device for release in releases}
    return Plan(
        releases=tuple(releases),
        device=devices.pop() if len(devices) == 1 else AUTO,
        suite_sha256=sources.suite_sha256(),
        suite=request.suite,
        finetune=fine_tuned,
    )


def on_what_is_here(release: Release, find: Callable[[str], Interpreter | None]) -> tuple[Release, Interpreter | None]:
    """Return the release on its own Python or, if there is none and none to be fetched, on the next that is here."""
    if release.local is not None:
        return release, Interpreter(release.local.python, release.local.executable)
    interpreter = find(release.python)
    return (release, interpreter) if interpreter else _on_another(release, find) or (release, None)


def on_another_python(
    planned: PlannedRelease, find: Callable[[str], Interpreter | None], only: str | None = None
) -> PlannedRelease | None:
    """Return the release as it is planned on another Python, or on that `only`; None if none is here.

    A release whose packages are still to be resolved stays on its own.
    """
    own = planned.release
    release, interpreter = _on_another(own, find, only) or (own, None)
    if interpreter is None or own.needs_resolving or not release.lock_path(planned.device).is_file():
        return None
    return replace(
        planned,
        release=release,
        interpreter=interpreter,
        lock_sha256=release.lock_sha256(planned.device),
        unavailable=planned.placement.unavailable,
        remedy=planned.placement.remedy,
    )


def _on_another(
    release: Release, find: Callable[[str], Interpreter | None], only: str | None = None
) -> tuple[Release, Interpreter] | None:
    for other in map(release.on, release.other_pythons):
        found = find(other.python) if only in (None, other.python) else None
        if found is not None and found.download is None:
            return other, found
    return None


def _planned(
    release: Release,
    cells: tuple[CellId, ...],
    interpreter: Interpreter | None,
    placement: Placement,
    absent: Callable[[str], tuple[str, str]],
) -> PlannedRelease:
    unavailable, remedy = placement.unavailable, placement.remedy
    if unavailable is None and interpreter is None:
        unavailable, remedy = absent(release.python)
    locked = release.local or release.lock_path(placement.device).is_file() or placement.device == CPU
    return PlannedRelease(
        release=release,
        interpreter=interpreter,
        cells=cells,
        lock_sha256=release.lock_sha256(placement.device) if locked else _NO_LOCK,
        unavailable=unavailable,
        remedy=remedy,
        placement=placement,
    )


def _planned_unresolved(
    release: Release,
    cells: tuple[CellId, ...],
    interpreter: Interpreter | None,
    placement: Placement,
    resolve: Callable[[Release, Interpreter, str], Release] | None,
    absent: Callable[[str], tuple[str, str]],
) -> PlannedRelease:
    nothing = PlannedRelease(
        release=release,
        interpreter=interpreter,
        cells=cells,
        lock_sha256=_NO_LOCK,
        placement=placement,
    )
    if interpreter is None:
        reason, remedy = absent(release.python)
        return replace(nothing, unavailable=reason, remedy=remedy)
    if resolve is None:
        reason, remedy = f"{release.id} is resolved when it runs.", f"Run it with `--select {release.id}`."
        return replace(nothing, unavailable=reason, remedy=remedy)
    try:
        return _planned(resolve(release, interpreter, placement.device), cells, interpreter, placement, absent)
    except UnresolvedError as error:
        return replace(nothing, unavailable=str(error), remedy=error.remedy)


def _registry() -> Collection[str]:
    # Imported here, because the noxfile reads plans in a Python that need not have what loading paths import.
    from bnregress.suite.paths import PATHS  # noqa: PLC0415

    return {id: path.group for id, path in PATHS.items()}


def _missing(release_id: str) -> PlannedRelease:
    raise KeyError(release_id)
