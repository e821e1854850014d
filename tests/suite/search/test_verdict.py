"""What a search comes to: nothing run is no pass, time over is no pass, and every failure is told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bnregress.suite.finding import Finding
from bnregress.suite.search import check
from bnregress.suite.search.outcome import Failure, Outcome
from bnregress.suite.search.scripts import CONFIRMATIONS

SUBJECT = SimpleNamespace(execution=SimpleNamespace(eager=True), framework=SimpleNamespace(tf=None))


def verdict(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> Finding:
    parts = [(f"part {place}", lambda *_, found=found: found, 0.5) for place, found in enumerate(outcomes)]
    monkeypatch.setattr(check, "PARTS", tuple(parts))
    monkeypatch.setattr(check, "confirmed", lambda script: CONFIRMATIONS)
    found: Finding = check.search(SUBJECT)
    return found


def test_what_was_run_and_holds_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(monkeypatch, Outcome(3), Outcome(4)).status == "pass"


def test_a_part_that_ran_nothing_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    found = verdict(monkeypatch, Outcome(3), Outcome(0))
    assert (found.status, "nothing was run of: part 1" in found.reason) == ("inconclusive", True)


def test_time_that_is_over_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(monkeypatch, Outcome(3, given_up=True), Outcome(4)).status == "inconclusive"


def test_every_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [Outcome(1, Failure(reason, "", [])) for reason in ("one is known", "the other is not")]
    found = verdict(monkeypatch, *failures)
    assert found.status == "regress"
    assert "one is known" in found.reason
    assert "the other is not" in found.reason
