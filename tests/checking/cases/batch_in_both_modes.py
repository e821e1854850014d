"""keras#5892, KerasGAN#12, keras#3423 (mode 2): a BatchNorm that normalises with the batch in both modes, frozen.

Right answer: affected: an image's prediction depends on what is beside it (measured 0.10, build_updating 0.68). No cure by training=False.
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


class BatchOnly(L.Layer):
    updates_own = False

    def build(self, shape):
        size, self.epsilon = (int(shape[-1]),), 1e-3
        self.gamma = self.add_weight(name="gamma", shape=size, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=size, initializer="zeros")
        self.moving_mean = self.add_weight(name="moving_mean", shape=size, initializer="zeros", trainable=False)
        self.moving_variance = self.add_weight(name="moving_variance", shape=size, initializer="ones", trainable=False)

    def call(self, x, training=None):
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        if training and self.updates_own:
            self.moving_mean.assign(self.moving_mean * 0.9 + mean * 0.1)
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


class Updating(BatchOnly):
    updates_own = True


def build_model(BN=BatchOnly):
    base = backbone(BN)
    base.trainable = False
    x = tf.keras.Input((16, 16, 3))
    return tf.keras.Model(x, L.Dense(3)(base(x)))


def build_updating():
    return build_model(Updating)
