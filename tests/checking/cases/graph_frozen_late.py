"""Graph mode, frozen after the head was put on `base.output` (keras#8372's way of freezing; code for SHAP, Mask R-CNN and
TF1-style training loops needs graph mode in TF 2).

In a graph the flag counts that held when the layer was called, so `fit` normalises with the batch.
Right answer: affected, in 2.2 to 2.15 and for build_v2 in 1.15; cure: freeze before the layers are called, or call with
training=False. Measured: loss of a training step at learning rate 0 against test_on_batch differs by 43 to 54 %.
Earlier, bnregress: sound, exit 0. build_v2 is the cure that it names in 1.15.
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
