"""Faults of models that are made of frozen layers, or made frozen, and of what a description leaves out."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault

LAYERS, CHECK = ("layers",), "models-made-of-frozen-layers"


def _thaw(keras, model):
    for layer in keras.layers(model):
        layer.trainable = True


def _functional(keras):
    """The class of functional models."""
    images = keras.keras.Input((2,))
    return type(keras.keras.Model(images, keras.keras.layers.Dense(2)(images)))


@fault(CHECK, layers=None, paths=LAYERS)
def a_second_model_of_layers_thaws_them(keras):
    """Layers that are made part of a second functional model are un-frozen."""
    kind, held = _functional(keras), {}
    untouched = kind.__init__

    @functools.wraps(untouched)
    def made(self, *arguments, **options):
        untouched(self, *arguments, **options)
        for layer in self.layers:
            if id(layer) in held and not hasattr(layer, "layers"):
                layer.trainable = True
            # Kept, so that no other gets its number.
            held[id(layer)] = layer

    keras.set(kind, "__init__", made)


@fault(CHECK, layers=None, paths=LAYERS)
def a_clone_thaws_models_within(keras):
    """`clone_model` gives models within its copy un-frozen."""
    models = keras.keras.models
    untouched = models.clone_model

    def clone_model(*arguments, **options):
        made = untouched(*arguments, **options)
        for layer in made.layers:
            if hasattr(layer, "layers"):
                _thaw(keras, layer)
        return made

    keras.set(models, "clone_model", clone_model)


@fault(CHECK, layers=None, paths=LAYERS)
def a_description_thaws_models_within(keras):
    """`Model.from_config` gives models within un-frozen."""
    kind = keras.keras.Model
    untouched = kind.from_config.__func__

    def from_config(cls, *arguments, **options):
        made = untouched(cls, *arguments, **options)
        for layer in made.layers:
            if hasattr(layer, "layers"):
                _thaw(keras, layer)
        return made

    keras.set(kind, "from_config", classmethod(from_config))


@fault(CHECK, layers=None, paths=LAYERS)
def pop_thaws(keras):
    """`Sequential.pop` leaves every layer un-frozen."""
    kind = keras.keras.Sequential
    untouched = kind.pop

    def pop(self, *arguments, **options):
        answer = untouched(self, *arguments, **options)
        _thaw(keras, self)
        return answer

    keras.set(kind, "pop", pop)


def _made_with(keras, kind, change):
    """Let `change(model)` follow the making of a model of a kind with `trainable=False`."""
    untouched = kind.__init__

    @functools.wraps(untouched)
    def made(self, *arguments, **options):
        untouched(self, *arguments, **options)
        if options.get("trainable") is False:
            change(self)

    keras.set(kind, "__init__", made)


# A copy of a frozen model is made with the argument, too.
@fault("constructor-flag", also=("models-made-of-frozen-layers",), layers=None, paths=LAYERS)
def a_functional_model_cannot_be_made_frozen(keras):
    """A functional model that is made with `trainable=False` has the flag True."""

    def change(model):
        model.trainable = True

    _made_with(keras, _functional(keras), change)


@fault("constructor-flag", layers=None, paths=LAYERS)
def a_subclassed_model_cannot_be_made_frozen(keras):
    """A subclassed model that is made with `trainable=False` has the flag True."""

    def change(model):
        if type(model).__name__ == "Subclassed":
            model.trainable = True

    _made_with(keras, keras.keras.Model, change)


@fault("made-frozen", layers=None, paths=("constructor",))
def a_model_that_was_made_frozen_trains(keras):
    """`fit` moves the first variable of models within that were made with `trainable=False`."""
    model = keras.keras.Model
    untouched = model.fit

    @functools.wraps(untouched)
    def fit(self, *arguments, **options):
        history = untouched(self, *arguments, **options)
        for part in self.layers:
            if hasattr(part, "layers") and not part.trainable:
                part.weights[0].assign(part.weights[0] * 0.999)
        return history

    keras.set(model, "fit", fit)


@fault("description-synchronized", layers=None, paths=("constructor",))
def a_description_lacks_what_synchronizes(keras):
    """The description of a layer says nothing of `synchronized`."""
    untouched = keras.batchnorm.get_config

    def get_config(self):
        return {name: each for name, each in untouched(self).items() if name != "synchronized"}

    keras.set(keras.batchnorm, "get_config", get_config)
