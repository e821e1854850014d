"""Own training steps as people write them: a list of variables made before freezing, gradients gathered over steps, a part
that is trained every fifth step, a head alone, mixup.

Right answers (measured over 12 steps): build_remembers, build_alternates, build_gathers_all: affected, gamma and beta train;
build_gathers, build_mixup: sound; build_head_only: sound, with a warning first that the base, whose weights nothing trains,
follows the batch.
"""

import numpy as np
import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


class Own(tf.keras.Model):
    def __init__(self, base, others=()):
        super().__init__()
        self.base, self.head = base, L.Dense(3)
        # Behind a function, so that Keras does not take them for the model's own.
        self.others = lambda: list(others)

    def call(self, x, training=None):
        return self.head(self.base(x, training=training))

    def variables_to_train(self):
        return self.others() + self.head.trainable_variables

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
        variables = self.variables_to_train()
        self.take(variables, tape.gradient(loss, variables))
        return {"loss": loss}

    def take(self, variables, gradients):
        self.optimizer.apply_gradients(zip(gradients, variables))


def _ready(kind, freeze=True, others=False):
    base = backbone()
    model = kind(base, base.trainable_variables if others else ())
    base.trainable = not freeze
    x = np.random.RandomState(0).uniform(-1, 1, (8, 16, 16, 3)).astype("float32")
    model(x)
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    return model, (x, np.zeros((8, 3), "float32"))


def build_remembers():
    return _ready(Own, others=True)


class HeadOnly(Own):
    def __init__(self, base, others=()):
        super().__init__(base, others)
        self.first = L.BatchNormalization(trainable=False)

    def call(self, x, training=None):
        return super().call(self.first(x), training=training)


def build_head_only():
    return _ready(HeadOnly, freeze=False)


class Gathers(Own):
    every = 8

    def take(self, variables, gradients):
        if not hasattr(self, "sums"):
            with tf.init_scope():
                self.taken = tf.Variable(0, trainable=False)
                self.sums = [tf.Variable(tf.zeros(v.shape), trainable=False) for v in variables]
        now = tf.cast(tf.equal(self.taken.assign_add(1) % self.every, 0), tf.float32)
        for variable, total, gradient in zip(variables, self.sums, gradients):
            total.assign_add(gradient)
            variable.assign(variable - now * 0.05 / self.every * total)
            total.assign(total * (1 - now))


def build_gathers():
    return _ready(Gathers)


def build_gathers_all():
    return _ready(Gathers, others=True)


class Alternates(Own):
    def take(self, variables, gradients):
        others = len(self.others())
        self.optimizer.apply_gradients(list(zip(gradients, variables))[others:])
        now = tf.cast(tf.equal(tf.cast(tf.convert_to_tensor(self.optimizer.iterations), tf.int64) % 5, 0), tf.float32)
        for variable, gradient in list(zip(variables, gradients))[:others]:
            variable.assign(variable - now * 0.05 * gradient)


def build_alternates():
    return _ready(Alternates, others=True)


class Mixup(tf.keras.Model):
    def train_step(self, data):
        x, y = data
        share = tf.random.uniform((tf.shape(x)[0], 1, 1, 1))
        x, y = share * x + (1 - share) * x[::-1], share[:, 0, 0] * y + (1 - share[:, 0, 0]) * y[::-1]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return {"loss": loss}


def build_mixup():
    base = backbone()
    base.trainable = False
    x = tf.keras.Input((16, 16, 3))
    model = Mixup(x, L.Dense(3)(base(x)))
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    return model
