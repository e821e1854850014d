"""Where environments and caches live, and how much room they take."""

from __future__ import annotations

import os
import re
from pathlib import Path

from platformdirs import user_cache_dir

import bnregress

ENVIRONMENTS_VARIABLE = "BNREGRESS_ENVIRONMENTS"
CACHE_VARIABLE = "BNREGRESS_CACHE"

_PACKAGE = Path(bnregress.__file__).resolve().parent
_OURSELVES = re.compile(r"""^name\s*=\s*["']bnregress["']""", re.MULTILINE)


def checkout() -> Path | None:
    """Return the repository that this package is run from, None where it is installed."""
    root = _PACKAGE.parent
    try:
        ours = _OURSELVES.search((root / "pyproject.toml").read_text(encoding="utf-8"))
    except OSError:
        return None
    return root if ours else None


def environments_dir() -> Path:
    """Return where the environments are: the repository's `.nox`, or the cache; BNREGRESS_ENVIRONMENTS overrides."""
    if chosen := os.environ.get(ENVIRONMENTS_VARIABLE):
        return Path(chosen).expanduser().absolute()
    root = checkout()
    return root / ".nox" if root else cache_dir() / "environments"


def cache_dir() -> Path:
    """Where everything is kept that can be made again; BNREGRESS_CACHE overrides."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser().absolute()
    return Path(user_cache_dir("bnregress", appauthor=False)).absolute()


def size_bytes(folder: Path, seen: set[tuple[int, object]] | None = None) -> int:
    """Bytes that the folder's files take on disk; a file with several names in it counts once, links are not followed.

    0 where there is no such folder. Files in `seen` do not count, and those that do are added to it.
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
                # Windows gives no inode from scandir: every file then counts.
                seen.add((stat.st_dev, stat.st_ino or entry.path))
                total += getattr(stat, "st_blocks", 0) * 512 or stat.st_size
    return total
