"""What `compile` and `fit` can be told: each setting is a few lines here, and both checks of training run it."""

import contextlib
import inspect
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

from bnregress.suite import gpu, xla
from bnregress.suite.finding import NotApplicable
from bnregress.suite.variants.train import require_options

SETTINGS = OrderedDict()

#: What a step of one's own calls its loss.
OWN = "loss_of_own_step"


@dataclass(frozen=True)
class Setting:
    """One way of telling Keras how to train.

    Attributes:
        name: kebab-case.
        optimizer: takes the framework and a learning rate, returns an optimizer.
        options: of `compile`.
        fitting: takes labels, returns further arguments of `fit` and the same for `evaluate`.
        model: takes the framework, the network and the head, returns a model.
        scope: takes the framework, returns a function that gives the context in which models are made.
        stepping: whether it changes how a step is taken, so that every entry point is held to it, frozen and un-frozen;
            else what it changes is what an optimizer does, and a frozen network's state is.
        times: how often the model adds up the network's features before the head takes them.
    """

    name: str
    optimizer: Callable[..., Any]
    options: Any
    fitting: Callable[..., Any]
    model: Callable[..., Any]
    scope: Callable[..., Any]
    stepping: bool
    times: int


def sequential(framework, network, head):
    """Network and head, one after the other."""
    return framework.keras.Sequential([network, head])


def _sgd(framework, rate):
    return framework.sgd(rate)


def _nothing(labels):
    return {}, {}


def _anywhere(framework):
    return contextlib.suppress


def setting(name, optimizer=_sgd, options=None, fitting=_nothing, model=sequential, scope=_anywhere, times=1):
    """Declare a setting."""
    SETTINGS[name] = Setting(name, optimizer, options or {}, fitting, model, scope, optimizer is _sgd, times)


def compiled(framework, chosen, network, rate, execution, weights, **more):
    """Wrap and compile as a setting says; returns the model and its head.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        chosen: `Setting`.
        network: part of the model.
        rate: learning rate.
        execution: `bnregress.suite.execution.Execution`.
        weights: of the head: two arrays.
        more: options of `compile` beside those of the setting.

    Raises:
        NotApplicable: the release has no such setting.
    """
    head = framework.keras.layers.Dense(weights[0].shape[1], activation="softmax", name="head")
    model = chosen.model(framework, network, head)
    if not head.weights:
        model(np.zeros((1,) + tuple(network.input_shape[1:]), np.float32))
    execution.write(head.weights, weights)
    require_options(model, chosen.options)
    options = xla.options(model, dict(chosen.options, **more), chosen.name in xla.SETTINGS_LEFT_TO_KERAS)
    model.compile(chosen.optimizer(framework, rate), loss="categorical_crossentropy", **options)
    xla.require(model, options)
    return model, head


def _optimizer(name, **options):
    def make(framework, rate):
        found = getattr(framework.keras.optimizers, name, None)
        if found is None:
            raise NotApplicable("this release has no optimizer {}".format(name))
        known = inspect.signature(found.__init__).parameters
        # What an optimizer clips by was taken without being named up to TensorFlow 2.10.
        unknown = [option for option in options if option not in known and not option.startswith("clip")]
        if unknown:
            raise NotApplicable("{} of this release takes no {}".format(name, ", ".join(unknown)))
        return found(rate, **options)

    return make


def _weighted(labels):
    weights = 0.5 + np.arange(len(labels), dtype=np.float32) / len(labels)
    return {"sample_weight": weights}, {"sample_weight": weights}


def _by_class(labels):
    classes = {place: 0.5 + place / 10.0 for place in range(labels.shape[1])}
    return {"class_weight": classes}, {
        "sample_weight": np.array([classes[int(each)] for each in labels.argmax(axis=1)])
    }


def _own_step(framework, network, head):
    """A model with a `train_step` of its own, whose tape is persistent."""
    tf, keras = framework.tf, framework.keras
    if not hasattr(keras.Model, "train_step"):
        raise NotApplicable("models of this release have no train_step")

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.network, self.head = network, head

        def call(self, inputs, training=None):
            return self.head(self.network(inputs, training=training))

        def train_step(self, data):
            images, labels = data[0], data[1]
            with tf.GradientTape(persistent=True) as tape:
                losses = keras.losses.categorical_crossentropy(labels, self(images, training=True))
                loss = tf.reduce_mean(losses)
            variables = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            # Of the name `loss` Keras 3 takes its own figure.
            return {OWN: loss}

    return Own()


def _used_twice(framework, network, head):
    """The network once by itself and once on each of two frames."""
    keras, shape = framework.keras, tuple(network.input_shape[1:])
    images = keras.Input(shape)
    frame = keras.layers.Reshape((1,) + shape)(images)
    try:
        frames = keras.layers.TimeDistributed(network)(keras.layers.Concatenate(axis=1)([frame, frame]))
        other = keras.layers.GlobalAveragePooling1D()(frames)
    except NotImplementedError:  # Keras 3.0 takes no model there
        other = network(keras.layers.Reshape(shape)(frame))
    features = [network(images), other]
    return keras.Model(images, head(keras.layers.Add()(features)))


def _mirrored(framework):
    return framework.require("distribute.MirroredStrategy")([gpu.first()]).scope


# What is told together costs one compilation.
setting("plain")
setting("eager", options={"run_eagerly": True})
setting("jit", options={"jit_compile": True})
setting("mirrored", scope=_mirrored)
setting("steps-per-execution-and-sample-weight", options={"steps_per_execution": 2}, fitting=_weighted)
setting("used-twice-and-class-weight", model=_used_twice, fitting=_by_class, times=2)
setting("own-train-step", model=_own_step)
setting("momentum", optimizer=_optimizer("SGD", momentum=0.9, nesterov=True, clipvalue=0.5))
setting("weight-decay", optimizer=_optimizer("AdamW", weight_decay=0.1, clipnorm=0.5))
setting(
    "moving-average",
    optimizer=_optimizer("SGD", use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=1, global_clipnorm=0.5),
)
setting("accumulation", optimizer=_optimizer("SGD", gradient_accumulation_steps=2))
