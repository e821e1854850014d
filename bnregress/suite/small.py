"""Small networks in ResNet50's image, for what would cost too much on ResNet50 itself."""

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

#: The nested network, likewise.
NESTED_CODE = """
inner = features = tf.keras.Input((16, 16, 64))
for _ in range(3):
    features = tf.keras.layers.Activation("relu")(tf.keras.layers.BatchNormalization()(features))
inner = tf.keras.Model(inner, features)
pictures = tf.keras.Input((32, 32, 3))
features = inner(tf.keras.layers.Conv2D(64, 7, strides=2, padding="same")(pictures))
network = tf.keras.Model(pictures, tf.keras.layers.GlobalAveragePooling2D()(features))
"""


def build(framework, trainable=True, layers=None):
    """ResNet50's first three convolutions with BatchNorm, by the same names, so that they get the same weights.

    Three BatchNorm layers of 64 channels: weights of one fit the others, so
    that a silent permutation is possible and must be seen.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        trainable: what each layer that has variables is made with.
        layers: the module that the layers are taken from; the framework's own if none is given.
    """
    layers = layers or framework.keras.layers
    images = layers.Input(networks.INPUT_SHAPE)
    features = _block(layers, images, "conv1", 7, trainable, strides=2)
    # Not of the maximum as in ResNet50: its gradient has no deterministic kernel under XLA.
    features = layers.AveragePooling2D(3, strides=2, padding="same", name="pool1_pool")(features)
    features = _block(layers, features, "conv2_block1_1", 1, trainable)
    features = _block(layers, features, "conv2_block1_2", 3, trainable)
    return framework.keras.models.Model(images, layers.GlobalAveragePooling2D(name="avg_pool")(features))


def build_nested(framework, layers=None):
    """Build one convolution and, in a network of their own, the three BatchNorm layers.

    All variables of the inner network have one shape, so that no order in
    which a file keeps them can be refused for a shape that does not fit.
    """
    layers, model = layers or framework.keras.layers, framework.keras.models.Model
    inner = features = layers.Input((16, 16, 64))
    for name in ("conv1_bn", "conv2_block1_1_bn", "conv2_block1_2_bn"):
        normalised = layers.BatchNormalization(name=name, **BATCHNORM)(features)
        features = layers.Activation("relu", name=name.replace("_bn", "_relu"))(normalised)
    normalise = model(inner, features, name="normalise")
    images = layers.Input(networks.INPUT_SHAPE)
    features = normalise(layers.Conv2D(64, 7, strides=2, padding="same", name="conv1_conv")(images))
    return model(images, layers.GlobalAveragePooling2D(name="avg_pool")(features))


def source_code(code, layers="tf.keras.layers"):
    """Let lines of a script build `source`, from the named module of layers."""
    return code.strip().replace("tf.keras.layers", layers).replace("TRAINABLE", "True").replace("network =", "source =")


def _block(layers, features, name, size, trainable, strides=1):
    convolution = layers.Conv2D(64, size, strides=strides, padding="same", name=name + "_conv", trainable=trainable)
    normalisation = layers.BatchNormalization(name=name + "_bn", trainable=trainable, **BATCHNORM)
    return layers.Activation("relu", name=name + "_relu")(normalisation(convolution(features)))
