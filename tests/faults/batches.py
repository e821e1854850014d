"""Faults that show with some batches only: sizes, neighbours, the last one."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from tests.faults.registry import SECOND, fault

#: Batch size of the suite's probes and of its `fit`.
_WHOLE = 8


def _when_batch(keras, condition, only=None):
    """Let frozen layers use the batch's statistics in training where `condition(batch size)` holds."""

    def call(original, layer, inputs, training):
        if not training or layer.trainable:
            return original(layer, inputs, training)
        mean, variance = keras.moments(inputs)
        broken = keras.normalised(layer, inputs, mean, variance)
        return keras.tf.where(condition(keras.batch_size(inputs)), broken, original(layer, inputs, training))

    keras.change_call(call, only)


@fault("batch-independence")
def batch_of_one(keras):
    """A frozen layer normalises a single sample with that sample's statistics, in training."""
    _when_batch(keras, lambda size: size == 1)


@fault("batch-independence", layers=(SECOND,))
def batch_of_one_in_one_layer(keras):
    """One frozen layer normalises a single sample with that sample's statistics, in training."""
    _when_batch(keras, lambda size: size == 1, only=SECOND)


@fault("batch-independence", also=("fit-eval-parity",))
def partial_batch(keras):
    """A frozen layer uses batch statistics in training where the batch is smaller than the others."""
    _when_batch(keras, lambda size: size < _WHOLE)


@fault("batch-independence", also=("fit-eval-parity",))
def partial_batch_of_several(keras):
    """A frozen layer uses batch statistics in training where the batch is smaller than the others and not one."""
    _when_batch(keras, lambda size: keras.tf.logical_and(size > 1, size < _WHOLE))


@fault("fit-eval-parity")
def partial_batch_in_fit(keras):
    """A frozen layer uses batch statistics for the last, partial batch of `fit`, never in a direct call."""

    def condition(size):
        return keras.tf.logical_and(size < _WHOLE, keras.compiled())

    _when_batch(keras, condition)


@fault("mode-parity")
def whole_batch_in_a_direct_call(keras):
    """A frozen layer uses batch statistics for a whole batch, in training, of a direct call and never in `fit`."""

    def condition(size):
        return keras.tf.logical_and(size >= _WHOLE, not keras.compiled())

    _when_batch(keras, condition)


@fault("batch-independence", also=("oracle", "release-drift"))
def neighbour_leaks(keras):
    """A thousandth of the batch's mean is added to every sample, in both modes."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if layer.trainable:
            return answer
        return answer + 0.001 * keras.tf.reduce_mean(answer, axis=0, keepdims=True)

    keras.change_call(call)


@fault("batch-independence", also=("oracle", "release-drift"))
def neighbour_leaks_in_large_images(keras):
    """A thousandth of the batch's mean is added to every sample, where an image has more than 2x2 pixels."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if layer.trainable or inputs.shape[1] <= 2:
            return answer
        return answer + 0.001 * keras.tf.reduce_mean(answer, axis=0, keepdims=True)

    keras.change_call(call)


@fault("batch-independence", also=("oracle", "release-drift", "mode-parity", "fit-eval-parity"))
def order_matters(keras):
    """Each sample is shifted by a thousandth of the one before it in the batch, in both modes."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        return answer if layer.trainable else answer + 0.001 * keras.tf.roll(answer, shift=1, axis=0)

    keras.change_call(call)
