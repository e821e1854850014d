"""The search over orders of operations, which ends in time whatever Hypothesis was drawing."""

from __future__ import annotations

import pytest

from bnregress.suite.search import machine
from bnregress.suite.search.budget import Budget
from bnregress.suite.search.machine import search_operations, search_short_sequences
from bnregress.suite.search.outcome import Outcome
from bnregress.suite.search.profile import CI, Profile


class Network:
    trainable = True


class SoundWorld:
    """Every operation holds."""

    def __init__(self, tf: object) -> None:
        self.network = Network()

    def freeze(self) -> None: ...
    def unfreeze(self) -> None: ...
    def freeze_layer(self, name: str) -> None: ...
    def unfreeze_layer(self, name: str) -> None: ...
    def compile(self, wrap: str) -> None: ...
    def train(self) -> None: ...
    def call_in_training_mode(self) -> None: ...
    def save_and_load(self, ending: str) -> None: ...
    def clone(self) -> None: ...
    def rebuild_from_json(self) -> None: ...


class StuckFlag(SoundWorld):
    """`trainable = True` does not reach a frozen layer."""

    frozen = False

    def freeze_layer(self, name: str) -> None:
        self.frozen = True

    def unfreeze(self) -> None:
        assert not self.frozen, "the layer stays frozen"


@pytest.mark.parametrize("allowed", range(10, 190, 3))
def test_a_search_whose_time_is_over_within_a_sequence_is_no_failure(
    allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = iter(range(allowed))

    class Clock(Budget):
        def allows(self, key: tuple[object, ...]) -> bool:
            if next(asked, None) is None:
                self._end = 0.0
            return bool(super().allows(key))  # type: ignore[no-untyped-call]

    monkeypatch.setattr(machine, "World", SoundWorld)
    monkeypatch.setattr(machine, "Budget", Clock)
    found: Outcome = search_operations(None, Profile(name=CI), 60.0)
    assert (found.failure, found.given_up) == (None, True)


def test_what_fails_by_itself_is_told_and_hides_nothing_in_longer_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "World", StuckFlag)
    alone: Outcome = search_short_sequences(None)
    assert alone.failure is not None
    assert alone.failure.reason == "the layer stays frozen"
    assert search_operations(None, Profile(name=CI), 1.0).failure is None
