"""pytest plugin that comes with an installed bnregress: one fixture, which costs nothing until it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def frozen_batchnorm() -> Callable[..., Any]:
    """`frozen_batchnorm(model, batch=None)` asserts that every frozen BatchNorm of the model behaves as frozen."""
    from bnregress.testing import assert_frozen_batchnorm  # noqa: PLC0415 - numpy is for those who ask

    return assert_frozen_batchnorm
