"""Frozen layers that are no BatchNorm and keep statistics all the same: running_mean as in PyTorch, a codebook that follows
by a moving average, a `tf.Module` without layers; beside them a frozen BatchNorm that is sound.

Right answer: not sound (measured: the statistics move in three steps, and the losses of the two modes differ).
build_tail: a frozen base whose last BatchNorm was made trainable again; affected, it follows the batch (in 2.1.0 too, where
nothing of it moves).
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


class Running(L.Layer):
    def build(self, shape):
        size = (int(shape[-1]),)
        self.running_mean = self.add_weight(name="running_mean", shape=size, initializer="zeros", trainable=False)
        self.running_var = self.add_weight(name="running_var", shape=size, initializer="ones", trainable=False)

    def call(self, x, training=None):
        mean, variance = self.running_mean, self.running_var
        if training:
            mean, variance = tf.nn.moments(x, list(range(len(x.shape) - 1)))
            self.running_mean.assign(0.9 * self.running_mean + 0.1 * mean)
            self.running_var.assign(0.9 * self.running_var + 0.1 * variance)
        return (x - mean) * tf.math.rsqrt(variance + 1e-5)


class Codebook(L.Layer):
    def build(self, shape):
        self.codes = self.add_weight(name="codes", shape=(4, int(shape[-1])), initializer="uniform", trainable=False)

    def call(self, x, training=None):
        shares = tf.nn.softmax(-tf.reduce_sum(tf.square(x[:, None] - self.codes[None]), -1))
        if training:
            mean = tf.matmul(shares, x, transpose_a=True) / tf.cast(tf.shape(x)[0], tf.float32)
            self.codes.assign(0.9 * self.codes + 0.1 * mean)
        return tf.matmul(shares, self.codes) + x


class Statistics(tf.Module):
    def __init__(self, size):
        super().__init__()
        self.mean = tf.Variable(tf.zeros(size), trainable=False)

    def __call__(self, x, training):
        if not training:
            return x - self.mean
        mean = tf.reduce_mean(x, 0)
        self.mean.assign(0.9 * self.mean + 0.1 * mean)
        return x - mean


class Holding(L.Layer):
    def __init__(self):
        super().__init__()
        self.inner = Statistics(8)

    def call(self, x, training=None):
        return self.inner(x, bool(training))


def _with(layer):
    x = tf.keras.Input((16, 16, 3))
    base = tf.keras.Model(x, layer(backbone()(x)))
    base.trainable = False
    model = tf.keras.Sequential([base, L.Dense(3)])
    model.compile("sgd", "mse")
    return model


def build_running():
    return _with(Running())


def build_codebook():
    return _with(Codebook())


def build_module():
    return _with(Holding())


def build_tail():
    base = backbone()
    base.trainable = False
    for layer in base.layers[-3:]:
        layer.trainable = True
    x = tf.keras.Input((16, 16, 3))
    model = tf.keras.Model(x, L.Dense(3)(base(x)))
    model.compile("sgd", "mse")
    return model
