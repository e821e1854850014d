"""The frozen network in training mode against itself in inference mode."""

import numpy as np

from bnregress.suite import probes, tolerances
from bnregress.suite.arithmetic import normalised, relative_deviation
from bnregress.suite.finding import inconclusive, passed, regressed
from bnregress.suite.registry import check


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
    """A frozen network gives the same output in training mode as in inference mode.

    Source: BatchNormalization's documentation since TensorFlow 2.0: setting
    `trainable = False` on the layer runs it in inference mode.
    Tolerance: `tolerances.relative` over the network's depth, on the largest
    difference of the features relative to their largest magnitude. Evidence
    holds the same figure for each BatchNorm alone.
    """
    with subject.statistics_restored():
        inference = subject.inference
        training = subject.forward(training=True)
        layers = _each_batchnorm_alone(subject)
    tolerance = tolerances.relative(str(inference.dtype), len(subject.layers))
    if not np.all(np.isfinite(inference)):
        return inconclusive("the network's output in inference mode is not finite")
    deviation = relative_deviation(training, inference)
    deviating = [layer["name"] for layer in layers if not layer["deviation"] <= tolerance]
    evidence = {
        "max_abs": float(np.max(np.abs(training - inference))),
        "relative": deviation,
        "tolerance": tolerance,
        "images": len(subject.images),
        "batchnorms": len(layers),
        "deviating": len(deviating),
        "layers": layers,
    }
    if deviation <= tolerance and not deviating:
        return passed("the output is the same in both modes, within {:.1e}".format(tolerance), **evidence)
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
    """In training mode, an image alone gives what it gives in its batch in inference mode.

    Source: a frozen network computes each sample from that sample only; a
    batch of one is where batch statistics show most.
    Tolerance: `tolerances.relative` over the network's depth.
    """
    with subject.statistics_restored():
        alone = subject.forward(training=True, images=subject.images[-1:])
    expected = subject.inference[-1:]
    tolerance = tolerances.relative(str(expected.dtype), len(subject.layers))
    if not np.all(np.isfinite(expected)):
        return inconclusive("the network's output in inference mode is not finite")
    deviation = relative_deviation(alone, expected)
    evidence = {"relative": deviation, "tolerance": tolerance}
    if deviation <= tolerance:
        return passed("an image alone gives what it gives in its batch, within {:.1e}".format(tolerance), **evidence)
    reason = "an image's output depends on its batch: alone, in training mode, it is {:.3g} times its scale away"
    return regressed(reason.format(deviation), **evidence)


def _each_batchnorm_alone(subject):
    """Hold each BatchNorm's two modes against each other, and against the batch's own statistics."""
    batchnorms = subject.batchnorms
    inputs = [probes.channels_last(len(subject.images), int(layer.moving_mean.shape[0])) for layer in batchnorms]
    trainings = subject.execution.forward_layers(batchnorms, inputs, training=True)
    inferences = subject.execution.forward_layers(batchnorms, inputs, training=False)
    weights = subject.execution.read([variable for layer in batchnorms for variable in (layer.gamma, layer.beta)])
    return [
        {
            "name": layer.name,
            "deviation": relative_deviation(training, inference),
            "from_batch_statistics": relative_deviation(training, _with_own_statistics(layer, images, gamma, beta)),
        }
        for layer, images, gamma, beta, training, inference in zip(
            batchnorms, inputs, weights[::2], weights[1::2], trainings, inferences
        )
    ]


def _with_own_statistics(layer, images, gamma, beta):
    """What the layer would give with the batch's own statistics (Ioffe & Szegedy 2015, algorithm 1)."""
    mean, variance = images.mean(axis=(0, 1, 2), dtype=np.float64), images.var(axis=(0, 1, 2), dtype=np.float64)
    return normalised(images, gamma, beta, mean, variance, epsilon=layer.epsilon)


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
