"""Packs a plan into shards that take about the same time.

The packing depends on the plan, the number of shards and the predicted times alone, so that every machine that is
given one of the shards comes to the same answer. What is unavailable here counts too: it may be there elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from heapq import heapreplace
from itertools import product
from math import inf

from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import UsageError
from bnregress.planning.durations import Durations, durations_of
from bnregress.planning.plan import Plan

#: The longest shard of a device takes at most so many times as long as its shortest. Balancing stops there: to go
#: further would part more releases, and each part makes its environment again.
SPREAD = 1.2

#: For being even, fewer shards may take so many times as long as the number that was asked for.
LATER = 1.5

#: How many of the heaviest shards are asked for cells of a release that the lightest does not have.
DONORS = 8


@dataclass(frozen=True, kw_only=True)
class Packed:
    """One shard.

    Attributes:
        device: `cpu` or `gpu`; no shard has cells of both.
        cells: in the plan's order; none where there are more shards than cells.
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
    """Pack a plan into `count` shards, of which some are empty where there are fewer cells.

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
    weights = {device: sum(_cell_seconds(times, cell) for cell in cells) for device, cells in by_device.items()}
    order = {cell: place for place, cell in enumerate(plan.cells)}
    packed: list[Packed] = []
    for device, number in _allot(weights or {plan.device: 0.0}, count).items():
        for load in _balanced(by_device.get(device, []), number, times):
            shard = Shard(len(packed) + 1, count)
            cells = tuple(sorted(load.cells, key=order.__getitem__))
            packed.append(Packed(shard=shard, device=device, cells=cells, seconds=load.seconds))
    return tuple(packed)


def pack_evenly(
    plan: Plan,
    most: int,
    durations: Durations | None = None,
    device_of: Callable[[CellId], str] | None = None,
) -> tuple[Packed, ...]:
    """Pack a plan into at most so many shards, none of them empty, those of one device within `SPREAD`.

    Fewer are taken where so many would be uneven, as where one cell takes longer than an even share. Where whatever is
    even would end more than `LATER` times as late, as with a handful of cells, it is as even as that allows.

    Args:
        plan: the whole plan.
        most: number of shards.
        durations: predicted times; default: the shipped ones.
        device_of: a cell's device; default: the plan's.

    Raises:
        UsageError: there are cells for more devices than shards.
    """
    times = durations or durations_of(plan)
    packed = best = pack(plan, max(1, min(most, len(plan.cells))), times, device_of)
    latest = LATER * _longest(packed)
    work = sum(_cell_seconds(times, cell) for cell in plan.cells)
    while spread(best) > SPREAD:
        count = _next(packed, plan, times)
        # However it is parted, the longest shard has its share of the cells.
        if count == 0 or work > latest * count:
            return best
        packed = pack(plan, count, times, device_of)
        if _longest(packed) <= latest:
            best = min(best, packed, key=spread)
    return best


def spread(packed: Iterable[Packed]) -> float:
    """Return how many times as long the longest shard takes as the shortest of its device, at worst."""
    seconds: dict[str, list[float]] = {}
    for each in packed:
        seconds.setdefault(each.device, []).append(each.seconds)
    return max((max(found) / min(found) if min(found) else inf for found in seconds.values()), default=1.0)


def _longest(packed: Iterable[Packed]) -> float:
    return max(each.seconds for each in packed)


def _next(packed: Sequence[Packed], plan: Plan, times: Durations) -> int:
    """Return the number of shards to try after an uneven packing; 0 where there is none left.

    It is a little smaller, or the next that parts all releases alike, or the largest at which a shard with the longest
    cell alone would not be too long for the others.
    """
    count = len(packed)
    devices = {each.device for each in packed}
    if count <= len(devices):
        return 0
    releases = len({cell.release for cell in plan.cells})
    following = max(count * 31 // 32, (count - 1) // releases * releases)
    if len(devices) == 1:
        longest = max(times.setup_seconds(cell.release) + _cell_seconds(times, cell) for cell in plan.cells)
        following = min(following, int(SPREAD * sum(each.seconds for each in packed) / longest))
    return max(len(devices), min(count - 1, following))


def take_shard(plan: Plan, shard: Shard, durations: Durations | None = None) -> Plan:
    """Return the part of a plan that is the shard's; its hash stays that of the whole plan."""
    mine = set(pack(plan, shard.count, durations)[shard.index - 1].cells)
    releases = (
        replace(release, cells=tuple(cell for cell in release.cells if cell in mine)) for release in plan.releases
    )
    return replace(plan, releases=tuple(release for release in releases if release.cells), shard=shard, whole=plan)


@dataclass
class _Load:
    """A shard while it is packed: its cells by release, and the seconds of all."""

    parts: dict[str, list[CellId]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def cells(self) -> list[CellId]:
        return [cell for cells in self.parts.values() for cell in cells]


@dataclass(frozen=True)
class _Move:
    """Cells of one release that would go from one load to another, for others that come back; what both weigh then."""

    cells: tuple[CellId, ...]
    donor: float
    receiver: float
    back: tuple[CellId, ...] = ()


def _cell_seconds(times: Durations, cell: CellId) -> float:
    return times.cell_seconds(cell.release, cell.path)


def _allot(weights: Mapping[str, float], count: int) -> dict[str, int]:
    """Share out shards to devices by weight, one to each at least."""
    if count < len(weights):
        raise UsageError(
            f"The plan has cells for {' and '.join(sorted(weights))}, which share no shard, so it needs"
            f" {len(weights)} shards at least. Ask for more than {count}, or give --device."
        )
    shares = dict.fromkeys(sorted(weights), 1)
    for _ in range(count - len(shares)):
        shares[max(shares, key=lambda device: weights[device] / shares[device])] += 1
    return shares


def _balanced(cells: Sequence[CellId], count: int, times: Durations) -> list[_Load]:
    """Longest processing time first, releases parted where there are fewer of them than shards; then mended."""
    by_release: dict[str, list[CellId]] = {}
    for cell in cells:
        by_release.setdefault(cell.release, []).append(cell)
    packer = _Packer(times)
    pieces = packer.pieces(by_release, count)
    loads = [_Load() for _ in range(count)]
    for piece in sorted(pieces, key=packer.weigh, reverse=True):
        lightest = min(loads, key=lambda load: load.seconds)
        packer.put(piece, lightest)
    packer.mend(loads)
    return loads


def _share(one: _Load, other: _Load) -> bool:
    return not one.parts.keys().isdisjoint(other.parts)


class _Packer:
    """What all steps of one packing share: the predicted times."""

    def __init__(self, times: Durations) -> None:
        self._times = times
        self._cell = cache(partial(_cell_seconds, times))

    def seconds(self, cells: Iterable[CellId]) -> float:
        return sum(map(self._cell, cells))

    def weigh(self, piece: Sequence[CellId]) -> float:
        """Seconds of cells of one release, its environment included."""
        return self._times.setup_seconds(piece[0].release) + self.seconds(piece)

    def pieces(self, by_release: Mapping[str, Sequence[CellId]], count: int) -> list[list[CellId]]:
        """Part the releases, the heaviest piece first, until there are as many pieces as shards."""
        numbers = dict.fromkeys(by_release, 1)
        work = {release: self.seconds(cells) for release, cells in by_release.items()}

        def heaviest(release: str) -> float:
            return self._times.setup_seconds(release) + work[release] / numbers[release]

        for _ in range(count - len(numbers)):
            divisible = [release for release, cells in by_release.items() if numbers[release] < len(cells)]
            if not divisible:
                break
            numbers[max(divisible, key=heaviest)] += 1
        return [piece for release, cells in by_release.items() for piece in self._parted(cells, numbers[release])]

    def _parted(self, cells: Sequence[CellId], number: int) -> list[list[CellId]]:
        parts: list[list[CellId]] = [[] for _ in range(number)]
        lightest = [(0.0, place) for place in range(number)]
        for cell in sorted(cells, key=self._cell, reverse=True):
            seconds, place = lightest[0]
            parts[place].append(cell)
            heapreplace(lightest, (seconds + self._cell(cell), place))
        return parts

    def put(self, piece: Sequence[CellId], load: _Load) -> None:
        """Add cells of one release to a load."""
        release = piece[0].release
        load.seconds += self.seconds(piece) + (0 if release in load.parts else self._times.setup_seconds(release))
        load.parts.setdefault(release, []).extend(piece)

    def mend(self, loads: list[_Load]) -> None:
        """Move cells until the loads are within SPREAD, or no single move brings them closer.

        Each move replaces a load by two smaller ones than it, so that this comes to an end.
        """
        for _ in range(64 + 8 * len(loads)):
            ordered = sorted(loads, key=lambda load: load.seconds)
            lightest, heaviest = ordered[0], ordered[-1]
            if heaviest.seconds <= SPREAD * lightest.seconds:
                return
            # Where a release would be new to the receiver, the lightest is the best there is.
            pairs = [(heaviest, load) for load in ordered[:-1] if load is lightest or _share(heaviest, load)]
            pairs += [(load, lightest) for load in ordered[-2:0:-1] if _share(load, lightest)]
            pairs += [(load, lightest) for load in ordered[-2:0:-1][:DONORS]]
            found = next(((move, *pair) for pair in pairs if (move := self._best_move(*pair, lightest))), None)
            if found is None:
                return
            self._apply(*found)

    def _best_move(self, donor: _Load, receiver: _Load, lightest: _Load) -> _Move | None:
        moves = [move for move in self._moves(donor, receiver) if max(move.donor, move.receiver) < donor.seconds]
        if receiver is lightest:
            moves = [move for move in moves if min(move.donor, move.receiver) > lightest.seconds]
        return min(moves, key=lambda move: max(move.donor, move.receiver), default=None)

    def _moves(self, donor: _Load, receiver: _Load) -> Iterable[_Move]:
        for release, cells in donor.parts.items():
            setup = self._times.setup_seconds(release)
            arriving = receiver.seconds + (0 if release in receiver.parts else setup)
            moved = 0.0
            small_first = sorted(cells, key=self._cell)
            for number, cell in enumerate(small_first, start=1):
                moved += self._cell(cell)
                left = donor.seconds - moved - (setup if number == len(cells) else 0)
                yield _Move(tuple(small_first[:number]), left, arriving + moved)
            for cell, back in product(self._kinds(cells), self._kinds(receiver.parts.get(release, ()))):
                gain = self._cell(cell) - self._cell(back)
                yield _Move((cell,), donor.seconds - gain, receiver.seconds + gain, (back,))
        for part, other in product(donor.parts.values(), receiver.parts.values()):
            if part[0].release not in receiver.parts and other[0].release not in donor.parts:
                gain = self.weigh(part) - self.weigh(other)
                yield _Move(tuple(part), donor.seconds - gain, receiver.seconds + gain, tuple(other))

    def _kinds(self, cells: Sequence[CellId]) -> Iterable[CellId]:
        """Return one cell of each weight: those that take as long are alike."""
        return {self._cell(cell): cell for cell in cells}.values()

    def _apply(self, move: _Move, donor: _Load, receiver: _Load) -> None:
        for cells, leaves, enters in ((move.cells, donor, receiver), (move.back, receiver, donor)):
            for cell in cells:
                leaves.parts[cell.release].remove(cell)
                if not leaves.parts[cell.release]:
                    del leaves.parts[cell.release]
                enters.parts.setdefault(cell.release, []).append(cell)
        donor.seconds, receiver.seconds = move.donor, move.receiver
