"""The networks that are checked: how they are made, weighted and frozen."""

from bnregress.suite import probes, surrogate
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


def call_with_layers(application, layers):
    """Build a backbone from a given class of layers through the `layers` argument.

    Raises:
        NotApplicable: this release's application takes no such argument.
    """
    try:
        return application(layers=layers, **BACKBONE)
    except (TypeError, ValueError) as error:
        if "layers" not in str(error):
            raise
        reason = "{} takes no `layers` argument in this release".format(application.__name__)
        raise NotApplicable(reason) from error


def package_code(name, layers):
    """Line of a repro script for a network from the package keras_applications."""
    return (
        "from keras_applications import resnet\n\n"
        "{} = resnet.ResNet50(\n"
        "    backend=tf.keras.backend, layers={}, models=tf.keras.models, utils=tf.keras.utils, **ARGUMENTS\n"
        ")"
    ).format(name, layers)


def call_package(framework, layers):
    """Build ResNet50 from the package keras_applications with everything injected.

    Raises:
        NotApplicable: the package does not import beside this release.
    """
    framework.require_module("keras_applications")
    resnet, keras = framework.require_module("keras_applications.resnet"), framework.keras
    return resnet.ResNet50(backend=keras.backend, layers=layers, models=keras.models, utils=keras.utils, **BACKBONE)
