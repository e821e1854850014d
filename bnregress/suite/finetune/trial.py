"""One fine-tune: both arms trained with one seed, and what their predictions say."""

import math
from dataclasses import dataclass
from typing import Any, Dict

import numpy as np

from bnregress.suite import status
from bnregress.suite.finetune import sequential, training
from bnregress.suite.finetune.feeding import BATCH
from bnregress.suite.subject import changed_weights

#: Highest probability to miss a cell whose predictions differ in a fifth of the pairs.
BETA = 1e-3
#: Loss of accuracy against the reference arm from which on a person sees it, decided beyond doubt.
VISIBLE_GAP = 0.2
#: Confidence with which the reference arm must beat chance before anything is compared with it.
LEARNED = 0.999
#: Why accuracy says nothing on a network other than ResNet50.
FOREIGN = "the surrogate's statistics are ResNet50's, so on this network accuracy itself is not judged"


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
        blind: nothing is sure to be learned on this network, so that only the two modes are compared with each other.
    """
    # Half of what may be a false alarm is the paired test's, half the visible gap's.
    alpha = request.alpha / len(request.seeds) / 2
    reference = training.on_features(subject, data, features, seed, request.learning_rate)
    before = subject.weights()
    subject_arm = training.on_network(subject, data, seed, request.learning_rate)
    evaluated = evaluate(subject_arm.model, data)
    # Where no variable has changed, the network answers in inference mode what it answered before.
    kept = not changed_weights(before, subject.weights())
    own = features[1] if kept else features_of(subject, data.x_test, mode=False)
    in_training = features_of(subject, data.x_test, mode=True)
    inference, trained = subject_arm.predict(own), subject_arm.predict(in_training)
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
        "paired": _paired(inference, trained, np.array_equal(own, in_training), alpha),
        "visible_gap": _visible_gap(inference == data.y_test, expected == data.y_test, alpha),
    }
    word, reason = judge(figures, data, subject_arm, reference, request.learning_rate, blind)
    curves = {"subject": subject_arm.curves, "reference": reference.curves}
    return Trial(seed=seed, status=word, reason=reason, figures=figures, curves=curves)


def judge(figures, data, subject_arm, reference, learning_rate, blind=False):
    """Status and reason of one fine-tune: nothing is compared with a network on which no head learns."""
    if blind:
        return _judge_modes(figures["paired"], subject_arm)
    if reference.diverged:
        reason = "at learning rate {:g} training diverges, also on features extracted in inference mode"
        return status.INCONCLUSIVE, reason.format(learning_rate)
    learned = figures["accuracy"]["reference_validation"]
    correct = round(learned * len(data.y_test))
    if sequential.interval(correct, len(data.y_test), LEARNED)[0] <= data.chance:
        reason = "the reference arm did not learn either: it reaches {:.2f} on held-out images, where chance is {:.2f}"
        return status.INCONCLUSIVE, reason.format(learned, data.chance)
    if subject_arm.diverged:
        reason = "at learning rate {:g} training on the network diverges, though not on its inference features"
        return status.INCONCLUSIVE, reason.format(learning_rate)
    seen = _seen(figures["accuracy"])
    paired, gap = figures["paired"], figures["visible_gap"]
    if paired["outcome"] == sequential.BROKEN or gap["visible"]:
        return status.REGRESS, "{}; {}".format(seen, _differ(paired))
    if paired["outcome"] == sequential.UNDECIDED:
        return status.INCONCLUSIVE, _undecided(paired)
    return status.PASS, "{}; {}".format(seen, _differ(paired))


def _judge_modes(paired, subject_arm):
    """Status and reason from the two modes alone: whatever a head has become, it must answer alike in both."""
    if not subject_arm.finite:
        return status.INCONCLUSIVE, "the trained head's weights are no numbers; {}".format(FOREIGN)
    if paired["outcome"] == sequential.BROKEN:
        return status.REGRESS, "{}; {}".format(_differ(paired), FOREIGN)
    if paired["outcome"] == sequential.UNDECIDED:
        return status.INCONCLUSIVE, "{}; {}".format(_undecided(paired), FOREIGN)
    if paired["classes_named"] == 1 and not paired["features_equal"]:
        return status.INCONCLUSIVE, "the trained head names one class for every image; {}".format(FOREIGN)
    return status.PASS, "{}; {}".format(_differ(paired), FOREIGN)


def _differ(paired):
    differ = "{} of {} predictions differ between training and inference mode"
    return differ.format(paired["all_discordant"], paired["all_pairs"])


def _undecided(paired):
    return "{} pairs of predictions do not decide: {}".format(paired["all_pairs"], _differ(paired))


def evaluate(model, data):
    """What `evaluate` says of the training images' accuracy."""
    return float(model.evaluate(data.x_train, data.one_hot(data.y_train), batch_size=BATCH, verbose=0)[1])


def features_of(subject, images, mode):
    """The network's answers, batch by batch as `fit` feeds it, in training mode or not: float array (n, channels)."""
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([subject.execution.forward_traced(subject.network, each, mode) for each in batches])


def _paired(inference, trained, features_equal, alpha):
    discordances = trained != inference
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
        "classes_named": len(np.unique([inference, trained])),
        "features_equal": bool(features_equal),
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
