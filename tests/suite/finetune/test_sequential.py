"""The sequential test and the exact intervals, against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.suite.finetune import sequential

ALPHA, BETA = 5e-5, 1e-3


def test_a_sound_cell_is_settled_after_32_pairs_that_agree() -> None:
    decision = sequential.decide([False] * 200, ALPHA, BETA)
    assert (decision.outcome, decision.pairs, decision.discordant) == ("sound", 32, 0)


def test_a_cell_whose_predictions_all_differ_is_settled_after_three() -> None:
    decision = sequential.decide([True] * 200, ALPHA, BETA)
    assert (decision.outcome, decision.pairs, decision.discordant) == ("broken", 3, 3)


def test_too_few_pairs_decide_nothing() -> None:
    assert sequential.decide([False] * 31, ALPHA, BETA).outcome == "undecided"
    assert sequential.decide([], ALPHA, BETA).outcome == "undecided"


@pytest.mark.parametrize(("rate", "wrong"), [(sequential.SOUND_DISCORDANCE, "broken"), (0.2, "sound")])
def test_neither_error_is_made_more_often_than_stated(rate: float, wrong: str) -> None:
    random = np.random.default_rng(0)
    runs = [sequential.decide(random.random(500) < rate, 0.02, 0.02).outcome for _ in range(3000)]
    # Wald's bounds hold up to alpha / (1 - beta); three standard errors for the simulation itself.
    bound = 0.02 / 0.98
    assert runs.count(wrong) / len(runs) <= bound + 3 * math.sqrt(bound / len(runs))
    assert runs.count("undecided") == 0


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Exact limits: with none of n they are 1 - (tail)^(1/n), the others are tabulated beta quantiles.
    [(0, 59, 0.0, 1 - 0.025 ** (1 / 59)), (59, 59, 0.025 ** (1 / 59), 1.0), (5, 10, 0.187086, 0.812914)],
)
def test_intervals_are_those_of_clopper_and_pearson(successes: int, trials: int, low: float, high: float) -> None:
    assert sequential.interval(successes, trials) == pytest.approx((low, high), abs=1e-6)


@given(st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.9999))
def test_an_interval_holds_the_share_and_mirrors_that_of_the_failures(
    counted: tuple[int, int], confidence: float
) -> None:
    successes, trials = counted
    low, high = sequential.interval(successes, trials, confidence)
    assert 0 <= low <= successes / trials + 1e-8
    assert successes / trials - 1e-8 <= high <= 1
    assert sequential.interval(trials - successes, trials, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-7)
