"""What a variant asks of the checks."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest

from bnregress.suite.finding import NotApplicable
from bnregress.suite.variants import parse
from bnregress.suite.variants.making import Making


@pytest.mark.parametrize(
    ("variant", "passes"), [("default", 1), ("freeze=after-compile,train=jit", 2), ("train=jit", 1), ("wrap=nested", 1)]
)
def test_what_is_frozen_late_must_move_as_a_whole_and_is_trained_on_twice(variant: str, passes: int) -> None:
    framework = SimpleNamespace(eager=True, once=lambda ask: contextlib.nullcontext)
    assert Making(framework, parse(variant)).passes == passes


@pytest.mark.parametrize("wrap", ["sequential", "chain", "time-distributed"])
@pytest.mark.parametrize("freeze", ["call", "two-stage"])
def test_a_network_that_nobody_calls_cannot_be_frozen_by_the_call(freeze: str, wrap: str) -> None:
    framework = SimpleNamespace(eager=True, once=lambda ask: contextlib.nullcontext)
    with pytest.raises(NotApplicable, match="nobody calls the network"):
        Making(framework, parse(f"freeze={freeze},wrap={wrap}"))


def test_flags_are_held_as_they_were_when_the_path_gave_its_network() -> None:
    """What a sound network is given back with afterwards is not what was saved."""

    def network(flag: bool) -> SimpleNamespace:
        normalisation = SimpleNamespace(name="bn", trainable=flag, moving_mean=0)
        return SimpleNamespace(trainable=True, layers=[normalisation, SimpleNamespace(name="conv", trainable=flag)])

    def clone(framework: object, source: SimpleNamespace) -> SimpleNamespace:
        return SimpleNamespace(trainable=True, layers=[SimpleNamespace(**vars(layer)) for layer in source.layers])

    framework = SimpleNamespace(eager=True, once=lambda ask: contextlib.nullcontext)
    path = SimpleNamespace(family="rebuilt", build=clone, save=None)
    making, source = Making(framework, parse("freeze=batchnorm-only")), network(flag=False)
    making.from_source(source, path)
    assert making.flags == ({"bn": False, "conv": True}, {"bn": False, "conv": True})
    assert [layer.trainable for layer in source.layers] == [False, False]
