"""Faults of a frozen layer's mode: it answers otherwise in training than in inference."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from tests.faults.registry import FIRST, SECOND, fault

_TRAINING = ("batch-independence", "fit-eval-parity")


def _batch_statistics(keras, layer, inputs):
    return keras.normalised(layer, inputs, *keras.moments(inputs))


@fault("mode-parity", also=(*_TRAINING, "frozen-state"))
def v1_behaviour(keras):
    """A frozen layer uses and updates batch statistics in training, as in TensorFlow 1."""
    keras.change_call(keras.as_unfrozen)


@fault("mode-parity", also=(*_TRAINING, "frozen-state"), layers=(SECOND,), networks=("small", "resnet50"))
def v1_behaviour_of_one_layer(keras):
    """One layer of all keeps TensorFlow 1's behaviour."""
    keras.change_call(keras.as_unfrozen, only=SECOND)


@fault("mode-parity", also=_TRAINING)
def batch_statistics_without_update(keras):
    """A frozen layer normalises with the batch's statistics in training and leaves its own alone."""

    def call(original, layer, inputs, training):
        frozen = training and not layer.trainable
        return _batch_statistics(keras, layer, inputs) if frozen else original(layer, inputs, training)

    keras.change_call(call)


@fault("mode-parity", also=_TRAINING)
def batch_mean_with_moving_variance(keras):
    """A frozen layer takes its mean from the batch and its variance from the moving statistics, in training."""

    def call(original, layer, inputs, training):
        if not training or layer.trainable:
            return original(layer, inputs, training)
        return keras.normalised(layer, inputs, keras.moments(inputs)[0], keras.statistics(layer).variance)

    keras.change_call(call)


@fault("mode-parity", also=_TRAINING, layers=(FIRST,))
def batch_variance_with_moving_mean(keras):
    """One frozen layer takes its variance from the batch and its mean from the moving statistics, in training."""

    def call(original, layer, inputs, training):
        if not training or layer.trainable:
            return original(layer, inputs, training)
        return keras.normalised(layer, inputs, keras.statistics(layer).mean, keras.moments(inputs)[1])

    keras.change_call(call, only=FIRST)


@fault("mode-parity", also=(*_TRAINING, "frozen-state"))
def frozen_flag_read_once(keras):
    """A layer goes by the `trainable` it had when it was built, before it was frozen."""
    flags, build = {}, keras.batchnorm.build

    def build_and_remember(self, input_shape):
        flags[id(self)] = bool(self._trainable)
        return build(self, input_shape)

    def call(original, layer, inputs, training):
        if flags[id(layer)]:
            return keras.as_unfrozen(original, layer, inputs, training)
        return original(layer, inputs, training)

    keras.set(keras.batchnorm, "build", build_and_remember)
    keras.change_call(call)


@fault("fit-eval-parity")
def batch_statistics_only_when_compiled(keras):
    """A frozen layer is sound in a direct call and uses batch statistics in `fit`."""

    def call(original, layer, inputs, training):
        broken = training and keras.compiled() and not layer.trainable
        return _batch_statistics(keras, layer, inputs) if broken else original(layer, inputs, training)

    keras.change_call(call)


@fault("fit-eval-parity", layers=(SECOND,))
def batch_statistics_of_one_layer_only_when_compiled(keras):
    """One frozen layer is sound in a direct call and uses batch statistics in `fit`."""

    def call(original, layer, inputs, training):
        broken = training and keras.compiled() and not layer.trainable
        return _batch_statistics(keras, layer, inputs) if broken else original(layer, inputs, training)

    keras.change_call(call, only=SECOND)


@fault("mode-parity", also=("batch-independence",))
def batch_statistics_only_in_direct_call(keras):
    """A frozen layer is sound in `fit` and uses batch statistics in a direct call with several samples."""

    def call(original, layer, inputs, training):
        broken = training and not keras.compiled() and not layer.trainable and inputs.shape[0] > 1
        return _batch_statistics(keras, layer, inputs) if broken else original(layer, inputs, training)

    keras.change_call(call)


@fault("fit-eval-parity")
def gamma_dropped_in_fit(keras):
    """A frozen layer leaves gamma out in `fit`."""

    def call(original, layer, inputs, training):
        if not (training and keras.compiled()) or layer.trainable:
            return original(layer, inputs, training)
        own = keras.statistics(layer)
        return keras.normalised(layer, inputs, own.mean, own.variance, gamma=keras.tf.ones_like(own.gamma))

    keras.change_call(call)


@fault("mode-parity", also=(*_TRAINING, "oracle", "release-drift"))
def beta_dropped_at_inference(keras):
    """A frozen layer leaves beta out in inference mode only."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        return answer if training else answer - keras.statistics(layer).beta

    keras.change_call(call)


@fault("fit-eval-parity")
def evaluate_in_training_mode(keras):
    """A compiled `evaluate` normalises with the batch's statistics."""

    def call(original, layer, inputs, training):
        broken = not training and keras.compiled()
        return _batch_statistics(keras, layer, inputs) if broken else original(layer, inputs, training)

    keras.change_call(call)


@fault("mode-parity", also=_TRAINING, layers=(FIRST,))
def epsilon_of_training_differs(keras):
    """One frozen layer uses Keras' default epsilon in training and its own in inference."""

    def call(original, layer, inputs, training):
        if not training or layer.trainable:
            return original(layer, inputs, training)
        own = keras.statistics(layer)
        return keras.normalised(layer, inputs, own.mean, own.variance, epsilon=1e-3)

    keras.change_call(call, only=FIRST)
