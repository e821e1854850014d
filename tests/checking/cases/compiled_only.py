"""What only the compiled training step shows, beside something random: a step that was traced before the freezing, a layer that
asks whether it is compiled, virtual batches into which only the whole batch divides; a class that inherits from Dropout.

Right answer: affected (measured in 2.21.0 with the Dropout at rate 0, by the loss of a training step at learning rate 0
and of an evaluation: build_traced and build_traced_step 7.69 and 2.74, build_compiled 23.6 and 6.65, build_ghosts 46.3 and
14.0; build_frozen_first 5.40 in both). build_inherits and build_rarely follow the batch by construction. Sound are
build_frozen_first, which was traced after the freezing, build_always, whose own Dropout is on in evaluation as well, and
build_weighted, whose own step takes sample weights and keeps the last images.
"""

import numpy as np
import tensorflow as tf
from pretrained import statistics

L = tf.keras.layers


class CompiledOnly(L.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        if training and not tf.executing_eagerly():
            mean, variance = tf.nn.moments(inputs, [0, 1, 2])
            return (inputs - mean) / tf.sqrt(variance + self.epsilon)
        return super().call(inputs, training=training)


class Ghosts(L.BatchNormalization):
    """Normalises virtual batches of four in training."""

    def call(self, inputs, training=None, mask=None):
        own = tf.convert_to_tensor(super().call(inputs, training=False))
        if not training:
            return own
        shape = tf.shape(inputs)

        def virtual():
            groups = tf.reshape(inputs, tf.concat([[-1, 4], shape[1:]], 0))
            mean, variance = tf.nn.moments(groups, [1, 2, 3], keepdims=True)
            return tf.reshape((groups - mean) / tf.sqrt(variance + self.epsilon), shape)

        return tf.cond(tf.equal(shape[0] % 4, 0), virtual, lambda: own)


class Rarely(L.BatchNormalization):
    """In training takes the batch's statistics once in ten steps, by chance."""

    def call(self, inputs, training=None, mask=None):
        own = tf.convert_to_tensor(super().call(inputs, training=False))
        if not training:
            return own
        mean, variance = tf.nn.moments(inputs, [0, 1, 2])
        of_batch = (inputs - mean) / tf.sqrt(variance + self.epsilon)
        return tf.where(tf.random.uniform(()) < 0.1, of_batch, own)


class NormalisingDropout(L.Dropout):
    """Its class inherits from a random layer."""

    def call(self, inputs, training=None):
        mean, variance = tf.nn.moments(inputs, [0, 1, 2]) if training else (0.3, 1.4)
        return super().call((inputs - mean) / tf.sqrt(variance + 1e-3), training=training)


class AlwaysOn(L.Dropout):
    def call(self, inputs):
        return super().call(inputs, training=True)


class Weighted(tf.keras.Model):
    """A training step of its own, which takes sample weights and keeps the last images in a dict."""

    def train_step(self, data):
        x, y, weights = data
        self.kept["x"] = np.array(x[:2])
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(weights * tf.reduce_mean(tf.square(y - self(x, training=True)), -1))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss}

    def test_step(self, data):
        x, y, weights = data
        return {"loss": tf.reduce_mean(weights * tf.reduce_mean(tf.square(y - self(x, training=False)), -1))}


class HeadOnly(tf.keras.Model):
    """A training step of its own, which trains the head alone."""

    def train_step(self, data):
        x, y = data[0], data[1]
        head = self.layers[-1].trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(y - self(x, training=True)))
        self.optimizer.apply_gradients(zip(tape.gradient(loss, head), head))
        return {"loss": loss}


def _base(normal, side=16, inner=()):
    x = tf.keras.Input((side, side, 3))
    h = L.Conv2D(8, 3, padding="same")(x)
    for layer in inner:
        h = layer(h)
    base = tf.keras.Model(x, L.GlobalMaxPooling2D()(normal(h)), name="base")
    statistics(base)
    return base


def _with(base, head=(), kind=tf.keras.Model, **options):
    x = tf.keras.Input(base.input_shape[1:])
    h = base(x)
    for layer in head:
        h = layer(h)
    model = kind(x, L.Dense(3)(h))
    model.compile("sgd", "mse", **options)
    return model


def _batch(samples=8, side=16):
    random = np.random.RandomState(5)
    x, y = random.uniform(-1, 2, (samples, side, side, 3)), random.uniform(size=(samples, 3))
    return x.astype("float32"), y.astype("float32")


def _traced(head, kind=tf.keras.Model, frozen=False):
    """Trained by one step, then frozen, and not compiled again."""
    base = _base(L.BatchNormalization(momentum=1.0, center=False, scale=False))
    base.layers[1].trainable = False
    base.trainable = base.trainable and not frozen
    model = _with(base, head, kind)
    model.train_on_batch(*_batch())
    base.trainable = False
    return model, _batch()


def build_traced():
    return _traced([L.Dropout(0.3)])


def build_traced_head():
    return _traced([L.BatchNormalization()])


def build_traced_step():
    return _traced([], HeadOnly)


def build_frozen_first():
    return _traced([L.Dropout(0.3)], frozen=True)


def build_compiled():
    base = _base(CompiledOnly())
    base.trainable = False
    return _with(base, [L.Dropout(0.3)]), _batch()


def build_ghosts():
    base = _base(Ghosts(), side=200)
    base.trainable = False
    return _with(base, [L.Dropout(0.3)]), _batch(side=200)


def build_rarely():
    base = _base(Rarely())
    base.trainable = False
    return _with(base), _batch()


def build_inherits():
    base = _base(L.BatchNormalization(), inner=[NormalisingDropout(0.1)])
    base.trainable = False
    return _with(base), _batch()


def build_always():
    base = _base(L.BatchNormalization())
    base.trainable = False
    return _with(base, [AlwaysOn(0.3)]), _batch()


def build_weighted():
    base = _base(L.BatchNormalization())
    base.trainable = False
    model = _with(base, kind=Weighted, run_eagerly=True)
    model.kept = {"x": np.zeros((2, 16, 16, 3), "float32")}
    x, y = _batch()
    weights = np.linspace(0, 2, len(x)).astype("float32")
    return model, tf.data.Dataset.from_tensor_slices((x, y, weights)).batch(len(x))
