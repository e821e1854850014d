"""A frozen network that the model does not hold, but its own training step, a plain object or a Lambda calls (perceptual
losses, teachers kept as a global, `self.config.network`).

Right answer: as if the model held it. With TensorFlow 1's BatchNorm, which goes on using the batch's statistics: affected
(measured, 2.15.1: its moving_mean moves, or the losses of the two modes differ); with the release's own: sound.
"""

import numpy as np
import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers
OLD = tf.compat.v1.keras.layers.BatchNormalization
NETWORKS = {}


def _frozen(BN=None):
    network = backbone(BN)
    network.trainable = False
    return network


def _images():
    return np.random.RandomState(0).uniform(-1, 1, (8, 16, 16, 3)).astype("float32")


class Perceptual(tf.keras.Model):
    def train_step(self, data):
        x, y = data
        network = NETWORKS["of the loss"]
        with tf.GradientTape() as tape:
            output = self(x, training=True)
            loss = tf.reduce_mean(tf.square(network(y, training=True) - network(output, training=True)))
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return {"loss": loss}


def build_perceptual(BN=None):
    NETWORKS["of the loss"] = _frozen(BN)
    x = tf.keras.Input((16, 16, 3))
    h = L.BatchNormalization(trainable=False)(L.Conv2D(3, 3, padding="same")(x))
    model = Perceptual(x, L.Conv2D(3, 3, padding="same")(h))
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    return model, (_images(), _images())


def build_perceptual_old():
    return build_perceptual(OLD)


class Config:
    pass


class Holding(tf.keras.Model):
    def __init__(self, network):
        super().__init__()
        self.first, self.head = L.BatchNormalization(trainable=False), L.Dense(3)
        self.config = Config()
        self.config.network = network

    def call(self, x, training=None):
        return self.head(self.config.network(self.first(x), training=training))


def build_held_old():
    model = Holding(_frozen(OLD))
    model(_images())
    model.compile("sgd", "mse")
    return model, (_images(), np.zeros((8, 3), "float32"))


def build_lambda_old():
    layer = OLD(trainable=False, name="captured")
    layer.build((None, 16, 16, 3))
    x = tf.keras.Input((16, 16, 3))
    model = tf.keras.Model(x, L.Dense(3)(_frozen()(L.Lambda(lambda images: layer(images))(x))))
    model.compile("sgd", "mse")
    return model
