"""The console that commands print to."""

from __future__ import annotations

import os
import sys

from rich.console import Console


class Screen(Console):
    """A console that leaves text as it is and goes quiet when its reader goes away, as `head` does."""

    def __init__(self, *, stderr: bool = False) -> None:
        """Print to standard output, or to standard error."""
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Go on without a reader: the exit code still tells how the run went."""
        silence_stdout()
        self.quiet = True


def silence_stdout() -> None:
    """Send what is still to be printed nowhere, so that the interpreter's last flush cannot fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
