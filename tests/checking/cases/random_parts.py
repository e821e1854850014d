"""Randomness beside a frozen backbone: an own stochastic depth, augmentation in the model, dropout that stays on in
evaluation (Monte Carlo dropout).

Right answer: sound (measured: nothing frozen moves; the modes differ by what is random alone).
"""

import tensorflow as tf
from pretrained import backbone, statistics

L = tf.keras.layers


class StochasticDepth(L.Layer):
    def call(self, x, training=None):
        if not training:
            return x
        kept = tf.floor(0.5 + tf.random.uniform((tf.shape(x)[0], 1, 1, 1)))
        return x * kept / 0.5


def build_depth():
    x = tf.keras.Input((16, 16, 3))
    h = L.Conv2D(8, 3, padding="same")(x)
    for _ in range(2):
        h = L.Add()([h, StochasticDepth()(L.BatchNormalization()(L.Conv2D(8, 3, padding="same")(h)))])
    base = tf.keras.Model(x, L.GlobalAveragePooling2D()(h), name="base")
    statistics(base)
    base.trainable = False
    model = tf.keras.Sequential([base, L.Dropout(0.3), L.Dense(3)])
    model.compile("adam", "mse")
    return model


def build_augmented():
    base = backbone()
    base.trainable = False
    turned = [L.RandomFlip("horizontal"), L.RandomRotation(0.2), L.RandomZoom(0.2), L.RandomContrast(0.2)]
    model = tf.keras.Sequential([tf.keras.Input((16, 16, 3)), *turned, L.Rescaling(1 / 127.5, -1), base, L.Dense(3)])
    model.compile("adam", "mse")
    return model


def build_monte_carlo():
    base = backbone()
    base.trainable = False
    x = tf.keras.Input((16, 16, 3))
    model = tf.keras.Model(x, L.Dense(3)(L.Dropout(0.5)(base(x), training=True)))
    model.compile("adam", "mse")
    return model
