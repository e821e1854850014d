"""The interface of an engine."""

from typing import Any

from bnregress.suite.finding import NotApplicable


class Engine:
    """What Keras computes with.

    Attributes:
        key: as in `KERAS_BACKEND`: `tensorflow`, `jax` or `torch`.
        title: what people call it.
        version: its version.
        module: the engine's own module, `tensorflow`, `jax` or `torch`.
        keras: the Keras that it comes with, or that runs on it.
        keras_name: module that this Keras is, None for `tf.keras`.
        eager: False in graph mode, as in TensorFlow 1.
        reads_flags: whether a compiled model reads the flags in each step, because all steps run as they are.
        refuses_late: words of the ValueError with which it refuses a step once flags were changed after compiling; None
            if it takes the step.
    """

    key: Any = None
    title: Any = None
    version: Any = None
    module: Any = None
    keras: Any = None
    keras_name: Any = None
    eager = True
    reads_flags = False
    refuses_late: Any = None

    @property
    def name(self):
        """Name and version as a person knows them: `TensorFlow 2.1.0`."""
        return "{} {}".format(self.title, self.version)

    @property
    def tensorflow(self):
        """The module `tensorflow`.

        Raises:
            NotApplicable: this engine is another one.
        """
        raise NotApplicable("TensorFlow is no part of this release, whose Keras runs on {}".format(self.title))

    def require_mode(self):
        """Refuse a mode that this engine does not have.

        Raises:
            NotApplicable: it has none of the switches.
        """

    def execution(self, framework):
        """How networks are run and variables are read: `bnregress.suite.execution.Execution` or one like it."""
        raise NotImplementedError

    def seed(self, number):
        """Seed whatever Keras draws from."""
        raise NotImplementedError

    def split(self, count):
        """Split the processor into logical devices; must come before anything is computed.

        An engine that cannot is left as it is.
        """

    def array(self, tensor):
        """Value of a tensor or variable as a NumPy array."""
        raise NotImplementedError

    def compiled(self, function, *parts, shape=None):
        """Compile a function of arrays, as `fit` and `evaluate` are compiled.

        Args:
            function: takes tensors, returns a tensor or a list of them.
            parts: the layers that it calls, whose variables it may move.
            shape: of its argument, if that has no fixed one: None for each size that varies.

        Returns:
            a function of arrays that returns the same, as arrays.
        """
        raise NotImplementedError

    def tracing(self):
        """Whether what runs now is traced to be compiled."""
        raise NotImplementedError

    def gradient(self, function, images):
        """Gradient by the images of what a function of them returns, a scalar: an array, or None if there is none."""
        raise NotImplementedError

    def total(self, tensor):
        """Sum of a tensor: a scalar tensor."""
        raise NotImplementedError

    def dataset(self, images, labels, batch, whole=False):
        """What `fit` takes in place of arrays, as people on this engine feed it.

        Args:
            images: array.
            labels: array.
            batch: images in a batch.
            whole: leave out a smaller last batch.
        """
        raise NotImplementedError

    def script(self, text):
        """Let a script for TensorFlow run on this engine; None if it does not say how."""
        return text

    def untold(self, model, images):
        """Yield every way of its own to call a model without `training`: a name, and a function that gives an array."""
        raise NotImplementedError
