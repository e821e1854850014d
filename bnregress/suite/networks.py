"""The networks that are checked: how they are made, weighted and frozen."""

from bnregress.suite import probes, surrogate
from bnregress.suite.arithmetic import identical
from bnregress.suite.backbones import RESNET50
from bnregress.suite.finding import NotApplicable

#: ResNet50 at 32x32 holds all its 53 BatchNorm layers and costs a fiftieth of 224x224.
INPUT_SHAPE = (probes.SIZE, probes.SIZE, 3)
#: How a backbone is requested: as feature extractor, as in the report.
BACKBONE = RESNET50.arguments


def layers_of(network):
    """All layers of a network, those of nested networks included, in the network's own order."""
    found = []
    for layer in getattr(network, "layers", []):
        nested = layers_of(layer)
        found.extend(nested or [layer])
    return found


def parts_of(network):
    """All layers and models within a network, in its own order: `layers_of` and the networks that hold them."""
    return [part for layer in getattr(network, "layers", []) for part in (layer, *parts_of(layer))]


def is_batchnorm(layer):
    """Whether a layer normalises with moving statistics."""
    return hasattr(layer, "moving_mean") and hasattr(layer, "moving_variance")


def flags_of(network):
    """`trainable` of every layer and model within a network, by name."""
    return {layer.name: bool(layer.trainable) for layer in parts_of(network)}


def image_size(network):
    """Height and width of the images that the network takes."""
    return int(network.input_shape[1])


def is_opaque(network):
    """Whether nothing but outputs and variables can be had of it: a layer without layers, as from a raw SavedModel."""
    return not getattr(network, "layers", None)


def variables_of(network):
    """Every variable of a network by `LAYER/PLACE`, in the network's own order; the place is the layer's own."""
    return {
        "{}/{}".format(layer.name, place): variable
        for layer in layers_of(network)
        for place, variable in enumerate(layer.weights)
    }


def without_gradient(network):
    """Names of variables whose gradient is zero in exact arithmetic while BatchNorm follows the batch, a set.

    A bias in front of a BatchNorm moves what the batch's own mean takes away again. Which bias is in front of one no
    release says in the same way, so in a network with BatchNorm it is every bias beside a kernel.
    """
    layers = layers_of(network)
    if not any(map(is_batchnorm, layers)):
        return set()
    return {
        "{}/{}".format(layer.name, place)
        for layer in layers
        if any(len(weight.shape) > 1 for weight in layer.weights)
        for place, weight in enumerate(layer.weights)
        if len(weight.shape) == 1
    }


def loaded_part(opaque):
    """What has the variables of an opaque network: the loaded object in the layer, or the layer itself."""
    return getattr(opaque, "loaded", opaque)


def variables_like(opaque, source, execution):
    """Every variable of an opaque network by the `LAYER/PLACE` that it has in the network which was saved.

    Told by name where the names are the same ones, else by value; what is
    neither is left over, in its own order.
    """
    wanted, found = variables_of(source), list(loaded_part(opaque).variables)
    by_name = {_path(variable): variable for variable in found}
    paths = {place: _path(variable) for place, variable in wanted.items()}
    if len(by_name) == len(found) and set(by_name) >= set(paths.values()):
        return {place: by_name[path] for place, path in paths.items()}
    values = [value.tobytes() for value in execution.read(found)]
    told = {}
    for place, value in zip(wanted, execution.read(wanted.values())):
        if value.tobytes() in values:
            index = values.index(value.tobytes())
            del values[index]
            told[place] = found.pop(index)
    left = iter([place for place in wanted if place not in told])
    told.update((next(left, "further/{}".format(index)), variable) for index, variable in enumerate(found))
    return told


def changed_variables(source, network, execution):
    """Names of the variables of `source` that `network` has other values of, or lacks."""
    before, after = variables_of(source), variables_of(network)
    values = dict(zip(after, execution.read(after.values())))
    return [
        name
        for name, value in zip(before, execution.read(before.values()))
        if name not in values or not identical(value, values[name])
    ]


def _path(variable):
    """Name of a variable without TensorFlow's output number: `conv1_bn/gamma`."""
    return getattr(variable, "path", variable.name).split(":")[0]


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


def call_with_layers(application, layers, arguments=BACKBONE):
    """Build a backbone from a given class of layers through the `layers` argument.

    Raises:
        NotApplicable: this release's application takes no such argument.
    """
    try:
        return application(layers=layers, **arguments)
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


def call_package(framework, layers, backbone=RESNET50):
    """Build a backbone from the package keras_applications with everything injected.

    Raises:
        NotApplicable: the package, or this backbone of it, does not import beside this release.
    """
    framework.require_module("keras_applications")
    module, keras = framework.require_module("keras_applications." + backbone.module), framework.keras
    return getattr(module, backbone.name)(
        backend=keras.backend, layers=layers, models=keras.models, utils=keras.utils, **backbone.arguments
    )
