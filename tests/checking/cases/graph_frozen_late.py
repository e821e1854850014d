"""Graph mode, frozen after the head was put on `base.output` (keras#8372's way of freezing; code for SHAP, Mask R-CNN and
TF1-style training loops needs graph mode in TF 2).

In a graph the flag counts that held when the layer was called, so `fit` normalises with the batch.
Right answer: affected, in 2.2 to 2.15 and for build_v2 in 1.15; cure: freeze before the layers are called, or call with
training=False. Measured: loss of a training step at learning rate 0 against test_on_batch differs by 43 to 54 %.
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


tf.compat.v1.disable_eager_execution()


def build_model(BN=None):
    base = backbone(BN)
    model = tf.keras.Model(base.input, L.Dense(3)(base.output))
    for layer in base.layers:
        layer.trainable = False
    return model


def build_v2():
    return build_model(tf.compat.v2.keras.layers.BatchNormalization)


def build_nested():
    base = backbone(tf.compat.v2.keras.layers.BatchNormalization)
    x = tf.keras.Input((16, 16, 3))
    model = tf.keras.Model(x, L.Dense(3)(base(x)))
    base.trainable = False
    return model
