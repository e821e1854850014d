"""What each replica of a strategy holds of a variable, which what is read of the variable need not show."""

from functools import lru_cache

import numpy as np

from bnregress.suite import apart
from bnregress.suite.arithmetic import identical

#: How many replicas a strategy has.
COUNT = 2


def pair(framework):
    """Give the `scope` of a strategy with two replicas, on logical devices of the processor.

    One strategy for the whole process: the collective operations of a second one fail.

    Raises:
        NotApplicable: this release has no such strategy, or cannot split a processor.
    """
    return _strategy(framework.require("distribute.MirroredStrategy"), tuple(apart.require(framework, COUNT))).scope


@lru_cache(maxsize=None)
def _strategy(kind, devices):
    return kind(list(devices))


def values_of(variable):
    """The values that the replicas hold: arrays, one a replica; a single one if no strategy made the variable."""
    # Keras 3 has a variable of its own around TensorFlow's.
    made = getattr(variable, "_value", None)
    held = getattr(made if hasattr(made, "values") else variable, "values", None)
    return [np.asarray(each.numpy()) for each in held or [variable]]


def differing(variables, count):
    """Names of the variables whose replicas are not bit-equal.

    Args:
        variables: by name.
        count: how many replicas there must be.

    Raises:
        RuntimeError: there are fewer, so that nothing can be told.
    """
    found = []
    for name, variable in variables.items():
        values = values_of(variable)
        if len(values) < count:
            raise RuntimeError("{} has {} replicas, where {} were to be held".format(name, len(values), count))
        if not all(identical(values[0], other) for other in values[1:]):
            found.append(name)
    return found
