"""Starting a process in a group of its own, and ending it with everything that came of it.

Every process of a release's session inherits a marker variable. Only what
carries the marker is ever ended, so a process id that was written down and has
been given to someone else in the meantime does no harm.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

MARKER_VARIABLE = "BNREGRESS_SESSION"

#: Seconds between asking a process to end and ending it.
GRACE = 2.0

_STEP = 0.05


def start(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a command as the leader of a new group, without a terminal, its output appended to `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip


def marked(marker: str) -> list[psutil.Process]:
    """Return the living processes that carry the marker."""
    found = []
    for process in psutil.process_iter():
        # What is not ours to look into, or gone while we look, is not of the session.
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARKER_VARIABLE) == marker and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end(marker: str, *, grace: float = GRACE) -> None:
    """End every process that carries the marker, and the whole group of each.

    Asks them to end, waits at most `grace` seconds, then ends them, those that
    ignore the request and those started meanwhile included.
    """
    groups = _groups(marker, None)
    _signal(groups, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and marked(marker):
        time.sleep(_STEP)
    # A member without the marker, started with cleared variables, is ended with its group.
    _signal(groups, signal.SIGKILL)
    kill(marker)


def kill(marker: str, *, group: int | None = None) -> None:
    """End at once what carries the marker, with the whole group of each.

    What cannot be killed, as in uninterruptible sleep, is left after a second.

    Args:
        marker: see `MARKER_VARIABLE`.
        group: end only this process group, if it has a member with the marker.
    """
    deadline = time.monotonic() + 1.0
    while groups := _groups(marker, group):
        _signal(groups, signal.SIGKILL)
        if time.monotonic() > deadline:
            return
        time.sleep(_STEP)


def _groups(marker: str, only: int | None) -> set[int]:
    """Return the groups of the marked processes; the group of bnregress itself is never one of them."""
    groups = {_group(process.pid) for process in marked(marker)} - {None, _group(os.getpid())}
    return {group for group in groups if group is not None and only in (None, group)}


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _signal(groups: Iterable[int], number: int) -> None:
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, number)
