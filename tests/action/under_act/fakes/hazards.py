"""Loading paths beside those of tests/run/fakes: one takes the whole run down, one breaks in the newest release."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from bnregress.suite.registry import loading_path


@loading_path("breaks-in-9-9-9", family="applications", summary="sound before")
def breaks(framework: Any) -> str:
    return "regress" if "tf9-9-9" in sys.prefix else "pass"


@loading_path("kills-the-engine", family="hazard", summary="kills the process that drives the run")
def kills_the_engine(framework: Any) -> None:
    process = os.getppid()
    while b"\0run\0" not in Path(f"/proc/{process}/cmdline").read_bytes() + b"\0":
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(process, signal.SIGKILL)
