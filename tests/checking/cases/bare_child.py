"""tensorflow/models#9538's kind of own block, made frozen (`Block(trainable=False)`), whose BatchNorm has neither scale nor shift.

Right answer: affected, as the same block with scale and shift is: in training it follows the batch and its statistics move although
the block is frozen. Cure: `trainable = False` on the BatchNorm itself (measured: then nothing moves).
"""

import tensorflow as tf

L = tf.keras.layers


class Block(L.Layer):
    def build(self, shape):
        self.conv = L.Conv2D(8, 3, padding="same")
        self.bn = L.BatchNormalization(center=False, scale=False)

    def call(self, x, training=None):
        return tf.nn.relu(self.bn(self.conv(x), training=training))


def build_model():
    x = tf.keras.Input((16, 16, 3))
    h = L.BatchNormalization(trainable=False, name="plain")(x)
    h = Block(trainable=False, name="block1")(h)
    return tf.keras.Model(x, L.Dense(3)(L.GlobalAveragePooling2D()(h)))
