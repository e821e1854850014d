"""What a constructor is told: a model that it must be frozen, a layer that it must synchronize."""

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import NotApplicable, not_applicable, passed, regressed
from bnregress.suite.registry import Check


def constructor_flag(subject):
    """A model that is made with `trainable=False` says so, and that it has nothing that trains.

    Functional, `Sequential` and subclassed models, if the release takes the argument there.
    Source: the documentation of `Model`, "if the model's variables should be trainable". Tolerance: none.
    """
    made, absent = _made(subject)
    wrong = [name for name, part in made.items() if part.trainable or part.trainable_weights]
    if wrong:
        said = "a {} model that is made with `trainable=False` has {} variables that train; its own flag reads {}"
        first = made[wrong[0]]
        return regressed(
            said.format(wrong[0], len(first.trainable_weights), bool(first.trainable)), wrong=wrong, absent=absent
        )
    return passed("it is so: {}".format(", ".join(made)), absent=absent)


def made_frozen(subject):
    """A model that is made with `trainable=False` is frozen: within another one training moves nothing of it.

    Its BatchNorm is the same in both modes. Models and source as above. Tolerance: none.
    """
    made, absent = _made(subject)
    wrong = {}
    for name, part in made.items():
        answers = [subject.framework.array(part(_drawn((4, 6, 6, 3)), training=mode)) for mode in (True, False)]
        model = subject.framework.keras.Sequential([part, subject.framework.keras.layers.Dense(2)])
        model(_drawn((1, 6, 6, 3)))
        before = subject.execution.read(part.weights)
        model.compile(subject.framework.sgd(0.1), "mse")
        model.fit(_drawn((8, 6, 6, 3)), np.ones((8, 2), np.float32), batch_size=4, verbose=0)
        now = subject.execution.read(part.weights)
        moved = sum(not identical(old, new) for old, new in zip(before, now))
        if moved or not identical(*answers):
            wrong[name] = {"moved": moved, "same_in_both_modes": identical(*answers)}
    if wrong:
        told = ", ".join("{} of a {} one".format(what["moved"], name) for name, what in wrong.items())
        said = "made with `trainable=False`, a model is another in training mode; of its 5 variables training moves {}"
        return regressed(said.format(told), wrong=wrong, absent=absent)
    return passed("it is frozen: {}".format(", ".join(made)), absent=absent)


def _made(subject):
    """Models by the name of their kind, and what a release says of the kinds that take no `trainable`."""
    if not subject.execution.eager:
        raise NotApplicable("needs eager mode")
    made, absent = {}, {}
    for name, make in MADE_FROZEN.items():
        try:
            made[name] = make(subject.framework.keras)
        except TypeError as error:  # noqa: PERF203 - there are three
            if "trainable" not in str(error):
                raise
            absent[name] = str(error).splitlines()[0]
    if not made:
        raise NotApplicable("no model of this release takes `trainable`: {}".format(absent))
    return made, absent


def _drawn(shape):
    return np.random.RandomState(0).normal(size=shape).astype(np.float32)


def _parts(keras):
    layers = keras.layers
    return [layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization(), layers.GlobalAveragePooling2D()]


def _functional(keras):
    images = features = keras.Input((6, 6, 3))
    for layer in _parts(keras):
        features = layer(features)
    return keras.Model(images, features, trainable=False)


def _sequential(keras):
    return keras.Sequential([keras.layers.InputLayer((6, 6, 3)), *_parts(keras)], trainable=False)


def _subclassed(keras):
    class Subclassed(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.parts = _parts(keras)

        def call(self, inputs, training=None):
            for layer in self.parts[:1]:
                inputs = layer(inputs)
            return self.parts[2](self.parts[1](inputs, training=training))

    model = Subclassed(trainable=False)
    model(_drawn((1, 6, 6, 3)))
    return model


MADE_FROZEN = {"functional": _functional, "sequential": _sequential, "subclassed": _subclassed}


def description_synchronized(subject):
    """A BatchNorm that synchronizes over replicas does so too if it is made from its description.

    As by `clone_model`, by `from_config` and by loading a saved model.
    Source: the documentation of `BatchNormalization` and of `get_config`. Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    try:
        layer = subject.framework.keras.layers.BatchNormalization(synchronized=True)
    except (TypeError, ValueError):
        return not_applicable("BatchNormalization of this release takes no `synchronized`")
    again = type(layer).from_config(layer.get_config())
    if not again.synchronized:
        return regressed("a BatchNorm made with `synchronized=True` is not synchronized once made from its description")
    return passed("`synchronized` is kept")


#: The check as lines of a script.
_CODE = """
for layer in network.layers:
    layer.trainable = True


class Held(tf.keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.held = network

    def call(self, inputs, training=None):
        return self.held(inputs, training=training)


frozen = Held(trainable=False)
answers = [forward(frozen, images, training) for training in (True, False)]
said = "a model whose `trainable` is {} is another in training mode"
assert np.allclose(*answers, atol=1e-4), said.format(frozen.trainable)
"""

_DESCRIBED = """
layer = tf.keras.layers.BatchNormalization(synchronized=True)
again = tf.keras.layers.BatchNormalization.from_config(layer.get_config())
assert again.synchronized, "a layer that is made from the description of a synchronized one is not"
"""


def _check(decide, code):
    statement = " ".join(decide.__doc__.split("\n\n")[0].split())
    return Check(name=decide.__name__.replace("_", "-"), statement=statement, decide=decide, code=code.strip())


CONSTRUCTOR = (_check(made_frozen, _CODE), _check(description_synchronized, _DESCRIBED))
