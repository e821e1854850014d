"""Faults of the formula: inference mode is wrong in both modes alike, so the modes agree with each other."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from tests.faults.registry import FIRST, SECOND, fault


@fault("oracle", also=("release-drift", "mode-parity"))
def mean_and_variance_swapped(keras):
    """The moving mean is used as variance and the variance as mean."""

    def change(layer, inputs):
        own = keras.statistics(layer)
        return own.variance, abs(own.mean)

    keras.change_inference(change)


@fault("oracle", also=("release-drift",))
def epsilon_replaced(keras):
    """Keras' default epsilon, 0.001, is used in place of the layer's own."""

    def change(layer, inputs):
        own = keras.statistics(layer)
        return own.mean, own.variance, own.gamma, own.beta, 1e-3

    keras.change_inference(change)


@fault("oracle", also=("release-drift",), layers=(SECOND,), networks=("small", "resnet50"))
def epsilon_replaced_in_one_layer(keras):
    """Keras' default epsilon is used in one layer."""

    def change(layer, inputs):
        own = keras.statistics(layer)
        return own.mean, own.variance, own.gamma, own.beta, 1e-3

    keras.change_inference(change, only=SECOND)


@fault("oracle", also=("release-drift",))
def epsilon_added_to_the_deviation(keras):
    """Epsilon is added to the standard deviation, not to the variance."""

    def change(layer, inputs):
        own = keras.statistics(layer)
        return own.mean, keras.tf.square(keras.tf.sqrt(own.variance) + layer.epsilon) - layer.epsilon

    keras.change_inference(change)


@fault("oracle", also=("release-drift",))
def unbiased_variance(keras):
    """Inference stretches the moving variance by n / (n - 1), n the values of a channel in one sample."""

    def change(layer, inputs):
        own, size = keras.statistics(layer), int(inputs.shape[1]) * int(inputs.shape[2])
        return own.mean, own.variance * (size / (size - 1.0))

    keras.change_inference(change)


@fault("oracle", also=("release-drift",))
def wrong_axis(keras):
    """The statistics are laid along the rows, not along the channels."""

    def change(layer, inputs):
        own, rows = keras.statistics(layer), int(inputs.shape[1])
        return tuple(keras.tf.reshape(each[:rows], (1, rows, 1, 1)) for each in (own.mean, own.variance))

    keras.change_inference(change)


@fault("oracle", also=("release-drift",), layers=(FIRST,))
def gamma_and_beta_swapped_in_one_layer(keras):
    """One layer scales with beta and shifts by gamma."""

    def change(layer, inputs):
        own = keras.statistics(layer)
        return own.mean, own.variance, own.beta, own.gamma

    keras.change_inference(change, only=FIRST)


@fault("oracle", also=("release-drift",))
def variance_not_rooted(keras):
    """The layer divides by the variance, not by its root."""

    def change(layer, inputs):
        own = keras.statistics(layer)
        return own.mean, keras.tf.square(own.variance + layer.epsilon) - layer.epsilon

    keras.change_inference(change)


@fault("release-drift", networks=("resnet50",))
def epsilon_replaced_on_large_images(keras):
    """Keras' default epsilon is used where an image has more than 2x2 pixels, as a kernel chosen by size would."""

    def change(layer, inputs):
        own, large = keras.statistics(layer), int(inputs.shape[1]) > 2
        return own.mean, own.variance, own.gamma, own.beta, 1e-3 if large else layer.epsilon

    keras.change_inference(change)


@fault("release-drift", layers=None, networks=("resnet50",))
def activation_leaks(keras):
    """ReLU lets a hundredth of what is negative through."""
    untouched = keras.keras.layers.Activation.call

    def call(self, inputs):
        return untouched(self, inputs) + 0.01 * keras.tf.minimum(inputs, 0.0)

    keras.set(keras.keras.layers.Activation, "call", call)
