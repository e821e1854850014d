"""One fine-tune: both arms trained with one seed, and what their predictions say."""

import math
from dataclasses import dataclass
from typing import Any, Dict

import numpy as np

from bnregress.suite import status
from bnregress.suite.finetune import sequential, training

#: Highest probability to miss a cell whose predictions differ in a fifth of the pairs.
BETA = 1e-3
#: Loss of accuracy against the reference arm from which on a person sees it, decided beyond doubt.
VISIBLE_GAP = 0.2
#: Confidence with which the reference arm must beat chance before anything is held against it.
LEARNED = 0.999


@dataclass(frozen=True)
class Trial:
    """What one seed came to; `figures` are JSON values."""

    seed: int
    status: str
    reason: str
    figures: Dict[str, Any]
    curves: Dict[str, Any]


def run(subject, data, features, seed, request, blind=False):
    """Fine-tune with one seed.

    Args:
        subject: `bnregress.suite.subject.Subject`.
        data: `bnregress.suite.finetune.data.Data`.
        features: what the network answers in inference mode to the training and the held-out images.
        seed: of the head's weights and its dropout.
        request: `bnregress.suite.finetune.request.Request`.
        blind: nothing can be learned on this network, so that only the two modes are held against each other.
    """
    # Half of what may be a false alarm is the paired test's, half the visible gap's.
    alpha = request.alpha / len(request.seeds) / 2
    reference = training.on_features(subject, data, features, seed, request.learning_rate)
    subject_arm = training.on_network(subject, data, seed, request.learning_rate)
    evaluated = evaluate(subject_arm.model, data)
    inference = subject_arm.predict(features_of(subject, data.x_test, mode=False))
    trained = subject_arm.predict(features_of(subject, data.x_test, mode=True))
    expected = reference.predict(features[1])
    figures = {
        "accuracy": {
            "fit": subject_arm.curves["accuracy"][-1],
            "evaluate_train": evaluated,
            "validation": subject_arm.curves["val_accuracy"][-1],
            "training_mode": _share(trained == data.y_test),
            "inference_mode": _share(inference == data.y_test),
            "reference_validation": reference.curves["val_accuracy"][-1],
        },
        "paired": _paired(trained != inference, alpha),
        "visible_gap": _visible_gap(inference == data.y_test, expected == data.y_test, alpha),
    }
    word, reason = judge(figures, data, subject_arm, reference, request.learning_rate, blind)
    curves = {"subject": subject_arm.curves, "reference": reference.curves}
    return Trial(seed=seed, status=word, reason=reason, figures=figures, curves=curves)


def judge(figures, data, subject_arm, reference, learning_rate, blind=False):
    """Status and reason of one fine-tune: nothing is held against a network on which no head learns."""
    if reference.diverged:
        reason = "at learning rate {:g} training diverges, also on features extracted in inference mode"
        return status.INCONCLUSIVE, reason.format(learning_rate)
    learned = figures["accuracy"]["reference_validation"]
    correct = round(learned * len(data.y_test))
    if not blind and sequential.interval(correct, len(data.y_test), LEARNED)[0] <= data.chance:
        reason = "the reference arm did not learn either: it reaches {:.2f} on held-out images, where chance is {:.2f}"
        return status.INCONCLUSIVE, reason.format(learned, data.chance)
    if subject_arm.diverged:
        reason = "at learning rate {:g} training on the network diverges, though not on its inference features"
        return status.INCONCLUSIVE, reason.format(learning_rate)
    seen = _seen(figures["accuracy"])
    paired, gap = figures["paired"], figures["visible_gap"]
    differ = "{} of {} predictions differ between training and inference mode".format(
        paired["all_discordant"], paired["all_pairs"]
    )
    if paired["outcome"] == sequential.BROKEN or gap["visible"]:
        return status.REGRESS, "{}; {}".format(seen, differ)
    if paired["outcome"] == sequential.UNDECIDED:
        return status.INCONCLUSIVE, "{} pairs of predictions do not decide: {}".format(paired["all_pairs"], differ)
    if blind:
        return status.PASS, "{}, on a network on which no head learns".format(differ)
    return status.PASS, "{}; {}".format(seen, differ)


def evaluate(model, data):
    """What `evaluate` says of the training images' accuracy."""
    return float(model.evaluate(data.x_train, data.one_hot(data.y_train), batch_size=training.BATCH, verbose=0)[1])


def features_of(subject, images, mode):
    """The network's answers, batch by batch as `fit` feeds it, in training mode or not: float array (n, channels)."""
    batches = [images[start : start + training.BATCH] for start in range(0, len(images), training.BATCH)]
    return np.concatenate([np.asarray(subject.forward(mode, each)) for each in batches])


def _paired(discordances, alpha):
    decision = sequential.decide(discordances, alpha, BETA)
    found, pairs = int(np.sum(discordances)), len(discordances)
    return {
        "test": "sequential probability ratio test (Wald 1945)",
        "outcome": decision.outcome,
        "pairs": decision.pairs,
        "discordant": decision.discordant,
        "log_likelihood_ratio": decision.log_likelihood_ratio,
        "alpha": alpha,
        "beta": BETA,
        "sound_rate": sequential.SOUND_DISCORDANCE,
        "broken_rate": sequential.BROKEN_DISCORDANCE,
        "all_pairs": pairs,
        "all_discordant": found,
        "rate": found / pairs,
        "interval_95": list(sequential.interval(found, pairs)),
    }


def _visible_gap(correct, expected, alpha):
    """How many more held-out images the reference arm gets right, bounded from below at `1 - alpha`."""
    lost, gained, images = int(np.sum(expected & ~correct)), int(np.sum(correct & ~expected)), len(correct)
    low = sequential.interval(lost, images, 1 - alpha)[0] - sequential.interval(gained, images, 1 - alpha)[1]
    return {
        "lost": lost,
        "gained": gained,
        "gap": (lost - gained) / images,
        "at_least": low,
        "margin": VISIBLE_GAP,
        "alpha": alpha,
        "visible": bool(low > VISIBLE_GAP),
    }


def _seen(accuracy):
    shown = "fit reports {fit:.2f}, evaluate {evaluate_train:.2f} on the same images and {validation:.2f} on held-out"
    return (shown + " ones, where a head on inference features has {reference_validation:.2f}").format(**accuracy)


def _share(correct):
    share = float(np.mean(correct))
    return share if math.isfinite(share) else None
