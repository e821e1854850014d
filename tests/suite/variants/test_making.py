"""What a variant asks of the checks."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest

from bnregress.suite.variants import parse
from bnregress.suite.variants.making import Making


@pytest.mark.parametrize(
    ("variant", "passes"), [("default", 1), ("freeze=after-compile,train=jit", 2), ("train=jit", 1), ("wrap=nested", 1)]
)
def test_what_is_frozen_late_must_move_as_a_whole_and_is_trained_on_twice(variant: str, passes: int) -> None:
    framework = SimpleNamespace(eager=True, once=lambda ask: contextlib.nullcontext)
    assert Making(framework, parse(variant)).passes == passes
