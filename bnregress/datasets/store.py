"""Prepared arrays in the cache, by content: made once, handed to every release."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from bnregress.datasets import arrays, folders
from bnregress.datasets.gratings import gratings10
from bnregress.datasets.tfds_environment import read_tfds
from bnregress.errors import FatalError, UsageError, nearest
from bnregress.machine.atomic import aside

DEFAULT = "gratings10"
#: Goes into the names of cached entries; raise it when `arrays.prepare` or a generator changes what it makes.
RECIPE = "3"
_TFDS = "tfds:"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Arrays that are ready for the suite: a file named by its own SHA-256.

    `notes` are what a person should know of how the data were read, a sentence each.
    """

    name: str
    path: Path
    sha256: str
    notes: tuple[str, ...] = ()


def check_name(data: str) -> str:
    """Return what stands for the data in a plan: its name, or the name and hash of a file or folder.

    Raises:
        UsageError: `--data` names neither a data set nor a file nor a folder of images.
    """
    if data in (DEFAULT, "cifar10") or (data.startswith(_TFDS) and len(data) > len(_TFDS)):
        # What tensorflow-datasets makes of the builder of gratings10 is its own affair.
        return data if data == _TFDS + DEFAULT else data.removeprefix(_TFDS)
    path = Path(data)
    if path.is_dir():
        return f"{path.resolve().name}@{folders.fingerprint(folders.listing(path).splits)}"
    if data.endswith(".npz") or "/" in data:
        return f"{path.name}@{_sha256(_read_file(path))}"
    raise UsageError(
        f"{data!r} is not data.{nearest(data, (DEFAULT, 'cifar10'))} Write gratings10, cifar10, tfds:NAME, a file"
        " FILE.npz or a folder with a folder of images for each class."
    )


def prepare(
    data: str,
    cache: Path,
    *,
    offline: bool = False,
    say: Callable[[str], None] = lambda _text: None,
    env: Mapping[str, str] | None = None,
) -> Prepared:
    """Return the arrays of `--data`, from the cache where an unaltered file is there.

    Args:
        data: `gratings10`, `cifar10`, `tfds:NAME`, a file `.npz` or a folder of images by class.
        cache: the cache folder; files go to `data/` below it.
        offline: nothing may be downloaded.
        say: told what takes long.
        env: variables for the installer; default: those of this process.

    Raises:
        UsageError: the data cannot be used; the message says what is wrong with them.
        FatalError: they cannot be had, or there is no room for them.
    """
    key = check_name(data)
    folder = cache / "data"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "prepare.lock"):
            entry = folder / f"{hashlib.sha256(f'{RECIPE}/{key}'.encode()).hexdigest()[:16]}.json"
            prepared = _cached(entry, key, folder, say)
            if prepared is None:
                given, notes = _read(
                    data, key, partial(read_tfds, cache=cache, offline=offline, say=say, env=dict(env or os.environ))
                )
                made, further = arrays.prepare(given, data)
                prepared = _write(key, made, (*notes, *further), folder)
                entry.write_text(json.dumps({"sha256": prepared.sha256, "notes": prepared.notes}), encoding="utf-8")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise FatalError(
            f"There is no room for the data {data} in {folder}. Free some space there, or choose another cache"
            " folder with"
            " BNREGRESS_CACHE."
        ) from error
    for note in prepared.notes:
        say(f"{Path(data).name}: {note}")
    return prepared


def _read(
    data: str, key: str, from_tfds: Callable[[str], dict[str, NDArray[Any]]]
) -> tuple[Mapping[str, NDArray[Any]], tuple[str, ...]]:
    if key == DEFAULT:
        return gratings10(), ()
    if "@" not in key:
        return from_tfds(key.removeprefix(_TFDS)), ()
    if not Path(data).is_dir():
        return read_npz(Path(data)), ()
    found = folders.listing(Path(data))
    return folders.read(found.splits), found.notes


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Read a person's arrays.

    Raises:
        UsageError: it is not a file of arrays.
    """
    try:
        # numpy leaves a file open that turns out to be none of its own.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files if name in arrays.NAMES}
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError, TypeError) as error:
        raise UsageError(
            f"{path} is not an .npz file of plain arrays ({error}). Make it with numpy.savez(FILE, x_train=...,"
            " y_train=..., x_test=..., y_test=...)."
        ) from error


def _cached(entry: Path, key: str, folder: Path, say: Callable[[str], None]) -> Prepared | None:
    if not entry.exists():
        return None
    path = None
    try:
        told = json.loads(entry.read_text(encoding="utf-8"))
        path = folder / f"{told['sha256']}.npz"
        if _sha256(path.read_bytes()) == path.stem:
            return Prepared(name=key, path=path, sha256=path.stem, notes=tuple(map(str, told["notes"])))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    say("the cached data are damaged or gone: preparing them again")
    entry.unlink()
    if path is not None:
        path.unlink(missing_ok=True)
    return None


def _write(key: str, made: Mapping[str, NDArray[Any]], notes: tuple[str, ...], folder: Path) -> Prepared:
    with aside(folder, ".npz") as temporary:
        np.savez(temporary, **made)  # type: ignore[arg-type]
        path = folder / f"{_sha256(temporary.read_bytes())}.npz"
        temporary.replace(path)
    return Prepared(name=key, path=path, sha256=path.stem, notes=notes)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"The data {path} cannot be read: {error.strerror}. Give the path of a file.") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
