"""Faults of a call that is not told its mode: `model(x)`, `predict`, a function, an export."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault, in_variants

_PREPARED = in_variants("wrap=preprocessing")


def _calls_of_models(keras, change):
    """Let `change(model, options, outer)` see each call of a model, `outer` whether another one's is running."""
    model, running = keras.keras.Model, []
    untouched = model.__call__

    @functools.wraps(untouched)
    def call(self, *arguments, **options):
        change(self, options, bool(running))
        running.append(options.get("training") is None)
        try:
            return untouched(self, *arguments, **options)
        finally:
            running.pop()

    keras.set(model, "__call__", call)
    return running


@fault("mode-parity", layers=None)
def frozen_layer_follows_the_batch_when_not_told_the_mode(keras):
    """A frozen layer uses batch statistics in a model that is called without `training`."""
    running = _calls_of_models(keras, lambda model, options, outer: None)
    untouched = keras.batchnorm.call

    def call(self, inputs, training=None):
        if self.trainable or not running or not running[0] or not keras.tf.is_tensor(inputs):
            return untouched(self, inputs, training=training)
        return keras.normalised(self, inputs, *keras.moments(inputs))

    keras.set(keras.batchnorm, "call", call)


@fault("mode-parity", layers=None, paths=_PREPARED)
def a_flip_in_front_puts_a_call_in_training_mode(keras):
    """A model with a RandomFlip in it that is called without `training` runs in training mode."""

    def change(model, options, outer):
        flips = any(type(layer).__name__ == "RandomFlip" for layer in getattr(model, "layers", ()))
        if flips and not outer and options.get("training") is None:
            options["training"] = True

    _calls_of_models(keras, change)


@fault("mode-parity", layers=None, paths=_PREPARED)
def an_exported_model_follows_the_batch_unfrozen(keras):
    """An un-frozen layer uses batch statistics in what `Model.export` gives."""
    exporting = keras.within(keras.keras.Model, "export")
    untouched = keras.batchnorm.call

    def call(self, inputs, training=None):
        if not self.trainable or not exporting():
            return untouched(self, inputs, training=training)
        return keras.normalised(self, inputs, *keras.moments(inputs))

    keras.set(keras.batchnorm, "call", call)


@fault("mode-parity", layers=None, paths=_PREPARED)
def a_function_of_a_model_follows_the_batch_unfrozen(keras):
    """An un-frozen layer uses batch statistics in a `tf.function` of a model that is called without `training`."""
    own = keras.within(keras.keras.Model, "fit", "evaluate", "predict", "train_on_batch", "export")

    def change(model, options, outer):
        if keras.compiled() and not own() and not outer and options.get("training") is None:
            options["training"] = True

    _calls_of_models(keras, change)
