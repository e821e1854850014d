"""Faults that show in how a network is used alone: an entry point, an epoch, a batch, an option, a shape."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import FIRST, SECOND, fault

TRAINING, LAYERS = ("training",), ("layers",)


def follows(keras, when, frozen=True, modes=(True,)):
    """Let frozen, or else un-frozen, layers normalise with the batch's statistics `when(layer, inputs)`."""
    tf = keras.tf

    def call(original, layer, inputs, training):
        if layer.trainable is frozen or training not in modes or not when(layer, inputs):
            return original(layer, inputs, training)
        return _by_batch(tf, layer, inputs)

    keras.change_call(call)


def _by_batch(tf, layer, inputs):
    axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
    rank = len(inputs.shape)
    wide = tf.cast(inputs, "float32")
    mean, variance = tf.nn.moments(wide, [place for place in range(rank) if place != axis % rank], keepdims=True)
    along = [-1 if place == axis % rank else 1 for place in range(rank)]
    rows = [None if each is None else tf.reshape(tf.cast(each, "float32"), along) for each in (layer.beta, layer.gamma)]
    return tf.cast(tf.nn.batch_normalization(wide, mean, variance, *rows, layer.epsilon), inputs.dtype)


def switch(keras, name, when):
    """Return a variable that is 1 while `Model.NAME` runs and `when(model, arguments of it by name)`, else 0."""
    model = keras.keras.Model
    turned, untouched = keras.tf.Variable(0.0), getattr(model, name)

    @functools.wraps(untouched)
    def method(self, *arguments, **options):
        turned.assign(float(when(self, {**options, **dict(zip(("x",), arguments))})))
        try:
            return untouched(self, *arguments, **options)
        finally:
            turned.assign(0.0)

    keras.set(model, name, method)
    return turned


def follows_while(keras, switch, frozen=True, modes=(True,)):
    """Let layers use batch statistics in a mode while a variable is 1; it is read as the step runs."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if layer.trainable is frozen or training not in modes:
            return answer
        return keras.tf.where(switch > 0.5, _by_batch(keras.tf, layer, inputs), answer)

    keras.change_call(call)


@fault("training-frozen", paths=TRAINING)
def second_fit_follows_the_batch(keras):
    """A frozen layer uses batch statistics in every `fit` of a model but its first two."""
    fits = {}

    def later(model, options):
        fits[id(model)] = fits.get(id(model), 0) + 1
        return fits[id(model)] > 2

    follows_while(keras, switch(keras, "fit", later))


@fault("training-frozen", paths=TRAINING)
def later_batches_follow_the_batch(keras):
    """A frozen layer uses batch statistics in `fit` from its ninth batch on."""
    seen = keras.tf.Variable(0.0)

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if layer.trainable or not training or not keras.compiled():
            return answer
        count = seen.assign_add(1.0 if layer.name == FIRST else 0.0)
        return keras.tf.where(count > 8, _by_batch(keras.tf, layer, inputs), answer)

    keras.change_call(call)


@fault("training-frozen", paths=TRAINING)
def compiled_again_follows_the_batch(keras):
    """A frozen layer uses batch statistics in the training of a model that is compiled a second time."""
    model, seen, again = keras.keras.Model, set(), []
    untouched = model.compile

    @functools.wraps(untouched)
    def compile(self, *arguments, **options):
        again[:] = [id(self) in seen]
        seen.add(id(self))
        return untouched(self, *arguments, **options)

    keras.set(model, "compile", compile)
    follows(keras, lambda layer, inputs: again == [True] and keras.compiled())


@fault("training-frozen", paths=TRAINING)
def two_in_a_batch_of_fit(keras):
    """A frozen layer uses batch statistics in `fit` where there are two samples in a batch."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if layer.trainable or not training or not keras.compiled():
            return answer
        return keras.tf.where(keras.batch_size(inputs) == 2, _by_batch(keras.tf, layer, inputs), answer)

    keras.change_call(call)


@fault("training-frozen", also=("metrics-parity",), paths=TRAINING)
def predict_follows_the_batch(keras):
    """A frozen layer uses batch statistics in `predict`."""
    predicting = keras.within(keras.keras.Model, "predict", "predict_on_batch")
    follows(keras, lambda layer, inputs: predicting(), modes=(False,))


@fault("training-unfrozen", also=("metrics-parity",), paths=TRAINING)
def predict_follows_the_batch_unfrozen(keras):
    """An un-frozen layer uses batch statistics in `predict`."""
    predicting = keras.within(keras.keras.Model, "predict", "predict_on_batch")
    follows(keras, lambda layer, inputs: predicting(), frozen=False, modes=(False,))


def _evaluated(keras, told, frozen):
    """Let layers use batch statistics in `evaluate` of a model that was compiled with an option."""
    model, compiled = keras.keras.Model, []
    untouched = model.compile

    @functools.wraps(untouched)
    def compile(self, *arguments, **options):
        compiled[:] = [options.get(told) is True]
        return untouched(self, *arguments, **options)

    keras.set(model, "compile", compile)
    evaluating = keras.within(model, "evaluate")
    follows(keras, lambda layer, inputs: compiled == [True] and evaluating(), frozen=frozen, modes=(False,))


@fault("training-frozen", paths=TRAINING, meets="jit")
def evaluate_under_jit_follows_the_batch(keras):
    """A frozen layer uses batch statistics in `evaluate` of a model that was compiled with `jit_compile`."""
    _evaluated(keras, "jit_compile", frozen=True)


@fault("training-frozen", paths=TRAINING)
def evaluate_that_runs_eagerly_follows_the_batch(keras):
    """A frozen layer uses batch statistics in `evaluate` that runs eagerly."""
    _evaluated(keras, "run_eagerly", frozen=True)


@fault("training-unfrozen", paths=TRAINING)
def evaluate_that_runs_eagerly_follows_the_batch_unfrozen(keras):
    """An un-frozen layer uses batch statistics in `evaluate` that runs eagerly."""
    _evaluated(keras, "run_eagerly", frozen=False)


@fault("training-frozen", paths=TRAINING)
def sample_weights_unfreeze(keras):
    """A frozen layer uses batch statistics in a `fit` that is given sample weights."""
    follows_while(keras, switch(keras, "fit", lambda model, options: options.get("sample_weight") is not None))


@fault("training-frozen", paths=TRAINING)
def class_weights_unfreeze(keras):
    """A frozen layer uses batch statistics in a `fit` that is given class weights."""
    follows_while(keras, switch(keras, "fit", lambda model, options: options.get("class_weight") is not None))


@fault("training-frozen", paths=TRAINING, meets="own-train-step")
def a_train_step_of_ones_own_unfreezes(keras):
    """A frozen layer uses batch statistics in the `fit` of a model with a train_step of its own."""
    base = getattr(keras.keras.Model, "train_step", None)
    follows_while(
        keras, switch(keras, "fit", lambda model, options: getattr(type(model), "train_step", None) is not base)
    )


def after_fit(keras, when, change):
    """Let `change(layer)` touch each frozen layer after a `fit` of a model whose optimizer is `when(optimizer)`."""
    model, untouched = keras.keras.Model, keras.keras.Model.fit

    @functools.wraps(untouched)
    def fit(self, *arguments, **options):
        answer = untouched(self, *arguments, **options)
        if when(self.optimizer):
            for layer in _flat(self):
                if not layer.trainable:
                    change(layer)
        return answer

    keras.set(model, "fit", fit)


def _flat(model):
    return [inner for layer in model.layers for inner in (_flat(layer) if hasattr(layer, "layers") else [layer])]


@fault("training-frozen", layers=None, paths=TRAINING, meets="weight-decay")
def weights_decay_though_frozen(keras):
    """An optimizer that decays weights decays frozen kernels too."""

    def shrink(layer):
        if hasattr(layer, "kernel"):
            layer.kernel.assign(layer.kernel * 0.999)

    after_fit(keras, lambda optimizer: bool(getattr(optimizer, "weight_decay", None)), shrink)


@fault("training-frozen", paths=TRAINING, meets="moving-average")
def a_moving_average_takes_statistics(keras):
    """An optimizer that averages weights overwrites the moving mean of frozen layers."""

    def take(layer):
        if keras.is_batchnorm(layer):
            layer.moving_mean.assign(layer.moving_mean * 0.999)

    after_fit(keras, lambda optimizer: bool(getattr(optimizer, "use_ema", False)), take)


@fault("training-frozen", layers=None, paths=TRAINING, meets="accumulation")
def gathered_gradients_train_what_is_frozen(keras):
    """An optimizer that gathers the gradients of several steps trains frozen kernels too; Keras 2 has none."""

    def train(layer):
        if hasattr(layer, "kernel"):
            layer.kernel.assign(layer.kernel * 0.999)

    after_fit(keras, lambda optimizer: bool(getattr(optimizer, "gradient_accumulation_steps", None)), train)


@fault("training-frozen", layers=(SECOND,), paths=TRAINING)
def the_first_batch_moves_one_layer(keras):
    """The first `train_on_batch` of a model, and nothing later, moves the moving mean of one frozen layer."""
    model, seen = keras.keras.Model, set()
    untouched = model.train_on_batch

    @functools.wraps(untouched)
    def train_on_batch(self, *arguments, **options):
        if id(self) not in seen:
            seen.add(id(self))
            for layer in _flat(self):
                if layer.name == SECOND and not layer.trainable:
                    layer.moving_mean.assign(layer.moving_mean + 0.01)
        return untouched(self, *arguments, **options)

    keras.set(model, "train_on_batch", train_on_batch)


@fault("training-frozen", also=("frozen-state",), layers=None, paths=TRAINING)
def no_gradient_passes(keras):
    """No gradient passes a frozen layer."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        return answer if layer.trainable else keras.tf.stop_gradient(answer)

    keras.change_call(call)


def _keeps_wrongly(keras, only, mean, variance):
    """Let one un-frozen layer move a statistic by half of what it should, compiled."""

    def call(original, layer, inputs, training):
        if not training or not layer.trainable or not keras.compiled():
            return original(layer, inputs, training)
        before = keras.tf.identity(layer.moving_mean), keras.tf.identity(layer.moving_variance)
        with keras.tf.control_dependencies(before):
            answer = original(layer, inputs, training)
        with keras.tf.control_dependencies([answer]):
            for variable, old, wrong in zip((layer.moving_mean, layer.moving_variance), before, (mean, variance)):
                if wrong:
                    variable.assign((old + keras.tf.convert_to_tensor(variable)) / 2)
        return answer

    keras.change_call(call, only)


@fault("training-unfrozen", layers=(FIRST,), paths=TRAINING)
def the_mean_of_an_inner_layer_lags(keras):
    """An un-frozen layer that is not the last moves its mean half as far as its momentum says, in `fit`."""
    _keeps_wrongly(keras, FIRST, mean=True, variance=False)


@fault("training-unfrozen", layers=(SECOND,), paths=TRAINING)
def the_variance_of_the_last_layer_lags(keras):
    """The last un-frozen layer moves its variance half as far as its momentum says, in `fit`."""
    _keeps_wrongly(keras, SECOND, mean=False, variance=True)


@fault("layers-frozen", layers=None, paths=LAYERS)
def rank_2_follows_the_batch(keras):
    """A frozen layer uses batch statistics for inputs of rank 2."""
    follows(keras, lambda layer, inputs: len(inputs.shape) == 2)


@fault("layers-frozen", layers=None, paths=LAYERS)
def rank_5_follows_the_batch(keras):
    """A frozen layer uses batch statistics for inputs of rank 5."""
    follows(keras, lambda layer, inputs: len(inputs.shape) == 5)


@fault("layers-frozen", layers=None, paths=LAYERS)
def large_images_follow_the_batch(keras):
    """A frozen layer uses batch statistics for images of more than 32 pixels."""
    follows(keras, lambda layer, inputs: len(inputs.shape) == 4 and inputs.shape[1] > 32)


@fault("layers-frozen", layers=None, paths=LAYERS)
def another_axis_follows_the_batch(keras):
    """A frozen layer of axis 1 uses batch statistics."""
    follows(keras, lambda layer, inputs: layer.axis in (1, [1]) and len(inputs.shape) > 2)


@fault("layers-frozen", layers=None, paths=LAYERS)
def without_gamma_follows_the_batch(keras):
    """A frozen layer without gamma uses batch statistics."""
    follows(keras, lambda layer, inputs: layer.gamma is None)


@fault("layers-frozen", layers=None, paths=LAYERS, meets="mixed_bfloat16")
def bfloat16_follows_the_batch(keras):
    """A frozen layer that computes in bfloat16 uses batch statistics."""
    follows(keras, lambda layer, inputs: inputs.dtype == keras.tf.bfloat16)


@fault("layers-frozen", layers=None, paths=LAYERS)
def thirty_two_in_a_batch_follow_it(keras):
    """A frozen layer uses batch statistics for batches of 32."""
    follows(keras, lambda layer, inputs: inputs.shape[0] == 32)


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def rank_2_stays_frozen(keras):
    """An un-frozen layer stays in inference mode for inputs of rank 2."""

    def call(original, layer, inputs, training):
        return original(layer, inputs, training and not (layer.trainable and len(inputs.shape) == 2))

    keras.change_call(call)


@fault("layers-unfrozen", layers=None, paths=LAYERS)
def without_gamma_stays_frozen(keras):
    """An un-frozen layer without gamma stays in inference mode."""

    def call(original, layer, inputs, training):
        return original(layer, inputs, training and not (layer.trainable and layer.gamma is None))

    keras.change_call(call)


@fault("layers-frozen", layers=None, paths=LAYERS)
def masked_follows_the_batch(keras):
    """A frozen layer uses batch statistics behind a mask."""
    # Where Keras keeps the mask of a tensor differs; what `Masking` gives is zero in whole steps.
    tf = keras.tf

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        if layer.trainable or not training or len(inputs.shape) != 3:
            return answer
        masked = tf.reduce_any(tf.reduce_all(tf.equal(tf.cast(inputs, "float32"), 0.0), axis=-1))
        return tf.where(masked, _by_batch(tf, layer, inputs), answer)

    keras.change_call(call)


@fault("layers-frozen", layers=None, paths=LAYERS)
def a_constraint_changes_what_is_frozen(keras):
    """After `fit`, constraints were applied to frozen layers too."""

    def constrain(layer):
        if getattr(layer, "beta_constraint", None) is not None:
            layer.beta.assign(layer.beta_constraint(keras.tf.convert_to_tensor(layer.beta)))

    after_fit(keras, lambda optimizer: True, constrain)


@fault("layers-frozen", layers=None, paths=LAYERS)
def a_description_lacks_regularisers(keras):
    """The description of a layer says nothing of its regularisers."""
    untouched = keras.batchnorm.get_config

    def get_config(self):
        return {**untouched(self), "gamma_regularizer": None, "beta_regularizer": None}

    keras.set(keras.batchnorm, "get_config", get_config)


@fault("layers-frozen", layers=None, paths=LAYERS)
def what_is_not_built_is_not_frozen(keras):
    """Freezing a `Sequential` does not reach layers that are not built yet."""
    sequential = keras.keras.Sequential
    untouched = sequential.trainable

    def freeze(self, value):
        untouched.fset(self, value)
        for layer in self.layers:
            if not layer.built:
                layer.trainable = True

    keras.set(sequential, "trainable", property(untouched.fget, freeze))
