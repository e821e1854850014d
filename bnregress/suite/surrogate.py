"""Weights that stand in for pretrained ones: no download, the same in every release.

Pretrained weights are 98 MB and need a network. What a frozen BatchNorm can
break shows only if the moving statistics are those of a real source domain:
on a fresh network (mean 0, variance 1) several breaks are invisible. So the
kernels are drawn from a seed, and the moving statistics are what one pass over
a source domain gave, layer by layer (`tools/reference.py` computes them).
"""

import os

import numpy as np

from bnregress.suite import seeded

_HERE = os.path.dirname(os.path.abspath(__file__))
STATISTICS = os.path.join(_HERE, "resnet50_statistics.npz")
#: What networks with these weights answer to `probes.images()`, by the float64 reference.
FEATURES = os.path.join(_HERE, "features.npz")

#: Scale of the last BatchNorm in a residual block. At 1 the deep layers of a
#: random network carry nothing of the image; small branches let it through.
BRANCH_GAMMA = 0.15

#: Scale of the last stage, and how far below zero its shortcut is centred. Features that are mostly zero, as those of
#: trained networks are, let plain SGD at 0.1 learn a head within seconds, also far from the source domain.
LAST_STAGE, LAST_STAGE_GAMMA, SPARSITY = "conv5", 0.6, 1.0

_statistics = {}


def _stored():
    if not _statistics:
        with np.load(STATISTICS) as stored:
            _statistics.update({key: stored[key] for key in stored.files})
    return _statistics


def forget_statistics():
    """Read the stored statistics anew when they are next requested."""
    _statistics.clear()


def features_of(names):
    """What the network with these layers must answer to `probes.images()`, computed in float64 NumPy.

    Args:
        names: of its layers that have weights.

    Returns:
        float32 array (8, features), or None if the reference does not compute that network.
    """
    wanted = sorted(names)
    with np.load(FEATURES) as stored:
        for key in stored.files:
            if key.endswith("/layers") and stored[key].tolist() == wanted:
                return stored[key.replace("/layers", "/features")]
    return None


def covers(names):
    """Whether the stored statistics are those of the network whose BatchNorm layers have these names."""
    return {key.rpartition("/")[0] for key in _stored()} == set(names)


def kernel(name, shape):
    """He-uniform draw for a convolution or dense kernel: variance 2 / fan-in (He et al. 2015, equation 10).

    Args:
        name: the layer's name.
        shape: (height, width, inputs, outputs) or (inputs, outputs).

    Returns:
        float32 array of the shape.
    """
    fan_in = int(np.prod(shape[:-1], dtype=np.int64))
    return seeded.uniform(name + "/kernel", shape) * np.float32(np.sqrt(6.0 / fan_in))


def bias(name, shape):
    """Small biases, so that a lost one shows: float32 array in [-0.05, 0.05)."""
    return seeded.uniform(name + "/bias", shape) * np.float32(0.05)


def scale(name, channels):
    """Gamma and beta of one BatchNorm, differing by channel: two float32 arrays of shape (channels,)."""
    branch, shortcut = name.endswith("_3_bn"), name.endswith("_0_bn")
    base = BRANCH_GAMMA if branch else 1.0
    if name.startswith(LAST_STAGE) and (branch or shortcut):
        base *= LAST_STAGE_GAMMA
    gamma = np.float32(base) * (1 + np.float32(0.25) * seeded.uniform(name + "/gamma", (channels,)))
    beta = np.float32(0.1 * base) * seeded.uniform(name + "/beta", (channels,))
    if name.startswith(LAST_STAGE) and shortcut:
        beta -= np.float32(base * SPARSITY)
    return gamma, beta


def moving_statistics(name, channels):
    """Moving mean and variance of one BatchNorm: two float32 arrays of shape (channels,).

    A layer of ResNet50 has those of the source domain; any other layer gets
    seeded ones, the variance in [0.5, 2.5).
    """
    mean, variance = _stored().get(name + "/mean"), _stored().get(name + "/variance")
    if mean is None or mean.shape != (channels,):
        mean = seeded.uniform(name + "/mean", (channels,))
        variance = np.float32(1.5) + seeded.uniform(name + "/variance", (channels,))
    return mean, variance


def layer_weights(name, shapes):
    """All weights of one layer, by its name and the shapes of its variables in Keras' order.

    Raises:
        ValueError: a layer of a kind that the surrogate has no recipe for.
    """
    if len(shapes) == 4 and all(len(shape) == 1 for shape in shapes):
        return [*scale(name, shapes[0][0]), *moving_statistics(name, shapes[0][0])]
    if len(shapes) == 3 and all(len(shape) == 1 for shape in shapes):  # a BatchNorm without gamma
        return [scale(name, shapes[0][0])[1], *moving_statistics(name, shapes[0][0])]
    if len(shapes) == 3 and shapes[2] == ():  # a Normalization: mean, variance and how many they were taken from
        return [*moving_statistics(name, shapes[0][0]), np.zeros((), dtype=np.int64)]
    if len(shapes[0]) >= 2 and all(len(shape) in (1, len(shapes[0])) for shape in shapes):
        # Several kernels are those of a separable convolution.
        kernels = [shape for shape in shapes if len(shape) > 1]
        names = [name] + ["{}/{}".format(name, place) for place in range(1, len(kernels))]
        biases = [bias(name, shape) for shape in shapes[len(kernels) :]]
        return [kernel(each, shape) for each, shape in zip(names, kernels)] + biases
    raise ValueError("no surrogate weights for layer {!r} with variables of shapes {}".format(name, shapes))
