"""The network against arithmetic that no release had a hand in."""

import numpy as np

from bnregress.suite import networks, probes, seeded, surrogate, tolerances
from bnregress.suite.alone import beyond
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.finding import not_applicable, passed, regressed
from bnregress.suite.registry import check
from bnregress.suite.wording import OPAQUE, listed


@check("oracle")
def oracle(subject):
    """In inference mode each BatchNorm equals the formula, computed in float64 NumPy with the variables it must have.

    Asked with the layer's own variables, and again with variances as small as
    epsilon, where the place of epsilon in the formula shows.
    Source: Ioffe & Szegedy 2015, algorithm 2.
    Tolerance: `tolerances.relative` for a single layer.
    """
    alone = subject.alone
    if not alone.layers:
        return not_applicable(OPAQUE if subject.opaque else "the network has no BatchNorm")
    layers = alone.deviations(alone.inference, alone.by_moving_statistics())
    small = [_near_epsilon(layer) for layer in alone.originals]
    with subject.statistics_restored():
        subject.execution.write([layer.moving_variance for layer in alone.layers], small)
        found = alone.outputs(training=False)
    layers += alone.deviations(found, alone.by_moving_statistics(variances=small))
    tolerance = tolerances.relative(subject.dtype, 1)
    wrong = sorted(set(beyond(layers, tolerance)))
    largest = max(layer["deviation"] for layer in layers)
    evidence = {"batchnorms": len(alone.layers), "largest": largest, "tolerance": tolerance}
    if not wrong:
        return passed("each BatchNorm equals the formula, within {:.1e}".format(tolerance), **evidence)
    evidence["layers"] = layers
    reason = "{} of {} BatchNorm layers do not equal the formula, largest deviation {:.3g} times its scale: {}"
    return regressed(reason.format(len(wrong), len(alone.layers), largest, listed(wrong)), **evidence)


def _near_epsilon(layer):
    """Variances of one to three times the layer's epsilon: float32 array (channels,)."""
    draw = seeded.uniform(layer.name + "/small", (int(layer.moving_variance.shape[0]),))
    return (2 + draw) * np.float32(layer.epsilon)


@check("release-drift")
def release_drift(subject):
    """Same weights and same images give the features that a float64 NumPy forward of the same network gives.

    So no release is the reference for another.
    Source: `bnregress/datasets/numpy_networks.py`, written after He et al. 2015.
    Tolerance: `tolerances.relative` over the network's depth.
    """
    layers = networks.layers_of(subject.source if subject.opaque else subject.network)
    expected = surrogate.features_of(layer.name for layer in layers if layer.weights)
    if expected is None:
        return not_applicable("the reference is computed only for ResNet50 and the small network")
    tolerance = tolerances.relative(subject.dtype, subject.depth)
    # The reference was computed of the usual images.
    usual = probes.images(size=networks.image_size(subject.source or subject.network))
    features = subject.forward(training=False, images=usual) if subject.making.mirrored else subject.inference
    deviation = relative_deviation(features, expected)
    evidence = {"relative": deviation, "tolerance": tolerance}
    if deviation <= tolerance:
        return passed("the features equal those of the float64 reference, within {:.1e}".format(tolerance), **evidence)
    reason = "the features are {:.3g} times their scale away from those of the float64 reference"
    return regressed(reason.format(deviation), **evidence)
