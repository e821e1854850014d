"""The folder of a run: claimed against other runs, and cleared of what an earlier run left there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from bnregress.errors import UsageError
from bnregress.machine.locations import environments_dir
from bnregress.planning.plan import Plan
from bnregress.results.file import clear
from bnregress.run import confirming, resume
from bnregress.run.beginning import began, identified
from bnregress.run.environments import end_leftovers
from bnregress.run.events import Event
from bnregress.run.requested import Requested
from bnregress.run.rundir import read_json, write_json

#: Seconds to wait for a folder: a child that a killed run was just starting holds its lock for a moment more.
CLAIM = 2.0


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Keep other runs out of a folder, which is made if it is not there.

    Raises:
        UsageError: another run uses it, or it cannot be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / ".bnregress.lock")
        if Path(lock.lock_file).is_symlink():
            raise UsageError(f"{lock.lock_file} is a link, and is not followed. Remove it, or choose another --out.")
        claim = lock.acquire(timeout=CLAIM)
    except Timeout:
        raise UsageError(f"Another run is using {out}. Wait for it, or choose another folder with --out.") from None
    except OSError as error:
        raise UsageError(f"{out} cannot be written to: {error.strerror}. Choose another folder with --out.") from error
    with claim:
        yield


class Begun(NamedTuple):
    """What a folder says of its run: the plan, if it goes on the one that it began with; since when; which run."""

    plan: Plan
    started: str
    identity: str


def begin(requested: Requested, tell: Callable[[Event], None]) -> Begun:
    """Make the run's folder ready.

    Args:
        requested: with `resume`, what the folder has is kept as far as it was decided.
        tell: takes events.

    Raises:
        UsageError: the folder is not one of bnregress, or there is nothing to resume in it.
    """
    directory, options, plan = requested.directory, requested.options, requested.plan
    root = directory.root
    if root.is_symlink():
        raise UsageError(f"{root} is a link, and is not followed. Remove it, or choose another folder with --out.")
    end_leftovers(environments_dir(), str(root.parent))
    if options.resume:
        plan = resume.prepare(plan, directory, requested.surroundings.find)
    elif root.exists():
        if any(root.iterdir()) and not directory.plan.exists():
            raise UsageError(f"{root} is not a folder that bnregress made. Move it away, or choose another with --out.")
        _keep_of_earlier_run(requested, tell)
        shutil.rmtree(root)
    root.mkdir(exist_ok=True)
    write_json(directory.plan, plan.to_json())
    started = began(directory)
    identity = identified(directory, options.run_id, os.environ)
    # Whatever breaks off from here on, no results of an earlier run stand for those of this one.
    clear(requested.out)
    return Begun(plan, started, identity)


def _keep_of_earlier_run(requested: Requested, tell: Callable[[Event], None]) -> None:
    """Keep what a run had decided that was killed and is not resumed."""
    try:
        earlier = Plan.from_json(read_json(requested.directory.plan))
    except (OSError, ValueError, KeyError, TypeError, UsageError):
        return
    confirming.settle_earlier(requested.directory, earlier)
    requested.reuse(earlier, tell).keep(earlier.cells, replace=False)
