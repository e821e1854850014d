"""Faults of weights that come back by other ways than a loading path's."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault

TRAINING, CHECK = ("training",), "weights-returned"


def _statistics(keras, model):
    return [layer.moving_mean for layer in keras.layers(model) if keras.is_batchnorm(layer)]


def _kept(keras, when):
    """Let `load_weights` leave moving means as they were `when(file, options)`."""
    model = keras.keras.Model
    untouched = model.load_weights

    @functools.wraps(untouched)
    def load_weights(self, file, *arguments, **options):
        means = _statistics(keras, self)
        before = [each.numpy() for each in means]
        answer = untouched(self, file, *arguments, **options)
        if when(str(file), options):
            for each, value in zip(means, before):
                each.assign(value)
        return answer

    keras.set(model, "load_weights", load_weights)


@fault(CHECK, layers=None, paths=TRAINING)
def past_a_mismatch_statistics_stay(keras):
    """`load_weights(skip_mismatch=True)` leaves moving means as they were."""
    _kept(keras, lambda file, options: options.get("skip_mismatch"))


@fault(CHECK, layers=None, paths=TRAINING)
def other_formats_lack_statistics(keras):
    """`load_weights` of what is no HDF5 file, TensorFlow's format or parts, leaves moving means as they were."""
    _kept(keras, lambda file, options: not file.endswith((".h5", ".keras")))


def _backed_up(keras, change):
    """Let `change(model)` follow what `BackupAndRestore` does as a training begins, in a Keras that has it."""
    kind = getattr(keras.keras.callbacks, "BackupAndRestore", None)
    if kind is not None:
        untouched = kind.on_train_begin

        @functools.wraps(untouched)
        def on_train_begin(self, *arguments, **options):
            untouched(self, *arguments, **options)
            change(self.model)

        keras.set(kind, "on_train_begin", on_train_begin)


@fault(CHECK, layers=None, paths=TRAINING, meets="`BackupAndRestore`")
def a_backup_lacks_statistics(keras):
    """`BackupAndRestore` brings moving means back a little off."""

    def change(model):
        for each in _statistics(keras, model):
            each.assign(each * 0.999)

    _backed_up(keras, change)


@fault(CHECK, layers=None, paths=TRAINING, meets="`BackupAndRestore`")
def a_backup_rounds_gamma(keras):
    """`BackupAndRestore` brings gamma back a little off."""

    def change(model):
        for layer in keras.layers(model):
            if keras.is_batchnorm(layer):
                layer.gamma.assign(layer.gamma * 1.001)

    _backed_up(keras, change)
