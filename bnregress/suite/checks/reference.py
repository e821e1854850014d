"""The network against arithmetic that no release had a hand in."""

from bnregress.suite import probes, surrogate, tolerances
from bnregress.suite.arithmetic import normalised, relative_deviation
from bnregress.suite.finding import not_applicable, passed, regressed
from bnregress.suite.networks import is_batchnorm, layers_of
from bnregress.suite.registry import check
from bnregress.suite.wording import listed


@check("oracle")
def oracle(subject):
    """In inference mode each BatchNorm equals the formula, computed in float64 NumPy with the variables it must have.

    Those are the variables and the epsilon of the network that was saved or
    copied where there is one, so that a lost epsilon shows too.
    Source: Ioffe & Szegedy 2015, algorithm 2.
    Tolerance: `tolerances.relative` for a single layer.
    """
    batchnorms = subject.batchnorms
    if not batchnorms:
        return not_applicable("the network has no BatchNorm")
    originals = {layer.name: layer for layer in layers_of(subject.source or subject.network) if is_batchnorm(layer)}
    expecting = [originals.get(layer.name, layer) for layer in batchnorms]
    inputs = [probes.channels_last(len(subject.images), int(layer.moving_mean.shape[0])) for layer in batchnorms]
    outputs = subject.execution.forward_layers(batchnorms, inputs, training=False)
    variables = subject.execution.read([variable for layer in expecting for variable in layer.weights])
    tolerance = tolerances.relative("float32", 1)
    layers = []
    for index, (layer, images, output) in enumerate(zip(expecting, inputs, outputs)):
        expected = normalised(images, *variables[4 * index : 4 * index + 4], epsilon=layer.epsilon)
        layers.append({"name": layer.name, "deviation": relative_deviation(output, expected)})
    wrong = [layer["name"] for layer in layers if not layer["deviation"] <= tolerance]
    largest = max(layer["deviation"] for layer in layers)
    evidence = {"batchnorms": len(layers), "largest": largest, "tolerance": tolerance, "layers": layers}
    if not wrong:
        return passed("each BatchNorm equals the formula, within {:.1e}".format(tolerance), **evidence)
    reason = "{} of {} BatchNorm layers do not equal the formula, largest deviation {:.3g} times its scale: {}"
    return regressed(reason.format(len(wrong), len(layers), largest, listed(wrong)), **evidence)


@check("release-drift")
def release_drift(subject):
    """Same weights and same images give the features that a float64 NumPy forward of the same network gives.

    So no release is the reference for another.
    Source: `bnregress/reference.py`, written after He et al. 2015.
    Tolerance: `tolerances.relative` over the network's depth.
    """
    if not surrogate.has_statistics_of_all(layer.name for layer in subject.batchnorms):
        return not_applicable("the reference is computed for ResNet50 alone")
    expected = surrogate.resnet50_features()
    tolerance = tolerances.relative("float32", len(subject.layers))
    deviation = relative_deviation(subject.inference, expected)
    evidence = {"relative": deviation, "tolerance": tolerance}
    if deviation <= tolerance:
        return passed("the features equal those of the float64 reference, within {:.1e}".format(tolerance), **evidence)
    reason = "the features are {:.3g} times their scale away from those of the float64 reference"
    return regressed(reason.format(deviation), **evidence)
