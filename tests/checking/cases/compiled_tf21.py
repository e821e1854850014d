"""keras#10177, tensorflow#36446: any compiled model in TF 1.15, 2.0 and 2.1 (all patches).

Right answer: 2.0.0 and 2.1.0: affected (the network comes from tf.keras.applications). build_hand: sound in 2.0/2.1, affected in 1.15.
Earlier, bnregress: exit 4, TypeError: '<' not supported between instances of 'InputLayer' and 'Sequential'
(tf.Module.submodules sorts the keys of `_compiled_trainable_state`, which are layers).
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


def build_model():
    base = tf.keras.applications.ResNet50V2(weights=None, include_top=False, input_shape=(32, 32, 3), pooling="avg")
    for layer in base.layers:
        layer.trainable = False
    model = tf.keras.Sequential([base, L.Dense(10, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model


def build_hand():
    base = backbone()
    base.trainable = False
    model = tf.keras.Sequential([base, L.Dense(3, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model
