"""Faults of the layer once it is un-frozen: it stays frozen, or trains in the wrong way."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from tests.faults.registry import FIRST, SECOND, fault, in_variants


def _stays_frozen(keras, only=None):
    """Let a layer that was frozen once answer and train as frozen for good."""

    frozen = set()

    def call(original, layer, inputs, training):
        if not layer.trainable:
            frozen.add(layer.name)
        return original(layer, inputs, training and layer.name not in frozen)

    keras.change_call(call, only)


@fault("unfreeze-control")
def unfreezing_is_ignored(keras):
    """A layer that was called frozen runs in inference mode for good."""
    _stays_frozen(keras)


@fault("unfreeze-control", layers=(FIRST,))
def unfreezing_is_ignored_by_one_layer(keras):
    """One layer that was called frozen runs in inference mode for good."""
    _stays_frozen(keras, only=FIRST)


@fault("unfreeze-control")
def mode_stuck_at_first_call(keras):
    """A layer goes by the mode in which it was first called."""
    first = {}

    def call(original, layer, inputs, training):
        return original(layer, inputs, first.setdefault(id(layer), training))

    keras.change_call(call)


@fault("unfreeze-control")
def gamma_never_trains(keras):
    """The optimizer is never given gamma, frozen or not."""
    _withheld(keras, lambda layer: [layer.gamma] if keras.is_batchnorm(layer) else [])


@fault("unfreeze-control", layers=(FIRST,))
def gamma_of_one_layer_never_trains(keras):
    """The optimizer is never given gamma of one layer, which is not the last."""
    _withheld(keras, lambda layer: [layer.gamma] if layer.name == FIRST else [])


@fault("unfreeze-control")
def statistics_never_move(keras):
    """An un-frozen layer normalises with the batch's statistics and keeps its own as they were."""

    def call(original, layer, inputs, training):
        if training and layer.trainable:
            return keras.normalised(layer, inputs, *keras.moments(inputs))
        return original(layer, inputs, training)

    keras.change_call(call)


@fault("unfreeze-control")
def statistics_never_move_in_fit(keras):
    """An un-frozen layer updates its statistics in a direct call and not in `fit`."""

    def call(original, layer, inputs, training):
        if training and layer.trainable and keras.compiled():
            return keras.normalised(layer, inputs, *keras.moments(inputs))
        return original(layer, inputs, training)

    keras.change_call(call)


def _moves(keras, move):
    """Let an un-frozen layer set its statistics to `move(layer, own, batch mean, batch variance, size)`."""

    def call(original, layer, inputs, training):
        if not (training and layer.trainable):
            return original(layer, inputs, training)
        mean, variance = keras.moments(inputs)
        size = keras.tf.cast(keras.tf.reduce_prod(keras.tf.shape(inputs)[:3]), "float32")
        new_mean, new_variance = move(layer, keras.statistics(layer), mean, variance, size)
        answer = keras.normalised(layer, inputs, mean, variance)
        layer.moving_mean.assign(new_mean)
        layer.moving_variance.assign(new_variance)
        return answer

    keras.change_call(call)


@fault("unfreeze-control")
def momentum_inverted(keras):
    """An un-frozen layer keeps 1 - momentum of its statistics in place of momentum."""

    def move(layer, own, mean, variance, size):
        keep = 1 - layer.momentum
        return own.mean * keep + mean * (1 - keep), own.variance * keep + variance * (1 - keep)

    _moves(keras, move)


@fault("unfreeze-control", layers=(SECOND,))
def normalises_with_unbiased_variance(keras):
    """One un-frozen layer normalises with the unbiased variance, n / (n - 1) of the right one."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if not (training and layer.trainable):
            return answer
        mean, variance = keras.moments(inputs)
        size = keras.tf.cast(keras.tf.reduce_prod(keras.tf.shape(inputs)[:3]), "float32")
        return keras.normalised(layer, inputs, mean, variance * size / (size - 1))

    keras.change_call(call, only=SECOND)


def _withheld(keras, choose):
    def change(model, weights):
        withheld = {id(weight) for layer in _flat(model) for weight in choose(layer)}
        return [weight for weight in weights if id(weight) not in withheld]

    keras.change_trained(change)


def _flat(model):
    return [inner for layer in model.layers for inner in (_flat(layer) if hasattr(layer, "layers") else [layer])]


@fault("unfreeze-control", layers=None, paths=in_variants("freeze=batchnorm-only,wrap=chain,train=mirrored"))
def stays_frozen_under_a_strategy(keras):
    """An un-frozen layer stays in inference mode in training under a distribution strategy."""

    def call(original, layer, inputs, training):
        return original(layer, inputs, training and not (layer.trainable and keras.tf.distribute.has_strategy()))

    keras.change_call(call)


@fault("unfreeze-control", layers=None, paths=in_variants("freeze=model,wrap=chain,train=tf-function"))
def stays_frozen_in_a_loop_of_ones_own(keras):
    """An un-frozen layer stays in inference mode in a tf.function that is not Keras' own."""
    own = keras.training_itself()

    def call(original, layer, inputs, training):
        return original(layer, inputs, training and not (layer.trainable and keras.compiled() and not own()))

    keras.change_call(call)
