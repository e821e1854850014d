"""A tf_keras model beside Keras 3 (as model-optimization, hub and transformers need it) with an own BatchNorm that is affected.

Right answer: affected; cure: tf_keras.layers.BatchNormalization.
"""

import tensorflow as tf
import tf_keras

L = tf_keras.layers


class Sync(L.BatchNormalization):
    def call(self, x, training=None):
        if not training:
            return super().call(x, training=False)
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


def build_model(BN=Sync):
    x = tf_keras.Input((16, 16, 3))
    base = tf_keras.Model(x, L.GlobalAveragePooling2D()(BN(name="bn1")(L.Conv2D(8, 3, padding="same")(x))))
    base.trainable = False
    x = tf_keras.Input((16, 16, 3))
    return tf_keras.Model(x, L.Dense(3)(base(x)))


def build_cured():
    return build_model(tf.keras.layers.BatchNormalization)
