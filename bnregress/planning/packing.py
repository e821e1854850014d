"""Packs a plan into shards that take about the same time.

The packing depends on the plan, the number of shards and the predicted times alone, so that every machine that is
given one of the shards comes to the same answer. What is unavailable here counts too: it may be there elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush, heapreplace

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import UsageError
from bnregress.planning.durations import Durations, durations_of
from bnregress.planning.plan import Plan

#: A release is split until each part takes at most this share of an even shard; the best of these is taken. Smaller
#: parts make shards more even, but each part makes the release's environment again.
PARTS = (1.0, 0.7, 0.4)


@dataclass(frozen=True, kw_only=True)
class Packed:
    """One shard.

    Attributes:
        device: `cpu` or `gpu`; no shard has cells of both.
        cells: in the plan's order; none if there are more shards than cells.
        seconds: predicted, with one process and every environment to be made.
    """

    shard: Shard
    device: str
    cells: tuple[CellId, ...]
    seconds: float

    @property
    def releases(self) -> tuple[str, ...]:
        """Ids of its releases, in the plan's order."""
        return tuple(dict.fromkeys(cell.release for cell in self.cells))


def pack(
    plan: Plan,
    count: int,
    durations: Durations | None = None,
    device_of: Callable[[CellId], str] | None = None,
) -> tuple[Packed, ...]:
    """Pack a plan into `count` shards, some of which are empty if there are fewer cells.

    Args:
        plan: the whole plan.
        count: number of shards.
        durations: predicted times; default: the shipped ones.
        device_of: a cell's device; default: that of its release in the plan.

    Raises:
        UsageError: there are cells for more devices than shards.
    """
    times = durations or durations_of(plan)
    devices = {release.id: release.device for release in plan.releases}
    by_device: dict[str, list[CellId]] = {}
    for cell in plan.cells:
        by_device.setdefault(device_of(cell) if device_of else devices[cell.release], []).append(cell)
    work = {device: _seconds(times.on(device), cells) for device, cells in by_device.items()}
    order = {cell: place for place, cell in enumerate(plan.cells)}
    packed: list[Packed] = []
    for device, number in _allot(work or {plan.device: 0.0}, count).items():
        for load in _best(by_device.get(device, []), number, times.on(device)):
            cells = tuple(sorted(load.cells, key=order.__getitem__))
            shard = Shard(len(packed) + 1, count)
            packed.append(Packed(shard=shard, device=device, cells=cells, seconds=load.seconds))
    return tuple(packed)


def take_shard(plan: Plan, shard: Shard, durations: Durations | None = None) -> Plan:
    """Return the part of a plan that is the shard's; its hash stays that of the whole plan."""
    mine = set(pack(plan, shard.count, durations)[shard.index - 1].cells)
    releases = (
        replace(release, cells=tuple(cell for cell in release.cells if cell in mine)) for release in plan.releases
    )
    return replace(plan, releases=tuple(release for release in releases if release.cells), shard=shard, whole=plan)


@dataclass
class _Load:
    """A shard while it is filled."""

    cells: list[CellId] = field(default_factory=list)
    releases: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def seconds_with(self, part: _Part) -> float:
        """Return the seconds that it would take with the part, whose environment it may have already."""
        return self.seconds + part.seconds + (0.0 if part.release in self.releases else part.setup)

    def add(self, part: _Part) -> None:
        self.seconds = self.seconds_with(part)
        self.releases.add(part.release)
        self.cells.extend(part.cells)


@dataclass
class _Part:
    """Some cells of one release: their seconds, and those of the release's environment."""

    release: str
    setup: float
    cells: list[CellId] = field(default_factory=list)
    seconds: float = 0.0


def _seconds(times: Durations, cells: Sequence[CellId]) -> float:
    return sum(times.cell_seconds(cell.release, cell.path) for cell in cells)


def _allot(work: Mapping[str, float], count: int) -> dict[str, int]:
    """Share out shards to devices by their work, at least one to each."""
    if count < len(work):
        raise UsageError(
            f"The plan has cells for {' and '.join(sorted(work))}, which share no shard, so it needs"
            f" {len(work)} shards at least. Ask for more than {count}, or give --device."
        )
    shares = dict.fromkeys(sorted(work), 1)
    for _ in range(count - len(shares)):
        shares[max(shares, key=lambda device: work[device] / shares[device])] += 1
    return shares


def _best(cells: Sequence[CellId], count: int, times: Durations) -> list[_Load]:
    """Return the filled shards of which the longest is shortest, of those that `PARTS` give."""
    by_release: dict[str, list[CellId]] = {}
    for cell in cells:
        by_release.setdefault(cell.release, []).append(cell)
    whole = [_Part(name, times.setup_seconds(name), each, _seconds(times, each)) for name, each in by_release.items()]
    even = sum(part.setup + part.seconds for part in whole) / count
    packings = (_fill(_split(whole, count, share * even, times), count) for share in PARTS)
    return min(packings, key=lambda loads: max(load.seconds for load in loads))


def _split(whole: Sequence[_Part], count: int, most: float, times: Durations) -> list[_Part]:
    """Split releases, the heaviest parts first, until each part takes at most `most` seconds and each shard has one."""
    numbers = [1] * len(whole)
    heap = [(-part.setup - part.seconds, place) for place, part in enumerate(whole)]
    heapify(heap)
    left = count - len(whole)
    while heap and (left > 0 or -heap[0][0] > most):
        _, place = heappop(heap)
        if numbers[place] < len(whole[place].cells):
            numbers[place] += 1
            left -= 1
            heappush(heap, (-whole[place].setup - whole[place].seconds / numbers[place], place))
    return [part for each, number in zip(whole, numbers, strict=True) for part in _split_release(each, number, times)]


def _split_release(whole: _Part, number: int, times: Durations) -> list[_Part]:
    """Split the cells of one release into parts of about the same time."""
    heap = [(0.0, place, _Part(whole.release, whole.setup)) for place in range(number)]
    for cell in sorted(whole.cells, key=lambda cell: _seconds(times, [cell]), reverse=True):
        _, place, part = heap[0]
        part.cells.append(cell)
        part.seconds += _seconds(times, [cell])
        heapreplace(heap, (part.seconds, place, part))
    return [part for _, _, part in heap]


def _fill(parts: Sequence[_Part], count: int) -> list[_Load]:
    """Longest processing time first (Graham 1969); a part costs its environment unless the shard has it already."""
    loads = [_Load() for _ in range(count)]
    for part in sorted(parts, key=lambda part: part.setup + part.seconds, reverse=True):
        min(loads, key=lambda load: load.seconds_with(part)).add(part)
    return loads
