"""What all tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine must not fail a test; whatever else the profile in force asks for stays.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, for pytest-xdist, the tests of a file and those that look at the run of three releases."""
    for item in items:
        shared = "three_releases" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("three releases" if shared else item.path.as_posix()))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children hear of SIGINT, which a shell makes those that it starts in the background ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
