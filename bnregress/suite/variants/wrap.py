"""The axis `wrap`: what the network and the head are put into."""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from inspect import Parameter, cleandoc, signature
from typing import Callable, Mapping

from bnregress.suite.variants import preprocessing

WRAP = OrderedDict()


@dataclass(frozen=True)
class Wrap:
    """A way of putting a network and a head together.

    Attributes:
        name: as in `wrap=functional`.
        summary: what it is, for a person.
        build: takes Keras, the network and the head, returns the model, and the list of what stands for the
            network in it, which a person freezes. Where the model's author calls the network, it also takes what
            that call is given besides the inputs.
        code: the same as lines of a script that define `model` and `parts`.
        fronts: what is put in front of the network, each tried by itself too, as in
            `bnregress.suite.variants.preprocessing.FRONTS`; images then look the same in a mirror, so that a flip shows
            only in the mode it is made in.
    """

    name: str
    summary: str
    build: Callable
    code: str
    fronts: Mapping[str, Callable] = field(default_factory=dict)

    @property
    def calls(self):
        """Whether the model's author calls the network, and so can call it with `training=False`."""
        return any(each.kind is Parameter.VAR_KEYWORD for each in signature(self.build).parameters.values())

    def lines(self, called):
        """Lines of a script; `called` lets them call the network with `training=False`."""
        if not called:
            return self.code
        return re.sub(r"network\((\w+)(, training=training)?\)", r"network(\1, training=False)", self.code)


def wrapping(name, summary, code, **more):
    """Declare the decorated function as a way of wrapping."""

    def register(build):
        WRAP[name] = Wrap(name, summary, build, cleandoc(code), **more)
        return build

    return register


@wrapping(
    "sequential",
    "Sequential([network, head])",
    "model = tf.keras.Sequential([network, head])\nparts = model.layers[:1]",
)
def sequential(keras, network, head):
    return keras.Sequential([network, head]), [network]


@wrapping(
    "functional",
    "Model(inputs, head(network(inputs)))",
    """
    inputs = tf.keras.Input(network.input_shape[1:])
    model = tf.keras.Model(inputs, head(network(inputs)))
    parts = [network]
    """,
)
def functional(keras, network, head, **mode):
    inputs = keras.Input(network.input_shape[1:])
    return keras.Model(inputs, head(network(inputs, **mode))), [network]


@wrapping(
    "chain",
    "Model(network.input, head(network.output)): flat",
    "model = tf.keras.Model(network.input, head(network.output))\nparts = model.layers[:-1]",
)
def chain(keras, network, head):
    model = keras.Model(network.input, head(network.output))
    return model, model.layers[:-1]


@wrapping(
    "nested",
    "a Model of a Model of the network: two deep",
    """
    inputs = tf.keras.Input(network.input_shape[1:])
    inner = tf.keras.Model(inputs, network(inputs))
    inputs = tf.keras.Input(network.input_shape[1:])
    model = tf.keras.Model(inputs, head(inner(inputs)))
    parts = [inner]
    """,
)
def nested(keras, network, head, **mode):
    inputs = keras.Input(network.input_shape[1:])
    inner = keras.Model(inputs, network(inputs, **mode))
    inputs = keras.Input(network.input_shape[1:])
    return keras.Model(inputs, head(inner(inputs))), [inner]


@wrapping(
    "subclass",
    "subclasses of Model, the network in one that the other holds",
    """
    class Body(tf.keras.Model):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def call(self, inputs, training=None):
            return self.network(inputs, training=training)


    class Whole(tf.keras.Model):
        def __init__(self, body, head):
            super().__init__()
            self.body, self.head = body, head

        def call(self, inputs, training=None):
            return self.head(self.body(inputs, training=training))


    parts = [Body(network)]
    model = Whole(parts[0], head)
    """,
)
def subclass(keras, network, head, **mode):
    class Body(keras.Model):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def call(self, inputs, training=None):
            return self.network(inputs, training=mode.get("training", training))

    class Whole(keras.Model):
        def __init__(self, body, head):
            super().__init__()
            self.body, self.head = body, head

        def call(self, inputs, training=None):
            return self.head(self.body(inputs, training=training))

    body = Body(network)
    return Whole(body, head), [body]


@wrapping(
    "time-distributed",
    "TimeDistributed(network), a sequence of one image",
    """
    shape = tuple(network.input_shape[1:])
    body = tf.keras.layers.TimeDistributed(network)
    inputs = tf.keras.Input(shape)
    sequences = tf.keras.layers.Reshape((1,) + shape)(inputs)
    model = tf.keras.Model(inputs, head(tf.keras.layers.Flatten()(body(sequences))))
    parts = [body]
    """,
)
def time_distributed(keras, network, head):
    shape = tuple(network.input_shape[1:])
    body = keras.layers.TimeDistributed(network)
    inputs = keras.Input(shape)
    sequences = keras.layers.Reshape((1,) + shape)(inputs)
    return keras.Model(inputs, head(keras.layers.Flatten()(body(sequences)))), [body]


@wrapping(
    "preprocessing",
    "Model(inputs, head(network(...(inputs)))), the layers between flipping, resizing, cropping and normalising images",
    preprocessing.CODE,
    fronts=preprocessing.FRONTS,
)
def preprocessed(keras, network, head, fronts=tuple(preprocessing.FRONTS), **mode):
    inputs = keras.Input(network.input_shape[1:])
    images = inputs
    for front in fronts:
        for layer in preprocessing.FRONTS[front](keras, int(network.input_shape[1])):
            images = layer(images)
    return keras.Model(inputs, head(network(images, **mode))), [network]
