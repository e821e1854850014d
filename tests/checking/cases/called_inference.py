"""tensorflow#30431 after bnregress' own second cure: the frozen part is called with training=False.

build_model: TF 2.0/2.1.0, tf.keras.applications. build_compat_v1: any TF 2, TensorFlow 1's layer. build_own: any TF 2, an own
synchronised BatchNorm that does not look at `trainable` (tensorflow#18222, #7439).
Right answer: sound in all three: a training step at learning rate 0 and test_on_batch give the same loss, nothing moves.
Earlier, bnregress: affected, exit 1 ("on its real input"), and names the same cure again.
A fix must not trust the first call alone: in build_siamese the second call follows `fit`; right answer there: affected.
"""

import numpy as np
import tensorflow as tf

L = tf.keras.layers


def statistics(model):
    """As after training, not 0 and 1."""
    random = np.random.RandomState(0)
    for layer in model.layers:
        if getattr(layer, "layers", None):
            statistics(layer)
        elif getattr(layer, "moving_mean", None) is not None:
            values = [np.array(value) for value in layer.get_weights()]
            values[-2] = random.uniform(-1, 1, values[-2].shape)
            values[-1] = random.uniform(0.5, 2.5, values[-1].shape)
            layer.set_weights(values)


def backbone(BN=None):
    BN = BN or L.BatchNormalization
    x = tf.keras.Input((16, 16, 3))
    h = L.Activation("relu")(BN(name="bn1")(L.Conv2D(8, 3, padding="same")(x)))
    h = L.Activation("relu")(BN(name="bn2")(L.Conv2D(8, 3, padding="same")(h)))
    model = tf.keras.Model(x, L.GlobalAveragePooling2D()(h), name="base")
    statistics(model)
    return model


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
