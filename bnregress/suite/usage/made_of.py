"""Models that are made of a frozen network, or of its layers: what was frozen stays so in them, and in training."""

from types import SimpleNamespace

import numpy as np

from bnregress.suite import networks, probes, small
from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import not_applicable, passed, regressed
from bnregress.suite.wording import in_one_line

#: What a model is cut at.
MIDDLE, INNER = "conv2_block1_1_relu", "pool1_pool"
#: What releases before TensorFlow 2.4 say of a model that begins at a layer within another.
DISCONNECTED = "Graph disconnected"


def models_made_of_frozen_layers(subject):
    """What is made of a frozen network, or of its layers, is frozen, and training moves nothing of it.

    Models that end at a layer within or begin at one, a `Sequential` of the
    layers that one is added to and taken from again, copies of a model that holds
    the network by `clone_model`, from its description and from JSON. The network
    keeps its own flags.
    Source: the documentation of `Model`, `Sequential` and `clone_model`. Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    network = subject.network
    wrong, ran, absent = {}, [], {}
    for name, make in WAYS.items():
        network.trainable = True
        for layer in subject.layers:
            layer.trainable = True
        # The flags of layers alone: a model's own would hide what became of them.
        networks.freeze(network)
        try:
            made, part = make(subject.framework, network)
        except ValueError as error:
            if DISCONNECTED not in str(error):
                raise
            absent[name] = in_one_line(error)
            continue
        ran.append(name)
        thawed = [layer.name for layer in networks.layers_of(part) if layer.weights and layer.trainable]
        own = [layer.name for layer in networks.layers_of(network) if layer.weights and layer.trainable]
        moved = _moved(subject, made, part)
        if thawed or own or moved:
            wrong[name] = {"unfrozen": thawed, "unfrozen_of_the_network": own, "changed": moved}
    evidence = {"wrong": wrong, "ran": ran, "absent": absent}
    if wrong:
        said = "; ".join(map(_told, wrong, wrong.values()))
        changed = list(dict.fromkeys(name for what in wrong.values() for name in what["changed"]))
        return regressed(said, changed=changed, **evidence)
    return passed("frozen in {} models that are made of it".format(len(ran)), **evidence)


def _told(name, what):
    names = what["unfrozen"] or what["unfrozen_of_the_network"] or what["changed"]
    return "{}: {} of what was frozen is not, as {}".format(name, len(names), names[0])


def _moved(subject, made, part):
    """Names of variables of a part that training the whole moves."""
    before = networks.variables_of(part)
    values = subject.execution.read(before.values())
    made.compile(subject.framework.sgd(0.1), "mse")
    # Of a `Sequential` Keras 3.0 does not say it.
    size = tuple(int(each) for each in getattr(part, "input_shape", (None, *networks.INPUT_SHAPE))[1:])
    images = probes.images(8) if size == networks.INPUT_SHAPE else _drawn((8, *size))
    made.fit(images, np.zeros((8, 2), np.float32), batch_size=4, verbose=0)
    now = subject.execution.read(before.values())
    return [name for name, old, new in zip(before, values, now) if not identical(old, new)]


def _drawn(shape):
    return np.random.RandomState(0).normal(size=shape).astype(np.float32)


def _headed(keras, part):
    return keras.Sequential([part, keras.layers.Dense(2)])


def _ending_within(framework, network):
    keras = framework.keras
    part = keras.Model(network.inputs, network.get_layer(MIDDLE).output)
    return keras.Sequential([part, keras.layers.Flatten(), keras.layers.Dense(2)]), part


def _beginning_within(framework, network):
    keras = framework.keras
    part = keras.Model(network.get_layer(INNER).output, network.outputs[0])
    return _headed(keras, part), part


def _with_outputs_within(framework, network):
    keras = framework.keras
    inner = network.get_layer(MIDDLE).output
    part = keras.Model(network.inputs, [keras.layers.GlobalAveragePooling2D()(inner), network.outputs[0]])
    images = keras.Input(networks.INPUT_SHAPE)
    return keras.Model(images, keras.layers.Dense(2)(keras.layers.Concatenate()(part(images)))), part


def _taken_from(framework, network):
    keras = framework.keras
    # Of layers of its own: Keras 2 takes none from a model whose layers another holds too.
    layers = [keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(), keras.layers.GlobalAveragePooling2D()]
    made = keras.Sequential([keras.layers.InputLayer(networks.INPUT_SHAPE), *layers, keras.layers.Dense(3)])
    part = SimpleNamespace(layers=layers)
    networks.freeze(part)
    made.pop()
    made.add(keras.layers.Dense(2))
    return made, part


def _holding(keras, network):
    images = keras.Input(networks.INPUT_SHAPE)
    return keras.Model(images, keras.layers.Dense(2)(network(images)))


def _copied(copy, whole=False):
    """A way that copies a model which holds the network, frozen as a `whole` by its own flag, or else by its layers."""

    def make(framework, network):
        # One that nothing else has called: Keras 3.0 cannot describe a model of another.
        network = small.build(framework)
        network.trainable = not whole
        networks.freeze(network)
        model = _holding(framework.keras, network)
        made = copy(framework.keras, model)
        made.set_weights(model.get_weights())
        return made, next(layer for layer in made.layers if getattr(layer, "layers", None))

    return make


def _cloned(keras, model):
    return keras.models.clone_model(model)


def _described(keras, model):
    return keras.Model.from_config(model.get_config())


def _read(keras, model):
    return keras.models.model_from_json(model.to_json())


WAYS = {
    "a model that ends at a layer within": _ending_within,
    "a model that begins at a layer within": _beginning_within,
    "a model with an output within": _with_outputs_within,
    "a Sequential of frozen layers, after `pop` and `add`": _taken_from,
    "`clone_model` of a model that holds it": _copied(_cloned),
    "`clone_model` of a model that holds it, frozen as a whole": _copied(_cloned, whole=True),
    "a model that holds it, from its description": _copied(_described),
    "a model that holds it, frozen as a whole, from JSON": _copied(_read, whole=True),
}
