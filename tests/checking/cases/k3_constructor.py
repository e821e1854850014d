"""`BatchNormalization(trainable=False)` in Keras 3.0 to 3.1.1 (known as keras#19432), measured for the cure that is offered.

Right answer: affected, gamma and beta train. What cures: set the flag True and then False again, or a newer Keras
(measured: False again does not, True then False does, training=False does not).
build_no_gradient: the same behind an operation that has no gradient: the training step fails, so it is never sound.
"""

import keras
import tensorflow as tf

L = keras.layers


def _base():
    x = keras.Input((16, 16, 3))
    h = L.Activation("relu")(L.BatchNormalization(name="bn1", trainable=False)(L.Conv2D(8, 3, padding="same")(x)))
    return keras.Model(x, L.GlobalAveragePooling2D()(h), name="base")


def build_model():
    x = keras.Input((16, 16, 3))
    return keras.Model(x, L.Dense(3)(_base()(x)))


def build_cured():
    x = keras.Input((16, 16, 3))
    return keras.Model(x, L.Dense(3)(_base()(x, training=False)))


class Boxes(L.Layer):
    def call(self, given):
        boxes, scores = tf.reshape(given[0], (-1, 4, 1, 4)), tf.reshape(given[1], (-1, 4, 1))
        return tf.image.combined_non_max_suppression(boxes, scores, 2, 2).nmsed_boxes

    def compute_output_shape(self, shapes):
        return (shapes[0][0], 2, 4)


def build_no_gradient():
    x = keras.Input((16, 16, 3))
    h = _base()(x)
    return keras.Model(x, Boxes()([L.Dense(16)(h), L.Dense(4)(h)]))
