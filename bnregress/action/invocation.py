"""Runs `bnregress` for a step: what it prints is shown as text, kept in part, and never obeyed by GitHub."""

from __future__ import annotations

import contextlib
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from bnregress.action.github import commands_stopped
from bnregress.action.inherited import inherited
from bnregress.action.results_outputs import CRASHED, result_word
from bnregress.commands.breakage import LOG_VARIABLE

#: Characters of stdout and of stderr that are kept for the summary and the annotations.
KEPT = 500_000


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a command came to; `stdout` and `stderr` hold at most the last KEPT characters.

    Attributes:
        broke_off: nobody foresaw what ended it.
    """

    code: int
    stdout: str
    stderr: str
    broke_off: bool = False

    @property
    def word(self) -> str:
        """The output `result`."""
        return CRASHED if self.broke_off else result_word(self.code)


def run(arguments: Sequence[str], environ: Mapping[str, str], *, shown: bool = True) -> Ended:
    """Run `bnregress` with the arguments; an interrupt of the step becomes one of the command.

    Args:
        arguments: without the program.
        environ: the environment of the step.
        shown: print what it says on stdout too.

    Returns:
        its exit code as a shell gives it, 128 and the number of the signal if one ended it.
    """
    command = [sys.executable, "-I", "-m", "bnregress", *arguments]
    print("bnregress", *arguments, flush=True)
    log = Path(environ.get("RUNNER_TEMP") or tempfile.gettempdir()) / f"bnregress-crash-{secrets.token_hex(8)}.txt"
    with commands_stopped():
        process = subprocess.Popen(
            command,
            env=inherited(environ) | {LOG_VARIABLE: str(log)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
        with _interrupts_handed_on(process):
            out, err = _Tee(process.stdout, shown=shown), _Tee(process.stderr)
            code = process.wait()
            kept = out.finish(), err.finish()
    return Ended(code=code if code >= 0 else 128 - code, stdout=kept[0], stderr=kept[1], broke_off=log.exists())


class _Tee:
    """Copies a stream to stdout while it comes in, and keeps its end."""

    def __init__(self, stream: IO[bytes], *, shown: bool = True) -> None:
        self._stream = stream
        self._shown = shown
        self._kept: list[str] = []
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def finish(self) -> str:
        # A grandchild that outlives the command may hold the stream open.
        self._thread.join(timeout=10)
        return "".join(self._kept)[-KEPT:]

    def _copy(self) -> None:
        size = 0
        with self._stream:
            for line in self._stream:
                text = line.decode("utf-8", "replace")
                if self._shown:
                    sys.stdout.write(text)
                    sys.stdout.flush()
                self._kept.append(text)
                size += len(text)
                if size > 2 * KEPT:
                    self._kept, size = ["".join(self._kept)[-KEPT:]], KEPT


@contextlib.contextmanager
def _interrupts_handed_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let a cancelled job write what is decided: GitHub interrupts the step alone, and kills it seconds later."""

    def hand_on(_number: int, _frame: FrameType | None) -> None:
        process.send_signal(signal.SIGINT)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
