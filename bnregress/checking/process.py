"""Runs the inspection in its own process and listens to it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bnregress.checking.interpreter import Inspected
from bnregress.checking.surroundings import inspected_variables
from bnregress.errors import FatalError
from bnregress.reading.text import visible

#: The staged suite goes first; a folder that `python -c` adds goes, until a person's module is asked for.
_START = """
import sys
sys.path = [sys.argv[1]] + [entry for entry in sys.path if entry]
from bnregress.suite.inspection.main import main
main(sys.argv[2])
"""

#: Events that an inspection ends with.
LAST = frozenset({"done", "model", "problem"})

#: Seconds that a process which has answered may take to end.
_GRACE = 5.0
_TAIL_LINES = 15


@dataclass(kw_only=True)
class Inspection:
    """What an inspection said.

    Attributes:
        facts: of the environment; empty where it did not get so far.
        paths: answers for loading paths, in order.
        last: the event that it ended with.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    paths: list[dict[str, Any]] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)

    def take(self, event: dict[str, Any]) -> None:
        """Keep what an event says."""
        if event["event"] == "facts":
            self.facts = event["facts"]
        elif event["event"] == "path":
            self.paths.append(event["answer"])
        elif event["event"] in LAST:
            self.last = event


def inspect(
    inspected: Inspected,
    *,
    suite: Path,
    target: str | None,
    environ: Mapping[str, str],
    listen: Callable[[dict[str, Any]], None],
) -> Inspection:
    """Inspect an environment, or a person's own model in it.

    Args:
        inspected: the interpreter.
        suite: the folder that holds the staged suite.
        target: `MODULE:CALLABLE`, looked for in the current folder first; None for the environment's loading paths.
        environ: the user's variables.
        listen: called with each event when it comes.

    Raises:
        FatalError: the process ended before it had answered.
    """
    said = Inspection()
    with tempfile.TemporaryDirectory(prefix="bnregress-check-") as scratch:
        request, log = Path(scratch) / "request.json", Path(scratch) / "log"
        request.write_text(json.dumps({"target": target, "folder": str(Path.cwd())}), encoding="utf-8")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [inspected.executable, "-c", _START, str(suite), str(request)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                env=inspected_variables(environ, ours=inspected.ours),
            )
        try:
            _follow(process, said, listen)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE if said.last else None)
        finally:
            # Its answer is there, or nobody waits for it any more.
            process.kill()
            process.wait()
        if not said.last:
            raise FatalError(_died(process.returncode, log))
    return said


def _follow(process: subprocess.Popen[bytes], said: Inspection, listen: Callable[[dict[str, Any]], None]) -> None:
    for line in process.stdout or ():
        # A start-up file of the environment may print what it likes before ours is heard.
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            said.take(event)
            listen(event)
            if said.last:
                return


def _died(code: int, log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    end = "\n".join(f"    {visible(line)}" for line in lines[-_TAIL_LINES:]) or "    (nothing)"
    if code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            why = " Out of memory is the usual cause of SIGKILL." if name == "SIGKILL" else ""
            return f"The inspected process was ended by {name} before it had answered.{why} It said last:\n{end}"
    return f"The inspected process ended with exit code {code} before it had answered. It said last:\n{end}"
