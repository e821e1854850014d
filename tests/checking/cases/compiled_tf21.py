"""keras#10177, tensorflow#36446: any compiled model in TF 1.15, 2.0 and 2.1 (all patches).

Right answer: 2.0.0 and 2.1.0: affected (the network comes from tf.keras.applications). build_hand: sound in 2.0/2.1, affected in 1.15.
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


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
