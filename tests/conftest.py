"""What all tests share."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

# A busy machine must not fail a test; whatever else the profile in force asks for stays.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


#: Marks whose tests share something costly (environments of real releases, a browser): xdist keeps them in one worker.
TOGETHER = ("end_to_end", "browser")


@pytest.hookimpl(wrapper=True)  # so that it comes before xdist, which reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Let one xdist worker run all tests of a mark, so that no fixture installs or runs the same thing twice."""
    for item in items:
        for name in TOGETHER:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))
    yield


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children hear of SIGINT, which a shell makes those that it starts in the background ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
