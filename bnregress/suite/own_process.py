"""The process itself: its group, its memory, its stacks, and the file that says who it is."""

import contextlib
import faulthandler
import os
import signal
import sys
import time

from bnregress.suite.jsonfile import write_json

try:
    import resource
except ImportError:  # Windows
    resource = None


class WorkerFile:
    """`worker-<pid>.json`: who this process is and how far it is with importing the framework.

    Args:
        records: `RecordPaths` of the release.
        name: what xdist calls the worker, as in `gw0`.
        run: xdist's id of the test run; names are unique in one run only.
    """

    def __init__(self, records, name, run):
        self._path = records.worker(os.getpid())
        self._data = {"pid": os.getpid(), "pgid": process_group(), "time": time.time(), "worker": name, "run": run}
        self.update(framework=None)

    def update(self, **changes):
        """Put changes into the file, with the time they were made."""
        self._data.update(changes, since=time.time())
        write_json(self._path, self._data)


def lead_own_group():
    """Make this process the leader of a process group, so that it can be killed with all its children."""
    if hasattr(os, "setpgid"):
        # A session's leader leads its group already, and may not be told so.
        with contextlib.suppress(PermissionError):
            os.setpgid(0, 0)


def process_group():
    """Return the process group of this process, None if the system has none."""
    return os.getpgrp() if hasattr(os, "getpgrp") else None


def keep_stacks(path):
    """Write every thread's stack to `path` when this process crashes, or when it is sent SIGUSR1.

    Returns:
        The open file; it must stay open as long as the process may crash.
    """
    stream = open(str(path), "w", encoding="utf-8")  # noqa: SIM115 - it lives as long as the process
    faulthandler.enable(file=stream, all_threads=True)
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, file=stream, all_threads=True)
    return stream


def peak_rss_bytes():
    """Return the most memory this process has held so far, None if the system does not say."""
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
