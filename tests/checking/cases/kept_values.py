"""What frozen blocks keep from step to step: a running mean for the log alone, a counter that decides something later, statistics
that move every sixteenth step, statistics in a global, in a dict; and states of layers that are no statistics.

Right answers (measured by what 3 and 20 steps move, and by the loss of an evaluation from other values of what moved): sound
are build_log, on whose running mean nothing depends, build_counting, whose BatchNormalization counts its batches,
build_stateful, whose recurrent layer goes on from the last batch, and build_spectral, whose un-frozen head normalises its
kernel in training (Keras 2's fails in training if not eager). The others are not sound.
"""

import tensorflow as tf
from pretrained import backbone, statistics

L = tf.keras.layers


class Keeping(L.Layer):
    """Keeps a number of steps and a running mean."""

    def build(self, shape):
        self.steps = self.add_weight(name="steps", shape=(), initializer="zeros", dtype="int32", trainable=False)
        self.mean = self.add_weight(name="mean", shape=(int(shape[-1]),), initializer="zeros", trainable=False)

    def follow(self, x, rate):
        mean = tf.convert_to_tensor(self.mean)
        self.mean.assign(mean + rate * (tf.reduce_mean(x, [0, 1, 2]) - mean))


class Logging(Keeping):
    def call(self, x, training=None):
        if training:
            self.follow(x, 0.1)
        return x


class Slowly(Keeping):
    """Moves less than a loss shows."""

    def call(self, x, training=None):
        if training:
            self.follow(x, 1e-7)
        return x - tf.convert_to_tensor(self.mean)


class Warming(Keeping):
    def call(self, x, training=None):
        steps = tf.convert_to_tensor(self.steps)
        if training:
            self.steps.assign(steps + 1)
        return x * tf.where(steps > 1000, 0.5, 1.0)


class Periodic(Keeping):
    def call(self, x, training=None):
        if training:
            steps = tf.convert_to_tensor(self.steps) + 1
            self.steps.assign(steps)
            self.follow(x, tf.where(tf.equal(steps % 16, 0), 0.1, 0.0))
        return x - tf.convert_to_tensor(self.mean)


class Counting(L.BatchNormalization):
    """Counts batches, as PyTorch's does, frozen too."""

    def build(self, shape):
        # First, for the statistics are found by their place at the end.
        self.batches = self.add_weight(name="batches", shape=(), initializer="zeros", dtype="int32", trainable=False)
        super().build(shape)

    def call(self, inputs, training=None, mask=None):
        if training:
            self.batches.assign(tf.convert_to_tensor(self.batches) + 1)
        return super().call(inputs, training=training)


ELSEWHERE = []


class Elsewhere(L.Layer):
    """Keeps its mean in a global."""

    def call(self, x, training=None):
        if not ELSEWHERE:
            with tf.init_scope():
                ELSEWHERE.append(tf.Variable(tf.zeros(int(x.shape[-1])), trainable=False))
        mean = ELSEWHERE[0]
        if training:
            mean.assign(mean + 1e-7 * (tf.reduce_mean(x, [0, 1, 2]) - mean))
        return x - mean


class InDict(L.Layer):
    def __init__(self, **more):
        super().__init__(**more)
        self.kept = {"mean": tf.Variable(tf.zeros(3), trainable=False)}

    def call(self, x, training=None):
        mean = self.kept["mean"]
        if training:
            mean.assign(0.9 * mean + 0.1 * tf.reduce_mean(x, [0, 1, 2]))
        return x - mean


def _compiled(*layers):
    model = tf.keras.Sequential(layers)
    model.compile("sgd", "mse")
    return model


def _with(layer):
    x = tf.keras.Input((16, 16, 3))
    base = tf.keras.Model(x, backbone()(L.Conv2D(3, 1)(layer(x))), name="outer")
    base.trainable = False
    return _compiled(tf.keras.Input((16, 16, 3)), base, L.Dense(3))


def build_log():
    return _with(Logging())


def build_slowly():
    return _with(Slowly())


def build_warming():
    return _with(Warming())


def build_periodic():
    return _with(Periodic())


def build_global():
    return _with(Elsewhere())


def build_dict():
    return _with(InDict())


class InPython(L.Layer):
    """Keeps its mean in an array of NumPy."""

    def __init__(self, **more):
        super().__init__(**more)
        self.kept = {"mean": 0.0}

    def call(self, x, training=None):
        def follow(values):
            if training:
                self.kept["mean"] = 0.9 * self.kept["mean"] + 0.1 * float(values.numpy().mean())
            return values - self.kept["mean"]

        followed = tf.py_function(follow, [x], tf.float32)
        followed.set_shape(x.shape)
        return followed

    def compute_output_shape(self, shape):
        return shape


def build_python():
    return _with(InPython())


def build_counting():
    base = backbone(Counting)
    base.trainable = False
    return _compiled(base, L.Dense(3))


def build_stateful():
    x = tf.keras.Input(batch_shape=(4, 5, 8))
    base = tf.keras.Model(x, L.LSTM(8, stateful=True)(L.BatchNormalization()(x)))
    statistics(base)
    base.trainable = False
    return _compiled(base, L.Dense(2))


def build_spectral():
    base = backbone()
    base.trainable = False
    return _compiled(base, L.SpectralNormalization(L.Dense(8)), L.Dense(3))
