"""When a run began, and which it is: kept in its folder, so that going on with it makes it no other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from bnregress.errors import UsageError
from bnregress.results.identity import ANY, new_id, numbered, read_id
from bnregress.results.model import STARTED_FORMAT, timestamp
from bnregress.run.rundir import RunDir, read_json, write_json


def began(run: RunDir) -> str:
    """Return when the run began, noting the present if nothing readable was noted before."""
    try:
        kept = read_json(run.started)
        return timestamp(datetime.strptime(kept, STARTED_FORMAT).replace(tzinfo=timezone.utc))
    except (OSError, ValueError, TypeError, RecursionError):
        now = timestamp(datetime.now(timezone.utc))
        write_json(run.started, now)
        return now


def identified(run: RunDir, given: str | None, environ: Mapping[str, str]) -> str:
    """Return which run it is, and note it: as given, as noted before, as GitHub or Slurm number it, or a new one.

    Raises:
        UsageError: `any` is given, which names no run.
    """
    if given == ANY:
        raise UsageError(f"--run-id {ANY} names no run. Give an id, or leave --run-id out.")
    identity = given or _noted(run) or numbered(environ) or new_id()
    write_json(run.identity, identity)
    return identity


def _noted(run: RunDir) -> str | None:
    try:
        return read_id(read_json(run.identity))
    except (OSError, ValueError, TypeError, RecursionError, UsageError):
        return None
