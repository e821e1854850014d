"""One BatchNorm in training mode against itself in inference mode."""

import numpy as np

from bnregress.suite import seeded, tolerances
from bnregress.suite.arithmetic import relative_deviation

#: A layer that stays within this of the batch's own statistics uses them: fused kernels sum in another order.
CLOSE = 1e-3
SAMPLES = 8


def compare(layer, given, training, inference, read):
    """Figures of one layer on one input.

    Args:
        layer: a BatchNorm.
        given: its input, an array.
        training: its output in training mode.
        inference: its output in inference mode.
        read: gives the values of variables as a list of arrays.

    Returns:
        dict: `deviation` of the two modes, the `tolerance` for it, whether inference is `finite`, and whether the
        training output is `from_batch`, that is, normalised with the batch's own statistics.
    """
    deviation = relative_deviation(training, inference)
    tolerance = tolerances.relative(str(inference.dtype), 1)
    expected = _with_own_statistics(layer, given, read) if deviation > tolerance else None
    close = max(CLOSE, 10 * tolerance)
    return {
        "deviation": deviation,
        "tolerance": tolerance,
        "finite": bool(np.all(np.isfinite(np.asarray(inference, dtype=np.float64)))),
        "from_batch": expected is not None and relative_deviation(training, expected) <= close,
    }


def synthetic_input(layer, like=None):
    """Input far from any moving statistics: float32 array with the shape of `like`, or one that the layer takes."""
    return probe(tuple(int(size) for size in like.shape) if like is not None else _shape(layer))


def probe(shape):
    """Values whose mean is about 2 and whose variance is about 3: float32 array of the shape."""
    return seeded.uniform("inspection/layer", shape) * np.float32(3.0) + np.float32(2.0)


def axes_of(layer):
    """Axes that hold the channels, as a tuple of int."""
    axis = getattr(layer, "axis", -1)
    return tuple(axis) if isinstance(axis, (list, tuple)) or hasattr(axis, "__iter__") else (axis,)


def _shape(layer):
    spec = getattr(layer, "input_spec", None)
    if spec is not None and getattr(spec, "ndim", None) and getattr(spec, "axes", None):
        shape = [SAMPLES] + [2] * (spec.ndim - 1)
        for axis, size in spec.axes.items():
            shape[int(axis)] = int(size)
        return tuple(shape)
    return (SAMPLES, 2, 2, int(layer.moving_mean.shape[0]))


def _with_own_statistics(layer, given, read):
    """What the layer would give with the batch's own statistics (Ioffe & Szegedy 2015, algorithm 1), or None."""
    if not hasattr(layer, "epsilon"):
        return None
    given = np.asarray(given, dtype=np.float64)
    channels = {axis % given.ndim for axis in axes_of(layer)}
    over = tuple(axis for axis in range(given.ndim) if axis not in channels)
    shape = [given.shape[axis] if axis in channels else 1 for axis in range(given.ndim)]
    normal = (given - given.mean(over, keepdims=True)) / np.sqrt(given.var(over, keepdims=True) + layer.epsilon)
    scale, shift = (_parameter(layer, name, read, shape) for name in ("gamma", "beta"))
    return normal * (1.0 if scale is None else scale) + (0.0 if shift is None else shift)


def _parameter(layer, name, read, shape):
    variable = getattr(layer, name, None)
    return None if variable is None else np.asarray(read([variable])[0], dtype=np.float64).reshape(shape)
