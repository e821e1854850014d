"""One call of one layer: training mode against inference mode, and a sample alone against it in its batch."""

import numpy as np

from bnregress.suite import tolerances
from bnregress.suite.arithmetic import relative_deviation

#: A layer that stays within this of the batch's own statistics uses them: fused kernels sum in another order.
CLOSE = 1e-3
#: Draws of a random layer; how many times further off than by chance their mean may lie, and how far by its scale.
DRAWS, CHANCE, BIAS = 64, 25, 0.03
#: Statistics that lie closer than this to each other, in standard deviations, cannot be told apart by an output.
_TELLABLE = 1e-4
#: Elements of an array that are looked at in float64 at once.
_CHUNK = 2**20


def compare(training, inference):
    """Figures of an output in training mode and of the same in inference mode: `deviation`, `tolerance`, `finite`.

    Args:
        training: arrays.
        inference: as many arrays.
    """
    deviations = [(_deviation(*pair), tolerance_of(pair[1])) for pair in zip(training, inference)]
    deviation, tolerance = max(deviations, key=lambda pair: pair[0] / pair[1]) if deviations else (0.0, 1.0)
    finite = all(bool(np.all(np.isfinite(chunk))) for array in inference for chunk in _chunks(array))
    return {"deviation": deviation, "tolerance": tolerance, "finite": finite}


def differs(figure):
    """Whether a figure is beyond its tolerance."""
    return figure is not None and figure["deviation"] > figure["tolerance"]


def first_sample(together, copies):
    """Figures of the first sample's output among others and among copies of itself."""
    return compare([array[:1] for array in together], [array[:1] for array in copies])


def is_biased(draws, inference):
    """Whether random outputs lie off the inference mode's answer by more than chance explains, as Dropout's do not.

    The square of the distance of their mean, summed over all elements, is what chance makes of it within a factor of
    `CHANCE`: the variance of the draws, summed likewise, by their number. Rare draws make a small distance of their
    own, as of a layer that drops one in a hundred and did not: so it must also be `BIAS` of the answer's root mean
    square.

    Args:
        draws: lists of arrays, one list for each draw.
        inference: as many arrays as one of them has.
    """
    off = by_chance = scale = 0.0
    for place, answer in enumerate(inference):
        each = np.stack([np.asarray(draw[place], np.float64) for draw in draws])
        expected = np.asarray(answer, np.float64)
        off += np.sum((each.mean(axis=0) - expected) ** 2)
        scale += np.sum(expected**2)
        by_chance += np.sum(each.var(axis=0, ddof=1)) / len(draws)
    # What did not vary at all, but for rounding, says nothing of chance.
    return bool(by_chance > 1e-12 * scale and off > CHANCE * by_chance and off > BIAS**2 * scale)


def copies_of_first(array):
    """An array whose every sample is the first.

    In place of the sample alone: the statistics of a batch of copies are those of
    the sample, and its shape is one that the layer takes.
    """
    return np.repeat(array[:1], len(array), axis=0)


def formulas(layer, given, values):
    """A BatchNorm's output with the batch's statistics and with its own (Ioffe & Szegedy 2015, algorithms 1 and 2).

    Args:
        layer: a BatchNorm.
        given: its input, an array.
        values: arrays of its variables by name, as `gamma`.

    Returns:
        two float64 arrays; (None, None) for a layer that is unlike one.
    """
    parts = _normal(layer, given, values)
    if parts is None:
        return None, None
    own, kept, shape = parts
    try:
        scale = np.asarray(values.get("gamma", 1.0), np.float64).reshape(shape if "gamma" in values else [])
        shift = np.asarray(values.get("beta", 0.0), np.float64).reshape(shape if "beta" in values else [])
    except ValueError:
        return None, None
    return own * scale + shift, kept * scale + shift


def some_channels(layer, given, output, values):
    """Input, output and variables of a BatchNorm in as many channels as make a moderate array: each is for itself.

    Args:
        layer: a BatchNorm.
        given: its input, an array.
        output: its output, an array.
        values: arrays of its variables by name.
    """
    axes = axes_of(layer)
    if len(axes) != 1 or np.ndim(given) < 2 or np.shape(given) != np.shape(output) or np.size(given) <= _CHUNK:
        return given, output, values
    axis = axes[0] % np.ndim(given)
    channels = np.shape(given)[axis]
    kept = max(1, _CHUNK * channels // np.size(given))
    place = (slice(None),) * axis + (slice(kept),)
    cut = {name: value[:kept] if np.shape(value) == (channels,) else value for name, value in values.items()}
    return given[place], output[place], cut


def is_close(output, expected):
    """Whether an output is the expected one, but for the order in which a fused kernel sums."""
    if expected is None or np.shape(output) != np.shape(expected):
        return False
    return relative_deviation(output, expected) <= max(CLOSE, 10 * tolerance_of(output))


def tellable(layer, given, values):
    """Whether this input would show the batch's own statistics: False if they are the layer's own ones, too."""
    parts = _normal(layer, given, values)
    if parts is None:
        return True
    own, kept, _ = parts
    return relative_deviation(own, kept) > _TELLABLE


def axes_of(layer):
    """Axes that hold the channels, as a tuple of int."""
    axis = getattr(layer, "axis", -1)
    return tuple(axis) if isinstance(axis, (list, tuple)) or hasattr(axis, "__iter__") else (axis,)


def tolerance_of(array, depth=1):
    """Largest deviation that rounding explains in an array's dtype."""
    name = str(np.asarray(array).dtype)
    return tolerances.unmeasured(name if name in tolerances.EPSILON else "float32", depth)


def _deviation(training, inference):
    if np.shape(training) != np.shape(inference):
        return float("inf")
    if np.array_equal(training, inference):
        return 0.0
    largest = scale = 0.0
    for one, other in zip(_chunks(training), _chunks(inference)):
        # What is not finite in both modes is the same in both.
        known = np.isfinite(one) | np.isfinite(other)
        if np.any(known):
            difference = np.max(np.abs(one[known] - other[known]))
            largest = max(largest, float(difference)) if np.isfinite(difference) else float("inf")
            scale = max(scale, float(np.max(np.abs(other[known]))))
    if not np.isfinite(largest):
        return float("inf")
    return largest / scale if scale else (0.0 if largest == 0.0 else float("inf"))


def _chunks(array):
    """An array's values in float64, a part after the other, for the whole may be larger than the model itself."""
    flat = np.asarray(array).reshape(-1)
    for start in range(0, flat.size, _CHUNK):
        yield np.asarray(flat[start : start + _CHUNK], np.float64)


def _normal(layer, given, values):
    """(input normalised with its own statistics, with the layer's, shape of the statistics); None if it is unlike."""
    if "moving_mean" not in values or "moving_variance" not in values:
        return None
    given = np.asarray(given, dtype=np.float64)
    channels = {axis % given.ndim for axis in axes_of(layer)}
    over = tuple(axis for axis in range(given.ndim) if axis not in channels)
    shape = [given.shape[axis] if axis in channels else 1 for axis in range(given.ndim)]
    epsilon = float(getattr(layer, "epsilon", 1e-3))
    try:
        mean, variance = (np.asarray(values[n], np.float64).reshape(shape) for n in ("moving_mean", "moving_variance"))
    except ValueError:
        return None
    own = (given - given.mean(over, keepdims=True)) / np.sqrt(given.var(over, keepdims=True) + epsilon)
    return own, (given - mean) / np.sqrt(variance + epsilon), shape
