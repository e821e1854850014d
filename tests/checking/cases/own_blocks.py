"""Frozen blocks of a person's own that hide what follows the batch: behind a layer that they hold, behind their name, behind
randomness of their own, in what each image gives, in a single number, in a network that they do not hold; a `fit` of one's own; and the call with
`training=False` of Keras's guide, which Keras 3 overrides (keras issue 20285). Beside each a frozen BatchNorm that is sound.

Right answer: not sound (each was measured by the loss of a training step at learning rate 0 against `evaluate`, or by what
three steps move). Sound are build_counter, whose frozen block counts its calls, and build_drop, whose frozen block drops
at random.
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


class Normalising(L.Layer):
    """A convolution with statistics of the block's own."""

    def __init__(self, rate=0.0, **more):
        super().__init__(**more)
        self.convolution, self.rate = L.Conv2D(8, 1), rate

    def build(self, shape):
        self.convolution.build(shape)
        self.running = self.add_weight(name="running_mean", shape=(8,), initializer="zeros", trainable=False)

    def call(self, x, training=None):
        x = self.convolution(x)
        if not training:
            return x - tf.convert_to_tensor(self.running)
        mean = tf.reduce_mean(x, [0, 1, 2])
        self.running.assign(0.9 * tf.convert_to_tensor(self.running) + 0.1 * mean)
        return tf.nn.dropout(x - mean, self.rate) if self.rate else x - mean

    def compute_output_shape(self, shape):
        return shape[:-1] + (8,)


class NormalisingDropout(Normalising):
    """Its name promises randomness."""


class Following(L.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        if training:
            inputs = inputs - tf.reduce_mean(inputs, [0, 1, 2])
        return super().call(inputs, training=False)


class RandomPath(L.Layer):
    def __init__(self, **more):
        super().__init__(**more)
        self.normal = Following()

    def build(self, shape):
        self.normal.build(shape)

    def call(self, x, training=None):
        return x + self.normal(x, training=training)


class Numbered(L.Layer):
    """Divides by the largest value so far, or only counts its calls."""

    def __init__(self, divides, **more):
        super().__init__(**more)
        self.divides = divides

    def build(self, shape):
        self.number = self.add_weight(name="number", shape=(), initializer="ones", trainable=False)

    def call(self, x, training=None):
        number = tf.convert_to_tensor(self.number)
        if training:
            self.number.assign(tf.maximum(number, tf.reduce_max(x)) + 1.0 if self.divides else number + 1.0)
        return x / number if self.divides else x

    def get_config(self):
        return dict(super().get_config(), divides=self.divides)


class Dropping(L.Layer):
    def build(self, shape):
        self.scale = self.add_weight(name="scale", shape=(int(shape[-1]),), initializer="ones")

    def call(self, x, training=None):
        return tf.nn.dropout(x, 0.2) * self.scale if training else x * self.scale


class ByImage(L.Layer):
    """Drops at random, and in training normalises each image by itself."""

    def build(self, shape):
        self.scale = self.add_weight(name="scale", shape=(int(shape[-1]),), initializer="ones")

    def call(self, x, training=None):
        if training:
            x = self.drop(x - tf.reduce_mean(x, [1, 2], keepdims=True))
        return x * tf.convert_to_tensor(self.scale)

    def drop(self, x):
        return tf.nn.dropout(x, 0.2)


class BySeed(ByImage):
    """The same with a seed of its own, which Keras 3 keeps in a variable."""

    def __init__(self, **more):
        super().__init__(**more)
        self.seeds = tf.keras.random.SeedGenerator(1)

    def drop(self, x):
        return tf.keras.random.dropout(x, 0.2, seed=self.seeds)


class Plain:
    """What Keras does not look into."""


class Hiding(L.Layer):
    def __init__(self, **more):
        super().__init__(**more)
        held = Plain()
        held.normal = L.BatchNormalization(name="hidden")
        held.normal.build((None, 16, 16, 3))
        self.held = held

    def call(self, x, training=None):
        return self.held.normal(x, training=training)

    def compute_output_shape(self, shape):
        return shape


class OwnFit(tf.keras.Model):
    def fit(self, x, y, **options):
        for layer in self.layers[1].layers:
            layer.trainable = True
        self.compile("sgd", "mse")
        return super().fit(x, y, **options)


def _with(layer):
    x = tf.keras.Input((16, 16, 3))
    h = layer(x)
    base = tf.keras.Model(x, backbone()(L.Conv2D(3, 1)(h)), name="outer")
    base.trainable = False
    model = tf.keras.Sequential([base, L.Dense(3)])
    model.compile("sgd", "mse")
    return model


def build_block():
    return _with(Normalising())


def build_named():
    return _with(NormalisingDropout())


def build_random():
    return _with(Normalising(rate=0.1))


def build_path():
    return _with(RandomPath())


def build_number():
    return _with(Numbered(divides=True))


def build_counter():
    return _with(Numbered(divides=False))


def build_image():
    return _with(ByImage())


def build_seed():
    return _with(BySeed())


def build_drop():
    return _with(Dropping())


def build_hidden():
    return _with(Hiding())


def build_fit():
    base = backbone()
    base.trainable = False
    x = tf.keras.Input((16, 16, 3))
    model = OwnFit(x, L.Dense(3)(base(x)))
    model.compile("sgd", "mse")
    return model


def build_guide():
    frozen, other = backbone(), backbone()
    frozen.trainable = False
    trained = tf.keras.Model(other.input, other.output, name="trained")
    x = tf.keras.Input((16, 16, 3))
    model = tf.keras.Model(x, L.Dense(3)(L.Concatenate()([frozen(x), trained(x, training=False)])))
    model.compile("sgd", "mse")
    return model
