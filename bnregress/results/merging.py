"""Joins the results of a plan's shards into the results of the whole, and refuses what does not belong together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import UsageError
from bnregress.reading.strict import parse_json, printable, quoted, read_bytes
from bnregress.results import planhash
from bnregress.results.file import MAX_DEPTH, load_results
from bnregress.results.identity import require
from bnregress.results.model import CellResult, ReleaseResult, Results, earliest_start

#: Bytes of a plan.
MAX_PLAN_BYTES = 64 * 2**20
PLAN_COMMAND = "bnregress plan --format json"
#: Shards or cells that a message names.
NAMED = 10


@dataclass(frozen=True, kw_only=True)
class Source:
    """Results and the name of the file that they are from."""

    name: str
    results: Results

    def __str__(self) -> str:
        return f"{self.name} (shard {self.results.shard})" if self.results.shard else self.name


def load_sources(files: Iterable[Path]) -> list[Source]:
    """Read results files; UsageError names the one that does not fit."""
    return [Source(name=printable(file), results=load_results(file)) for file in files]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan as a file has it: the file's name, the hash, and every cell in its order."""

    name: str
    hash: str
    cells: tuple[CellId, ...]


def merge(
    sources: Sequence[Source],
    *,
    expect_shards: int | None = None,
    allow_missing: bool = False,
    run: str | None = None,
    plan: Planned | None = None,
) -> Results:
    """Return the results of the whole plan; they do not depend on the order of the sources.

    The host is that of the shard with the lowest number, and so is what two shards say of one release, unless its
    environment came to report its packages in another.

    Args:
        sources: one whole run, or shards of one plan.
        expect_shards: the number of shards that the plan was split into, if that is known.
        allow_missing: leave the cells of missing shards undecided; only `plan` can say which cells those are.
        run: the run that is meant, if that is known; otherwise the shards must only be of the same run.
        plan: the plan that they must be shards of; otherwise its hash is computed again from what they hold.

    Raises:
        UsageError: a shard is missing, there twice, or of another run, plan or version; names the file and the shard.
    """
    if not sources:
        raise UsageError("There are no results to merge. Give the results.json of each shard.")
    require(run, ((str(source), source.results.run) for source in sources))
    whole = next((source for source in sources if source.results.shard is None), None)
    if whole is not None:
        return _only(whole, sources, expect_shards)
    ordered = sorted(sources, key=lambda source: (source.results.shard or Shard(0, 0), source.name))
    _require_one_run(ordered)
    _require_one_plan(ordered)
    first = ordered[0].results
    count = first.shard.count if first.shard else 0
    if expect_shards not in (None, count):
        raise UsageError(f"{ordered[0]}: the plan was split into {count} shards, and {expect_shards} are expected.")
    _require_no_shard_twice(ordered)
    missing = [Shard(index, count) for index in range(1, count + 1)]
    for source in ordered:
        missing.remove(source.results.shard or Shard(0, 0))
    if missing and not allow_missing:
        raise UsageError(
            f"Shard {_names(missing)} is missing: no file has its results. See whether its job ran and uploaded them;"
            " --allow-missing merges the others and leaves its cells undecided."
        )
    decided, undecided = _cells(ordered)
    planned = _in_their_places(ordered) if plan is None else _as_planned(plan, ordered, decided.keys() | undecided)
    releases = _releases(ordered, planned)
    asked = _asked(ordered)
    if not missing:
        _require_whole(first.plan, planned, releases, asked, decided.keys() | undecided)
    return replace(
        first,
        complete=all(source.results.complete for source in ordered) and not undecided and not missing,
        releases=releases,
        cells=tuple(decided[cell] for cell in planned if cell in decided),
        undecided=tuple(cell for cell in planned if cell not in decided),
        shard=None,
        places=None,
        asked=asked,
        started=earliest_start(source.results for source in ordered),
    )


def read_plan(file: Path) -> Planned:
    """Read the plan that shards are of, as `bnregress plan --format json` prints it.

    Raises:
        UsageError: it is not one.
    """
    name = printable(file)
    try:
        value = parse_json(read_bytes(file, MAX_PLAN_BYTES), MAX_DEPTH)
        cells = tuple(CellId.parse(cell) for release in value["releases"] for cell in release["cells"])
        return Planned(name=name, hash=str(value["hash"]), cells=cells)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}. Give what `{PLAN_COMMAND}` prints.") from error
    except (ValueError, TypeError, KeyError, AttributeError, UsageError) as error:
        raise UsageError(f"{name}: not a plan ({quoted(repr(error))}). Give what `{PLAN_COMMAND}` prints.") from error


def _in_their_places(ordered: Sequence[Source]) -> list[CellId]:
    """The cells of all shards as they stand in the plan."""
    holders: dict[int, tuple[CellId, Source]] = {}
    for source in ordered:
        for cell, place in (source.results.places or {}).items():
            if place in holders:
                other, where = holders[place]
                raise UsageError(f"{cell} in {source} and {other} in {where} stand in one place. One was changed.")
            holders[place] = cell, source
    return [holders[place][0] for place in sorted(holders)]


def _as_planned(plan: Planned, ordered: Sequence[Source], cells: Collection[CellId]) -> list[CellId]:
    for source in ordered:
        if source.results.plan != plan.hash:
            raise UsageError(f"{source}: not a shard of the plan in {plan.name}. Give the plan that was run.")
    if foreign := sorted(set(cells).difference(plan.cells), key=str):
        raise UsageError(f"{_names(foreign)}: in a shard and not in the plan of {plan.name}. One of them was changed.")
    return list(plan.cells)


def _asked(ordered: Sequence[Source]) -> dict[str, Any]:
    """What the shards were asked, with the devices of all their releases."""
    devices: dict[str, str] = {}
    common: dict[str, Any] | None = None
    for source in ordered:
        asked = dict(source.results.asked or {})
        for release, device in asked.pop("devices", {}).items():
            if devices.setdefault(release, device) != device:
                raise UsageError(f"{source}: {release} has another device than in another shard. One was changed.")
        if common not in (None, asked):
            raise UsageError(
                f"{source}: a shard of another plan than {ordered[0]}. Run all shards with the same options."
            )
        common = asked
    return {**(common or {}), "devices": dict(sorted(devices.items()))}


def _require_whole(
    plan: str,
    planned: Sequence[CellId],
    releases: Mapping[str, ReleaseResult],
    asked: Mapping[str, Any],
    cells: Collection[CellId],
) -> None:
    """Work the plan's hash out again from what all shards hold: nothing may be lacking, added or of another lock."""
    asked = dict(asked)
    devices, model = asked.pop("devices"), asked.pop("model", None)
    suite_cells = [cell for cell in cells if cell.path != planhash.OWN_MODEL]
    own = {CellId(release=cell.release, path=planhash.OWN_MODEL) for cell in suite_cells if model is not None}
    absent = [cell for cell in (*planned, *sorted(own.difference(planned), key=str)) if cell not in cells]
    made_from = planhash.ingredients(
        cells=suite_cells,
        devices=devices,
        locks={name: release.lock_sha256 for name, release in releases.items()},
        asked=asked,
    )
    found = planhash.sha256(made_from)
    if absent or (found if model is None else planhash.with_model(found, model)) != plan:
        named = f" {_names(absent)} is planned, and in none of them." if absent else ""
        raise UsageError(
            f"The shards together are not the plan that they name:{named or ' its hash is another.'} One of them was"
            " changed, or lacks cells. Run all shards again."
        )


def _only(whole: Source, sources: Sequence[Source], expect_shards: int | None) -> Results:
    other = next((source for source in sources if source is not whole), None)
    if other is not None:
        raise UsageError(f"{whole}: a whole run, no shard, which cannot be merged with {other}. Give one or the other.")
    if expect_shards is not None:
        raise UsageError(f"{whole}: a whole run, no shard, and {expect_shards} shards are expected.")
    return whole.results


def _require_one_run(ordered: Sequence[Source]) -> None:
    reference = ordered[0]
    if reference.results.run is None:
        raise UsageError(f"{reference}: does not say of which run it is. Run all shards with this version.")
    for source in ordered[1:]:
        if source.results.run != reference.results.run:
            raise UsageError(
                f"{source}: of the run {source.results.run}, and {reference} of {reference.results.run}. One of them is"
                " left over from an earlier run, or they were not given one --run-id. Run all shards in one run."
            )


def _require_one_plan(ordered: Sequence[Source]) -> None:
    reference = ordered[0]
    expected = reference.results
    for source in ordered[1:]:
        found = source.results
        if found.bnregress != expected.bnregress:
            raise UsageError(
                f"{source}: made by bnregress {found.bnregress}, and {reference} by {expected.bnregress}."
                " Run all shards with one version."
            )
        counts = {each.shard.count for each in (found, expected) if each.shard}
        if found.plan != expected.plan or len(counts) > 1:
            raise UsageError(
                f"{source}: a shard of a different plan than {reference}. Run all shards with the same options."
            )


def _require_no_shard_twice(ordered: Sequence[Source]) -> None:
    for one, other in pairwise(ordered):
        if one.results.shard == other.results.shard:
            raise UsageError(f"Shard {one.results.shard} is given twice: {one.name} and {other.name}. Give it once.")


def _cells(ordered: Sequence[Source]) -> tuple[dict[CellId, CellResult], set[CellId]]:
    decided: dict[CellId, CellResult] = {}
    undecided: set[CellId] = set()
    holders: dict[CellId, Source] = {}
    for source in ordered:
        for id in (*(cell.id for cell in source.results.cells), *source.results.undecided):
            if id in holders:
                raise UsageError(f"{id} is in two shards, {holders[id]} and {source}. One of them was changed.")
            holders[id] = source
        decided |= {cell.id: cell for cell in source.results.cells}
        undecided |= set(source.results.undecided)
    return decided, undecided


def _releases(ordered: Sequence[Source], planned: Sequence[CellId]) -> dict[str, ReleaseResult]:
    found: dict[str, tuple[ReleaseResult, Source]] = {}
    for source in ordered:
        for name, release in source.results.releases.items():
            if name not in found:
                found[name] = release, source
                continue
            known, where = found[name]
            if release.lock_sha256 != known.lock_sha256:
                raise UsageError(f"{source}: {name} has another lock than in {where}. One of them was changed.")
            if known.packages is None and release.packages is not None:
                found[name] = release, source
    order = dict.fromkeys([*(cell.release for cell in planned), *sorted(found)])
    return {name: found[name][0] for name in order if name in found}


def _names(things: Sequence[object]) -> str:
    return ", ".join(map(str, things[:NAMED])) + (f" and {len(things) - NAMED} more" if len(things) > NAMED else "")
