"""The verdict on one fine-tune, from predictions, without a framework."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite.finetune import trial
from bnregress.suite.finetune.config import Request
from bnregress.suite.finetune.data import Data

LABELS = np.arange(192) % 10
WRONG = (LABELS + 1) % 10
ALPHA = 5e-5


def arm(*, diverged: bool = False) -> Any:
    return SimpleNamespace(diverged=diverged, finite=True)


def judged(
    trained: Any,
    inference: Any,
    expected: Any,
    *,
    subject: Any = None,
    reference: Any = None,
    rate: float = 0.1,
    blind: bool = False,
    features_equal: bool = True,
    chance: float = 0.11,
) -> tuple[str, str]:
    figures = {
        "chance": chance,
        "held_out": len(LABELS),
        "features": {"relative": 0.0 if features_equal else 16.0, "tolerance": 1e-4, "equal": features_equal},
        "accuracy": {
            "fit": float(np.mean(trained == LABELS)),
            "evaluate_train": float(np.mean(inference == LABELS)),
            "validation": float(np.mean(inference == LABELS)),
            "inference_mode": float(np.mean(inference == LABELS)),
            "reference_validation": float(np.mean(expected == LABELS)),
        },
        "paired": trial._paired(inference, trained, features_equal, ALPHA),
        "visible_gap": trial._visible_gap(inference == LABELS, expected == LABELS, ALPHA),
    }
    request = Request(data="", data_sha256="", learning_rate=rate)
    word, reason = trial.judge(figures, subject or arm(), reference or arm(), request, blind)
    return word, reason


def test_the_same_predictions_in_both_modes_pass() -> None:
    word, reason = judged(LABELS, LABELS, LABELS)
    assert word == "pass"
    assert "0 of 192 predictions differ" in reason


def test_high_accuracy_in_training_and_chance_at_test_time_regress() -> None:
    word, reason = judged(LABELS, np.zeros(192, int), LABELS)
    assert word == "regress"
    assert "fit reports 1.00, evaluate 0.10" in reason


def test_a_fifth_of_wrong_predictions_in_inference_mode_regresses() -> None:
    inference = np.where(np.arange(192) % 4 == 0, WRONG, LABELS)
    assert judged(LABELS, inference, LABELS)[0] == "regress"


def test_a_head_that_learned_nothing_where_the_reference_did_regresses_although_the_modes_agree() -> None:
    assert judged(WRONG, WRONG, LABELS)[0] == "regress"


def test_one_prediction_at_a_decision_boundary_does_not_regress() -> None:
    inference = LABELS.copy()
    inference[3] += 1
    assert judged(LABELS, inference, LABELS)[0] == "pass"


def test_nothing_is_held_against_a_network_on_which_the_reference_arm_does_not_learn() -> None:
    word, reason = judged(LABELS, WRONG, np.zeros(192, int))
    assert word == "inconclusive"
    # What was missing, and what to do.
    assert "is right on 0.10 of 192 held-out images after 5 epochs at learning rate 0.1" in reason
    assert "naming the largest class is right on 0.11 and 0.20 would be clear" in reason
    assert "more epochs (--epochs 10), or --learning-rate auto" in reason


def test_a_head_that_names_one_class_in_both_modes_does_not_pass_for_sound() -> None:
    """On a broken network a head may learn nothing, and then answers alike in both modes."""
    constant = np.zeros(192, int)
    # The reference is clearly above chance, but not by so much that the difference alone decides.
    weak = np.where(np.arange(192) % 10 < 4, LABELS, WRONG)
    word, reason = judged(constant, constant, weak)
    assert word == "inconclusive"
    assert "not clearly above chance" in reason


def test_features_that_differ_between_the_modes_do_not_pass_although_the_predictions_agree() -> None:
    word, reason = judged(LABELS, LABELS, LABELS, features_equal=False)
    assert word == "inconclusive"
    assert "features differ between the two modes, by 16 of their scale" in reason


def test_a_head_that_ran_away_on_the_network_alone_regresses_if_it_answers_otherwise_in_the_other_mode() -> None:
    assert judged(LABELS, WRONG, LABELS, subject=arm(diverged=True))[0] == "regress"
    assert judged(LABELS, LABELS, LABELS, subject=arm(diverged=True))[0] == "inconclusive"


def test_held_out_images_are_looked_at_in_steps() -> None:
    assert trial.looks(100) == [100]
    assert trial.looks(128) == [128]
    assert trial.looks(300) == [128, 256, 300]
    assert trial.looks(5000) == [128, 256, 512]


def test_a_control_that_learns_nothing_passes_where_its_modes_agree_and_only_there() -> None:
    constant = np.zeros(192, int)
    assert judged(constant, constant, constant, blind=True)[0] == "pass"
    assert judged(WRONG, constant, constant, blind=True)[0] == "regress"


def test_a_head_that_ran_away_on_a_network_that_nothing_is_learned_on_still_answers_in_both_modes() -> None:
    away = arm(diverged=True)
    assert judged(WRONG, WRONG, WRONG, blind=True, subject=away, reference=away)[0] == "pass"
    assert judged(WRONG, LABELS, WRONG, blind=True, subject=away, reference=away)[0] == "regress"
    away.finite = False
    assert judged(WRONG, LABELS, WRONG, blind=True, subject=away)[0] == "inconclusive"


def test_a_head_that_answers_everything_alike_does_not_vouch_for_other_features() -> None:
    constant = np.zeros(192, int)
    word, reason = judged(constant, constant, constant, blind=True, features_equal=False)
    assert word == "inconclusive"
    assert "one class for every image; the surrogate's statistics are ResNet50's" in reason


@pytest.mark.parametrize("diverging", ["reference", "subject"])
def test_divergence_is_inconclusive_and_names_the_learning_rate(diverging: str) -> None:
    word, reason = judged(LABELS, LABELS, LABELS, rate=30.0, **{diverging: arm(diverged=True)})
    assert word == "inconclusive"
    assert "learning rate 30" in reason
    assert "diverges" in reason


def test_chance_is_that_of_the_commonest_class() -> None:
    labels = np.array([0] * 60 + [1] * 40)
    assert Data(x_train=None, y_train=labels, x_test=None, y_test=labels, classes=2).chance() == 0.6
    assert Data(x_train=None, y_train=labels, x_test=None, y_test=labels, classes=2).chance(50) == 1.0
