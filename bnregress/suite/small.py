"""A small network in ResNet50's image, for what would cost too much on ResNet50 itself."""

from bnregress.suite import networks

#: As in ResNet50, epsilon is not Keras' default; nor is momentum, so that a lost one shows.
BATCHNORM = {"epsilon": 1.001e-5, "momentum": 0.9}


#: The network as lines of a standalone script.
CODE = """
def block(features, name, size, strides=1):
    layers = tf.keras.layers
    convolution = layers.Conv2D(
        64, size, strides=strides, padding="same", name=name + "_conv", trainable=TRAINABLE
    )
    normalisation = layers.BatchNormalization(
        name=name + "_bn", epsilon=1.001e-5, momentum=0.9, trainable=TRAINABLE
    )
    return layers.Activation("relu")(normalisation(convolution(features)))


pictures = tf.keras.Input((32, 32, 3))
features = block(pictures, "conv1", 7, strides=2)
features = tf.keras.layers.AveragePooling2D(3, strides=2, padding="same")(features)
features = block(block(features, "conv2_block1_1", 1), "conv2_block1_2", 3)
network = tf.keras.Model(pictures, tf.keras.layers.GlobalAveragePooling2D()(features))
"""


def build(framework, trainable=True):
    """ResNet50's first three convolutions with BatchNorm, by the same names, so that they get the same weights.

    Three BatchNorm layers of 64 channels: weights of one fit the others, so
    that a silent permutation is possible and must be seen.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        trainable: what each layer that has variables is made with.
    """
    layers = framework.keras.layers
    images = framework.keras.Input(networks.INPUT_SHAPE)
    features = _block(layers, images, "conv1", 7, trainable, strides=2)
    # Not of the maximum as in ResNet50: its gradient has no deterministic kernel under XLA.
    features = layers.AveragePooling2D(3, strides=2, padding="same", name="pool1_pool")(features)
    features = _block(layers, features, "conv2_block1_1", 1, trainable)
    features = _block(layers, features, "conv2_block1_2", 3, trainable)
    return framework.keras.Model(images, layers.GlobalAveragePooling2D(name="avg_pool")(features))


def _block(layers, features, name, size, trainable, strides=1):
    convolution = layers.Conv2D(64, size, strides=strides, padding="same", name=name + "_conv", trainable=trainable)
    normalisation = layers.BatchNormalization(name=name + "_bn", trainable=trainable, **BATCHNORM)
    return layers.Activation("relu", name=name + "_relu")(normalisation(convolution(features)))
