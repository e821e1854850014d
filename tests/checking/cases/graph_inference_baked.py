"""TF 1.13 to 1.15: the frozen base is called with training=False (the remedy of known.toml for 1.15), or was made under
K.set_learning_phase(0) (tensorflow#22957, #31331, #25170, keras#11032).

Right answer: sound: the loss of a training step at learning rate 0 equals that of test_on_batch exactly.
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


def build_model():
    base = backbone()
    for layer in base.layers:
        layer.trainable = False
    x = tf.keras.Input((16, 16, 3))
    return tf.keras.Model(x, L.Dense(3)(base(x, training=False)))


def build_learning_phase():
    tf.keras.backend.set_learning_phase(0)
    base = backbone()
    for layer in base.layers:
        layer.trainable = False
    tf.keras.backend.set_learning_phase(1)
    return tf.keras.Model(base.input, L.Dense(3)(base.output))
