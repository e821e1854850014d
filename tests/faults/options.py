"""Faults of what a layer is told when it is made or called, and of what surrounds it."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

import numpy as np

from tests.faults.registry import fault

LAYERS = ("layers",)


def _built(keras, change):
    """Let `change(layer)` come before a layer is built."""
    untouched = keras.batchnorm.build

    @functools.wraps(untouched)
    def build(self, *arguments, **options):
        change(self)
        return untouched(self, *arguments, **options)

    keras.set(keras.batchnorm, "build", build)


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def a_momentum_of_zero_is_the_default(keras):
    """A layer that is told the momentum 0 takes Keras' default."""

    def change(layer):
        layer.momentum = layer.momentum or 0.99

    _built(keras, change)


@fault("layers-frozen", layers=None, paths=LAYERS)
def initialisers_of_gamma_are_forgotten(keras):
    """Gamma starts at 1 whatever its initialiser is."""

    def change(layer):
        layer.gamma_initializer = keras.keras.initializers.get("ones")

    _built(keras, change)


@fault("layers-frozen", layers=None, paths=LAYERS)
def a_description_lacks_initialisers(keras):
    """A layer that is made from a description has the default initialiser of its moving mean."""
    untouched = keras.batchnorm.get_config

    def get_config(self):
        return {**untouched(self), "moving_mean_initializer": "zeros"}

    keras.set(keras.batchnorm, "get_config", get_config)


@fault("layers-frozen", layers=None, paths=LAYERS, meets="mixed_bfloat16")
def a_description_lacks_the_precision(keras):
    """A layer that is made from the description of one in half precision computes in single precision."""
    untouched = keras.batchnorm.get_config

    def get_config(self):
        return {**untouched(self), "dtype": "float32"}

    keras.set(keras.batchnorm, "get_config", get_config)


def _thawed_by(keras, told):
    """Let frozen layers follow the batch if the mode that they are called in is `told(mode)`."""
    untouched = keras.batchnorm.__call__

    @functools.wraps(untouched)
    def called(self, *arguments, **options):
        if self.trainable or not told(options.get("training")):
            return untouched(self, *arguments, **options)

        def original(layer, inputs, training):
            return untouched(layer, inputs, training=training)

        return keras.as_unfrozen(original, self, arguments[0], True)

    keras.set(keras.batchnorm, "__call__", called)


@fault("layers-frozen", layers=None, paths=LAYERS)
def a_number_as_mode_thaws(keras):
    """A frozen layer that is called with `training=1` uses batch statistics."""
    _thawed_by(keras, lambda mode: type(mode) is int and mode == 1)


@fault("layers-frozen", layers=None, paths=LAYERS)
def a_flag_of_numpy_as_mode_thaws(keras):
    """A frozen layer that is called with NumPy's true uses batch statistics."""
    _thawed_by(keras, lambda mode: isinstance(mode, np.bool_) and bool(mode))


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def masked_steps_count_unfrozen(keras):
    """An un-frozen layer takes the statistics of what is masked too."""
    untouched = keras.batchnorm.call

    def call(self, inputs, training=None, mask=None):
        return untouched(self, inputs, training=training)

    keras.set(keras.batchnorm, "call", call)


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def the_second_call_moves_nothing(keras):
    """An un-frozen layer that a network calls in two places moves its mean for one of them."""
    untouched = keras.keras.Model.__call__

    @functools.wraps(untouched)
    def called(self, *arguments, **options):
        twice = [layer for layer in self.layers if keras.is_batchnorm(layer) and len(layer._inbound_nodes) > 1]
        before = [layer.moving_mean.numpy() for layer in twice]
        answer = untouched(self, *arguments, **options)
        for layer, old in zip(twice, before):
            layer.moving_mean.assign((old + layer.moving_mean.numpy()) / 2)
        return answer

    keras.set(keras.keras.Model, "__call__", called)


def _behind(keras, kind):
    """Let a model that is called without a mode be in training mode if a layer of that kind is in it."""
    model, kind = keras.keras.Model, getattr(keras.keras.layers, kind)
    untouched = model.__call__

    @functools.wraps(untouched)
    def called(self, *arguments, **options):
        inputs = arguments[0] if arguments else None
        told = "training" in options or not isinstance(inputs, np.ndarray)
        if not told and any(isinstance(layer, kind) for layer in self.layers):
            options["training"] = True
        return untouched(self, *arguments, **options)

    keras.set(model, "__call__", called)


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def behind_dropout_no_mode_is_training(keras):
    """A model with dropout that is called without a mode is in training mode."""
    _behind(keras, "Dropout")


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def behind_noise_no_mode_is_training(keras):
    """A model with noise that is called without a mode is in training mode."""
    _behind(keras, "GaussianNoise")


def _stateless(keras, change):
    """Let `change(layer, answer, state)` follow `stateless_call`, in a Keras that has it."""
    kind = keras.keras.layers.Layer
    untouched = getattr(kind, "stateless_call", None)
    if untouched is not None:

        @functools.wraps(untouched)
        def called(self, trained, state, *arguments, **options):
            return change(self, state, *untouched(self, trained, state, *arguments, **options))

        keras.set(kind, "stateless_call", called)


@fault("layers-unfrozen", layers=None, paths=LAYERS, meets="without-state")
def a_stateless_call_moves_nothing(keras):
    """`stateless_call` in training gives back the statistics that it was given."""
    _stateless(keras, lambda layer, before, answer, state: (answer, before))


@fault("layers-unfrozen", layers=None, paths=LAYERS, meets="without-state")
def a_stateless_call_thaws(keras):
    """`stateless_call` in training gives moved statistics of frozen layers."""

    def change(layer, before, answer, state):
        return answer, state if layer.trainable_variables else [each * 0.999 for each in state]

    _stateless(keras, change)


@fault("lora-leaves-kernels", layers=None, paths=LAYERS)
def lora_trains_the_kernel(keras):
    """`enable_lora` leaves the kernel of a dense layer trainable."""
    kind = keras.keras.layers.Dense
    if hasattr(kind, "enable_lora"):
        untouched = kind.enable_lora

        def enable_lora(self, *arguments, **options):
            untouched(self, *arguments, **options)
            self._kernel.trainable = True

        keras.set(kind, "enable_lora", enable_lora)


@fault("lora-leaves-kernels", layers=None, paths=LAYERS)
def lora_adds_what_does_not_train(keras):
    """What `enable_lora` adds to a convolution does not train."""
    kind = keras.keras.layers.Conv2D
    if hasattr(kind, "enable_lora"):
        untouched = kind.enable_lora

        def enable_lora(self, *arguments, **options):
            untouched(self, *arguments, **options)
            self.lora_kernel_b.trainable = False

        keras.set(kind, "enable_lora", enable_lora)
