"""Layers that prepare images within a model, each of which leaves their size as it was."""

from collections import OrderedDict
from inspect import cleandoc

from bnregress.suite.finding import NotApplicable

#: In the order in which they stand in a model: what each is called, and what makes its layers, given Keras and the
#: images' size. A flip comes first: what a layer does to the mode of a call, it does to the layers behind it.
FRONTS = OrderedDict()

#: Pixels that are added at each side, and taken away.
MARGIN = 4

#: What makes images of about the contrast that the network was made for of normalised ones.
CONTRAST = 60.0

#: All of them, as lines of a script that define `model` and `parts`.
CODE = cleandoc(
    """
    layers, size = tf.keras.layers, network.input_shape[1]
    layers = layers if hasattr(layers, "RandomFlip") else layers.experimental.preprocessing
    # The same in a mirror, so that a flip changes nothing.
    images = np.concatenate([images[:, :, : size // 2], images[:, :, : size // 2][:, :, ::-1]], axis=2)
    normalise = layers.Normalization()
    normalise.adapt(images)
    inputs = tf.keras.Input(network.input_shape[1:])
    prepared = layers.Resizing(size + 8, size + 8)(layers.RandomFlip("horizontal")(inputs))
    prepared = layers.Rescaling(60.0)(normalise(layers.CenterCrop(size, size)(prepared)))
    model = tf.keras.Model(inputs, head(network(prepared)))
    parts = [network]
    """
)


def _front(name):
    def register(make):
        FRONTS[name] = make
        return make

    return register


@_front("RandomFlip")
def _random_flip(keras, size):
    return [_named(keras, "RandomFlip")("horizontal")]


@_front("Resizing")
def _resizing(keras, size):
    return [_named(keras, "Resizing")(size + 2 * MARGIN, size + 2 * MARGIN), keras.layers.Cropping2D(MARGIN)]


@_front("CenterCrop")
def _center_crop(keras, size):
    return [keras.layers.ZeroPadding2D(MARGIN), _named(keras, "CenterCrop")(size, size)]


@_front("Normalization")
def _normalization(keras, size):
    from bnregress.suite import probes  # it needs NumPy, which the host's planning does without

    layer = _named(keras, "Normalization")()
    layer.adapt(probes.images(size=size))
    return [layer, _named(keras, "Rescaling")(CONTRAST)]


@_front("Rescaling")
def _rescaling(keras, size):
    return [_named(keras, "Rescaling")(0.5)]


def _named(keras, name):
    """A class of layers, which up to TensorFlow 2.5 was among what was experimental.

    Raises:
        NotApplicable: this release has no such layer.
    """
    experimental = getattr(getattr(keras.layers, "experimental", None), "preprocessing", None)
    found = getattr(keras.layers, name, None) or getattr(experimental, name, None)
    if found is None:
        raise NotApplicable("this release has no layer {}".format(name))
    return found
