"""Faults that only a variant shows: the default one is sound."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault, in_variants

_ALL = ("mode-parity", "batch-independence", "fit-eval-parity", "frozen-state", "oracle", "release-drift")


def _follows_the_batch(keras, when):
    """Let frozen layers normalise with the batch's statistics in training `when(inputs)`."""

    def call(original, layer, inputs, training):
        if not training or layer.trainable or not when(inputs):
            return original(layer, inputs, training)
        wide = keras.tf.cast(inputs, "float32")
        return keras.tf.cast(keras.normalised(layer, wide, *keras.moments(wide)), inputs.dtype)

    keras.change_call(call)


@fault("mode-parity", also=_ALL, paths=in_variants("freeze=model,wrap=functional,train=mixed"))
def batch_statistics_only_in_mixed_precision(keras):
    """A frozen layer uses batch statistics in training where it computes in a half precision."""
    _follows_the_batch(keras, lambda inputs: inputs.dtype != keras.tf.float32)


@fault("fit-eval-parity", paths=in_variants("wrap=subclass,train=jit"))
def batch_statistics_only_under_jit(keras):
    """A frozen layer uses batch statistics in a model that was compiled with `jit_compile`."""
    compiled = []
    untouched = keras.keras.Model.compile

    @functools.wraps(untouched)
    def compile(self, *arguments, **options):
        compiled[:] = [options.get("jit_compile") is True]
        return untouched(self, *arguments, **options)

    keras.set(keras.keras.Model, "compile", compile)
    _follows_the_batch(keras, lambda inputs: keras.compiled() and compiled == [True])


@fault("fit-eval-parity", paths=in_variants("wrap=nested,train=tf-function"))
def batch_statistics_only_in_a_function_of_ones_own(keras):
    """A frozen layer uses batch statistics in a tf.function that is not Keras' own."""
    own = keras.training_itself()
    _follows_the_batch(keras, lambda inputs: keras.compiled() and not own())


@fault("fit-eval-parity", paths=in_variants("wrap=chain,train=gradient-tape"))
def batch_statistics_only_under_a_tape(keras):
    """A frozen layer uses batch statistics in eager mode while a custom GradientTape records."""
    tapes, tape = [], keras.tf.GradientTape
    enter, leave = tape.__enter__, tape.__exit__

    def entered(self):
        tapes.append(self)
        return enter(self)

    def left(self, *error):
        tapes.pop()
        return leave(self, *error)

    keras.set(tape, "__enter__", entered)
    keras.set(tape, "__exit__", left)
    own = keras.training_itself()
    _follows_the_batch(keras, lambda inputs: bool(tapes) and not keras.compiled() and not own())


@fault("fit-eval-parity", paths=in_variants("train=eager"))
def batch_statistics_only_when_run_eagerly(keras):
    """A frozen layer uses batch statistics in `fit` that runs eagerly."""
    own = keras.training_itself()
    _follows_the_batch(keras, lambda inputs: own() and not keras.compiled())


@fault("fit-eval-parity", paths=in_variants("wrap=functional,train=mirrored"))
def batch_statistics_only_under_a_strategy(keras):
    """A frozen layer uses batch statistics in `fit` under a distribution strategy."""
    own = keras.training_itself()
    _follows_the_batch(keras, lambda inputs: own() and keras.tf.distribute.has_strategy())


@fault("mode-parity", also=_ALL, paths=in_variants("freeze=constructor,train=tf-function"))
def constructor_flag_ignored(keras):
    """A layer that was made with `trainable=False` reports it and trains all the same."""
    made, untouched = set(), keras.batchnorm.build

    def build(self, input_shape):
        # A layer is built while the network is, before anything else could have frozen it.
        if not self._trainable:
            made.add(self.name)
        return untouched(self, input_shape)

    def call(original, layer, inputs, training):
        if training and layer.name in made:
            return keras.as_unfrozen(original, layer, inputs, training)
        return original(layer, inputs, training)

    keras.set(keras.batchnorm, "build", build)
    keras.change_call(call)


@fault("mode-parity", also=_ALL, paths=in_variants("freeze=after-wrap,wrap=nested"))
def flag_does_not_reach_two_deep(keras):
    """Freezing a model freezes its layers, and not those of a model that it holds."""
    flag = keras.keras.Model.trainable

    def set_flag(model, value):
        nested = [inner for layer in model.layers if hasattr(layer, "layers") for inner in layer.layers]
        before = [inner.trainable for inner in nested]
        flag.fset(model, value)
        for inner, old in zip(nested, before):
            inner.trainable = old

    keras.set(keras.keras.Model, "trainable", property(flag.fget, set_flag))


@fault("fit-eval-parity", also=("frozen-state",), paths=in_variants("freeze=after-compile,wrap=nested,train=dataset"))
def freezing_compiles_again(keras):
    """Setting a model's flag compiles again every model that was compiled, so that late freezing takes effect."""
    model_class = keras.keras.Model
    compiled, flag, untouched = [], model_class.trainable, model_class.compile

    @functools.wraps(untouched)
    def compile(self, *arguments, **options):
        # Keras 2.1 compiles a model again, for targets of its own, when it is first trained.
        if all(each is not self for each, _, _ in compiled):
            compiled.append((self, arguments, options))
        return untouched(self, *arguments, **options)

    def set_flag(model, value):
        flag.fset(model, value)
        for each, arguments, options in compiled if not tracing() else ():
            untouched(each, *arguments, **options)

    # Keras 2 takes the flags back to what they were at compile for as long as it traces.
    tracing = keras.within(model_class, "_set_trainable_state")
    keras.set(model_class, "compile", compile)
    keras.set(model_class, "trainable", property(flag.fget, set_flag))


@fault("mode-parity", also=_ALL, paths=in_variants("freeze=after-load,wrap=subclass,train=gradient-tape"))
def freezing_after_loading_is_ignored(keras):
    """Layers that were loaded un-frozen train for good, whatever their flag becomes."""
    loaded = set()
    keras.after("h5", lambda network, layers: loaded.update(id(layer) for layer in layers.values()))

    def call(original, layer, inputs, training):
        if training and id(layer) in loaded:
            return keras.as_unfrozen(original, layer, inputs, training)
        return original(layer, inputs, training)

    keras.change_call(call)
