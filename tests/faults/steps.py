"""Faults of the step that a head is trained by, of what validation holds back, and of a layer's description."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault
from tests.faults.usage import LAYERS, TRAINING, follows


def _halved(keras, when):
    """Let a `fit` of which `when(options)` move the last layer half as far as it should."""
    model, untouched = keras.keras.Model, keras.keras.Model.fit

    @functools.wraps(untouched)
    def fit(self, *arguments, **options):
        head = self.layers[-1]
        before = head.get_weights()
        answer = untouched(self, *arguments, **options)
        if when(options):
            head.set_weights([(old + new) / 2 for old, new in zip(before, head.get_weights())])
        return answer

    keras.set(model, "fit", fit)


@fault("training-frozen", layers=None, paths=TRAINING)
def half_a_step(keras):
    """`fit` moves a head on a frozen network half as far as its gradient says."""
    _halved(keras, lambda options: True)


@fault("training-frozen", layers=None, paths=TRAINING)
def half_a_step_under_weights(keras):
    """`fit` with sample weights moves the head half as far as its gradient says."""
    _halved(keras, lambda options: options.get("sample_weight") is not None)


@fault("training-frozen", layers=None, paths=TRAINING)
def a_split_holds_back_the_wrong_samples(keras):
    """A `fit` that is told to hold back samples for validation holds back the first in place of the last."""
    model, untouched = keras.keras.Model, keras.keras.Model.fit

    @functools.wraps(untouched)
    def fit(self, x=None, y=None, **options):
        if options.get("validation_split"):
            x, y = x[::-1], y[::-1]
        return untouched(self, x, y, **options)

    keras.set(model, "fit", fit)


@fault("layers-frozen", layers=None, paths=LAYERS)
def variance_starts_at_zero(keras):
    """A new layer starts with a moving variance of 0."""
    untouched = keras.batchnorm.build

    @functools.wraps(untouched)
    def build(self, *arguments, **options):
        self.moving_variance_initializer = keras.keras.initializers.get("zeros")
        return untouched(self, *arguments, **options)

    keras.set(keras.batchnorm, "build", build)


@fault("layers-frozen", layers=None, paths=LAYERS)
def the_flag_is_missing_from_the_description(keras):
    """A layer that is made from a frozen layer's description is not frozen."""
    untouched = keras.batchnorm.get_config

    def get_config(self):
        return dict(untouched(self), trainable=True)

    keras.set(keras.batchnorm, "get_config", get_config)


@fault("layers-frozen", layers=None, paths=LAYERS)
def without_a_mode_it_follows_the_batch(keras):
    """An un-frozen layer of rank 2 that is called without a mode is in training mode."""
    untouched = keras.batchnorm.__call__

    @functools.wraps(untouched)
    def call(self, inputs, *arguments, **options):
        if not arguments and not options and len(inputs.shape) == 2:
            options["training"] = True
        return untouched(self, inputs, *arguments, **options)

    keras.set(keras.batchnorm, "__call__", call)


@fault("layers-frozen", layers=None, paths=LAYERS)
def regularisers_count_twice_while_training(keras):
    """Regularisers of a BatchNorm count twice once it has been called in training mode."""
    modes, base = {}, keras.batchnorm.losses

    def call(original, layer, inputs, training):
        modes[id(layer)] = training
        return original(layer, inputs, training)

    keras.change_call(call)
    losses = property(lambda self: base.fget(self) * (2 if modes.get(id(self)) else 1))
    keras.set(keras.batchnorm, "losses", losses)


def _unknown(inputs):
    return len(inputs.shape) == 4 and inputs.shape[1] is None


@fault("layers-frozen", layers=None, paths=LAYERS)
def images_of_unknown_size_follow_the_batch(keras):
    """A frozen layer uses batch statistics for images whose size is unknown as it is compiled."""
    follows(keras, lambda layer, inputs: _unknown(inputs))


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def images_of_unknown_size_stay_frozen(keras):
    """An un-frozen layer stays in inference mode for images whose size is unknown as it is compiled."""

    def call(original, layer, inputs, training):
        return original(layer, inputs, training and not (layer.trainable and _unknown(inputs)))

    keras.change_call(call)
