"""What a part of the witness is, and when two observations differ."""

# Read within a release's environment, and untyped like the suite.
# mypy: ignore-errors

import numpy as np

#: Largest difference, relative to an array's scale, that rounding explains; bits are compared where they must be kept.
ROUNDING = 1e-5


def differs(found, expected):
    """Whether two observations differ by more than rounding."""
    if isinstance(found, np.ndarray) and isinstance(expected, np.ndarray):
        if found.shape != expected.shape or found.dtype != expected.dtype:
            return True
        one, other = np.float64(found), np.float64(expected)
        if not np.array_equal(np.isfinite(one), np.isfinite(other)):
            return True
        one, other = np.nan_to_num(one), np.nan_to_num(other)
        return bool(np.any(np.abs(one - other) > ROUNDING * max(1e-3, np.max(np.abs(other), initial=0.0))))
    if isinstance(found, (tuple, list)) and isinstance(expected, (tuple, list)):
        return len(found) != len(expected) or any(differs(*pair) for pair in zip(found, expected))
    if isinstance(found, float) and isinstance(expected, float):
        return differs(np.array([found]), np.array([expected]))
    return type(found) is not type(expected) or found != expected


PARTS = {}


def part(*cases):
    """Declare the decorated function as a part for each of its cases, which it takes after Keras and a folder."""

    def register(look):
        for case in cases or ((),):
            name = " ".join([look.__name__.replace("_", " "), *map(str, case[:1])])
            PARTS[name] = look, case
        return look

    return register


def observations(tf, folder, names=None):
    """Yield (name, value) of everything that is looked at, in a fixed order.

    Args:
        tf: the `tensorflow` module.
        folder: an empty one, for files.
        names: of the parts to look at; all by default. Each stands alone.
    """
    for name in PARTS if names is None else [each for each in PARTS if each in names]:
        tf.keras.utils.set_random_seed(7)
        look, case = PARTS[name]
        for place, value in enumerate(look(tf, folder, *case)):
            yield f"{name} {place}", value
