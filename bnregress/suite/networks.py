"""The networks that are checked: how they are made, weighted and frozen."""

import numpy as np

from bnregress.suite import probes, surrogate, tolerances
from bnregress.suite.execution import Execution
from bnregress.suite.finding import NotApplicable

#: ResNet50 at 32x32 holds all its 53 BatchNorm layers and costs a fiftieth of 224x224.
INPUT_SHAPE = (probes.SIZE, probes.SIZE, 3)
#: How every backbone is asked for: as feature extractor, as in the report.
BACKBONE = {"weights": None, "include_top": False, "pooling": "avg", "input_shape": INPUT_SHAPE}


def layers_of(network):
    """All layers of a network, those of nested networks included, in the network's own order."""
    found = []
    for layer in getattr(network, "layers", []):
        nested = layers_of(layer)
        found.extend(nested or [layer])
    return found


def is_batchnorm(layer):
    """Whether a layer normalises with moving statistics."""
    return hasattr(layer, "moving_mean") and hasattr(layer, "moving_variance")


def variables_of(network):
    """Every variable of a network by `LAYER/PLACE`, in the network's own order; the place is the layer's own."""
    return {
        "{}/{}".format(layer.name, place): variable
        for layer in layers_of(network)
        for place, variable in enumerate(layer.weights)
    }


def assign_surrogate(network, execution):
    """Give every layer its surrogate weights, by layer name, so that no release's order of layers matters."""
    variables, values = [], []
    for layer in layers_of(network):
        if layer.weights:
            shapes = [tuple(int(size) for size in weight.shape) for weight in layer.weights]
            variables.extend(layer.weights)
            values.extend(surrogate.layer_weights(layer.name, shapes))
    execution.write(variables, values)


def freeze(network):
    """Freeze layer by layer, as the reporter did."""
    for layer in network.layers:
        layer.trainable = False


def call_with_layers(framework, application, layers):
    """Build a backbone from a given class of layers through the `layers` argument.

    Raises:
        NotApplicable: this release's application takes no such argument.
    """
    try:
        return application(layers=layers, **BACKBONE)
    except (TypeError, ValueError) as error:
        if "layers" not in str(error):
            raise
        reason = "{} takes no `layers` argument in {}".format(application.__name__, framework.name)
        raise NotApplicable(reason) from error


def call_package(framework, layers):
    """Build ResNet50 from the package keras_applications with everything injected.

    Raises:
        NotApplicable: the package does not import beside this release.
    """
    framework.require_module("keras_applications")
    resnet, keras = framework.require_module("keras_applications.resnet"), framework.keras
    return resnet.ResNet50(backend=keras.backend, layers=layers, models=keras.models, utils=keras.utils, **BACKBONE)


#: Ways to build a ResNet50, the ones most likely to be sound first; the last is for TensorFlow 1,
#: whose own layers are never sound and which keeps those of TensorFlow 2 in `compat.v2`.
SOUND_CANDIDATES = (
    lambda framework: call_with_layers(
        framework, framework.require("keras.applications.ResNet50"), framework.keras.layers
    ),
    lambda framework: framework.require("keras.applications.ResNet50")(**BACKBONE),
    lambda framework: call_package(framework, framework.require("compat.v2.keras.layers")),
)


def find_sound_resnet50(framework):
    """Build ResNet50 in one way after another and return the first that gives the same output in both modes.

    Raises:
        NotApplicable: none does.
    """
    images, execution = probes.images(), Execution(framework)
    for build in SOUND_CANDIDATES:
        try:
            network = build(framework)
        except NotApplicable:
            continue
        assign_surrogate(network, execution)
        freeze(network)
        inference = execution.forward(network, images, training=False)
        deviation = np.max(np.abs(execution.forward(network, images, training=True) - inference))
        if deviation <= tolerances.relative("float32", len(network.layers)) * np.max(np.abs(inference)):
            return network
        execution.release(network.weights)
    raise NotApplicable("no frozen ResNet50 of {} is sound, so there is none to start from".format(framework.name))
