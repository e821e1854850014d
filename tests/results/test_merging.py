"""Shards merge to the results of the whole, and nothing that does not belong together is merged."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import UsageError
from bnregress.results.merging import Planned, Source, merge, read_plan
from bnregress.results.model import ReleaseResult, Results, exit_code
from bnregress.suite.status import SEVERITY
from tests.results.shards import asked, in_two, make_results, runs


def text(results: Results) -> str:
    return json.dumps(results.to_json())


@given(runs())
def test_any_split_in_any_order_merges_to_the_same_bytes(run: tuple[Results, list[Source]]) -> None:
    whole, shards = run
    assert text(merge(shards)) == text(_in_order(whole, shards))


@given(runs())
def test_the_exit_code_of_the_merge_is_that_of_the_whole(run: tuple[Results, list[Source]]) -> None:
    whole, shards = run
    assert exit_code(merge(shards)) == exit_code(whole)


@given(runs(), st.data())
def test_no_cell_vanishes_with_a_missing_shard(run: tuple[Results, list[Source]], data: st.DataObject) -> None:
    whole, shards = run
    if len(shards) == 1:
        return
    lost = data.draw(st.sampled_from(shards))
    rest = [shard for shard in shards if shard is not lost]
    with pytest.raises(UsageError, match=f"Shard {lost.results.shard} is missing"):
        merge(rest)
    cells = tuple(_order(shards))
    merged = merge(rest, allow_missing=True, plan=Planned(name="plan.json", hash=whole.plan, cells=cells))
    planned = {cell.id for cell in whole.cells} | set(whole.undecided)
    assert {cell.id for cell in merged.cells} | set(merged.undecided) == planned
    gone = {cell.id for cell in lost.results.cells} | set(lost.results.undecided)
    assert gone <= set(merged.undecided)
    if gone:
        assert not merged.complete
        assert exit_code(merged) in (1, 4)


@given(st.lists(st.sampled_from(SEVERITY), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_exit_code_follows_from_the_statuses_alone(statuses: list[str], random: Random) -> None:
    def code(order: Sequence[str]) -> int:
        return exit_code(make_results({f"tf2.{place}.0/h5": status for place, status in enumerate(order)}))

    shuffled = list(statuses)
    random.shuffle(shuffled)
    assert code(statuses) == code(shuffled)


def test_a_whole_run_is_returned_as_it_is() -> None:
    whole = make_results({"tf2.1.0/h5": "pass"})
    assert merge([Source(name="a.json", results=whole)]) is whole


def changed(index: int, **changes: object) -> Callable[[list[Source]], list[Source]]:
    def change(sources: list[Source]) -> list[Source]:
        results = replace(sources[index].results, **changes)  # type: ignore[arg-type]
        return [*sources[:index], Source(name=sources[index].name, results=results), *sources[index + 1 :]]

    return change


BAD: dict[str, tuple[Callable[[list[Source]], list[Source]], str]] = {
    "none": (lambda sources: [], "no results to merge"),
    "missing": (lambda sources: sources[:1], "Shard 2/2 is missing"),
    "twice": (lambda sources: [*sources, sources[0]], r"Shard 1/2 is given twice: shard-1\.json and shard-1\.json"),
    "foreign plan": (changed(1, plan="1" * 64), r"shard-2\.json \(shard 2/2\): a shard of a different plan"),
    "another run": (changed(1, run="run-2"), r"shard-2\.json \(shard 2/2\): of the run run-2, and shard-1\.json"),
    "no run": (changed(0, run=None), r"shard-1\.json \(shard 1/2\): does not say of which run"),
    "another suite": (
        changed(1, asked={**asked(["tf2.1.0"]), "suite": "3" * 64}),
        r"shard-2\.json.*another plan",
    ),
    "another device": (
        changed(1, asked={"suite": "2" * 64, "devices": {"tf1.15.5": "gpu", "tf2.1.0": "gpu"}}),
        r"shard-2\.json.*another device",
    ),
    "cell renamed": (
        lambda sources: changed(
            1,
            cells=(
                replace(sources[1].results.cells[0], id=CellId(release="tf2.1.0", path="json")),
                *sources[1].results.cells[1:],
            ),
            places={CellId(release="tf2.1.0", path="json"): 1, sources[1].results.cells[1].id: 3},
        )(sources),
        "its hash is another",
    ),
    "one place": (
        lambda sources: changed(1, places=dict.fromkeys((cell.id for cell in sources[1].results.cells), 0))(sources),
        "stand in one place",
    ),
    "foreign count": (changed(1, shard=Shard(2, 3)), r"shard-2\.json \(shard 2/3\): a shard of a different plan"),
    "version": (changed(1, bnregress="9.9.9"), r"shard-2\.json \(shard 2/2\): made by bnregress 9\.9\.9"),
    "cell lost": (
        lambda sources: changed(0, cells=sources[0].results.cells[1:])(sources),
        "is planned, and in none of them",
    ),
    "cell twice": (
        lambda sources: changed(0, cells=sources[0].results.cells + sources[1].results.cells[:1])(sources),
        r"is in two shards, shard-1\.json \(shard 1/2\) and shard-2\.json \(shard 2/2\)",
    ),
    "whole beside shards": (
        lambda sources: [*sources, Source(name="whole.json", results=make_results({"tf2.1.0/h5": "pass"}))],
        r"whole\.json: a whole run",
    ),
    "another lock": (
        lambda sources: changed(
            1, releases={name: replace(facts, lock_sha256="2" * 64) for name, facts in _releases(sources)}
        )(sources),
        r"shard-2\.json \(shard 2/2\): tf1\.15\.5 has another lock",
    ),
}


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD.keys())
def test_what_does_not_belong_together_is_refused_with_file_and_shard(
    change: Callable[[list[Source]], list[Source]], message: str
) -> None:
    assert merge(in_two()).complete
    with pytest.raises(UsageError, match=message):
        merge(change(in_two()))


def test_a_workflow_can_demand_the_number_of_shards() -> None:
    assert merge(in_two(), expect_shards=2).complete
    with pytest.raises(UsageError, match=r"shard-1\.json \(shard 1/2\).*3 are expected"):
        merge(in_two(), expect_shards=3)
    with pytest.raises(UsageError, match="whole run, no shard"):
        merge([Source(name="a.json", results=make_results({"tf2.1.0/h5": "pass"}))], expect_shards=1)


def test_results_of_another_run_never_stand_in_for_the_one_that_is_meant() -> None:
    assert merge(in_two(), run="run-1").complete
    assert merge(in_two(), run="any").complete
    whole = [Source(name="a.json", results=make_results({"tf2.1.0/h5": "pass"}))]
    for sources in (in_two(), whole):
        with pytest.raises(UsageError, match="of the run run-1, and run-2 is meant"):
            merge(sources, run="run-2")


def test_a_plan_names_the_cells_of_a_missing_shard(tmp_path: Path) -> None:
    sources = in_two()
    cells = tuple(_order(sources))
    file = tmp_path / "plan.json"
    document = {"hash": sources[0].results.plan, "releases": [{"cells": [str(cell) for cell in cells]}]}
    file.write_text(json.dumps(document), encoding="utf-8")
    plan = read_plan(file)
    assert plan.cells == cells
    merged = merge(sources[:1], allow_missing=True, plan=plan)
    assert not merged.complete
    assert merged.undecided == tuple(sources[1].results.places or {})
    assert not merge(sources[:1], allow_missing=True).complete
    with pytest.raises(UsageError, match=r"not a shard of the plan in .*plan\.json"):
        merge(sources, plan=replace(plan, hash="9" * 64))
    with pytest.raises(UsageError, match=r"in a shard and not in the plan of .*plan\.json"):
        merge(sources, plan=replace(plan, cells=cells[1:]))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"hash": 1, "releases": [{"cells": [1]}]}', "\x00", "[" * 100_000])
def test_what_is_not_a_plan_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"plan\.json: not a plan"):
        read_plan(tmp_path / "plan.json")


def test_what_a_release_is_comes_from_the_shard_whose_environment_told() -> None:
    sources = in_two()
    silent = {name: replace(facts, packages=None, device=None) for name, facts in _releases(sources)}
    merged = merge(changed(0, releases=silent)(sources))
    assert merged.releases == sources[1].results.releases


def _releases(sources: list[Source]) -> list[tuple[str, ReleaseResult]]:
    return list(sources[0].results.releases.items())


def _in_order(whole: Results, shards: Sequence[Source]) -> Results:
    """The whole as the engine would have returned it, its cells in the plan's order."""
    order = _order(shards)
    return replace(
        whole,
        releases={id.release: whole.releases[id.release] for id in order},
        cells=tuple(sorted(whole.cells, key=lambda cell: order[cell.id])),
        undecided=tuple(sorted(whole.undecided, key=order.__getitem__)),
    )


def _order(shards: Sequence[Source]) -> dict[CellId, int]:
    """Where each cell of the shards stands, in that order."""
    places = [item for shard in shards for item in (shard.results.places or {}).items()]
    return dict(sorted(places, key=lambda item: item[1]))
