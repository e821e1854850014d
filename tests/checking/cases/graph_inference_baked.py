"""TF 1.13 to 1.15: the frozen base is called with training=False (the remedy of known.toml for 1.15), or was made under
K.set_learning_phase(0) (tensorflow#22957, #31331, #25170, keras#11032).

Right answer: sound: the loss of a training step at learning rate 0 equals that of test_on_batch exactly.
Earlier, bnregress: affected, exit 1; in 1.13 "no BatchNormalization of TensorFlow 1.13.2 stays frozen".
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
