"""Keeps the environments within a budget of disk: the least recently used go first, never one in use."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bnregress.machine.locations import size_bytes
from bnregress.machine.sealing import SEAL, last_used
from bnregress.reading.tables import Table
from bnregress.resources import RESOURCES
from bnregress.run.environments import BESIDE, remove_unless_held, session_name

SIZES = RESOURCES / "sizes.toml"
#: The minor version of TensorFlow in the name of an environment.
_MINOR = re.compile(r"regress-tf(\d+)-(\d+)-")

GB = 10**9
#: What an environment is given room for whose size is not known; the largest that was measured takes 1.8 GB.
ENVIRONMENT_BYTES = 2 * GB
#: Of what the suite needs beside an environment that a person brings; 5 MB were measured.
BESIDE_BYTES = 8 * 10**6
#: Of one with CUDA in it.
GPU_ENVIRONMENT_BYTES = 7 * GB
DEFAULT_BUDGET = 60 * GB
#: What the default leaves free on the disk.
KEPT_FREE = 10 * GB


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment on disk; `used` is the time of its last use in seconds, 0 if it was never finished."""

    path: Path
    size: int
    used: float


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a run will do to the environments.

    Attributes:
        budget: bytes that they may take together.
        taken: bytes that they take now.
        made: those that have to be made.
        removed: those that will be removed to make room, in order.
        kept: those that will be there at the end.
        needed: bytes that those to be made will take, about.
    """

    budget: int
    taken: int
    made: tuple[Path, ...]
    removed: tuple[Path, ...]
    kept: tuple[Path, ...]
    needed: int


def room_for(environment: Path) -> int:
    """Return the bytes that an environment is given room for before it is made, measured ones on the CPU."""
    if environment.name.startswith(BESIDE):
        return BESIDE_BYTES
    # Where nox shortened the name to a hash, it is taken for one without CUDA.
    if environment.name.endswith("-gpu"):
        return GPU_ENVIRONMENT_BYTES
    minor = _MINOR.match(environment.name)
    return measured_bytes().get(f"{minor[1]}.{minor[2]}", ENVIRONMENT_BYTES) if minor else ENVIRONMENT_BYTES


@cache
def measured_bytes() -> dict[str, int]:
    """Return the bytes of an environment by minor version of TensorFlow, as `resources/sizes.toml` has them."""
    table = Table.read(SIZES, "the sizes of environments")
    return {minor: size * 10**6 for minor, size in table.entries["megabytes"].items()}


def environments_in(root: Path) -> list[Environment]:
    """List the environments of a folder, the least recently used first.

    A file that several have counts for the most recently used of them: the size of one is what its removal gives back
    when those before it in the list are gone. What uv's cache holds too is given back only when the cache is cleaned.
    """
    try:
        folders = [folder for folder in root.iterdir() if _is_environment(folder)]
    except OSError:
        return []
    folders.sort(key=last_used, reverse=True)
    seen: set[tuple[int, object]] = set()
    found = [Environment(path=folder, size=size_bytes(folder, seen), used=last_used(folder)) for folder in folders]
    return found[::-1]


def default_budget(root: Path, taken: int) -> int:
    """Return 60 GB, or what the environments take and the disk has free, less 10 GB, if that is less."""
    folder = root
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return max(0, min(DEFAULT_BUDGET, taken + shutil.disk_usage(folder).free - KEPT_FREE))


def removal_order(environments: Iterable[Environment], pending: Collection[Path]) -> list[Environment]:
    """Return what may go, in order: the least recently used first, and last what this run will still use."""
    return sorted(environments, key=lambda each: (each.path in pending, each.used))


def foresee(
    environments: Sequence[Environment], wanted: Sequence[Path], ready: Collection[Path], budget: int
) -> Foreseen:
    """Say what a run that uses the environments one after the other will remove and keep.

    Args:
        environments: what is there now.
        wanted: those that the run will use, in its order.
        ready: those of them that need not be made.
        budget: bytes.
    """
    there = {each.path: each for each in environments}
    clock = max((each.used for each in environments), default=0.0)
    made, removed = [], []
    for number, path in enumerate(wanted):
        clock += 1
        if path in ready and path in there:
            there[path] = replace(there[path], used=clock)
            continue
        there.pop(path, None)
        for each in removal_order(there.values(), wanted[number:]):
            if sum(other.size for other in there.values()) + room_for(path) <= budget:
                break
            del there[each.path]
            removed.append(each.path)
        made.append(path)
        there[path] = Environment(path=path, size=room_for(path), used=clock)
    return Foreseen(
        budget=budget,
        taken=sum(each.size for each in environments),
        made=tuple(made),
        removed=tuple(removed),
        kept=tuple(there),
        needed=sum(map(room_for, made)),
    )


class Space:
    """Makes room for the environments of one run; its releases share it.

    Args:
        root: the folder of the environments.
        budget: bytes that they may take together; default: see `default_budget`.
        wanted: the environments that the run will use.
        removed: called with each environment that was removed.
    """

    def __init__(
        self, root: Path, budget: int | None, wanted: Iterable[Path], removed: Callable[[Environment], None]
    ) -> None:
        self._root = root
        self._budget = budget
        self._pending = set(wanted)
        self._making: set[Path] = set()
        self._removed = removed
        self._one_at_a_time = threading.Lock()

    def make_room(self, environment: Path) -> None:
        """Remove what must go before this environment, which the caller holds, is made.

        It is made all the same if nothing more can go, for all the others are in use.
        """
        with self._one_at_a_time:
            self._making.add(environment)
            there = [each for each in environments_in(self._root) if each.path not in self._making]
            total = sum(each.size for each in there) + sum(map(room_for, self._making))
            budget = self._budget
            if budget is None:
                budget = default_budget(self._root, sum(each.size for each in there))
            for each in removal_order(there, self._pending):
                if total <= budget:
                    return
                if remove_unless_held(each.path):
                    total -= each.size
                    self._removed(each)

    @contextmanager
    def used_by_run(self, environment: Path) -> Iterator[None]:
        """After the block the run needs the environment no more: it may go, as one that was used just now."""
        try:
            yield
        finally:
            with self._one_at_a_time:
                self._making.discard(environment)
                self._pending.discard(environment)


def side_by_side(budget: int | None) -> int:
    """Return how many environments may be in use at a time, at least one."""
    return max(1, (DEFAULT_BUDGET if budget is None else budget) // ENVIRONMENT_BYTES)


def _is_environment(folder: Path) -> bool:
    # nox shortens the name of some to a hash: their seal tells.
    named = folder.name.startswith(session_name("")) or (folder / SEAL).is_file()
    return named and folder.is_dir() and not folder.is_symlink()
