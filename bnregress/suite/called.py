"""A network that is frozen by the call alone: the model calls it with `training=False`, and its flags are left True.

Of such a network other things must hold than of one whose flags are False: its BatchNorm
stays in inference mode and its moving statistics stay bit-equal, in that model only, while
its kernels, gamma and beta train.

Source: Keras' guide "Transfer learning & fine-tuning"; the documentation of
`Layer.__call__`, by which an argument `training` that was passed counts.
"""

import numpy as np

from bnregress.suite import networks, tolerances, untold
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.finding import inconclusive, passed, regressed
from bnregress.suite.subject import changed_weights, nothing_to_compare
from bnregress.suite.wording import listed

#: Low, as the guide says, and high enough that a step shows in every float32 variable.
LEARNING_RATE = 0.01

_WHOSE = "in a model that calls the network with `training=False`"


def mode_parity(subject):
    """Hold the model's answers in the two modes against each other.

    The same network called in training mode must follow the batch: else the call froze nothing.
    """
    with subject.statistics_restored():
        # Before a pass in training mode can move the statistics.
        own = subject.inference
        inference = _answer(subject, subject.images, training=False)
        without, off = untold.ask(subject, subject.model, inference)
        training = _answer(subject, subject.images, training=True)
        control = relative_deviation(subject.forward(training=True), own)
    tolerance = tolerances.BETWEEN_MODES
    if not (np.all(np.isfinite(inference)) and np.all(np.isfinite(own))):
        return nothing_to_compare(subject, "the model's output in inference mode is not finite")
    deviation = relative_deviation(training, inference)
    evidence = {
        "max_abs": float(np.max(np.abs(training - inference))),
        "relative": deviation,
        "tolerance": tolerance,
        "images": len(subject.images),
        "batchnorms": len(subject.batchnorms),
        "unfrozen_relative": control,
        "clear": tolerances.clear(subject.dtype, subject.depth),
        "without_training": without,
    }
    if not deviation <= tolerance:
        reason = "BatchNorm leaves inference mode {}: while training the output is {:.3g} times its scale away"
        return regressed(reason.format(_WHOSE, deviation), **evidence)
    if off:
        return regressed(off, **evidence)
    if subject.batchnorms and not control > evidence["clear"]:
        reason = (
            "un-frozen, the network itself answers the same in both modes (deviation {:.1e}): the call proves nothing"
        )
        return inconclusive(reason.format(control), **evidence)
    return passed("called with `training=False`, the network gives bit for bit the same in both modes", **evidence)


def batch_independence(subject, counts):
    """Hold what the model gives for smaller batches in training mode against what it gives for all in inference mode.

    Args:
        subject: `bnregress.suite.subject.Subject`.
        counts: sizes of the batches, each of the last images.
    """
    with subject.statistics_restored():
        expected = _answer(subject, subject.images, training=False)
        smaller = {count: _answer(subject, subject.images[-count:], training=True) for count in counts}
    if not np.all(np.isfinite(expected)):
        return nothing_to_compare(subject, "the model's output in inference mode is not finite")
    tolerance = tolerances.relative(subject.dtype, subject.depth)
    deviations = {count: relative_deviation(found, expected[-count:]) for count, found in smaller.items()}
    evidence = {"relative": {str(count): each for count, each in deviations.items()}, "tolerance": tolerance}
    if all(each <= tolerance for each in deviations.values()):
        return passed("images give the same in smaller batches, within {:.1e}".format(tolerance), **evidence)
    count = max(deviations, key=deviations.get)
    reason = (
        "an image's output depends on its batch: in one of {}, while training, it is {:.3g} times its scale away, {}"
    )
    return regressed(reason.format(count, deviations[count], _WHOSE), **evidence)


def _answer(subject, images, training):
    return subject.execution.forward(subject.model, images, training)


def frozen_state(subject, before, taken, evidence):
    """Say which statistics moved, and what else did not, in the steps that were taken.

    Args:
        subject: `bnregress.suite.subject.Subject`, trained.
        before: every variable's value by `LAYER/PLACE`.
        taken: the steps, in words.
        evidence: figures so far.
    """
    after = subject.weights()
    changed = set(changed_weights(before, after))
    statistics = _statistics(subject)
    moved = [name for name in before if name in statistics and name in changed]
    still = [name for name in before if name not in statistics and name not in changed]
    evidence = dict(evidence, statistics=len(statistics), changed=moved, lost=still)
    stage = subject.first_stage
    if stage is not None:
        evidence["first_stage"] = stage
        if stage["changed"]:
            reason = "while the head was trained, {} of {} variables of the frozen network changed: {}"
            return regressed(reason.format(len(stage["changed"]), len(before), listed(stage["changed"])), **evidence)
        if not stage["head_moved"]:
            return inconclusive("the first stage moved not even the head, so it proved nothing", **evidence)
    if moved:
        reason = "{} of {} moving statistics changed in an evaluation and {} of training, {}: {}"
        return regressed(reason.format(len(moved), len(statistics), taken, _WHOSE, listed(moved)), **evidence)
    if not all(np.all(np.isfinite(value)) for value in after.values()):
        return nothing_to_compare(subject, "training left variables that are not finite", **evidence)
    if still:
        reason = "{} of {} variables did not train, although nothing but the call freezes: {}"
        return regressed(reason.format(len(still), len(before) - len(statistics), listed(still)), **evidence)
    reason = "all {} moving statistics are bit-equal after {}, and all {} other variables have trained"
    return passed(reason.format(len(statistics), taken, len(before) - len(statistics)), **evidence)


def _statistics(subject):
    """Names, `LAYER/PLACE`, of the variables that no optimizer is to be given: statistics, and what `adapt` counts."""
    names = set()
    for layer in subject.layers:
        if networks.is_batchnorm(layer):
            # Keras lists what trains before what does not.
            names.update("{}/{}".format(layer.name, place) for place in range(len(layer.weights))[-2:])
        elif hasattr(layer, "adapt"):
            names.update("{}/{}".format(layer.name, place) for place in range(len(layer.weights)))
    return names
