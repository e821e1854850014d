"""What a variant asks of the checks."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest

from bnregress.suite.variants import parse
from bnregress.suite.variants.making import Making


@pytest.mark.parametrize(
    ("variant", "steps"), [("default", 2), ("freeze=after-compile,train=jit", 2), ("train=jit", 1), ("wrap=nested", 1)]
)
def test_a_variant_trains_once_more_where_all_must_move_or_nothing_was_trained_before(variant: str, steps: int) -> None:
    framework = SimpleNamespace(eager=True, once=lambda ask: contextlib.nullcontext)
    assert Making(framework, parse(variant)).steps == steps
