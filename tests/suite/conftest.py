"""Fixtures of the suite's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.suite.fakesuite import FakeSuite, make_fake_suite


@pytest.fixture
def fake_suite(tmp_path: Path) -> FakeSuite:
    """A staged suite of its own, in which nothing has been run."""
    return make_fake_suite(tmp_path)
