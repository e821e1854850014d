"""What an end-to-end test needs of the machine: interpreters, and patience."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from bnregress.machine.interpreters import find_interpreter, how_to_install
from bnregress.releases.catalog import load_catalog

#: Seconds that a run may take, installation with a download included, before the test gives up.
PATIENCE = 1800.0


def require_releases(*releases: str) -> None:
    """Skip the test where an interpreter of the releases is missing; in CI, which has them all, fail it."""
    catalog = load_catalog()
    for python in sorted({catalog[release].python for release in releases}):
        if find_interpreter(python) is None:
            message = f"There is no CPython {python} on this machine. {how_to_install(python)}"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)


def wait_until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain until {what}"
        time.sleep(0.02)
