"""Faults of saving, rebuilding and loading: what comes back is not what was there."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import numpy as np

from tests.faults.registry import CONVOLUTION, FIRST, LOADS, SECOND, fault

_TRAINS = ("mode-parity", "batch-independence", "fit-eval-parity", "frozen-state")
_OTHER_WEIGHTS = ("oracle", "release-drift")


def _batchnorms(keras, layers):
    return [layer for layer in layers.values() if keras.is_batchnorm(layer)]


# --- flags


@fault("flags-kept", also=_TRAINS, layers=None, paths=("h5",))
def flags_lost_by_h5(keras):
    """Every layer comes back from the file trainable."""

    def change(network, layers):
        for layer in layers.values():
            layer.trainable = True

    keras.after("h5", change)


@fault("flags-kept", also=_TRAINS, layers=(SECOND,), paths=("json",))
def flag_of_one_layer_lost_by_json(keras):
    """One layer comes back from its description trainable."""
    keras.after("json", lambda network, layers: setattr(layers[SECOND], "trainable", True))


@fault("flags-kept", also=_TRAINS, layers=None, paths=("clone",))
def flags_inverted_by_clone(keras):
    """Every layer of the clone has the opposite flag."""

    def change(network, layers):
        for layer in layers.values():
            layer.trainable = not layer.trainable

    keras.after("clone", change)


@fault("flags-kept", layers=(CONVOLUTION,), paths=("h5",))
def flag_reported_lost_by_h5(keras):
    """One convolution comes back with its flag lost, though training leaves it alone."""
    held = set()

    def change(network, layers):
        layers[CONVOLUTION].trainable = True
        held.update(id(weight) for weight in layers[CONVOLUTION].weights)

    keras.after("h5", change)
    keras.change_trained(lambda model, weights: [weight for weight in weights if id(weight) not in held])


@fault("mode-parity", also=_TRAINS, paths=("h5",))
def flags_kept_but_ignored_after_h5(keras):
    """Layers come back from the file frozen, and follow the batch all the same."""
    loaded = set()
    keras.after("h5", lambda network, layers: loaded.update(id(layer) for layer in layers.values()))

    def call(original, layer, inputs, training):
        if training and id(layer) in loaded:
            return keras.as_unfrozen(original, layer, inputs, training)
        return original(layer, inputs, training)

    keras.change_call(call)


# --- configuration


def _lose(keras, key):
    untouched = keras.batchnorm.get_config

    def get_config(self):
        config = untouched(self)
        del config[key]
        return config

    keras.set(keras.batchnorm, "get_config", get_config)


@fault("oracle", also=("release-drift",), paths=LOADS)
def epsilon_not_restored(keras):
    """Epsilon is missing from the layer's description, so that the default comes back."""
    _lose(keras, "epsilon")


@fault("unfreeze-control", paths=LOADS)
def momentum_not_restored(keras):
    """Momentum is missing from the layer's description, so that the default comes back."""
    _lose(keras, "momentum")


# --- weights


def _each(keras, path, change, only=None):
    """Let `change(arrays)` be what each BatchNorm holds after loading."""

    def broken(network, layers):
        for layer in _batchnorms(keras, layers):
            if only in (None, layer.name):
                layer.set_weights(change(layer.get_weights()))

    keras.after(path, broken)


@fault("weights-kept", also=_OTHER_WEIGHTS, layers=(FIRST, SECOND), paths=("h5",), networks=("small", "resnet50"))
def layers_swapped_by_h5(keras):
    """Two layers of equal shape come back with each other's weights."""

    def change(network, layers):
        first, second = layers[FIRST].get_weights(), layers[SECOND].get_weights()
        layers[FIRST].set_weights(second)
        layers[SECOND].set_weights(first)

    keras.after("h5", change)


@fault("weights-kept", also=_OTHER_WEIGHTS, paths=("h5",))
def mean_and_variance_swapped_by_h5(keras):
    """Moving mean and variance come back in each other's place."""
    _each(keras, "h5", lambda arrays: [arrays[0], arrays[1], arrays[3], arrays[2]])


@fault("weights-kept", also=_OTHER_WEIGHTS, layers=(FIRST,), paths=("json",))
def gamma_and_beta_swapped_by_json(keras):
    """Gamma and beta of one layer come back in each other's place."""
    _each(keras, "json", lambda arrays: [arrays[1], arrays[0], arrays[2], arrays[3]], only=FIRST)


@fault("weights-kept", also=_OTHER_WEIGHTS, paths=("clone",))
def statistics_fresh_after_clone(keras):
    """Moving statistics come back as those of a new layer, 0 and 1."""
    _each(keras, "clone", lambda arrays: [*arrays[:2], np.zeros_like(arrays[2]), np.ones_like(arrays[3])])


@fault("weights-kept", also=_OTHER_WEIGHTS, layers=(SECOND,), paths=("h5",))
def variance_of_one_layer_fresh_after_h5(keras):
    """The moving variance of one layer comes back as that of a new layer, 1."""
    _each(keras, "h5", lambda arrays: [*arrays[:3], np.ones_like(arrays[3])], only=SECOND)


@fault("weights-kept", also=_OTHER_WEIGHTS, layers=None, paths=("h5",))
def weights_rounded_to_float16_by_h5(keras):
    """Every weight comes back with the precision of float16."""

    def change(network, layers):
        network.set_weights([each.astype("float16").astype("float32") for each in network.get_weights()])

    keras.after("h5", change)


@fault("weights-kept", also=_OTHER_WEIGHTS, layers=(FIRST,), paths=("clone",))
def one_bit_of_beta_flips_on_clone(keras):
    """One value of one layer's beta comes back changed in its last bit."""

    def change(arrays):
        beta = arrays[1].copy()
        beta[0] = np.nextafter(beta[0], np.float32(np.inf))
        return [arrays[0], beta, *arrays[2:]]

    _each(keras, "clone", change, only=FIRST)


@fault("weights-kept", also=("release-drift",), layers=(CONVOLUTION,), paths=("h5",))
def kernel_initialised_anew_by_h5(keras):
    """The kernel of one convolution is not found in the file and stays as it was drawn."""

    def change(network, layers):
        kernel, bias = layers[CONVOLUTION].get_weights()
        drawn = np.random.RandomState(0).uniform(-0.1, 0.1, kernel.shape).astype("float32")
        layers[CONVOLUTION].set_weights([drawn, bias])

    keras.after("h5", change)


@fault("weights-kept", also=("release-drift",), layers=(CONVOLUTION,), paths=("json",))
def bias_lost_by_json(keras):
    """The bias of one convolution comes back as zeros."""

    def change(network, layers):
        kernel, bias = layers[CONVOLUTION].get_weights()
        layers[CONVOLUTION].set_weights([kernel, np.zeros_like(bias)])

    keras.after("json", change)
