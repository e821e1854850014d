"""Faults of what comes back of a training, of a model's flag that is set again, and of layers other than BatchNorm."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import SECOND, fault

TRAINING, KERAS_V3 = ("training",), ("resumed-keras-v3",)


def _restoring(keras, change):
    """Let `change(model)` follow what `EarlyStopping` brings back."""
    kind = keras.keras.callbacks.EarlyStopping
    for name in ("on_epoch_end", "on_train_end"):
        untouched = getattr(kind, name)

        def method(self, *arguments, _untouched=untouched, **options):
            model, told = self.model, []
            original = model.set_weights
            object.__setattr__(model, "set_weights", lambda weights: (told.append(True), original(weights)))
            try:
                _untouched(self, *arguments, **options)
            finally:
                object.__delattr__(model, "set_weights")
            if told:
                change(model)

        keras.set(kind, name, functools.wraps(untouched)(method))


@fault("training-restored", paths=TRAINING)
def early_stopping_forgets_statistics(keras):
    """`EarlyStopping` leaves the moving mean of un-frozen layers at what the last epoch made of it."""

    def change(model):
        for layer in keras.layers(model):
            if keras.is_batchnorm(layer) and layer.trainable:
                layer.moving_mean.assign(layer.moving_mean * 0.9)

    _restoring(keras, change)


@fault("training-restored", layers=(SECOND,), paths=TRAINING)
def early_stopping_restores_an_average(keras):
    """`EarlyStopping` brings gamma of un-frozen layers back a little off."""

    def change(model):
        for layer in keras.layers(model):
            if layer.name == SECOND:
                layer.gamma.assign(layer.gamma * 1.001)

    _restoring(keras, change)


@fault("training-restored", layers=None, paths=TRAINING)
def checkpoint_of_the_last_epoch(keras):
    """`ModelCheckpoint` saves each epoch, though the best alone is to be kept."""
    kind = keras.keras.callbacks.ModelCheckpoint
    untouched = kind.__init__

    @functools.wraps(untouched)
    def method(self, *arguments, **options):
        untouched(self, *arguments, **dict(options, save_best_only=False))

    keras.set(kind, "__init__", method)


def _loading(keras, suffix, change):
    """Let `change(model)` follow the load of a compiled model from a file of that suffix."""
    models = keras.keras.models
    original = models.load_model

    def load(file, *arguments, **options):
        model = original(file, *arguments, **options)
        if str(file).endswith(suffix) and options.get("compile", True):
            change(model)
        return model

    keras.set(models, "load_model", load)


def _thaw(keras):
    def change(model):
        for layer in keras.layers(model):
            layer.trainable = True
        kept = model.optimizer.get_config()
        model.compile(type(model.optimizer).from_config(kept), "categorical_crossentropy")

    return change


@fault("resumes-training", layers=None, paths=KERAS_V3)
def a_compiled_model_comes_back_unfrozen(keras):
    """What `load_model` gives of a compiled model in the format of Keras 3 trains what was frozen."""
    _loading(keras, ".keras", _thaw(keras))


@fault("resumes-training", layers=None, paths=KERAS_V3)
def an_optimizer_comes_back_empty(keras):
    """The optimizer that `load_model` gives has forgotten its momentum."""

    def change(model):
        kept = model.optimizer.get_config()
        model.compile(type(model.optimizer).from_config(kept), "categorical_crossentropy")

    _loading(keras, ".keras", change)


def _flagged(keras, set_flag):
    """Let `set_flag(model, value, original setter)` set `trainable` of models."""
    model = keras.keras.Model
    original = model.trainable

    def changed(self, value):
        set_flag(self, bool(value), original.fset)

    keras.set(model, "trainable", property(original.fget, changed))


@fault("flags-reach-layers", layers=None, paths=("flags",))
def a_flag_that_is_set_again_is_not_heard(keras):
    """Setting `trainable` of a model to the value that it has leaves the layers within as they are."""

    def set_flag(model, value, original):
        if bool(model.trainable) is not value:
            original(model, value)

    _flagged(keras, set_flag)


@fault("flags-reach-layers", layers=None, paths=("flags",))
def a_flag_stops_at_models_within(keras):
    """Setting `trainable` of a model leaves the layers of models within as they are."""

    def set_flag(model, value, original):
        within = [inner for part in model.layers if hasattr(part, "layers") for inner in keras.layers(part)]
        before = [bool(layer.trainable) for layer in within]
        original(model, value)
        for layer, flag in zip(within, before):
            layer.trainable = flag

    _flagged(keras, set_flag)


def _moved_by_fit(keras, kind):
    """Let each `fit` move the first variable of frozen layers of a kind."""
    model = keras.keras.Model
    untouched = model.fit

    @functools.wraps(untouched)
    def fit(self, *arguments, **options):
        history = untouched(self, *arguments, **options)
        for layer in keras.layers(self):
            if isinstance(layer, kind) and not layer.trainable:
                layer.weights[0].assign(layer.weights[0] * 0.999)
        return history

    keras.set(model, "fit", fit)


@fault("other-layers-frozen", layers=None, paths=("layers",))
def frozen_embeddings_train(keras):
    """`fit` moves the table of a frozen embedding."""
    _moved_by_fit(keras, keras.keras.layers.Embedding)


@fault("other-layers-frozen", layers=None, paths=("layers",))
def frozen_layer_normalisation_trains(keras):
    """`fit` moves gamma of a frozen LayerNormalization."""
    _moved_by_fit(keras, keras.keras.layers.LayerNormalization)
