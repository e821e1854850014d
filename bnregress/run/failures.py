"""Says in a sentence why the session of a release failed, from the end of its log."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

_FULL = r"No space left on device|os error 28|not enough space on the disk|Disk quota exceeded"
MAKE_ROOM = "Free some room (see `bnregress plan`), or give a smaller --disk-budget, then run again with --resume."
#: A disk with fewer bytes left than this counts as full: a record may take as much.
_NOTHING_LEFT = 2**20

#: What a line of the log means, and what helps. The first that fits counts.
_KNOWN = (
    (_FULL, "The disk is full", MAKE_ROOM),
    (
        r"[Hh]ash mismatch",
        "A downloaded file is not the one that the lock names",
        "Make sure that the package index serves the original files, then run again with --resume.",
    ),
    (
        r"[Nn]etwork (connectivity|access)? ?(is|was) disabled|--offline|UV_OFFLINE|was not found in the cache",
        "A package is not in uv's cache, and --offline rules out fetching it",
        "Run once without --offline, then again with it.",
    ),
    (
        r"no wheels with a matching platform tag|has no usable wheels",
        "The package index has no build of a package for this system or processor",
        "TensorFlow's wheels are for Linux with glibc on x86-64: run there, or in a container (linux/amd64).",
    ),
    (
        r"dns error|rror sending request|Failed to fetch|tcp connect|onnection (refused|reset)|timed out|certificate",
        "The package index cannot be reached",
        "Check the network and the proxy, index and certificate settings of uv or pip, then run again with --resume.",
    ),
    (
        r"Permission denied|os error 13",
        "A file or folder cannot be written",
        "Allow writing there, or set BNREGRESS_ENVIRONMENTS and BNREGRESS_CACHE to folders that you can write to.",
    ),
)

#: How the log says that a session begins.
ATTEMPT = "nox > attempt "

_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOX = re.compile(r"nox > |\s*$|\s*(hint|help): |\s+at |=+ |-+ |\[gw\d+\]")
#: What uv draws in front of the lines of an error.
_FRAME = "\u00d7\u2570\u2500\u25b6\u251c\u2502 "
_TAIL_BYTES = 64 * 2**10


def explain(log: Path, what: str) -> tuple[str, str]:
    """Return a reason and a remedy.

    Args:
        log: output of the session.
        what: what failed, as in "Installing the environment failed".
    """
    lines = list(_meaningful(log))
    for line in lines:
        for pattern, meaning, remedy in _KNOWN:
            if re.search(pattern, line):
                return f"{what}. {meaning}: {_cut(line)}", remedy
    said = f": {_cut(lines[0])}" if lines else ", and the log says nothing"
    return f"{what}{said}", f"Read {log}, then run again with --resume."


def full_disk(log: Path, folder: Path) -> str | None:
    """Return how one can see that the disk of a session is full, None if it is not.

    Args:
        log: output of the session.
        folder: what the session wrote to.
    """
    said = next((line for line in _meaningful(log) if re.search(_FULL, line)), None)
    if said is not None:
        return _cut(said)
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return None
    return f"{free} bytes are left for {folder}" if free < _NOTHING_LEFT else None


def _meaningful(log: Path) -> Iterator[str]:
    """Return the last lines that someone other than nox wrote, from the end."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return
    for raw in reversed(text.splitlines()[-200:]):
        if raw.startswith(ATTEMPT):
            # What stands before belongs to an earlier session.
            return
        line = _ESCAPE.sub("", raw)
        if not _NOX.match(line):
            yield line.strip().removeprefix("error: ").lstrip(_FRAME)


def _cut(line: str) -> str:
    return line if len(line) <= 300 else line[:300] + " …"
