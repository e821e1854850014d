"""How a plan is packed: nothing is lost, nothing is there twice, and the shards are even."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import UsageError
from bnregress.planning.durations import Durations
from bnregress.planning.packing import Packed, pack, take_shard
from bnregress.planning.plan import Plan
from bnregress.releases.catalog import load_catalog
from tests.planning.plans import SETUP, make_plan, make_times, plan_of

PLANS = st.dictionaries(
    st.integers(0, 30).map(lambda number: f"tf2.{number}.0"),
    st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1),
    min_size=1,
    max_size=12,
).map(make_plan)
TIMES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.5, 60)).map(make_times)
LONG_TIMES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.5, 600)).map(make_times)


@cache
def shipped(select: str) -> Plan:
    return plan_of(catalog=load_catalog(), find=lambda python: None, select=(select,), paths=("*",))


def longest(packed: Iterable[Packed]) -> float:
    return max(each.seconds for each in packed)


@given(PLANS, TIMES, st.integers(1, 40))
def test_each_cell_is_in_exactly_one_shard(plan: Plan, times: Durations, count: int) -> None:
    packed = pack(plan, count, times)
    assert [str(each.shard) for each in packed] == [f"{index}/{count}" for index in range(1, count + 1)]
    assert Counter(cell for each in packed for cell in each.cells) == Counter(plan.cells)


@given(PLANS, TIMES, st.integers(1, 40))
def test_a_shards_time_is_that_of_its_cells_and_of_an_environment_for_each_release(
    plan: Plan, times: Durations, count: int
) -> None:
    for each in pack(plan, count, times):
        cells = sum(times.cell_seconds(cell.release, cell.path) for cell in each.cells)
        assert each.seconds == pytest.approx(cells + SETUP * len(each.releases))


@given(PLANS, TIMES, st.integers(1, 20))
def test_the_shards_of_a_plan_are_plans_that_add_up_to_it_under_its_hash(
    plan: Plan, times: Durations, count: int
) -> None:
    shards = [take_shard(plan, Shard(index, count), times) for index in range(1, count + 1)]
    assert Counter(cell for shard in shards for cell in shard.cells) == Counter(plan.cells)
    for shard in shards:
        assert shard.hash == plan.hash
        assert shard.whole == plan
        assert all(release.cells for release in shard.releases)
        assert Plan.from_json(json.loads(json.dumps(shard.to_json()))) == shard


@given(PLANS, st.integers(1, 20))
def test_a_machine_that_lacks_the_interpreters_packs_as_one_that_has_them(plan: Plan, count: int) -> None:
    cells = {release.id: [cell.path for cell in release.cells] for release in plan.releases}
    assert pack(make_plan(cells, available=False), count) == pack(plan, count)


@given(PLANS, TIMES, st.integers(1, 40))
def test_no_shard_is_empty_while_there_is_a_cell_for_each(plan: Plan, times: Durations, count: int) -> None:
    packed = pack(plan, count, times)
    assert sum(not each.cells for each in packed) == max(0, count - len(plan.cells))


@given(PLANS, LONG_TIMES, st.integers(1, 30))
def test_the_longest_shard_is_within_twice_what_any_packing_needs(plan: Plan, times: Durations, count: int) -> None:
    cells = [times.cell_seconds(cell.release, cell.path) for cell in plan.cells]
    whole = sum(cells) + SETUP * len(plan.releases)
    needed = max(whole / count, SETUP + max(cells))
    assert longest(pack(plan, count, times)) <= 2 * needed + SETUP


#: What docs/sharding.md says of the longest shard, in average ones.
PROMISED = float(
    re.findall(
        r"at most ([0-9.]+) times", (Path(__file__).parents[2] / "docs" / "sharding.md").read_text(encoding="utf-8")
    )[0]
)


@pytest.mark.parametrize("select", ["group:default", "*"])
@pytest.mark.parametrize("count", [2, 3, 4, 8, 16, 20, 32])
def test_shards_of_the_shipped_releases_take_little_longer_than_an_even_share(select: str, count: int) -> None:
    """The environments that splitting makes twice are part of what is shared evenly."""
    packed = pack(shipped(select), count)
    assert longest(packed) <= PROMISED * sum(each.seconds for each in packed) / count


def test_cells_of_one_release_stay_together_where_that_is_even() -> None:
    plan = make_plan({f"tf{number}.0.0": list("abcd") for number in range(6)})
    packed = pack(plan, 3)
    assert [len(each.releases) for each in packed] == [2, 2, 2]


def test_one_long_release_is_parted_when_the_shards_would_be_uneven() -> None:
    plan = make_plan({"tf1.0.0": [f"p{number}" for number in range(40)], "tf2.0.0": ["a"]})
    one, other = pack(plan, 2)
    assert sorted([one.releases, other.releases]) == [("tf1.0.0",), ("tf1.0.0", "tf2.0.0")]
    assert max(one.seconds, other.seconds) <= 1.2 * min(one.seconds, other.seconds)


def test_no_shard_has_cells_of_two_devices() -> None:
    plan = make_plan({f"tf{number}.0.0": list("abcdef") for number in range(8)})

    def device(cell: CellId) -> str:
        return "gpu" if cell.release in ("tf6.0.0", "tf7.0.0") else "cpu"

    packed = pack(plan, 4, device_of=device)
    assert [each.device for each in packed] == ["cpu", "cpu", "cpu", "gpu"]
    assert all({device(cell) for cell in each.cells} == {each.device} for each in packed)
    with pytest.raises(UsageError, match="cpu and gpu"):
        pack(plan, 1, device_of=device)


def test_surplus_shards_are_empty() -> None:
    packed = pack(make_plan({"tf2.1.0": ["a", "b"]}), 5)
    assert sorted(len(each.cells) for each in packed) == [0, 0, 0, 1, 1]


def test_the_shipped_plan_is_packed_the_same_each_time() -> None:
    plan = plan_of(catalog=load_catalog(), find=lambda python: None)
    assert pack(plan, 7) == pack(plan, 7)


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", " 1/3", "1/3\n", "٣/٣"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a shard"):
        Shard.parse(text)


def test_a_shard_reads_as_it_is_written() -> None:
    assert str(Shard.parse("2/3")) == "2/3"
