"""Finds results files: in what a person names, among the artifacts of other jobs, in a folder of stored runs.

Anything may be in a folder: only regular files of one name are taken, and links are not followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from bnregress.errors import UsageError
from bnregress.reading.strict import printable
from bnregress.results.file import RESULTS_FILE

MAX_FILES = 256
#: Entries of all folders together, and folders within one another.
MAX_ENTRIES = 10_000
MAX_DEPTH = 4
#: Bytes of all files together.
MAX_TOTAL = 512 * 2**20


def find_results(places: Sequence[Path], *, links: bool = False) -> tuple[Path, ...]:
    """Return the results files that the places are or hold, in the order of their names.

    A folder stands for its results.json, or else for those of the folders in it, as artifacts come.

    Args:
        places: files and folders.
        links: a file that is named may be a link; one in a folder never is.

    Raises:
        UsageError: there are none, or more or larger ones than any run makes; or a results file is not a plain file.
    """
    found: list[Path] = []
    entries = 0
    for place in places:
        # The folder of a download is not made if there was nothing to download.
        if not place.is_dir() and (links or place.exists() or place.suffix == ".json"):
            found.append(place if links else _plain(place))
            continue
        before = len(found)
        for path in _walk(place, MAX_DEPTH) if place.is_dir() else ():
            entries += 1
            if entries > MAX_ENTRIES:
                raise UsageError(
                    f"{printable(place)} holds more than {MAX_ENTRIES} files and folders."
                    " Is it the folder of the artifacts?"
                )
            if path.name == RESULTS_FILE:
                found.append(_plain(path))
        if len(found) == before:
            raise UsageError(
                f"There is no {RESULTS_FILE} in {printable(place)} or the folders in it."
                " Did every shard fail before it wrote one?"
            )
    if len(found) > MAX_FILES:
        raise UsageError(f"{len(found)} results files are more than the shards that a run can have ({MAX_FILES}).")
    if sum(path.stat().st_size for path in found if path.is_file()) > MAX_TOTAL:
        raise UsageError(f"Together the results files are larger than allowed ({MAX_TOTAL} bytes).")
    return tuple(found)


def find_stored(folder: Path) -> list[Path]:
    """Return every file whose name has `results` in it and ends in .json, below a folder where runs are stored.

    Hidden folders are left out.

    Raises:
        UsageError: the folder or one below it cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"{printable(folder)} is not a folder. Give the folder where runs are stored.")
    found = []
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root, name) for name in sorted(names) if "results" in name and name.endswith(".json")]
    return found


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    if os.path.lexists(folder / RESULTS_FILE):
        yield folder / RESULTS_FILE
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        yield Path(entry.path)
        if entry.is_dir(follow_symlinks=False) and depth > 1:
            yield from _walk(Path(entry.path), depth - 1)


def _plain(path: Path) -> Path:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        raise UsageError(
            f"{printable(path)} cannot be read: {error.strerror}. Give results.json files, or folders of them."
        ) from error
    if not stat.S_ISREG(mode):
        raise UsageError(f"{printable(path)}: a link, or not a regular file. Give the file itself if you trust it.")
    return path


def _refuse(error: OSError) -> None:
    raise UsageError(f"{printable(error.filename)} cannot be read: {error.strerror}.") from error
