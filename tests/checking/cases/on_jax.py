"""Keras on JAX, in an environment without TensorFlow.

Right answers, each measured with `train_on_batch` in a plain script: sound: build_sound, build_uncompiled, build_own_step,
build_frozen_before_step, build_compiled_again, build_trained, build_mixed; affected: build_one_unfrozen, build_called,
build_own_layer, build_own_step_moving, and build_stale: frozen after its first step, a BatchNorm without gamma and beta goes on
moving, because JAX compiles the step again only for other variables; not to be told: build_frozen_after_step, whose next step JAX
refuses, build_stale_unseen and build_trained_otherwise, whose step was compiled for another batch, build_nan, build_rate_zero, and
build_checkpointed, whose BatchNorm is called within `jax.checkpoint`.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras import layers

SIDE = 16


def block(x, filters):
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.Activation("relu")(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    return layers.Activation("relu")(layers.Add()([y, layers.Conv2D(filters, 1)(x)]))


def trained(layer):
    """Statistics as after training: on a fresh layer several breaks are invisible."""
    random = np.random.RandomState(2)
    layer.set_weights([random.uniform(0.5, 1.5, each.shape) for each in layer.get_weights()])


def base(frozen=True):
    inputs = keras.Input((SIDE, SIDE, 3))
    network = keras.Model(inputs, layers.GlobalAveragePooling2D()(block(block(inputs, 8), 16)))
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            trained(layer)
    network.trainable = not frozen
    return network


def headed(network, kind=keras.Model, **mode):
    inputs = keras.Input((SIDE, SIDE, 3))
    outputs = layers.Dense(4, activation="softmax")(layers.Dropout(0.3)(network(inputs, **mode)))
    return compiled(kind(inputs, outputs))


def compiled(model):
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batch(samples=8):
    random = np.random.RandomState(3)
    return random.uniform(-3, 3, (samples, SIDE, SIDE, 3)).astype("float32"), random.randint(0, 4, samples)


def build_sound():
    return headed(base())


def build_uncompiled():
    network = base()
    return keras.Sequential([network, layers.Dense(4)]), batch()[0]


def build_one_unfrozen():
    network = base()
    network.layers[2].trainable = True
    return headed(network), batch()


def build_called():
    return headed(base(frozen=False), training=False), batch()


class Follows(layers.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        if not training:
            return super().call(inputs, training=False)
        mean, variance = keras.ops.moments(inputs, axes=[0, 1, 2], keepdims=True)
        return (inputs - mean) / keras.ops.sqrt(variance + self.epsilon)


def alone(batchnorm):
    inputs = keras.Input((SIDE, SIDE, 3))
    features = batchnorm(layers.Conv2D(4, 3, trainable=False)(inputs))
    model = keras.Model(inputs, layers.Dense(4, activation="softmax")(layers.Flatten()(features)))
    trained(batchnorm)
    return compiled(model)


def build_own_layer():
    layer = Follows()
    model = alone(layer)
    layer.trainable = False
    return compiled(model), batch()


class OwnStep(keras.Model):
    """The step of Keras' guide to JAX."""

    moves = False

    def loss_and_updates(self, trainable, fixed, x, y):
        y_pred, fixed = self.stateless_call(trainable, fixed, x, training=True)
        return self.compute_loss(x, y, y_pred), fixed

    def train_step(self, state, data):
        trainable, fixed, optimizer, metrics = state
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        (loss, fixed), grads = jax.value_and_grad(self.loss_and_updates, has_aux=True)(trainable, fixed, x, y)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, grads, trainable)
        if self.moves:
            fixed = [0.9 * v if "moving" in each.path else v for v, each in zip(fixed, self.non_trainable_variables)]
        return {"loss": loss}, (trainable, fixed, optimizer, metrics)


class MovingStep(OwnStep):
    moves = True


def build_own_step():
    return headed(base(), OwnStep), batch()


def build_own_step_moving():
    return headed(base(), MovingStep), batch()


def build_frozen_before_step():
    network = base(frozen=False)
    model = headed(network)
    network.trainable = False
    return model, batch()


def build_frozen_after_step():
    network = base(frozen=False)
    model = headed(network)
    model.fit(*batch(), verbose=0)
    network.trainable = False
    return model, batch()


def build_compiled_again():
    return compiled(build_frozen_after_step()[0]), batch()


def build_trained():
    model = headed(base())
    model.fit(*batch(), verbose=0)
    return model, batch()


def build_trained_otherwise():
    model = headed(base())
    model.fit(*batch(), batch_size=4, verbose=0)
    return model, batch()


def build_stale():
    layer = layers.BatchNormalization(center=False, scale=False)
    model = alone(layer)
    model.train_on_batch(*batch())
    layer.trainable = False
    return model, batch()


def build_stale_unseen():
    return build_stale()[0], batch(6)


def build_nan():
    network = base()
    *others, variance = network.layers[2].get_weights()
    variance[0] = np.nan
    network.layers[2].set_weights([*others, variance])
    return headed(network), batch()


def build_rate_zero():
    model = headed(base())
    model.optimizer.learning_rate = 0.0
    return model, batch()


def build_mixed():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    return headed(base()), batch()


class Checkpointed(layers.Layer):
    def __init__(self):
        super().__init__()
        self.batchnorm = layers.BatchNormalization(trainable=False)

    def call(self, inputs, training=None):
        return jax.checkpoint(lambda values: self.batchnorm(values, training=training))(inputs)


def build_checkpointed():
    inputs = keras.Input((SIDE, SIDE, 3))
    return compiled(
        keras.Model(inputs, layers.Dense(4, activation="softmax")(layers.Flatten()(Checkpointed()(inputs))))
    )
