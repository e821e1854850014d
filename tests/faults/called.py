"""Faults of a network that is frozen by the call alone, `network(inputs, training=False)`: its flags are True."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault, in_variants
from tests.faults.state import drift

#: In a subclass every release that was measured is sound; in a functional model Keras 3.0 to 3.15 are not.
_CALL = in_variants("freeze=call,wrap=subclass,train=train-on-batch")
_STAGES = in_variants("freeze=two-stage,wrap=subclass,train=train-on-batch")


def _overridden(keras, when):
    """Let a model that is called with `training=False` take True in its place `when()`."""
    model = keras.keras.Model
    untouched = model.__call__

    @functools.wraps(untouched)
    def call(self, *arguments, **options):
        if options.get("training") is False and when():
            options["training"] = True
        return untouched(self, *arguments, **options)

    keras.set(model, "__call__", call)


@fault("fit-eval-parity", also=("frozen-state",), layers=None, paths=_CALL)
def call_in_inference_mode_overridden_while_training(keras):
    """A network that is called with `training=False` runs in training mode while its model trains."""
    _overridden(keras, keras.within(keras.keras.Model, "train_on_batch"))


@fault("fit-eval-parity", also=("frozen-state",), layers=None, paths=_STAGES)
def call_in_inference_mode_overridden_in_the_second_stage(keras):
    """The same once the head has been trained, and the network is un-frozen."""
    _overridden(keras, keras.within(keras.keras.Model, "train_on_batch"))


@fault(
    "mode-parity",
    also=("batch-independence", "fit-eval-parity", "frozen-state"),
    layers=None,
    paths=(*_CALL, *_STAGES),
)
def call_in_inference_mode_overridden_by_the_outer_call(keras):
    """A network that is called with `training=False` takes the mode of the model around it."""
    model, outer = keras.keras.Model, []
    untouched = model.__call__

    @functools.wraps(untouched)
    def call(self, *arguments, **options):
        mode = options.get("training")
        if mode is False and outer[-1:] == [True]:
            options["training"] = True
        outer.append(mode is True)
        try:
            return untouched(self, *arguments, **options)
        finally:
            outer.pop()

    keras.set(model, "__call__", call)


@fault("frozen-state", paths=_CALL)
def statistics_drift_in_inference_mode_while_training(keras):
    """A layer in inference mode, its flag True, takes in the batch's statistics in `train_on_batch`."""
    own = keras.within(keras.keras.Model, "train_on_batch")

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if own() and not training and layer.trainable:
            drift(keras, layer, inputs)
        return answer

    keras.change_call(call)


@fault("frozen-state", paths=_CALL)
def gamma_is_withheld_from_training(keras):
    """`train_on_batch` does not give gamma to the optimizer, as if its layer were frozen."""

    own = keras.within(keras.keras.Model, "train_on_batch")

    def change(model, weights):
        if not own():
            return weights
        gammas = {id(layer.gamma) for layer in keras.layers(model) if keras.is_batchnorm(layer)}
        return [weight for weight in weights if id(weight) not in gammas]

    keras.change_trained(change)


@fault("frozen-state", layers=None, paths=_STAGES)
def kernels_shrink_in_the_first_stage(keras):
    """`train_on_batch` shrinks the kernels of frozen convolutions a little, though no gradient reaches them."""
    convolution, own = keras.keras.layers.Conv2D, keras.within(keras.keras.Model, "train_on_batch")
    untouched = convolution.call

    def call(self, inputs):
        if own() and not self.trainable:
            self.kernel.assign(self.kernel * 0.999)
        return untouched(self, inputs)

    keras.set(convolution, "call", call)


@fault("frozen-state", layers=None, paths=_STAGES)
def second_stage_stays_frozen(keras):
    """Setting `trainable = True` on a model that was frozen leaves it frozen."""
    flag = keras.keras.Model.trainable
    frozen = set()

    def set_flag(model, value):
        if not value:
            frozen.add(id(model))
        if not (value and id(model) in frozen):
            flag.fset(model, value)

    keras.set(keras.keras.Model, "trainable", property(flag.fget, set_flag))
