"""Results of whole plans, and the same results as shards would have returned them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.results import planhash
from bnregress.results.file import write_results
from bnregress.results.merging import Source
from bnregress.results.model import CellResult, Host, ReleaseResult, Results
from bnregress.suite.status import ERROR, ERROR_KINDS, SEVERITY

RELEASES = ("tf1.15.5", "tf2.1.0", "tf2.21.0")
PATHS = ("tf-keras-applications", "h5", "vgg16")


def make_results(statuses: Mapping[str, str | None]) -> Results:
    """Results of a whole plan: the status of each cell by id, None where it was interrupted."""
    ids = {CellId.parse(name): status for name, status in statuses.items()}
    cells = tuple(
        CellResult(
            id=id, device="cpu", status=status, kind=ERROR_KINDS[0] if status == ERROR else None, reason=f"Of {id}."
        )
        for id, status in ids.items()
        if status is not None
    )
    undecided = tuple(id for id, status in ids.items() if status is None)
    releases = {id.release: _release(id.release) for id in ids}
    return Results(
        plan=plan_of(ids, releases),
        run="run-1",
        asked=asked(releases),
        complete=not undecided,
        host=Host.here(),
        releases=releases,
        cells=cells,
        undecided=undecided,
    )


def asked(releases: Iterable[str]) -> dict[str, Any]:
    return {"suite": "2" * 64, "devices": dict.fromkeys(sorted(releases), "cpu")}


def plan_of(cells: Iterable[CellId], releases: Mapping[str, ReleaseResult]) -> str:
    """The hash of the plan that these are all cells of."""
    return planhash.sha256(
        planhash.ingredients(
            cells=cells,
            devices=dict.fromkeys(releases, "cpu"),
            locks={name: release.lock_sha256 for name, release in releases.items()},
            asked={"suite": "2" * 64},
        )
    )


def split(whole: Results, holders: Mapping[CellId, int], count: int, order: Sequence[CellId]) -> list[Source]:
    """The results as shards would have returned them; `holders` says which has a cell, counted from 1."""
    sources = []
    for index in range(1, count + 1):
        mine = {id for id, holder in holders.items() if holder == index}
        cells = tuple(cell for cell in whole.cells if cell.id in mine)
        undecided = tuple(id for id in whole.undecided if id in mine)
        part = replace(
            whole,
            complete=not undecided,
            releases={name: facts for name, facts in whole.releases.items() if name in {id.release for id in mine}},
            cells=cells,
            undecided=undecided,
            shard=Shard(index, count),
            places={cell: place for place, cell in enumerate(order) if cell in mine},
            asked=asked({id.release for id in mine}),
        )
        sources.append(Source(name=f"shard-{index}.json", results=part))
    return sources


def in_two() -> list[Source]:
    """Four cells in two shards, one of which regresses."""
    names = [f"{release}/{path}" for release in RELEASES[:2] for path in PATHS[:2]]
    whole = make_results(dict.fromkeys(names, "pass") | {names[0]: "regress"})
    order = [cell.id for cell in whole.cells]
    return split(whole, {id: 1 + place % 2 for place, id in enumerate(order)}, 2, order)


def written(sources: Sequence[Source], folder: Path) -> list[Path]:
    """The files of shards, as artifacts are downloaded: one folder each."""
    files = []
    for source in sources:
        file = folder / source.name.removesuffix(".json") / "results.json"
        file.parent.mkdir(parents=True)
        write_results(source.results, file)
        files.append(file)
    return files


@st.composite
def runs(draw: st.DrawFn) -> tuple[Results, list[Source]]:
    """Results of a whole plan, and its shards in any order."""
    names = draw(
        st.lists(
            st.sampled_from([f"{release}/{path}" for release in RELEASES for path in PATHS]), unique=True, min_size=1
        )
    )
    statuses = {name: draw(st.sampled_from(SEVERITY) | st.none()) for name in names}
    order = [CellId.parse(name) for name in names]
    count = draw(st.integers(1, 5))
    holders = {id: draw(st.integers(1, count)) for id in order}
    whole = make_results(statuses)
    return whole, draw(st.permutations(split(whole, holders, count, order)))


def _release(name: str) -> ReleaseResult:
    return ReleaseResult(
        tensorflow=name.removeprefix("tf"),
        keras="2",
        python="3.7.16",
        lock_sha256="1" * 64,
        packages={"numpy": "1.18"},
        device={"kind": "cpu", "name": "x"},
    )
