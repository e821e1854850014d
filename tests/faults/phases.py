"""Faults of what is done with a network between phases of training."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault
from tests.faults.usage import after_fit, follows

FLAGS, PHASES = ("flags",), ("phases",)


def _followed(keras, name, change):
    """Let `change(model)` follow a method of models."""
    model = keras.keras.Model
    untouched = getattr(model, name)

    @functools.wraps(untouched)
    def method(self, *arguments, **options):
        answer = untouched(self, *arguments, **options)
        change(self)
        return answer

    keras.set(model, name, method)


def _thaw(model):
    for layer in model.layers:
        layer.trainable = True


@fault("flags-stay", layers=None, paths=FLAGS)
def loading_weights_unfreezes(keras):
    """`load_weights` leaves every layer un-frozen."""
    _followed(keras, "load_weights", _thaw)


@fault("flags-stay", layers=None, paths=FLAGS)
def predicting_unfreezes(keras):
    """`predict` leaves every layer un-frozen."""
    _followed(keras, "predict", _thaw)


@fault("phases-new-optimizer", also=("phases-weight-decay", "phases-moving-average"), layers=None, paths=PHASES)
def compiled_again_keeps_its_step(keras):
    """A model that is compiled again goes on with the step that was traced before."""
    model = keras.keras.Model
    untouched = model.compile

    @functools.wraps(untouched)
    def compile(self, *arguments, **options):
        kept = getattr(self, "train_function", None)
        untouched(self, *arguments, **options)
        self.train_function = kept

    keras.set(model, "compile", compile)


@fault("phases-weight-decay", layers=None, paths=PHASES)
def weights_of_an_earlier_phase_decay(keras):
    """An optimizer that decays weights goes on decaying kernels that were frozen since."""

    def shrink(layer):
        if hasattr(layer, "kernel"):
            layer.kernel.assign(layer.kernel * 0.999)

    after_fit(keras, lambda optimizer: bool(getattr(optimizer, "weight_decay", None)), shrink)


@fault("phases-moving-average", layers=None, paths=PHASES)
def averages_of_an_earlier_phase_are_taken(keras):
    """An optimizer that averages weights goes on overwriting statistics that were frozen since."""

    def take(layer):
        if keras.is_batchnorm(layer):
            layer.moving_mean.assign(layer.moving_mean * 0.999)

    after_fit(keras, lambda optimizer: bool(getattr(optimizer, "use_ema", False)), take)


@fault("layers-frozen", layers=None, paths=("layers",))
def large_batches_are_followed(keras):
    """A frozen layer uses batch statistics from 128 samples on."""
    follows(keras, lambda layer, inputs: inputs.shape[0] is not None and inputs.shape[0] >= 128)


@fault("layers-frozen", layers=None, paths=("layers",))
def the_second_place_follows_the_batch(keras):
    """A frozen layer that a network calls in two places uses batch statistics in both."""
    follows(keras, lambda layer, inputs: len(layer._inbound_nodes) > 1)
