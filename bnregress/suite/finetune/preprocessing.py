"""From pixels in [0, 255] to what a network with given weights expects."""

import numpy as np

#: The surrogate's source domain has a standard deviation of 60 around 0, images of moderate contrast one of 30.
SURROGATE_SCALE = 2.0
#: A network without BatchNorm passes the scale of its inputs on to its features.
BARE_SCALE = 1.0 / 64
#: Means of ImageNet's blue, green and red, which the published weights of ResNet50 and VGG16 were trained with.
IMAGENET_MEAN = (103.939, 116.779, 123.68)


def scaling(weights, normalised):
    """The function that scales images.

    Args:
        weights: `surrogate` or the name of trained ones.
        normalised: whether the network has BatchNorm.

    Returns:
        function from float32 (n, height, width, 3), RGB in [0, 255], to float32 of the same shape.
    """
    if weights == "surrogate":
        factor = np.float32(SURROGATE_SCALE if normalised else BARE_SCALE)
        return lambda images: (images - np.float32(127.5)) * factor
    return lambda images: images[..., ::-1] - np.array(IMAGENET_MEAN, dtype=np.float32)
