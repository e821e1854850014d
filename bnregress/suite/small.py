"""A small network in ResNet50's image, for what would cost too much on ResNet50 itself."""

from bnregress.suite import networks

#: As in ResNet50, epsilon is not Keras' default; nor is momentum, so that a lost one shows.
BATCHNORM = {"epsilon": 1.001e-5, "momentum": 0.9}


def build(framework):
    """ResNet50's first three convolutions with BatchNorm, by the same names, so that they get the same weights.

    Three BatchNorm layers of 64 channels: weights of one fit the others, so
    that a silent permutation is possible and must be seen.
    """
    layers = framework.keras.layers
    images = framework.keras.Input(networks.INPUT_SHAPE)
    features = _block(layers, images, "conv1", 7, strides=2)
    features = layers.MaxPooling2D(3, strides=2, padding="same", name="pool1_pool")(features)
    features = _block(layers, features, "conv2_block1_1", 1)
    features = _block(layers, features, "conv2_block1_2", 3)
    return framework.keras.Model(images, layers.GlobalAveragePooling2D(name="avg_pool")(features))


def _block(layers, features, name, size, strides=1):
    convolution = layers.Conv2D(64, size, strides=strides, padding="same", name=name + "_conv")
    normalisation = layers.BatchNormalization(name=name + "_bn", **BATCHNORM)
    return layers.Activation("relu", name=name + "_relu")(normalisation(convolution(features)))
