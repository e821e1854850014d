"""tensorflow/hub#304, #239: a network as hub.KerasLayer (needs tensorflow_hub) beside an own frozen BatchNorm.

build_model: KerasLayer(trainable=True): the BatchNorm within follows the batch in training (loss at learning rate 0: 41 % off).
build_alone: KerasLayer(trainable=False): what is within is frozen.
Right answer: what is inside cannot be seen, said in so many words; build_model not sound.
"""

import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


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
