"""Faults of models with several inputs or outputs, of single batches, and of steps that do not come out even."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

import numpy as np

from tests.faults.registry import fault
from tests.faults.usage import follows, follows_while, switch

TRAINING = ("training",)


def _during(keras, name, when):
    """Return a function that says whether `Model.NAME` runs of a model that is `when(model)`."""
    model, running = keras.keras.Model, []
    untouched = getattr(model, name)

    @functools.wraps(untouched)
    def method(self, *arguments, **options):
        running.append(when(self))
        try:
            return untouched(self, *arguments, **options)
        finally:
            running.pop()

    keras.set(model, name, method)
    return lambda: any(running)


def _has_several(part):
    def several(model):
        try:
            return len(getattr(model, part)) > 1
        except (AttributeError, TypeError):  # not one that says what it has
            return False

    return several


@fault("training-unfrozen", paths=TRAINING)
def several_inputs_stay_in_inference(keras):
    """An un-frozen layer stays in inference mode in the `fit` of a model with several inputs."""
    running = _during(keras, "fit", _has_several("inputs"))

    def call(original, layer, inputs, training):
        return original(layer, inputs, training and not (layer.trainable and running()))

    keras.change_call(call)


@fault("training-frozen", paths=TRAINING)
def several_inputs_follow_the_batch(keras):
    """A frozen layer uses batch statistics in the `fit` of a model with several inputs."""
    running = _during(keras, "fit", _has_several("inputs"))
    follows(keras, lambda layer, inputs: running())


@fault("training-frozen", paths=TRAINING)
def several_outputs_are_evaluated_by_batch(keras):
    """A frozen layer uses batch statistics in the `evaluate` of a model with several outputs."""
    running = _during(keras, "evaluate", _has_several("outputs"))
    follows(keras, lambda layer, inputs: running(), modes=(False,))


def _flat(model):
    return [inner for layer in model.layers for inner in (_flat(layer) if hasattr(layer, "layers") else [layer])]


def _moving(keras, name):
    """Let `Model.NAME` move the moving mean of un-frozen layers."""
    model = keras.keras.Model
    untouched = getattr(model, name)

    @functools.wraps(untouched)
    def method(self, *arguments, **options):
        answer = untouched(self, *arguments, **options)
        for layer in _flat(self):
            if keras.is_batchnorm(layer) and layer.trainable:
                layer.moving_mean.assign(layer.moving_mean * 0.999)
        return answer

    keras.set(model, name, method)


@fault("training-unfrozen", paths=TRAINING)
def test_on_batch_moves_statistics(keras):
    """`test_on_batch` moves the moving mean of un-frozen layers."""
    _moving(keras, "test_on_batch")


@fault("training-unfrozen", paths=TRAINING)
def predict_on_batch_moves_statistics(keras):
    """`predict_on_batch` moves the moving mean of un-frozen layers."""
    _moving(keras, "predict_on_batch")


@fault("training-unfrozen", paths=TRAINING)
def data_with_labels_is_predicted_by_batch(keras):
    """An un-frozen layer uses batch statistics in `predict` of data that has labels."""
    labelled = switch(keras, "predict", lambda model, options: not isinstance(options.get("x"), np.ndarray))
    follows_while(keras, labelled, frozen=False, modes=(False,))


@fault("training-unfrozen", paths=TRAINING, meets="a-rest-of-steps")
def a_rest_of_steps_is_left_out(keras):
    """`fit` leaves out the steps that do not fill `steps_per_execution`."""
    model, told = keras.keras.Model, {}
    compiled, untouched = model.compile, model.fit

    @functools.wraps(compiled)
    def compile(self, *arguments, **options):
        told[id(self)] = options.get("steps_per_execution") or 1
        return compiled(self, *arguments, **options)

    @functools.wraps(untouched)
    def fit(self, x=None, y=None, batch_size=None, sample_weight=None, **options):
        steps = told.get(id(self), 1)
        if steps > 1 and batch_size:
            whole = len(x) // (steps * batch_size) * steps * batch_size
            x, y = x[:whole], y[:whole]
            sample_weight = None if sample_weight is None else sample_weight[:whole]
        return untouched(self, x, y, batch_size=batch_size, sample_weight=sample_weight, **options)

    keras.set(model, "compile", compile)
    keras.set(model, "fit", fit)


@fault("training-frozen", layers=None, paths=TRAINING)
def regularisers_of_frozen_layers_count_in_fit(keras):
    """A regulariser of a frozen kernel adds to the loss of `fit` and not to that of `evaluate`."""
    model = keras.keras.Model
    untouched = model.fit

    @functools.wraps(untouched)
    def fit(self, *arguments, **options):
        history = untouched(self, *arguments, **options)
        if any(getattr(layer, "kernel_regularizer", None) and not layer.trainable for layer in self.layers):
            history.history["loss"] = [loss + 0.1 for loss in history.history["loss"]]
        return history

    keras.set(model, "fit", fit)
