"""The interface of a runtime."""

import contextlib

import numpy as np


class Runtime:
    """How a person's own model is run on an engine, watched, and put back.

    Args:
        framework: `bnregress.suite.framework.Framework`.
    """

    def __init__(self, framework):
        self.framework, self.module = framework, framework.engine.module

    def dtype_name(self, dtype):
        """Name of the dtype of a symbolic input, as `float32`."""
        raise NotImplementedError

    def idle_optimizer(self):
        """Methods of an optimizer by which a training step lets it begin, each as a function that does nothing."""
        return dict.fromkeys(("minimize", "apply_gradients", "apply"), lambda *_, **__: None)

    def numpy_dtype(self, dtype):
        """NumPy's dtype for it."""
        raise NotImplementedError

    def tensors(self, structure):
        """Arrays in any structure as tensors."""
        raise NotImplementedError

    def flatten(self, structure):
        """What is in a structure of lists, tuples and dicts, as a list."""
        raise NotImplementedError

    def map_structure(self, function, structure):
        """The same structure, with what a function makes of each."""
        raise NotImplementedError

    def first_repeated(self, tensor, samples):
        """A tensor whose every sample is the first of another."""
        raise NotImplementedError

    def seen(self, value):
        """Value of a tensor as an array; None if it has none, as within a compiled function."""
        raise NotImplementedError

    def value(self, variable):
        """Value of a variable as an array, copied."""
        raise NotImplementedError

    def compiled(self, model):
        """A compiled function of tensors that runs a model in inference mode."""
        raise NotImplementedError

    def running_eagerly(self, model, unwatched):
        """Context in which what is called in compiled functions has values.

        Args:
            model: whose steps run.
            unwatched: gives a context in which calls of layers are not looked at.
        """
        raise NotImplementedError

    def recording_stopped(self):
        """Context in which what is computed costs no memory for a gradient."""
        return contextlib.nullcontext()

    def outside(self):
        """Context, while a function is traced, in which variables have the values that they have outside of it."""
        return contextlib.nullcontext()

    def random_state(self):
        """State of the random numbers that are the engine's own, none of the model's."""

    def set_random_state(self, state):
        """Put it back."""

    @contextlib.contextmanager
    def seeded(self):
        """Within, what is drawn at random without a seed is the same each time; `random_state` is kept by others."""
        yield

    def traced_sizes(self, model):
        """Sizes of batches that a model's training step was traced for, a set; empty if the engine does not tell."""
        return set()

    def traces(self, model):
        """How often a model's training step was traced; 0 if the engine tells the sizes."""
        return 0

    def strays(self, known):
        """Variables somewhere in the process that are none of those known; a list, empty if none can be found."""
        return []

    @contextlib.contextmanager
    def fitting(self, model):
        """Context of a `fit`, after which, if it fails, the model has its variables again."""
        yield

    def told(self, error):
        """What an exception of a step means for a person, if it is one of the engine's own; else empty."""
        return ""


def array_of(value):
    """A copy of a value as an array."""
    return np.array(value.numpy() if hasattr(value, "numpy") else value)
