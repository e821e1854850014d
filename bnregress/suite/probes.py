"""The fixed images and labels on which verdicts are decided.

The images differ from the surrogate's source domain in mean, contrast and
colour, as your own data differ from ImageNet, and from each other, so
that a batch's statistics are far from the moving ones.
"""

import numpy as np

from bnregress.suite import seeded

SIZE = 32
CLASSES = 10
BATCH = 8


def images(count=BATCH, size=SIZE):
    """Gratings of `count` directions with their own contrast, brightness and colour, and pixel noise.

    Returns:
        float32 array (count, size, size, 3), roughly in [-150, 200].
    """
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float64) / size
    angle = np.pi * np.arange(count).reshape(-1, 1, 1) / count
    wave = np.sin(2 * np.pi * 4 * (np.cos(angle) * rows + np.sin(angle) * columns))[..., np.newaxis]
    colour = 40 + 60 * seeded.uniform("probes/colour", (count, 1, 1, 3)).astype(np.float64)
    brightness = 40 + 40 * seeded.uniform("probes/brightness", (count, 1, 1, 1)).astype(np.float64)
    noise = 15 * seeded.uniform("probes/noise", (count, size, size, 3)).astype(np.float64)
    return (wave * colour + brightness + noise).astype(np.float32)


def mirrored(images):
    """The same images with their left half seen in a mirror in place of the right one: array of the same shape."""
    columns = np.arange(images.shape[2])
    return images[:, :, np.minimum(columns, columns[::-1])]


def labels(count=BATCH, classes=CLASSES):
    """One-hot labels: float32 array (count, classes)."""
    return np.eye(classes, dtype=np.float32)[np.arange(count) % classes]


def channels_last(count, channels):
    """Inputs for a single BatchNorm: float32 array (count, 2, 2, channels) far from any moving statistics."""
    draw = seeded.uniform("probes/layer", (count, 2, 2, channels))
    return draw * np.float32(3.0) + np.float32(2.0)
