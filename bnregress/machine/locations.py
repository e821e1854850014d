"""Where environments and caches live, and how much room they take."""

from __future__ import annotations

import os
import re
from pathlib import Path

from platformdirs import user_cache_dir

import bnregress
from bnregress.errors import UsageError

ENVIRONMENTS_VARIABLE = "BNREGRESS_ENVIRONMENTS"
CACHE_VARIABLE = "BNREGRESS_CACHE"

_PACKAGE = Path(bnregress.__file__).resolve().parent
_OURSELVES = re.compile(r"""^name\s*=\s*["']bnregress["']""", re.MULTILINE)


def checkout() -> Path | None:
    """Return the repository that this package is run from, None if it is installed."""
    root = _PACKAGE.parent
    try:
        ours = _OURSELVES.search((root / "pyproject.toml").read_text(encoding="utf-8"))
    except OSError:
        return None
    return root if ours else None


def environments_dir() -> Path:
    """Return where the environments are: the repository's `.nox`, or the cache; BNREGRESS_ENVIRONMENTS overrides."""
    if chosen := os.environ.get(ENVIRONMENTS_VARIABLE):
        return _chosen(chosen, ENVIRONMENTS_VARIABLE)
    root = checkout()
    return root / ".nox" if root else cache_dir() / "environments"


def cache_dir() -> Path:
    """Where everything is kept that can be made again; BNREGRESS_CACHE overrides."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return _chosen(chosen, CACHE_VARIABLE)
    return Path(user_cache_dir("bnregress", appauthor=False)).absolute()


def expanded(text: str, source: str) -> Path:
    """Return the path that a person wrote, a leading `~` or `~name` replaced.

    Args:
        text: what was written.
        source: the option or variable that it was written for.

    Raises:
        UsageError: there is no such user, or no home folder is known.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{source}: {text!r} names a home folder that is not known. Write the whole path.") from error


def home_dir() -> Path:
    """Return the user's home folder; if none is known, as in some containers, one that does not exist."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull) / "no-home"


def _chosen(text: str, variable: str) -> Path:
    return expanded(text, variable).absolute()


def size_bytes(folder: Path, seen: set[tuple[int, object]] | None = None) -> int:
    """Bytes that the folder's files take on disk; a file with several names in it counts once, links are not followed.

    0 if there is no such folder. Files in `seen` do not count, and those that do are added to it.
    """
    seen = set() if seen is None else seen
    # As text: of an environment's tens of thousands of files, a Path each would take longer than asking their sizes.
    total, pending = 0, [str(folder)]
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                    continue
                stat = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if (stat.st_dev, stat.st_ino) not in seen:
                seen.add((stat.st_dev, stat.st_ino))
                total += stat.st_blocks * 512
    return total
