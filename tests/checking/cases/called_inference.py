"""tensorflow#30431 after bnregress' own second cure: the frozen part is called with training=False.

build_model: TF 2.0/2.1.0, tf.keras.applications. build_compat_v1: any TF 2, TensorFlow 1's layer. build_own: any TF 2, an own
synchronised BatchNorm that does not look at `trainable` (tensorflow#18222, #7439).
Right answer: sound in all three: a training step at learning rate 0 and test_on_batch give the same loss, nothing moves.
The first call alone does not decide: in build_siamese the second call follows `fit`; right answer there: affected.
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


def _head(base, training=False):
    base.trainable = False
    x = tf.keras.Input((16, 16, 3))
    return tf.keras.Model(x, L.Dense(3)(base(x, training=training)))


def build_model():
    base = tf.keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3), pooling="avg")
    base.trainable = False
    x = tf.keras.Input((32, 32, 3))
    return tf.keras.Model(x, L.Dense(3)(base(x, training=False)))


def build_compat_v1():
    return _head(backbone(tf.compat.v1.keras.layers.BatchNormalization))


class Sync(L.BatchNormalization):
    def call(self, x, training=None):
        if not training:
            return super().call(x, training=False)
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


def build_own():
    return _head(backbone(Sync))


def build_siamese():
    base = backbone(tf.compat.v1.keras.layers.BatchNormalization)
    base.trainable = False
    a, b = tf.keras.Input((16, 16, 3)), tf.keras.Input((16, 16, 3))
    return tf.keras.Model([a, b], L.Dense(3)(L.Concatenate()([base(a, training=False), base(b)])))
