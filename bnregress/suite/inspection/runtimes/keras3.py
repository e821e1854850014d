"""What Keras 3 has in common on every engine but TensorFlow."""

import contextlib
import importlib

import numpy as np

from bnregress.suite.inspection.runtimes import base


class Runtime(base.Runtime):
    """Keras 3 as imported here."""

    def __init__(self, framework):
        super().__init__(framework)
        self.keras = framework.keras

    def dtype_name(self, dtype):
        """By Keras."""
        return self.keras.backend.standardize_dtype(dtype)

    def numpy_dtype(self, dtype):
        """NumPy knows the names, those of `ml_dtypes` too, which Keras needs."""
        return np.dtype(self.dtype_name(dtype))

    def tensors(self, structure):
        """By Keras."""
        return self.map_structure(self.keras.ops.convert_to_tensor, structure)

    def flatten(self, structure):
        """By Keras."""
        return self.keras.tree.flatten(structure)

    def map_structure(self, function, structure):
        """By Keras."""
        return self.keras.tree.map_structure(function, structure)

    def first_repeated(self, tensor, samples):
        """`keras.ops.repeat`."""
        return self.keras.ops.repeat(tensor[:1], samples, axis=0)

    def seen(self, value):
        """By Keras, which raises within a compiled function."""
        with contextlib.suppress(Exception):
            return self.framework.array(value)
        return None

    def value(self, variable):
        """By Keras; of a variable that a failed step left without a value, an array that equals none."""
        try:
            return self.framework.array(variable)
        except Exception:
            if getattr(variable, "_value", self) is not None:
                raise
            return np.array(None)

    def random_state(self):
        """That of the generator which Keras takes where a layer is given no seed."""
        return [(each, self.value(each)) for each in _global_seeds()]

    def set_random_state(self, state):
        """Of the generator that there was."""
        for variable, value in state:
            variable.assign(value)

    @contextlib.contextmanager
    def seeded(self):
        """By a fixed state of that generator."""
        for variable in _global_seeds():
            variable.assign(np.zeros(tuple(variable.shape), np.uint32))
        yield


def _global_seeds():
    """The variables, one or none, that hold the state of the seed generator which Keras falls back to."""
    state = importlib.import_module("keras.src.backend.common.global_state")
    generator = state.get_global_attribute("global_seed_generator")
    return [] if generator is None else [generator.state]
