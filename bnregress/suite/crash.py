"""What the xdist controller knows of a worker that went down unexpectedly."""

import json
import subprocess

from bnregress.suite.jsonfile import write_json

#: The pipe to a worker breaks a moment before the process can be waited for.
GRACE_SECONDS = 10


def report_exit(records, node):
    """Write `worker-<pid>.exit.json` for an xdist worker that is gone.

    Its exit code is negative for a signal, and null if it cannot be had.
    """
    popen = _popen_of(node)
    pid = _pid_of(records, node)
    if pid is None and popen is not None:
        pid = popen.pid
    if pid is not None:
        write_json(records.worker_exit(pid), {"pid": pid, "exitcode": _exit_code(popen)})


def _popen_of(node):
    """Return the process behind an xdist worker, or None: execnet has no public way to it."""
    return getattr(getattr(getattr(node, "gateway", None), "_io", None), "popen", None)


def _pid_of(records, node):
    # The process that execnet started need not be the one that worked: on Windows a
    # virtual environment's python.exe only starts the real interpreter.
    wanted = node.workerinput["workerid"], node.workerinput["testrunuid"]
    for path in records.root.glob("worker-*.json"):
        if not path.name.endswith(".exit.json"):
            worker = json.loads(path.read_text(encoding="utf-8"))
            if (worker["worker"], worker["run"]) == wanted:
                return worker["pid"]
    return None


def _exit_code(popen):
    try:
        return None if popen is None else popen.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return None
