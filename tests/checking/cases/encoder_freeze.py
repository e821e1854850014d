"""segmentation_models#434, #157: `encoder_freeze=True` freezes every layer of the encoder but BatchNorm; freezing by name does the same by accident.

Right answer: a warning comes first and names the BatchNorm that is un-frozen amid frozen layers and follows the batch in training.
"""

import tensorflow as tf

L = tf.keras.layers


def _net(first, second):
    x = tf.keras.Input((32, 32, 3))
    h = L.Activation("relu")(L.BatchNormalization(name=first)(L.Conv2D(8, 3, padding="same", name="conv_a")(x)))
    h = L.Activation("relu")(L.BatchNormalization(name=second)(L.Conv2D(8, 3, padding="same", name="conv_b")(h)))
    return tf.keras.Model(x, L.Dense(3, name="head")(L.GlobalAveragePooling2D()(h)))


def build_model():
    model = _net("bn_a", "bn_b")
    for layer in model.layers[:-2]:
        if not isinstance(layer, L.BatchNormalization):
            layer.trainable = False
    return model


def build_by_name():
    model = _net("stem_norm", "block_bn")
    for layer in model.layers:
        if "bn" in layer.name or "conv" in layer.name:
            layer.trainable = False
    return model
