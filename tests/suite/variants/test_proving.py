"""Each value of each axis is proven able to fail."""

from __future__ import annotations

import pytest

from bnregress.suite.apart import USUAL, setup_of
from bnregress.suite.variants import AXES, parse
from bnregress.suite.variants.cover import COVER, RARE
from bnregress.suite.variants.proving import PROVING, proving

#: What needs a process is in no plain run; the path `replicas` shows what un-frozen ones do.
VALUES = [
    (axis, value)
    for axis in AXES
    for value in AXES[axis]
    if setup_of("small", f"{axis}={value}") == USUAL and axis != "mode"
]


@pytest.mark.parametrize(("axis", "value"), VALUES)
def test_the_control_runs_in_a_variant_that_every_release_with_the_value_has(axis: str, value: str) -> None:
    names = ["default", *PROVING]
    others = [
        name
        for name in names
        if getattr(parse(name), axis) == value
        and not any(pair != (axis, value) and pair[1] in RARE.get(pair[0], ()) for pair in parse(name).departures)
    ]
    assert others


def test_a_plain_run_tests_each_and_none_could_be_left_out() -> None:
    assert set(COVER) >= PROVING
    assert len(proving()) <= len(VALUES)


def test_a_value_in_a_row_that_some_releases_lack_is_proven_in_another() -> None:
    assert proving(["wrap=chain,train=jit", "wrap=chain"]) == ["wrap=chain,train=jit", "wrap=chain"]
