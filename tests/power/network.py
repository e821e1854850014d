"""The networks that faults are planted under: a small one in ResNet50's image, and ResNet50 itself.

Both take the place of the suite's own sound network, so that its loading paths
save, rebuild and copy them.
"""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from bnregress.suite import networks, paths, sound  # noqa: F401 - the suite's own paths come first
from bnregress.suite.finding import NotApplicable
from bnregress.suite.registry import loading_path
from tests.faults.registry import DIRECT

#: As in ResNet50, epsilon is not Keras' default; nor is momentum, so that a lost one shows.
_BATCHNORM = {"epsilon": 1.001e-5, "momentum": 0.9}

_RESNET50 = tuple(sound.CANDIDATES)


def build_small(framework):
    """ResNet50's first three convolutions with BatchNorm, by the same names, so that they get the same weights.

    Three BatchNorm layers of 64 channels: weights of one fit the others.
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
    normalisation = layers.BatchNormalization(name=name + "_bn", **_BATCHNORM)
    return layers.Activation("relu", name=name + "_relu")(normalisation(convolution(features)))


def _build_resnet50(framework):
    for _, build in _RESNET50:
        try:
            return build(framework)
        except NotApplicable:
            continue
    raise NotApplicable(f"{framework.name} builds no ResNet50")


_BUILDERS = {"small": build_small, "resnet50": _build_resnet50}
_chosen = []


def choose(name):
    """Let the loading paths start from this network, `small` or `resnet50`."""
    _chosen[:] = [_BUILDERS[name]]
    sound.CANDIDATES = (("source = ...", _BUILDERS[name]),)


@loading_path(DIRECT, family="applications", summary="the network as it is built")
def direct(framework):
    """Give the path of a network that nothing was done to."""
    return _chosen[0](framework)
