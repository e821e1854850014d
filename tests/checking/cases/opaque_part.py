"""tensorflow/hub#304, #239: a network as hub.KerasLayer (needs tensorflow_hub) beside an own frozen BatchNorm.

build_model: KerasLayer(trainable=True): the BatchNorm within follows the batch in training (loss at learning rate 0: 41 % off).
build_alone: KerasLayer(trainable=False): what is within is frozen.
Right answer: what is inside cannot be seen, said in so many words; build_model not sound.
Earlier, bnregress (2.15.1): build_model: sound, exit 0. build_alone: "has no BatchNorm layer", exit 3; TFSMLayer the same.
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


def _hub(trainable):
    import tempfile

    import tensorflow_hub

    folder = tempfile.mkdtemp()
    tf.saved_model.save(backbone(), folder)
    return tensorflow_hub.KerasLayer(folder, trainable=trainable)


def build_model():
    x = tf.keras.Input((16, 16, 3))
    h = L.BatchNormalization(trainable=False, name="own")(x)
    return tf.keras.Model(x, L.Dense(3)(_hub(True)(h)))


def build_alone():
    x = tf.keras.Input((16, 16, 3))
    return tf.keras.Model(x, L.Dense(3)(_hub(False)(x)))
