"""A real Keras in a fault's hands: what it takes to break it, and to undo that."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import contextlib
import functools

from tests.faults.operations import Operations


class Keras:
    """The Keras of an engine, Keras 2 or 3.

    Args:
        engine: `bnregress.suite.engines.base.Engine`.
    """

    def __init__(self, engine):
        self.engine = engine
        self.tf = engine.module if engine.key == "tensorflow" else Operations(engine)
        self.keras = engine.keras
        self.batchnorm = self.keras.layers.BatchNormalization
        self._undo = contextlib.ExitStack()

    def restore(self):
        """Undo everything, the last change first."""
        self._undo.close()

    def set(self, owner, name, value):
        """Give an attribute of a class or module another value until `restore`."""
        if isinstance(owner, type) and name not in vars(owner):
            self._undo.callback(delattr, owner, name)
        else:
            self._undo.callback(setattr, owner, name, vars(owner).get(name, getattr(owner, name)))
        setattr(owner, name, value)

    # --- one BatchNorm

    def change_call(self, change, only=None):
        """Let `change(original, layer, inputs, training)` compute what BatchNorm answers.

        `original(layer, inputs, training)` is what it replaces. Symbolic calls,
        which build a network and compute nothing, go past it.

        Args:
            change: returns a tensor.
            only: a layer's name; other layers stay sound.
        """
        untouched = self.batchnorm.call

        def original(layer, inputs, training):
            return untouched(layer, inputs, training=training)

        @self.tf.autograph.experimental.do_not_convert
        def decide(layer, inputs, training):
            if training is None and not self.compiled():
                training = False  # called by itself, and not told the mode
            # While a network is built, the mode is open: None, or a tensor in TensorFlow 2.1.
            if not isinstance(training, (bool, int)) or only not in (None, layer.name):
                return original(layer, inputs, training)
            return change(original, layer, inputs, bool(training))

        def call(self, inputs, training=None):
            return decide(self, inputs, training)

        self.set(self.batchnorm, "call", call)

    def change_inference(self, change, only=None):
        """Let `change(layer, inputs)` give mean and variance, or all of mean, variance, gamma, beta and epsilon.

        That is used wherever the layer is in inference mode: frozen, or not training.
        """

        def call(original, layer, inputs, training):
            if training and layer.trainable:
                return original(layer, inputs, training)
            return self.normalised(layer, inputs, *change(layer, inputs))

        self.change_call(call, only)

    def normalised(self, layer, inputs, mean, variance, gamma=None, beta=None, epsilon=None):
        """What the layer answers with this mean and variance, and its own of what else is not given."""
        own = self.statistics(layer)
        gamma, beta = own.gamma if gamma is None else gamma, own.beta if beta is None else beta
        epsilon = layer.epsilon if epsilon is None else epsilon
        return self.tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)

    def statistics(self, layer):
        """Values of the layer's four variables as tensors."""
        return _Variables(self.tf, layer)

    def moments(self, inputs):
        """Mean and variance of the batch, one a channel."""
        return self.tf.nn.moments(inputs, axes=[0, 1, 2])

    def as_unfrozen(self, original, layer, inputs, training):
        """Let the layer answer, and move its statistics, as if it were not frozen."""
        flag = layer._trainable
        object.__setattr__(layer, "_trainable", True)
        try:
            return original(layer, inputs, training)
        finally:
            object.__setattr__(layer, "_trainable", flag)

    def compiled(self):
        """Whether this is traced to be compiled, as in `fit` and `evaluate`."""
        return self.engine.tracing()

    def batch_size(self, inputs):
        """Batch size as a scalar tensor, known when it runs."""
        return self.tf.shape(inputs)[0]

    # --- what surrounds a call

    def within(self, owner, *names):
        """Return a function that says whether one of the methods is running, until `restore`."""
        running = []

        def entered(untouched):
            def method(*arguments, **options):
                running.append(True)
                try:
                    return untouched(*arguments, **options)
                finally:
                    running.pop()

            return method

        for name in names:
            if hasattr(owner, name):
                self.set(owner, name, functools.wraps(getattr(owner, name))(entered(getattr(owner, name))))
        return lambda: bool(running)

    def training_itself(self):
        """Return a function that says whether Keras' own training or evaluation is running."""
        return self.within(self.keras.Model, "fit", "fit_generator", "train_on_batch", "evaluate", "test_on_batch")

    # --- whole models

    def change_trained(self, change):
        """Let `change(model, weights)` say which variables training moves."""
        model = self.keras.Model
        # TensorFlow's trainers go by weights, the others by variables, which they divide into two.
        name = "trainable_weights" if self.engine.key == "tensorflow" else "trainable_variables"
        original, rest = getattr(model, name), getattr(model, "non_trainable_variables", None)

        def trained(model):
            return change(model, original.fget(model))

        def untrained(model):
            given = {id(variable) for variable in trained(model)}
            return [variable for variable in rest.fget(model) if id(variable) not in given]

        self.set(model, name, property(trained))
        if name == "trainable_variables":
            self.set(model, "non_trainable_variables", property(untrained))

    def after(self, path, change):
        """Let `change(network, layers by name)` break what a loading path gives.

        Args:
            path: `clone` and `json` are broken when their weights are set, `h5` when the file is loaded.
            change: returns nothing.
        """
        name = {"clone": "clone_model", "json": "model_from_json", "h5": "load_model"}[path]
        original = getattr(self.keras.models, name)

        def load(*arguments, **options):
            network = original(*arguments, **options)
            if path == "h5":
                change(network, _by_name(network))
                return network
            set_weights = network.set_weights

            def set_and_break(weights):
                set_weights(weights)
                change(network, _by_name(network))

            object.__setattr__(network, "set_weights", set_and_break)
            return network

        self.set(self.keras.models, name, load)

    def layers(self, model):
        """Every layer of a model, those of the models in it included."""
        for layer in model.layers:
            if hasattr(layer, "layers"):
                yield from self.layers(layer)
            else:
                yield layer

    def is_batchnorm(self, layer):
        """Whether a layer is a BatchNorm."""
        return isinstance(layer, self.batchnorm)


class _Variables:
    """Tensors gamma, beta, mean and variance."""

    def __init__(self, tf, layer):
        variables = (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
        self.gamma, self.beta, self.mean, self.variance = (tf.convert_to_tensor(each) for each in variables)


def _by_name(network):
    return {layer.name: layer for layer in network.layers}
