# mypy: ignore-errors
"""Models of a person's own, small ones, for `bnregress check`; imported in the environments that are inspected."""

import sys

import tensorflow as tf

keras = tf.keras
layers = keras.layers

print("noise of a person's own on standard output")


def backbone(batchnorm=layers.BatchNormalization, trainable=False):
    image = keras.Input((8, 8, 3))
    x = batchnorm(name="first")(layers.Conv2D(4, 3)(image))
    x = batchnorm(name="second", scale=False)(layers.Conv2D(5, 3, activation="relu")(x))
    network = keras.Model(image, layers.GlobalAveragePooling2D()(x), name="backbone")
    network.trainable = trainable
    return network


def sound():
    return keras.Sequential([backbone(), layers.Dropout(0.5), layers.Dense(3)])


def old():
    """In TensorFlow 2.0 and 2.1 such a layer goes on using the batch's statistics."""
    return keras.Sequential([backbone(tf.compat.v1.keras.layers.BatchNormalization), layers.Dense(3)])


class Drifting(layers.BatchNormalization):
    """Follows its input although frozen; what it gives does not depend on the mode."""

    def call(self, inputs, training=None):
        output = super().call(inputs, training=False)
        self.moving_mean.assign(0.9 * self.moving_mean + 0.1 * tf.reduce_mean(inputs, [0, 1, 2]))
        return output


def drifting():
    return backbone(Drifting)


def partly():
    network = backbone(trainable=True)
    network.get_layer("first").trainable = False
    return network


def unfrozen():
    return backbone(trainable=True)


def frozen_around():
    """Only the model is frozen, by an argument that does not reach its layers."""
    network = backbone(trainable=True)
    return keras.Model(network.inputs, network.outputs, trainable=False)


def none():
    return keras.Sequential([layers.Dense(3, input_shape=(4,))])


def several_inputs():
    image, row = keras.Input((None, None, 3), name="image"), keras.Input((5,), name="row")
    x = layers.GlobalAveragePooling2D()(layers.BatchNormalization(name="first")(layers.Conv2D(4, 3)(image)))
    model = keras.Model([image, row], layers.Concatenate()([x, layers.BatchNormalization(name="second")(row)]))
    model.trainable = False
    return model


def tokens():
    words = keras.Input((6,), dtype="int32", name="words")
    x = layers.BatchNormalization(trainable=False)(layers.Embedding(10, 4)(words))
    return keras.Model(words, layers.GlobalAveragePooling1D()(x))


def tokens_and_batch():
    return tokens(), tf.ones((4, 6), tf.int32)


class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.convolution, self.batchnorm = layers.Conv2D(4, 3), layers.BatchNormalization(trainable=False)

    def call(self, inputs):
        return self.batchnorm(self.convolution(inputs))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.blocks = [Block(), Block()]

    @tf.function
    def call(self, inputs):
        for block in self.blocks:
            inputs = block(inputs)
        return inputs


def subclassed():
    return Subclassed()


def subclassed_and_batch():
    return Subclassed(), tf.random.uniform((8, 8, 8, 3))


def preprocessing():
    home = layers if hasattr(layers, "Rescaling") else layers.experimental.preprocessing
    front = [keras.Input((8, 8, 3)), home.Rescaling(1 / 255), home.RandomFlip(), layers.GaussianNoise(0.1)]
    return keras.Sequential([*front, backbone(), layers.Dense(3)])


def killed():
    import os
    import signal

    print("last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


model = none()
