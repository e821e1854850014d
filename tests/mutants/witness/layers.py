"""What a layer and a model answer, by mode, flag and graph."""

# Read within a release's environment, and untyped like the suite.
# mypy: ignore-errors

import numpy as np

from tests.mutants.witness import models
from tests.mutants.witness.parts import part


@part(
    ("plain", {}, (6, 4, 4, 5)),
    ("options", {"momentum": 0.6, "epsilon": 0.1, "scale": False}, (6, 4, 4, 5)),
    ("rank 2", {"center": False}, (6, 5)),
    ("rank 3", {}, (6, 4, 5)),
    ("axis 1", {"axis": 1}, (6, 5, 4)),
    ("half", {"dtype": "mixed_float16"}, (6, 4, 4, 5)),
    ("regularised", {"beta_regularizer": "l2", "gamma_regularizer": "l1", "gamma_constraint": "unit_norm"}, (6, 5)),
)
def layer(tf, folder, name, options, shape):
    made, inputs = tf.keras.layers.BatchNormalization(**options), models.draw(*shape)
    made.build((None, *shape[1:]))
    yield models.values_of(made)
    models.fill(made)
    told = made.get_config()
    yield [(key, told[key]) for key in ("axis", "momentum", "epsilon", "center", "scale")]
    again = type(made).from_config(told)
    yield [again.momentum, again.epsilon, again.center, again.scale, again.trainable]
    for trainable in (True, False):
        made.trainable = trainable
        start = models.values_of(made)
        for training in (True, False, None):
            yield models.as_array(made(inputs, training=training))
        traced = tf.function(lambda batch, mode: made(batch, training=mode))
        for training in (True, False):
            yield models.as_array(traced(tf.constant(inputs), training))
        yield models.values_of(made)
        yield [float(np.sum(each)) for each in made.losses]
        made.set_weights(start)


@part()
def flags(tf, folder):
    def seen(model):
        weights = (
            models.shapes_of(model.trainable_weights),
            models.shapes_of(model.non_trainable_weights),
            models.shapes_of(model.weights),
        )
        return [[each.trainable for each in model.layers], *weights, len(model.trainable_variables)]

    model = models.make_headed(tf.keras, False)
    network = model.layers[0]
    yield [*seen(model), *seen(network)]
    network.trainable = False
    yield [*seen(model), *seen(network)]
    network.trainable = True
    network.layers[-5].trainable = False
    yield [*seen(model), *seen(network)]
    model.trainable = False
    yield [*seen(model), *seen(network)]
    yield seen(models.make_network(tf.keras, trainable=False))
    frames = tf.keras.layers.TimeDistributed(network)
    yield [frames.trainable, network.trainable]


@part((False,), (True,), ("model",))
def called(tf, folder, frozen):
    model = models.make_headed(tf.keras, frozen)
    for training in (None, False, True):
        yield models.as_array(model(models.images_and_labels()[0], training=training))
    yield models.values_of(model)


@part()
def graphs(tf, folder):
    keras, images = tf.keras, models.images_and_labels()[0]
    network = models.make_network(keras)
    inputs = keras.Input(models.SHAPE)
    fixed = keras.Model(inputs, network(inputs, training=False))
    yield [models.as_array(fixed(images, training=True)), *models.values_of(network)]
    parts = keras.Model(network.input, [network.get_layer("first_bn").output, network.output])
    yield [models.as_array(each) for each in parts(images)]
    both = [keras.Input(models.SHAPE, name="one"), keras.Input(models.SHAPE, name="other")]
    joined = keras.Model(both, keras.layers.Concatenate()([network(both[0]), network(both[1])]))
    yield models.as_array(joined([images, images[::-1]], training=False))
    frames = keras.Sequential([keras.Input((2, *models.SHAPE)), keras.layers.TimeDistributed(network)])
    yield models.as_array(frames(np.stack([images, images[::-1]], axis=1)))


@part()
def subclass(tf, folder):
    keras, images = tf.keras, models.images_and_labels()[0]

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.network, self.head = models.make_network(keras), keras.layers.Dense(models.CLASSES)

        def call(self, inputs, training=None):
            return self.head(self.network(inputs, training=training))

    own = Own()
    own(images[:1])
    models.fill(own)
    own.network.trainable = False
    yield [models.as_array(own(images, training=True)), len(own.trainable_weights), len(own.weights)]
