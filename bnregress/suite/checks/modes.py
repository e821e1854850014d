"""The frozen network in training mode against itself in inference mode."""

import numpy as np

from bnregress.suite import called, tolerances, untold
from bnregress.suite.alone import beyond
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.finding import inconclusive, passed, regressed
from bnregress.suite.registry import check
from bnregress.suite.subject import nothing_to_compare
from bnregress.suite.wording import listed

#: Batches smaller than the one that the network was first called on: a single image, and a partial batch.
SMALLER = (1, 3)


@check(
    "mode-parity",
    code="""
    inference = forward(network, images, training=False)
    training = forward(network, images, training=True)
    deviation = abs(training - inference).max() / abs(inference).max()
    print("largest deviation, relative to the output's scale:", deviation)
    assert deviation < 1e-3, "the frozen network answers differently in training mode"
    """,
)
def mode_parity(subject):
    """A frozen network gives the same output in training mode as in inference mode, and when it is not told the mode.

    The last holds of an un-frozen one too; see `bnregress.suite.untold`.
    Source: BatchNormalization's documentation since TensorFlow 2.0: setting
    `trainable = False` on the layer runs it in inference mode.
    Tolerance: none (`tolerances.BETWEEN_MODES`): every sound release gives the
    same bits. Evidence holds the largest difference of the features relative
    to their largest magnitude, and the same figure for each BatchNorm alone.
    """
    if subject.making.called:
        return called.mode_parity(subject)
    with subject.statistics_restored():
        # Before a pass in training mode can move the statistics.
        inference, of_each = subject.inference, subject.alone.inference
        called_on = subject.model if subject.wrapped else subject.network
        expected = inference
        if subject.wrapped:
            expected = subject.execution.forward(called_on, subject.images, training=False)
        without, off = untold.ask(subject, called_on, expected)
        training = subject.forward(training=True)
        layers = _each_batchnorm_alone(subject, of_each)
        wrapped = None
        if subject.wrapped:
            answer = subject.execution.forward(called_on, subject.images, training=True)
            wrapped = relative_deviation(answer, expected)
    tolerance = tolerances.BETWEEN_MODES
    if not np.all(np.isfinite(inference)):
        return nothing_to_compare(subject, "the network's output in inference mode is not finite")
    deviation = relative_deviation(training, inference)
    deviating = beyond(layers, tolerance)
    evidence = {
        "max_abs": float(np.max(np.abs(training - inference))),
        "relative": deviation,
        "tolerance": tolerance,
        "images": len(subject.images),
        "batchnorms": len(layers),
        "deviating": len(deviating),
        "layers": layers,
        "without_training": without,
    }
    if wrapped is not None:
        evidence["model_relative"] = wrapped
    if deviation <= tolerance and not deviating:
        if wrapped is not None and not wrapped <= tolerance:
            reason = "in its model the frozen network answers differently while training, by {:.3g} times the scale"
            return regressed(reason.format(wrapped), **evidence)
        if off:
            return regressed(off, **evidence)
        nothing = untold.proves_nothing(subject, without)
        if nothing:
            return inconclusive(nothing, **evidence)
        told = ", and without `training`" if without else ""
        return passed("the output is bit-equal in both modes" + told, **evidence)
    return regressed(_reason(layers, deviating, deviation), **evidence)


@check(
    "batch-independence",
    code="""
    whole = forward(network, images, training=True)
    alone = forward(network, images[-1:], training=True)
    deviation = abs(whole[-1:] - alone).max() / abs(whole).max()
    print("largest deviation of the last image in its batch from the same image alone:", deviation)
    assert deviation < 1e-3, "an image's output depends on the batch that it is in"
    """,
)
def batch_independence(subject):
    """In training mode, images in a smaller batch give what they give in their batch in inference mode.

    Asked with one image alone, where batch statistics show most, and with a
    partial batch of three; of the network, and of each BatchNorm alone.
    Source: a frozen network computes each sample from that sample only.
    Tolerance: `tolerances.relative` over the network's depth.
    """
    if subject.making.called:
        return called.batch_independence(subject, SMALLER)
    expected, of_each = subject.inference, subject.alone.inference
    if not np.all(np.isfinite(expected)):
        return nothing_to_compare(subject, "the network's output in inference mode is not finite")
    tolerance = tolerances.relative(subject.dtype, subject.depth)
    with subject.statistics_restored():
        smaller = {count: _in_smaller_batch(subject, of_each, count) for count in SMALLER}
    deviations = {count: deviation for count, (deviation, _) in smaller.items()}
    layers = [
        max(found, key=lambda layer: layer["deviation"]) for found in zip(*(each for _, each in smaller.values()))
    ]
    deviating = beyond(layers, tolerance)
    relative = {str(count): deviation for count, deviation in deviations.items()}
    evidence = {"relative": relative, "tolerance": tolerance, "deviating": len(deviating)}
    if max(deviations.values()) <= tolerance and not deviating:
        return passed("images give the same in smaller batches, within {:.1e}".format(tolerance), **evidence)
    count = max(deviations, key=deviations.get)
    reason = "an image's output depends on its batch: in one of {}, in training mode, it is {:.3g} times its scale away"
    reason = reason.format(count, deviations[count])
    evidence["layers"] = layers
    return regressed("{}: {}".format(reason, listed(deviating)) if deviating else reason, **evidence)


def _in_smaller_batch(subject, of_each, count):
    """Deviation of the network, and of each BatchNorm, when the last images come in a batch of `count`."""
    found = subject.forward(training=True, images=subject.images[-count:])
    alone = subject.alone
    layers = alone.deviations(alone.outputs(training=True, count=count), [output[-count:] for output in of_each])
    return relative_deviation(found, subject.inference[-count:]), layers


def _each_batchnorm_alone(subject, inference):
    """Hold each BatchNorm's two modes against each other, and against the batch's own statistics."""
    alone = subject.alone
    trainings = alone.outputs(training=True)
    layers = alone.deviations(trainings, inference)
    batch = alone.deviations(trainings, alone.by_batch_statistics())
    return [dict(layer, from_batch_statistics=other["deviation"]) for layer, other in zip(layers, batch)]


def _reason(layers, deviating, deviation):
    largest = "largest deviation of the output {:.3g} times its scale".format(deviation)
    if not deviating:
        return "the output differs between training and inference mode, though each BatchNorm alone agrees: " + largest
    count = "{} of {} layers".format(len(deviating), len(layers))
    batch = all(layer["from_batch_statistics"] <= 1e-3 for layer in layers if layer["name"] in set(deviating))
    if batch:
        what = "frozen BatchNorm normalises with the batch's own statistics while training"
    else:
        what = "frozen BatchNorm answers differently while training"
    return "{}: {}, {}".format(what, count, largest)
