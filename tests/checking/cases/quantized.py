"""tensorflow#50148, model-optimization#1100: quantisation-aware training (tensorflow_model_optimization 0.7.5, TF 2.15.1), BatchNorm frozen after
quantize_model.

Right answer: affected: gamma and beta train, for the wrapper keeps them in a list of its own. What cures: freeze before quantize_model
(build_before: measured sound).
"""

import tensorflow as tf
import tensorflow_model_optimization as tfmot

L = tf.keras.layers


def _net():
    x = tf.keras.Input((16, 16, 3))
    h = L.ReLU()(L.BatchNormalization(name="bn1")(L.Conv2D(8, 3, padding="same", name="conv1")(x)))
    return tf.keras.Model(x, L.Dense(3, name="head")(L.GlobalAveragePooling2D()(h)))


def build_model():
    model = tfmot.quantization.keras.quantize_model(_net())
    for layer in model.layers:
        if "bn" in layer.name:
            layer.trainable = False
    return model


def build_before():
    model = _net()
    for layer in model.layers[:-1]:
        layer.trainable = False
    return tfmot.quantization.keras.quantize_model(model)
