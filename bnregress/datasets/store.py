"""Prepared arrays in the cache, by content: made once, handed to every release."""

from __future__ import annotations

import errno
import hashlib
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from bnregress.datasets import arrays
from bnregress.datasets.environment import read_tfds
from bnregress.errors import FatalError, UsageError, nearest

DEFAULT = "gratings10"
#: Goes into the names of cached entries; raise it when `arrays.prepare` or a generator changes what it makes.
RECIPE = "2"
_TFDS = "tfds:"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Arrays that are ready for the suite: a file named by its own SHA-256."""

    name: str
    path: Path
    sha256: str


def check_name(data: str) -> str:
    """Return what stands for the data in a plan: its name, or a file's name and hash.

    Raises:
        UsageError: `--data` names neither a data set nor a file.
    """
    if data.endswith(".npz") or "/" in data:
        return f"{Path(data).name}@{_sha256(_read_file(Path(data)))}"
    if data in (DEFAULT, "cifar10") or (data.startswith(_TFDS) and len(data) > len(_TFDS)):
        return data.removeprefix(_TFDS)
    raise UsageError(
        f"{data!r} is not a data set.{nearest(data, (DEFAULT, 'cifar10'))} Write gratings10, cifar10, tfds:NAME"
        " or a file"
        " FILE.npz."
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
        data: `gratings10`, `cifar10`, `tfds:NAME` or a file `.npz`.
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
            entry = folder / f"{hashlib.sha256(f'{RECIPE}/{key}'.encode()).hexdigest()[:16]}.sha256"
            if (found := _cached(entry, folder, say)) is not None:
                return Prepared(name=key, path=found, sha256=found.stem)
            if "@" in key:
                given: Mapping[str, NDArray[Any]] = read_npz(Path(data))
            else:
                given = read_tfds(key, cache, offline=offline, say=say, env=dict(env or os.environ))
            path = _write(arrays.prepare(given, data), folder)
            entry.write_text(path.stem, encoding="ascii")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise FatalError(
            f"There is no room for the data {data} in {folder}. Free some space there, or choose another cache"
            " folder with"
            " BNREGRESS_CACHE."
        ) from error
    return Prepared(name=key, path=path, sha256=path.stem)


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


def _cached(entry: Path, folder: Path, say: Callable[[str], None]) -> Path | None:
    if not entry.exists():
        return None
    path = folder / f"{entry.read_text(encoding='ascii', errors='replace').strip()}.npz"
    try:
        if _sha256(path.read_bytes()) == path.stem:
            return path
    except (OSError, ValueError):
        pass
    say("the cached data are damaged or gone: preparing them again")
    entry.unlink()
    path.unlink(missing_ok=True)
    return None


def _write(prepared: Mapping[str, NDArray[Any]], folder: Path) -> Path:
    temporary = folder / f".writing-{os.getpid()}.npz"
    try:
        np.savez(temporary, **prepared)  # type: ignore[arg-type]
        path = folder / f"{_sha256(temporary.read_bytes())}.npz"
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"The data {path} cannot be read: {error.strerror}. Give the path of a file.") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
