"""A model with its dataset of three batches, of which the last goes wrong: it is smaller, or has brighter images.

Right answer: affected (measured: at learning rate 0 training and evaluation report the same loss on the first two batches and
others on the third); build_sound is sound, and
build_several, whose compiled step takes four batches at once.
"""

import numpy as np
import tensorflow as tf
from pretrained import statistics

L = tf.keras.layers


class OfSome(L.BatchNormalization):
    """In training takes the batch's statistics for some batches alone."""

    def call(self, inputs, training=None, mask=None):
        own = tf.convert_to_tensor(super().call(inputs, training=False))
        if not training:
            return own
        mean, variance = tf.nn.moments(inputs, [0, 1, 2])
        of_batch = (inputs - mean) / tf.sqrt(variance + self.epsilon)
        return tf.where(self.is_odd(inputs), of_batch, own)


class OfSmall(OfSome):
    def is_odd(self, inputs):
        return tf.equal(tf.shape(inputs)[0], 3)


class OfBright(OfSome):
    def is_odd(self, inputs):
        return tf.reduce_max(tf.abs(inputs)) > 50.0


def _with(normal, head=(), **options):
    x = tf.keras.Input((16, 16, 3))
    base = tf.keras.Model(x, L.GlobalMaxPooling2D()(normal(L.Conv2D(8, 3)(x))), name="base")
    statistics(base)
    base.trainable = False
    model = tf.keras.Sequential([base, *head, L.Dense(3)])
    model.build((None, 16, 16, 3))
    model.compile("sgd", "mse", **options)
    random = np.random.RandomState(0)
    x, y = random.uniform(-1, 1, (19, 16, 16, 3)), random.uniform(size=(19, 3))
    x[16:] *= 300
    return model, tf.data.Dataset.from_tensor_slices((x.astype("float32"), y.astype("float32"))).batch(8)


def build_small():
    return _with(OfSmall())


def build_small_random():
    return _with(OfSmall(), [L.Dropout(0.3)])


def build_bright():
    return _with(OfBright())


def build_sound():
    return _with(L.BatchNormalization(), [L.Dropout(0.3)])


def build_several():
    return _with(L.BatchNormalization(), steps_per_execution=4)
