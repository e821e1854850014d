"""Runs the inspection in its own process and listens to it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bnregress.checking.inspected_variables import inspected_variables
from bnregress.checking.interpreter import Inspected
from bnregress.checking.receiver import LAST, Channel
from bnregress.errors import FatalError
from bnregress.reading.text import visible
from bnregress.run import process_groups
from bnregress.run.budgets import Budgets

#: The staged suite goes first; a folder that `python -c` adds goes, until your module is imported.
_START = """
import sys
sys.path = [sys.argv[1]] + [entry for entry in sys.path if entry]
from bnregress.suite.inspection.main import main
main(sys.argv[2])
"""

#: Seconds that a process which has answered may take to end.
_GRACE = 5.0
#: Seconds between two looks.
_POLL = 0.05
#: Bytes at the end of what it printed that are looked at.
_TAIL_BYTES = 64 * 1024
_TAIL_LINES = 15


@dataclass(kw_only=True)
class Inspection:
    """What an inspection said.

    Attributes:
        facts: of the environment; empty if it did not get so far.
        paths: answers for loading paths, in order.
        last: the event that it ended with.
        doing: in words, what it does now.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    paths: list[dict[str, Any]] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)
    doing: str = ""

    def take(self, event: dict[str, Any]) -> None:
        """Keep what an event says."""
        if event["event"] == "facts":
            self.facts = event["facts"]
        elif event["event"] == "path":
            self.paths.append(event["answer"])
        elif event["event"] == "doing":
            self.doing = event["text"]
        elif event["event"] in LAST:
            self.last = event


def inspect(
    inspected: Inspected,
    *,
    suite: Path,
    target: str | None,
    environ: Mapping[str, str],
    listen: Callable[[dict[str, Any]], None],
    timeout: float = Budgets().cell,
    quick: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Inspection:
    """Inspect an environment, or your own model in it; what it started has ended when this returns.

    Args:
        inspected: the interpreter.
        suite: the folder that holds the staged suite.
        target: `MODULE:CALLABLE`, looked for in the current folder first; None for the environment's loading paths.
        environ: the user's variables.
        listen: called with each event when it comes.
        timeout: seconds from one event to the next.
        quick: of loading paths, only those that most people use.
        variables: laid over the user's own.

    Raises:
        FatalError: the process ended before it had answered, or took too long, or its answer cannot be believed.
    """
    said, marker = Inspection(), uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="bnregress-check-", ignore_cleanup_errors=True) as scratch:
        request, log, events = (Path(scratch) / name for name in ("request.json", "log", secrets.token_hex(16)))
        secret = secrets.token_hex(32)
        asked = {"target": target, "folder": str(Path.cwd()), "events": str(events), "secret": secret, "quick": quick}
        request.touch(mode=0o600)
        request.write_text(json.dumps(asked), encoding="utf-8")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [inspected.executable, "-c", _START, str(suite), str(request)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    **inspected_variables(environ, keeps=inspected.keeps),
                    **(variables or {}),
                    process_groups.MARKER_VARIABLE: marker,
                },
                start_new_session=True,
            )
        channel = Channel(events, secret)

        def hear() -> bool:
            heard = False
            for event in channel.events():
                said.take(event)
                listen(event)
                heard = True
            return heard

        try:
            in_time = _follow(process, said, hear, timeout)
        finally:
            # Its answer is there, or nobody waits for it any more; nor may a child of it continue.
            _end(process, marker)
        hear()
        channel.close()
        if not said.last:
            raise FatalError(_died(process.returncode, log) if in_time else _overdue(timeout, said, log))
    return said


def _follow(process: subprocess.Popen[bytes], said: Inspection, hear: Callable[[], bool], timeout: float) -> bool:
    """Listen until the process has ended or need not be waited for; whether it was in time."""
    since = time.monotonic()
    while process.poll() is None:
        if hear():
            since = time.monotonic()
        if time.monotonic() - since > (_GRACE if said.last else timeout):
            return bool(said.last)
        time.sleep(_POLL)
    return True


def _end(process: subprocess.Popen[bytes], marker: str) -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
    process_groups.kill(marker)
    process.kill()
    process.wait()


def _overdue(timeout: float, said: Inspection, log: Path) -> str:
    doing = said.doing or "starting Python"
    return (
        f"Could not decide: {doing} did not finish within {timeout:g} s, and was stopped. If it is only slow,"
        f" give it more time with --timeout. Its last output:\n{_tail(log)}"
    )


def _tail(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    return "\n".join(f"    {visible(line)}" for line in lines[-_TAIL_LINES:]) or "    (nothing)"


def _died(code: int, log: Path) -> str:
    end = _tail(log)
    if code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            why = " Out of memory is the usual cause of SIGKILL." if name == "SIGKILL" else ""
            return f"The inspected process was killed by {name} before it gave a result.{why} Its last output:\n{end}"
    return f"The inspected process ended with exit code {code} before it gave a result. Its last output:\n{end}"
