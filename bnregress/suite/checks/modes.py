"""The frozen network in training mode against itself in inference mode."""

import numpy as np

from bnregress.suite import probes, tolerances
from bnregress.suite.deviation import relative_deviation
from bnregress.suite.finding import inconclusive, passed, regressed
from bnregress.suite.registry import check


@check("mode-parity")
def mode_parity(subject):
    """A frozen network gives the same output in training mode as in inference mode.

    Source: BatchNormalization's documentation since TensorFlow 2.0: setting
    `trainable = False` on the layer runs it in inference mode.
    Tolerance: `tolerances.relative` over the network's depth, on the largest
    difference of the features relative to their largest magnitude. Evidence
    holds the same figure for each BatchNorm alone.
    """
    with subject.statistics_restored():
        inference = subject.forward(training=False)
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


def _each_batchnorm_alone(subject):
    """Hold each BatchNorm's two modes against each other, and against the batch's own statistics."""
    batchnorms = subject.batchnorms
    inputs = [probes.channels_last(len(subject.images), int(layer.moving_mean.shape[0])) for layer in batchnorms]
    trainings = subject.execution.forward_layers(batchnorms, inputs, training=True)
    inferences = subject.execution.forward_layers(batchnorms, inputs, training=False)
    gammas = subject.execution.read([layer.gamma for layer in batchnorms])
    betas = subject.execution.read([layer.beta for layer in batchnorms])
    return [
        {
            "name": layer.name,
            "deviation": relative_deviation(training, inference),
            "from_batch_statistics": relative_deviation(training, _with_batch_statistics(layer, images, gamma, beta)),
        }
        for layer, images, gamma, beta, training, inference in zip(
            batchnorms, inputs, gammas, betas, trainings, inferences
        )
    ]


def _with_batch_statistics(layer, images, gamma, beta):
    """What the layer would give if it normalised with the batch's statistics (Ioffe & Szegedy 2015, algorithm 1)."""
    mean, variance = images.mean(axis=(0, 1, 2), dtype=np.float64), images.var(axis=(0, 1, 2), dtype=np.float64)
    return (images - mean) / np.sqrt(variance + layer.epsilon) * gamma + beta


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
