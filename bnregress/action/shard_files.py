"""Results from artifacts of other jobs: anything may be in them, so only regular files of one name are read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from bnregress.errors import UsageError
from bnregress.results.file import MAX_BYTES

NAME = "results.json"
MAX_FILES = 256
#: Entries of all folders together, and folders within one another.
MAX_ENTRIES = 10_000
MAX_DEPTH = 4
MAX_TOTAL = 4 * MAX_BYTES


def find_results(places: Sequence[Path]) -> tuple[Path, ...]:
    """Return the results files that the places are or hold, in the order of their names; links are not followed.

    Raises:
        UsageError: there are none, or more or larger ones than any run makes; or a results file is not a plain file.
    """
    found: list[Path] = []
    entries = 0
    for place in places:
        if not place.is_dir():
            if not place.exists() and place.suffix != ".json":
                # The folder of a download is not made if there was nothing to download.
                continue
            found.append(_plain(place))
            continue
        for path in _walk(place, MAX_DEPTH):
            entries += 1
            if entries > MAX_ENTRIES:
                raise UsageError(
                    f"{place} holds more than {MAX_ENTRIES} files and folders. Is it the folder of the artifacts?"
                )
            if path.name == NAME:
                found.append(_plain(path))
    if not found:
        looked = " and ".join(map(str, places))
        raise UsageError(f"There is no {NAME} in {looked}. Did every shard fail before it wrote one?")
    if len(found) > MAX_FILES:
        raise UsageError(f"{len(found)} results files are more than the shards that a run can have ({MAX_FILES}).")
    if sum(path.lstat().st_size for path in found) > MAX_TOTAL:
        raise UsageError(f"Together the results files are larger than allowed ({MAX_TOTAL} bytes).")
    return tuple(found)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        yield Path(entry.path)
        if entry.is_dir(follow_symlinks=False) and depth > 1:
            yield from _walk(Path(entry.path), depth - 1)


def _plain(path: Path) -> Path:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}. Give results.json files, or folders of them."
        ) from error
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not a regular file. Links and devices are not accepted as results.")
    return path
