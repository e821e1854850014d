"""A loading path that takes the whole run down, as a machine does that runs out of memory."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from bnregress.suite.registry import loading_path


@loading_path("kills-the-engine", family="hazard", summary="kills the process that drives the run")
def kills_the_engine(framework: Any) -> None:
    process = os.getppid()
    while b"\0run\0" not in Path(f"/proc/{process}/cmdline").read_bytes() + b"\0":
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(process, signal.SIGKILL)
