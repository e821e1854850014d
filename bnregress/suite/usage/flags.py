"""The flag `trainable` of a model, set once more after layers within it were set the other way."""

import os
import tempfile

import numpy as np

from bnregress.suite import networks, probes
from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import inconclusive, not_applicable, passed, regressed
from bnregress.suite.registry import Check

WORDS = {False: "frozen", True: "un-frozen"}


def flags_reach_layers(subject):
    """Setting `trainable` of a model sets it for every layer within, also if the model's own flag was so already.

    As in fine-tuning by stages: a model is frozen, layers of it are un-frozen,
    and it is frozen again; and the other way. Functional, sequential, nested and
    subclassed models, these with their layers in attributes, lists and dicts;
    what is frozen again is trained and must not move.
    Source: the documentation of `trainable`, "setting it on a layer sets it on all
    of its sublayers". Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    wrong = {}
    for name, part in _parts(subject).items():
        for flag, word in WORDS.items():
            part.trainable = flag
            for layer in networks.layers_of(subject.network):
                layer.trainable = not flag
            part.trainable = flag
            other = [layer.name for layer in networks.layers_of(subject.network) if bool(layer.trainable) is not flag]
            if other:
                wrong["{}, {} again".format(name, word)] = other
    moved = _moved(subject)
    evidence = {"other_flags": wrong, "changed": moved}
    if moved:
        said = "a network that is frozen again trains: {} variables move, as {}; its own flag reads {}"
        return regressed(said.format(len(moved), moved[0], bool(subject.network.trainable)), **evidence)
    if wrong:
        what, layers = next(iter(wrong.items()))
        said = "{}: {} layers within have the other flag, as {}"
        return regressed(said.format(what, len(layers), layers[0]), **evidence)
    return passed("every layer within has the flag of the model, each time that is set", **evidence)


def _parts(subject):
    """Models around the network by the way in which they hold it."""
    keras, network = subject.framework.keras, subject.network

    class Subclassed(keras.Model):
        def __init__(self, held):
            super().__init__()
            self.held = held

        def call(self, inputs, training=None):
            return network(inputs, training=training)

    images = keras.Input(tuple(network.input_shape[1:]))
    return {
        "functional": network,
        "sequential": keras.Sequential([network]),
        "nested": keras.Model(images, network(images)),
        "subclassed": Subclassed(network),
        "subclassed, in a list": Subclassed(list(network.layers)),
        "subclassed, in a dict": Subclassed({layer.name: layer for layer in network.layers}),
        "subclassed, in a list of lists": Subclassed([network.layers[:3], network.layers[3:]]),
    }


def _moved(subject):
    """Names of variables that training moves of a network that is frozen, un-frozen by layers, and frozen again."""
    network = subject.network
    network.trainable = False
    for layer in subject.layers:
        layer.trainable = True
    network.trainable = False
    model = subject.framework.keras.Sequential([network, subject.framework.keras.layers.Dense(probes.CLASSES)])
    model.compile(subject.framework.sgd(0.1), "mse")
    before = subject.weights()
    model.fit(probes.images(8), probes.labels(8), verbose=0)
    now = subject.weights()
    return [name for name in before if not identical(before[name], now[name])]


_CODE = """
class Held(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.held = list(network.layers)


for model in (network, Held()):
    model.trainable = False  # all of it
    for layer in network.layers:
        layer.trainable = True  # for fine-tuning
    model.trainable = False  # all of it again
    left = [layer.name for layer in network.layers if layer.trainable]
    said = "{} layers of a model are un-frozen, and its own `trainable` is {}"
    assert not left, said.format(len(left), model.trainable)
"""


def flags_stay(subject):
    """What is done with a frozen network leaves the flags of its layers alone.

    Compiling, training, evaluating and predicting; saving it, its weights, and
    loading them, with mismatches skipped too; setting and copying weights;
    converting it to integers, in a release that does.
    Source: the documentation of `trainable`. Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    network, wrong, absent = subject.network, {}, {}
    network.trainable = True
    for layer in subject.layers:
        layer.trainable = True
    network.trainable = False
    images, targets = probes.images(4), np.zeros((4, int(network.output_shape[-1])), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "all.weights.h5")
        done = {
            "compile": lambda: network.compile("sgd", "mse"),
            "evaluate": lambda: network.evaluate(images, targets, verbose=0),
            "predict": lambda: network.predict(images, verbose=0),
            "set_weights": lambda: network.set_weights(network.get_weights()),
            "save_weights": lambda: network.save_weights(file),
            "load_weights": lambda: network.load_weights(file),
            "load_weights(skip_mismatch=True)": lambda: network.load_weights(file, skip_mismatch=True),
            "load_weights(by_name=True)": lambda: network.load_weights(file, by_name=True),
            "save": lambda: network.save(os.path.join(folder, "model.h5")),
            "clone_model": lambda: subject.framework.keras.models.clone_model(network),
            "get_config": network.get_config,
            # Last: it changes what the network computes.
            "quantize": lambda: network.quantize("int8"),
        }
        for name, do in done.items():
            try:
                do()
            except (
                Exception
            ) as error:  # what a release does not have, or not with this file, is not what is tested here
                absent[name] = "{}: {}".format(type(error).__name__, (str(error).splitlines() or [""])[0])
            other = [layer.name for layer in networks.layers_of(network) if layer.trainable]
            if other or network.trainable:
                wrong[name] = other
                network.trainable = True
                network.trainable = False
    evidence = {"other_flags": wrong, "absent": absent, "ran": sorted(set(done) - set(absent))}
    if wrong:
        name, layers = next(iter(wrong.items()))
        said = "`{}` un-freezes {} layers of a frozen network, as {}"
        return regressed(said.format(name, len(layers), (layers or ["itself"])[0]), **evidence)
    if not {"compile", "predict", "save_weights", "load_weights"} <= set(evidence["ran"]):
        return inconclusive("too little of it could be done: {}".format(absent), **evidence)
    return passed("{} things leave every flag alone".format(len(evidence["ran"])), **evidence)


def _check(decide, code=""):
    statement = " ".join(decide.__doc__.split("\n\n")[0].split())
    return Check(name=decide.__name__.replace("_", "-"), statement=statement, decide=decide, code=code.strip())


FLAGS = (_check(flags_reach_layers, _CODE), _check(flags_stay))
