"""Faults of a frozen layer's state: a variable moves that must not."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from tests.faults.registry import CONVOLUTION, FIRST, SECOND, fault

#: Share of the batch's statistics that a drifting layer takes in.
RATE = 0.01


def drift(keras, layer, inputs, mean=True, variance=True):
    """Let a layer's moving statistics take in a share of the batch's."""
    batch_mean, batch_variance = keras.moments(inputs)
    own = keras.statistics(layer)
    if mean:
        layer.moving_mean.assign(own.mean + RATE * (batch_mean - own.mean))
    if variance:
        layer.moving_variance.assign(own.variance + RATE * (batch_variance - own.variance))


def _drifting(keras, when, mean=True, variance=True, only=None):
    """Let frozen layers answer soundly and then take in the batch's statistics `when(training)`."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if when(training) and not layer.trainable:
            with keras.tf.control_dependencies([] if not keras.compiled() else [answer]):
                drift(keras, layer, inputs, mean, variance)
        return answer

    keras.change_call(call, only)


_SEEN_LATER = ("mode-parity", "batch-independence", "oracle", "fit-eval-parity")


@fault("frozen-state", also=_SEEN_LATER)
def statistics_drift_in_training(keras):
    """A frozen layer answers as it should and updates its moving statistics in training."""
    _drifting(keras, lambda training: training)


@fault("frozen-state", also=_SEEN_LATER)
def statistics_drift_only_in_fit(keras):
    """A frozen layer updates its moving statistics in `fit`, never in a direct call."""
    _drifting(keras, lambda training: training and keras.compiled())


@fault("frozen-state", also=_SEEN_LATER, layers=(FIRST,), networks=("small", "resnet50"))
def statistics_of_one_layer_drift_only_in_fit(keras):
    """One frozen layer updates its moving statistics in `fit`, never in a direct call."""
    _drifting(keras, lambda training: training and keras.compiled(), only=FIRST)


@fault("frozen-state", also=_SEEN_LATER)
def moving_mean_drifts_only_in_fit(keras):
    """A frozen layer updates its moving mean, not its variance, in `fit`."""
    _drifting(keras, lambda training: training and keras.compiled(), variance=False)


@fault("frozen-state", also=_SEEN_LATER)
def moving_variance_drifts_only_in_fit(keras):
    """A frozen layer updates its moving variance, not its mean, in `fit`."""
    _drifting(keras, lambda training: training and keras.compiled(), mean=False)


@fault("frozen-state", also=_SEEN_LATER)
def update_at_inference(keras):
    """A frozen layer updates its moving statistics in inference mode, direct or in `evaluate`."""
    _drifting(keras, lambda training: not training)


@fault("frozen-state", also=_SEEN_LATER)
def update_in_evaluate_only(keras):
    """A frozen layer updates its moving statistics in a compiled `evaluate`, and nowhere else."""
    _drifting(keras, lambda training: not training and keras.compiled())


def _trained_too(keras, choose):
    """Let training move what `choose(layer)` gives of each layer, frozen or not."""

    def change(model, weights):
        known = {id(weight) for weight in weights}
        more = [weight for layer in keras.layers(model) for weight in choose(layer) if id(weight) not in known]
        return list(weights) + more

    keras.change_trained(change)


@fault("frozen-state")
def gamma_trains(keras):
    """The optimizer is given gamma of frozen layers."""
    _trained_too(keras, lambda layer: [layer.gamma] if keras.is_batchnorm(layer) else [])


@fault("frozen-state", layers=(SECOND,), networks=("small", "resnet50"))
def beta_of_one_layer_trains(keras):
    """The optimizer is given beta of one frozen layer."""
    _trained_too(keras, lambda layer: [layer.beta] if layer.name == SECOND else [])


@fault("frozen-state", layers=None)
def kernels_train(keras):
    """The optimizer is given the kernels of frozen convolutions."""
    _trained_too(keras, lambda layer: [layer.kernel] if hasattr(layer, "kernel") else [])


@fault("frozen-state", layers=(CONVOLUTION,))
def bias_of_one_convolution_trains(keras):
    """The optimizer is given the bias of one frozen convolution."""
    _trained_too(keras, lambda layer: [layer.bias] if layer.name == CONVOLUTION else [])


@fault("frozen-state", also=("fit-eval-parity",), layers=None)
def kernels_shrink_when_compiled(keras):
    """Every compiled pass shrinks frozen kernels a little, though no gradient reaches them."""
    convolution = keras.keras.layers.Conv2D
    untouched = convolution.call

    def call(self, inputs):
        if keras.compiled() and not self.trainable:
            self.kernel.assign(self.kernel * 0.999)
        return untouched(self, inputs)

    keras.set(convolution, "call", call)
