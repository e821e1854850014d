"""One fine-tune: both arms trained with one seed, and what their predictions say."""

import math
from dataclasses import dataclass
from typing import Any, Dict

import numpy as np

from bnregress.suite import status, tolerances
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.finetune import head_training, sequential
from bnregress.suite.finetune.feeding import BATCH, VALIDATION
from bnregress.suite.subject import changed_weights

#: Highest probability to miss a cell whose predictions differ in a fifth of the pairs.
BETA = 1e-3
#: Loss of accuracy against the reference arm from which on a person sees it, decided beyond doubt.
VISIBLE_GAP = 0.2
#: Confidence with which an arm must beat chance before anything is compared with it, or it is called sound.
LEARNED = 0.999
#: How many held-out images are looked at, one after the other, until these decide.
LOOKS = (VALIDATION, 256, 512)
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


class Features:
    """What a network answers in inference mode, computed once, and no more of it than is looked at.

    Attributes:
        train: of the training images: float array (n, channels).
    """

    def __init__(self, subject, data):
        self._subject, self._images = subject, data.x_test
        self.train = features_of(subject, data.x_train, mode=False)
        self._held_out = []

    def held_out(self, count):
        """Of the first held-out images: float array (count, channels)."""
        return _grown(self._held_out, self._subject, self._images, count, mode=False)

    @property
    def finite(self):
        """Whether all that a head is trained and validated on are numbers."""
        return bool(np.all(np.isfinite(self.train)) and np.all(np.isfinite(self.held_out(VALIDATION))))


def looks(images):
    """How many held-out images are looked at each time, of so many."""
    return [count for count in LOOKS[:-1] if count < images] + [min(images, LOOKS[-1])]


def run(subject, data, features, seed, request, blind=False):
    """Fine-tune with one seed.

    Args:
        subject: `bnregress.suite.subject.Subject`.
        data: `bnregress.suite.finetune.data.Data`.
        features: `Features` of the network.
        seed: of the head's weights and its dropout.
        request: `bnregress.suite.finetune.config.Request`.
        blind: nothing is sure to be learned on this network, so that only the two modes are compared with each other.
    """
    reference = head_training.on_features(subject, data, (features.train, features.held_out(VALIDATION)), seed, request)
    before = subject.weights()
    subject_arm = head_training.on_network(subject, data, seed, request)
    evaluated = evaluate(subject_arm.model, data)
    # If no variable has changed, the network answers in inference mode what it answered before.
    kept = not changed_weights(before, subject.weights())
    own, in_training, counts = [], [], looks(len(data.y_test))
    # Half of what may be a false alarm is the paired test's, which is sequential, half the visible gap's, at each look.
    alpha = request.alpha / len(request.seeds) / 2
    figures, word, reason = {}, status.INCONCLUSIVE, ""
    for count in counts:
        inferring = features.held_out(count) if kept else _grown(own, subject, data.x_test, count, mode=False)
        with subject.statistics_restored():
            training_mode = _grown(in_training, subject, data.x_test, count, mode=True)
        labels = data.y_test[:count]
        inference, trained = subject_arm.predict(inferring), subject_arm.predict(training_mode)
        expected = reference.predict(features.held_out(count))
        figures = {
            "accuracy": {
                "fit": subject_arm.curves["accuracy"][-1],
                "evaluate_train": evaluated,
                "validation": subject_arm.curves["val_accuracy"][-1],
                "training_mode": _share(trained == labels),
                "inference_mode": _share(inference == labels),
                "reference_validation": _share(expected == labels),
            },
            "chance": data.chance(count),
            "held_out": count,
            "features": _deviation(subject, training_mode, inferring),
            "paired": _paired(inference, trained, np.array_equal(inferring, training_mode), alpha),
            "visible_gap": _visible_gap(inference == labels, expected == labels, alpha / len(counts)),
        }
        word, reason = judge(figures, subject_arm, reference, request, blind)
        if word != status.INCONCLUSIVE or reference.diverged or subject_arm.diverged:
            break
    curves = {"subject": subject_arm.curves, "reference": reference.curves}
    return Trial(seed=seed, status=word, reason=reason, figures=figures, curves=curves)


def judge(figures, subject_arm, reference, request, blind=False):
    """Status and reason of one fine-tune.

    Nothing is compared with a network on which no head learns, and nothing is called sound on which a break of its own
    kind would not have shown: the head must have learned, and the network must answer alike in both modes.
    """
    paired, gap, accuracy = figures["paired"], figures["visible_gap"], figures["accuracy"]
    if blind:
        return _judge_modes(paired, subject_arm)
    if reference.diverged:
        reason = "at learning rate {:g} training diverges, also on features extracted in inference mode; {}"
        return status.INCONCLUSIVE, reason.format(request.learning_rate, _another_rate(request))
    if not _clear(accuracy["reference_validation"], figures):
        return status.INCONCLUSIVE, _not_learned(figures, request)
    if subject_arm.diverged and not (subject_arm.finite and paired["outcome"] == sequential.BROKEN):
        reason = "at learning rate {:g} training on the network diverges, though not on its inference features; {}"
        return status.INCONCLUSIVE, reason.format(request.learning_rate, _another_rate(request))
    seen = _seen(accuracy)
    if paired["outcome"] == sequential.BROKEN or gap["visible"]:
        return status.REGRESS, "{}; {}".format(seen, _differ(paired))
    if paired["outcome"] == sequential.UNDECIDED:
        return status.INCONCLUSIVE, _undecided(paired)
    if not figures["features"]["equal"]:
        reason = "the network's features differ between the two modes, by {:.2g} of their scale, though {}; {}"
        advice = "--suite properties decides what this is, and more or other images may show it in accuracy"
        return status.INCONCLUSIVE, reason.format(figures["features"]["relative"], _differ(paired), advice)
    if not _clear(accuracy["inference_mode"], figures):
        reason = (
            "the head on the network is right on {:.2f} of {} held-out images, not clearly above chance ({:.2f}), where"
        )
        reason += " a head on its inference features is right on {:.2f}; give more held-out images"
        shown = accuracy["inference_mode"], figures["held_out"], figures["chance"], accuracy["reference_validation"]
        return status.INCONCLUSIVE, reason.format(*shown)
    return status.PASS, "{}; {}".format(seen, _differ(paired))


def _clear(share, figures):
    """Whether that share of the held-out images is above chance beyond doubt."""
    return sequential.interval(round(share * figures["held_out"]), figures["held_out"], LEARNED)[0] > figures["chance"]


def _not_learned(figures, request):
    images = figures["held_out"]
    clear = next((right / images for right in range(images + 1) if _clear(right / images, figures)), None)
    reason = (
        "a head on features extracted in inference mode is right on {:.2f} of {} held-out images after {} epochs at"
        " learning rate {:g}, where naming the largest class is right on {:.2f}{}: give more images of each class, more"
        " epochs (--epochs {}), or {}"
    )
    needed = "" if clear is None else " and {:.2f} would be clear".format(clear)
    shown = (figures["accuracy"]["reference_validation"], images, request.epochs, request.learning_rate)
    return reason.format(*shown, figures["chance"], needed, 2 * request.epochs, _another_rate(request))


def _another_rate(request):
    if "learning rate" in request.found:
        return "a lower --learning-rate than {:g}, which was found for these data".format(request.learning_rate)
    return "--learning-rate auto, which finds one for these data"


def _deviation(subject, training_mode, inference):
    relative = relative_deviation(training_mode, inference)
    tolerance = tolerances.relative(subject.dtype, subject.depth)
    return {"relative": relative, "tolerance": tolerance, "equal": bool(relative <= tolerance)}


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
    undecided = "{} pairs of predictions do not decide: {}; give more held-out images"
    return undecided.format(paired["all_pairs"], _differ(paired))


def evaluate(model, data):
    """What `evaluate` says of the training images' accuracy."""
    return float(model.evaluate(data.x_train, data.one_hot(data.y_train), batch_size=BATCH, verbose=0)[1])


def features_of(subject, images, mode):
    """The network's answers, batch by batch as `fit` feeds it, in training mode or not: float array (n, channels)."""
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([subject.execution.forward_traced(subject.network, each, mode) for each in batches])


def _grown(parts, subject, images, count, mode):
    """Features of the first images, of which `parts` holds those computed before; it gets the others."""
    there = sum(map(len, parts))
    if there < min(count, len(images)):
        parts.append(features_of(subject, images[there:count], mode))
    return np.concatenate(parts)[:count]


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
