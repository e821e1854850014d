"""What all tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

# A busy machine must not fail a test; whatever else the profile in force asks for stays.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


#: Files that look at the one run of three releases, `tests/end_to_end/conftest.py`.
SHARING = ("test_verdicts.py", "test_scripts.py", "test_traces.py", "test_independence.py")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """For pytest-xdist: the tests of a file in one process, for they share fixtures, and so those of `SHARING`.

    Its own groups by mark are none with pytest 9.2, where it cannot write on the id of a test.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "three releases" if file.rpartition("/")[2] in SHARING else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Give pytest-xdist the above, whatever `--dist` says."""
    return Scheduling(config, log)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children hear of SIGINT, which a shell makes those that it starts in the background ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
