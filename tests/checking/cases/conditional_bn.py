"""self-attention-gan PR 2, Self-Attention-GAN-Tensorflow#18: conditional BatchNorm, call([features, condition]), frozen, beside a plain one.

Right answer: sound, both (2.8.4: the same loss in both modes, nothing moves).
"""

import tensorflow as tf

L = tf.keras.layers


class ConditionalBN(L.Layer):
    def build(self, shapes):
        c, self.epsilon = int(shapes[0][-1]), 1e-3
        self.gamma, self.beta = L.Dense(c), L.Dense(c)
        self.moving_mean = self.add_weight(name="moving_mean", shape=(c,), initializer="zeros", trainable=False)
        self.moving_variance = self.add_weight(name="moving_variance", shape=(c,), initializer="ones", trainable=False)

    def call(self, inputs, training=None):
        x, condition = inputs
        mean, variance = self.moving_mean, self.moving_variance
        if training and self.trainable:
            mean, variance = tf.nn.moments(x, [0, 1, 2])
            self.moving_mean.assign(self.moving_mean * 0.9 + mean * 0.1)
        gamma, beta = self.gamma(condition)[:, None, None, :], self.beta(condition)[:, None, None, :]
        return tf.nn.batch_normalization(x, mean, variance, beta, 1 + gamma, self.epsilon)


def build_model():
    x, y = tf.keras.Input((16, 16, 3)), tf.keras.Input((5,))
    h = L.BatchNormalization(name="plain")(L.Conv2D(8, 3, padding="same")(x))
    h = ConditionalBN(name="conditional")([h, y])
    base = tf.keras.Model([x, y], L.GlobalAveragePooling2D()(h), name="base")
    base.trainable = False
    a, b = tf.keras.Input((16, 16, 3)), tf.keras.Input((5,))
    return tf.keras.Model([a, b], L.Dense(3)(base([a, b])))
