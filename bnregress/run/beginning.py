"""When a run began: kept in its folder, so that going on with it does not make it younger."""

from __future__ import annotations

from datetime import datetime, timezone

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
