"""TensorFlow, whose Keras is `tf.keras`."""

import importlib
import tempfile

import numpy as np

from bnregress.suite.engines.base import Engine
from bnregress.suite.execution import Execution
from bnregress.suite.variants.mode import import_in


def load(mode):
    """Import TensorFlow with a mode's switch thrown."""
    return TensorFlow(import_in(mode, lambda: importlib.import_module("tensorflow")))


class TensorFlow(Engine):
    """TensorFlow as imported here.

    Args:
        tf: the `tensorflow` module.
    """

    key, title = "tensorflow", "TensorFlow"

    def __init__(self, tf):
        self.module = tf
        self.version = tf.__version__
        self.keras = tf.keras
        self.eager = bool(tf.executing_eagerly())

    @property
    def tensorflow(self):
        """The module `tensorflow`."""
        return self.module

    def execution(self, framework):
        """Of Keras in eager or in graph mode."""
        return Execution(framework)

    def seed(self, number):
        """Seed the operations of TensorFlow."""
        # With deterministic ops, as an environment of a person's may ask for, 2.7 to 2.9 build nothing without a seed.
        self.module.compat.v1.set_random_seed(number)

    def split(self, count):
        """Split the processor, in releases that can."""
        config = self.module.config
        made = getattr(config, "LogicalDeviceConfiguration", None)
        if made is not None:
            config.set_logical_device_configuration(config.list_physical_devices("CPU")[0], [made()] * count)
            return
        config = getattr(config, "experimental", None)
        made = getattr(config, "VirtualDeviceConfiguration", None)
        if made is not None:
            config.set_virtual_device_configuration(config.list_physical_devices("CPU")[0], [made()] * count)

    def array(self, tensor):
        """In eager mode; NumPy alone makes no array of bfloat16."""
        return tensor.numpy() if hasattr(tensor, "numpy") else np.asarray(tensor)

    def compiled(self, function, *parts, shape=None):
        """A `tf.function`."""
        taken = None if shape is None else [self.module.TensorSpec(shape, self.module.float32)]
        traced = self.module.function(function, input_signature=taken)

        def call(*arrays):
            answer = traced(*map(self.module.constant, arrays))
            return list(map(self.array, answer)) if isinstance(answer, (list, tuple)) else self.array(answer)

        return call

    def tracing(self):
        """Whether a graph is made."""
        return not self.module.executing_eagerly()

    def gradient(self, function, images):
        """By a tape."""
        images = self.module.constant(images)
        with self.module.GradientTape() as tape:
            tape.watch(images)
            answer = function(images)
        gradient = tape.gradient(answer, images)
        return None if gradient is None else np.asarray(gradient)

    def total(self, tensor):
        """Over all axes."""
        return self.module.reduce_sum(tensor)

    def dataset(self, images, labels, batch, whole=False):
        """A `tf.data.Dataset`; of whole batches its size is known as it is traced."""
        pairs = self.module.data.Dataset.from_tensor_slices((images, labels))
        return pairs.batch(batch, drop_remainder=True) if whole else pairs.batch(batch)

    def own_loop(self, framework, model):
        """`tf.GradientTape`, each step run as it is."""
        tf, keras = self.module, framework.keras

        def step(images, labels):
            with tf.GradientTape() as tape:
                losses = keras.losses.categorical_crossentropy(labels, model(images, training=True))
                loss = tf.reduce_mean(losses)
            variables = model.trainable_variables
            model.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            return loss

        return step

    def untold(self, model, images):
        """A `tf.function`, and the exported model where a release has `Model.export`."""
        yield "tf.function", lambda: self.compiled(model)(images)
        if hasattr(model, "export"):
            yield "exported", lambda: self._exported(model, images)

    def _exported(self, model, images):
        with tempfile.TemporaryDirectory() as folder:
            model.export(folder)
            loaded = self.module.saved_model.load(folder)
            return np.asarray(loaded.serve(self.module.constant(images)))
