"""What Keras 3 has in common on every engine but TensorFlow."""

import importlib
import re

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.engines.base import Engine
from bnregress.suite.finding import NotApplicable
from bnregress.suite.variants.mode import MODE


class Keras3(Engine):
    """Keras 3 on an engine that is not TensorFlow.

    Args:
        mode: name of a mode: all but the default one are switches of TensorFlow.

    Raises:
        RuntimeError: Keras runs on another engine here.
    """

    keras_name = "keras"

    def __init__(self, mode):
        self.mode = mode
        self.keras = importlib.import_module("keras")
        runs_on = self.keras.backend.backend()
        if runs_on != self.key:
            raise RuntimeError("Keras runs on {} here, not on {}".format(runs_on, self.key))
        self.module = importlib.import_module(self.key)
        self.version = self.module.__version__.partition("+")[0]

    def require_mode(self):
        """Refuse the switches that only TensorFlow has.

        Raises:
            NotApplicable: the mode is one of them.
        """
        if self.mode != next(iter(MODE)):
            raise NotApplicable("{} is a switch of TensorFlow, which is no part of this release".format(self.mode))

    def execution(self, framework):
        """By Keras' own operations."""
        return Keras3Execution(framework, self)

    def seed(self, number):
        """By Keras, which seeds Python, NumPy and the engine."""
        self.keras.utils.set_random_seed(number)

    def array(self, tensor):
        """By Keras."""
        return np.array(self.keras.ops.convert_to_numpy(tensor))

    def total(self, tensor):
        """Over all axes."""
        return self.keras.ops.sum(tensor)

    def dataset(self, images, labels, batch, whole=False):
        """A `keras.utils.PyDataset`."""
        count = len(images) // batch if whole else -(-len(images) // batch)

        class Batches(self.keras.utils.PyDataset):
            def __len__(self):
                return count

            def __getitem__(self, place):
                rows = slice(place * batch, (place + 1) * batch)
                return images[rows], labels[rows]

        return Batches()

    #: What feeds `fit` in place of arrays, as lines of a script in a function of `images` and `labels`.
    feeding = """
    class Batches(keras.utils.PyDataset):
        __len__ = lambda self: 1
        __getitem__ = lambda self, place: (images, labels)

    batches = Batches()
""".strip("\n")

    def script(self, text):
        """Import Keras and the engine alone; None if TensorFlow is needed all the same."""
        chosen = 'import os\n\nos.environ["KERAS_BACKEND"] = "{}"\n\nimport keras\nimport numpy as np\n'.format(
            self.key
        )
        text = text.replace("import numpy as np\nimport tensorflow as tf\n", chosen, 1)
        text = text.replace("needs nothing but TensorFlow and keras", "needs nothing but TensorFlow")
        text = text.replace("needs nothing but TensorFlow", "needs nothing but Keras and {}".format(self.title))
        text = text.replace("tf.keras.", "keras.")
        text = re.sub(r"(\w+\(images[^()]*\))\.numpy\(\)", r"keras.ops.convert_to_numpy(\1)", text)
        text = re.sub(r"^ +batches = tf\.data\..*$", self.feeding, text, flags=re.MULTILINE)
        return None if re.search(r"\btf\.", text.partition('"""')[2].partition('"""')[2]) else text

    def untold(self, model, images):
        """Compiled; what is exported is a SavedModel, for which TensorFlow is needed."""
        yield "compiled", lambda: self.compiled(model, model)(images)

    def arrays(self, answer):
        """What a function of tensors gave, as arrays."""
        return list(map(self.array, answer)) if isinstance(answer, (list, tuple)) else self.array(answer)


class Keras3Execution:
    """How a network is run; the methods are those of `bnregress.suite.execution.Execution`.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        engine: `Keras3`.
    """

    eager = True

    def __init__(self, framework, engine):
        self.keras = framework.keras
        self._engine = engine
        self._traced = {}

    def forward(self, network, images, training):
        """Output of a network in training or inference mode: an array."""
        return self._engine.array(network(images, training=training))

    def forward_untold(self, network, images):
        """Output of a network that is called without `training`: an array."""
        return self._engine.array(network(images))

    def forward_traced(self, network, images, training):
        """The same, compiled as `fit` and `evaluate` are."""
        made = network, training, tuple(bool(layer.trainable) for layer in getattr(network, "layers", ()))
        if made not in self._traced:
            self._traced[made] = self._engine.compiled(lambda batch: network(batch, training=training), network)
        return self._traced[made](images)

    def forward_layers(self, layers, inputs, training):
        """Output of each layer on its own input: a list of arrays."""
        return [self._engine.array(layer(images, training=training)) for layer, images in zip(layers, inputs)]

    def forward_layers_compiled(self, layers, inputs, training):
        """The same, compiled in one."""

        def run(*batches):
            return [layer(batch, training=training) for layer, batch in zip(layers, batches)]

        return self._engine.compiled(run, *layers)(*inputs)

    def read(self, variables):
        """Values of variables as a list of arrays, copied."""
        return [self._engine.array(variable) for variable in variables]

    def unchanged(self, variables, before):
        """Whether all variables are bit-equal to what was read of them before."""
        return all(map(identical, before, self.read(variables)))

    def write(self, variables, values):
        """Give each variable its value."""
        for variable, value in zip(variables, values):
            variable.assign(value)

    def release(self, variables):
        """Nothing is to be done: these engines keep no variable that nobody refers to."""

    def set_learning_rate(self, model, rate):
        """Change the learning rate of a compiled model without compiling again."""
        model.optimizer.learning_rate.assign(rate)
