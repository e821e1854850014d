"""What a wide differential witness sees of a framework: figures, weights, flags and losses, by name.

A mutant counts if one of them differs by more than rounding from what the unmutated framework gives, or raises.
The witness knows nothing of bnregress: it is what a person's scripts do with models that have BatchNorm.
"""

# Read within a release's environment, and untyped like the suite.
# mypy: ignore-errors

import copy
import os
import pickle

import numpy as np

#: Largest difference, relative to an array's scale, that rounding explains; bits are compared where they must be kept.
ROUNDING = 1e-5

SHAPE, CLASSES, COUNT = (8, 8, 3), 4, 12


def differs(found, expected):
    """Whether two observations differ by more than rounding."""
    if isinstance(found, np.ndarray) and isinstance(expected, np.ndarray):
        if found.shape != expected.shape or found.dtype != expected.dtype:
            return True
        one, other = np.float64(found), np.float64(expected)
        if not np.array_equal(np.isfinite(one), np.isfinite(other)):
            return True
        one, other = np.nan_to_num(one), np.nan_to_num(other)
        return bool(np.any(np.abs(one - other) > ROUNDING * max(1e-3, np.max(np.abs(other), initial=0.0))))
    if isinstance(found, (tuple, list)) and isinstance(expected, (tuple, list)):
        return len(found) != len(expected) or any(differs(*pair) for pair in zip(found, expected))
    if isinstance(found, float) and isinstance(expected, float):
        return differs(np.array([found]), np.array([expected]))
    return type(found) is not type(expected) or found != expected


PARTS = {}


def part(*cases):
    """Declare the decorated function as a part for each of its cases, which it takes after Keras and a folder."""

    def register(look):
        for case in cases or ((),):
            name = " ".join([look.__name__.replace("_", " "), *map(str, case[:1])])
            PARTS[name] = look, case
        return look

    return register


def observations(tf, folder, names=None):
    """Yield (name, value) of everything that is looked at, in a fixed order.

    Args:
        tf: the `tensorflow` module.
        folder: an empty one, for files.
        names: of the parts to look at; all by default. Each stands alone.
    """
    for name in PARTS if names is None else [each for each in PARTS if each in names]:
        tf.keras.utils.set_random_seed(7)
        look, case = PARTS[name]
        for place, value in enumerate(look(tf, folder, *case)):
            yield f"{name} {place}", value


def _array(value):
    value = value.numpy() if hasattr(value, "numpy") else value
    value = np.asarray(value)
    return value if value.dtype.kind in "fiub" else value.astype(np.float32)


def _values(model):
    return [_array(each) for each in model.get_weights()]


def _draw(*shape, seed=0):
    return np.random.RandomState(seed).normal(0.3, 1.0, shape).astype(np.float32)


def _data():
    return _draw(COUNT, *SHAPE), np.eye(CLASSES, dtype=np.float32)[np.arange(COUNT) % CLASSES]


def _fill(model):
    drawn = np.random.RandomState(3)
    model.set_weights([np.abs(drawn.normal(0.5, 0.4, each.shape)).astype(each.dtype) + 0.05 for each in _values(model)])
    return model


def _network(keras, trainable=True, **options):
    """Convolution and BatchNorm twice with a shortcut, a model within a model."""
    layers = keras.layers
    images = keras.Input(SHAPE)
    features = layers.Conv2D(6, 3, padding="same", name="first", trainable=trainable)(images)
    kept = layers.BatchNormalization(name="first_bn", momentum=0.8, epsilon=1e-2, trainable=trainable)(features)
    features = layers.Activation("relu")(kept)
    features = layers.Conv2D(6, 3, padding="same", name="second", trainable=trainable)(features)
    features = layers.BatchNormalization(name="second_bn", momentum=0.7, trainable=trainable, **options)(features)
    features = layers.Add()([features, kept])
    features = layers.ZeroPadding2D(1)(features)
    network = keras.Model(images, layers.GlobalAveragePooling2D()(features), name="network")
    return _fill(network)


def _headed(keras, frozen, **options):
    network = _network(keras, **options)
    if frozen == "model":
        network.trainable = False
    elif frozen:
        for layer in network.layers:
            layer.trainable = False
    model = keras.Sequential([network, keras.layers.Dropout(0.0), keras.layers.Dense(CLASSES, activation="softmax")])
    return _fill(model)


def _compiled(keras, frozen=True, optimizer=None, metrics=("accuracy",), **options):
    model = _headed(keras, frozen)
    optimizer = keras.optimizers.SGD(0.05) if optimizer is None else optimizer
    model.compile(optimizer, loss="categorical_crossentropy", metrics=list(metrics), **options)
    return model


def _history(history):
    return sorted((name, [float(each) for each in values]) for name, values in history.history.items())


@part(
    ("plain", {}, (6, 4, 4, 5)),
    ("options", {"momentum": 0.6, "epsilon": 0.1, "scale": False}, (6, 4, 4, 5)),
    ("rank 2", {"center": False}, (6, 5)),
    ("rank 3", {}, (6, 4, 5)),
    ("axis 1", {"axis": 1}, (6, 5, 4)),
    ("half", {"dtype": "mixed_float16"}, (6, 4, 4, 5)),
    ("regularised", {"beta_regularizer": "l2", "gamma_regularizer": "l1", "gamma_constraint": "unit_norm"}, (6, 5)),
)
def layer(tf, folder, name, options, shape):
    made, inputs = tf.keras.layers.BatchNormalization(**options), _draw(*shape)
    made.build((None, *shape[1:]))
    yield _values(made)
    _fill(made)
    told = made.get_config()
    yield [(key, told[key]) for key in ("axis", "momentum", "epsilon", "center", "scale")]
    again = type(made).from_config(told)
    yield [again.momentum, again.epsilon, again.center, again.scale, again.trainable]
    for trainable in (True, False):
        made.trainable = trainable
        start = _values(made)
        for training in (True, False, None):
            yield _array(made(inputs, training=training))
        traced = tf.function(lambda batch, mode: made(batch, training=mode))
        for training in (True, False):
            yield _array(traced(tf.constant(inputs), training))
        yield _values(made)
        yield [float(np.sum(each)) for each in made.losses]
        made.set_weights(start)


def _shapes(weights):
    return [tuple(each.shape) for each in weights]


@part()
def flags(tf, folder):
    def seen(model):
        weights = _shapes(model.trainable_weights), _shapes(model.non_trainable_weights), _shapes(model.weights)
        return [[each.trainable for each in model.layers], *weights, len(model.trainable_variables)]

    model = _headed(tf.keras, False)
    network = model.layers[0]
    yield [*seen(model), *seen(network)]
    network.trainable = False
    yield [*seen(model), *seen(network)]
    network.trainable = True
    network.layers[-5].trainable = False
    yield [*seen(model), *seen(network)]
    model.trainable = False
    yield [*seen(model), *seen(network)]
    yield seen(_network(tf.keras, trainable=False))
    frames = tf.keras.layers.TimeDistributed(network)
    yield [frames.trainable, network.trainable]


@part((False,), (True,), ("model",))
def called(tf, folder, frozen):
    model = _headed(tf.keras, frozen)
    for training in (None, False, True):
        yield _array(model(_data()[0], training=training))
    yield _values(model)


@part()
def graphs(tf, folder):
    keras, images = tf.keras, _data()[0]
    network = _network(keras)
    inputs = keras.Input(SHAPE)
    fixed = keras.Model(inputs, network(inputs, training=False))
    yield [_array(fixed(images, training=True)), *_values(network)]
    parts = keras.Model(network.input, [network.get_layer("first_bn").output, network.output])
    yield [_array(each) for each in parts(images)]
    both = [keras.Input(SHAPE, name="one"), keras.Input(SHAPE, name="other")]
    joined = keras.Model(both, keras.layers.Concatenate()([network(both[0]), network(both[1])]))
    yield _array(joined([images, images[::-1]], training=False))
    frames = keras.Sequential([keras.Input((2, *SHAPE)), keras.layers.TimeDistributed(network)])
    yield _array(frames(np.stack([images, images[::-1]], axis=1)))


@part()
def subclass(tf, folder):
    keras, images = tf.keras, _data()[0]

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.network, self.head = _network(keras), keras.layers.Dense(CLASSES)

        def call(self, inputs, training=None):
            return self.head(self.network(inputs, training=training))

    own = Own()
    own(images[:1])
    _fill(own)
    own.network.trainable = False
    yield [_array(own(images, training=True)), len(own.trainable_weights), len(own.weights)]


_FITTING = {"batch_size": 5, "shuffle": False, "verbose": 0}


@part((True,), (False,))
def fit(tf, folder, frozen):
    images, labels = _data()
    model = _compiled(tf.keras, frozen)
    yield _history(model.fit(images, labels, epochs=2, validation_data=(images[:7], labels[:7]), **_FITTING))
    yield _values(model)
    yield [float(each) for each in model.evaluate(images, labels, 5, verbose=0)]
    yield _array(model.predict(images, batch_size=5, verbose=0))


@part((True,), (False,))
def batches(tf, folder, frozen):
    images, labels = _data()
    model = _compiled(tf.keras, frozen)
    yield _floats(model.train_on_batch(images[:6], labels[:6]))
    yield _floats(model.test_on_batch(images[:6], labels[:6]))
    yield _array(model.predict_on_batch(images[:6]))
    yield _values(model)


@part()
def weighted(tf, folder):
    images, labels = _data()
    weights = np.linspace(0.5, 2.0, COUNT).astype(np.float32)
    model = _compiled(tf.keras, True)
    yield _history(model.fit(images, labels, sample_weight=weights, **_FITTING))
    yield _history(model.fit(images, labels, class_weight={0: 1.0, 1: 2.0, 2: 0.5, 3: 1.5}, **_FITTING))
    yield _floats(model.evaluate(images, labels, sample_weight=weights, verbose=0))
    yield _values(model)


@part()
def dataset(tf, folder):
    images, labels = _data()
    fed = tf.data.Dataset.from_tensor_slices((images, labels)).batch(5)
    model = _compiled(tf.keras, True)
    yield _history(model.fit(fed, epochs=2, verbose=0, validation_data=fed))
    yield _floats(model.evaluate(fed, verbose=0))
    yield _array(model.predict(fed, verbose=0))


@part()
def generator(tf, folder):
    images, labels = _data()

    def fed():
        while True:
            yield images[:6], labels[:6]

    model = _compiled(tf.keras, True)
    yield _history(model.fit(fed(), steps_per_epoch=2, epochs=2, verbose=0))
    yield _values(model)


@part(("eagerly", {"run_eagerly": True}), ("jit", {"jit_compile": True}), ("several steps", {"steps_per_execution": 2}))
def told(tf, folder, name, options):
    images, labels = _data()
    model = _compiled(tf.keras, False, **options)
    yield _history(model.fit(images, labels, validation_split=0.25, batch_size=3, shuffle=False, verbose=0))
    yield _values(model)
    yield _floats(model.evaluate(images, labels, 5, verbose=0))


@part()
def own_loop(tf, folder):
    images, labels = _data()
    model = _headed(tf.keras, "model")
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.keras.losses.categorical_crossentropy(labels, model(images, training=True)))
    yield [float(loss), *[_array(each) for each in tape.gradient(loss, model.trainable_variables)]]


@part()
def frozen_later(tf, folder):
    images, labels = _data()
    model = _compiled(tf.keras, False)
    model.fit(images, labels, **_FITTING)
    model.layers[0].trainable = False
    model.compile(tf.keras.optimizers.SGD(0.1), "categorical_crossentropy")
    yield _history(model.fit(images, labels, **_FITTING))
    yield _values(model)


@part(
    ("momentum", "SGD", {"momentum": 0.9, "nesterov": True, "clipvalue": 0.01}),
    ("adam", "Adam", {"clipnorm": 0.5}),
    ("adamw", "AdamW", {"weight_decay": 0.1, "global_clipnorm": 0.4}),
    ("average", "SGD", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 1}),
)
def optimizer(tf, folder, name, kind, options):
    images, labels = _data()
    made = getattr(tf.keras.optimizers, kind)(0.02, **options)
    model = _compiled(tf.keras, "model", made)
    yield _history(model.fit(images, labels, batch_size=6, epochs=2, shuffle=False, verbose=0))
    yield _values(model)
    yield _shapes(_variables(made))


@part()
def gradients_applied(tf, folder):
    made = tf.keras.optimizers.Adam(0.01)
    model = _headed(tf.keras, True)
    made.apply_gradients([(tf.ones_like(each), each) for each in model.trainable_variables])
    yield _values(model)
    yield [float(_array(made.iterations)), float(_array(made.learning_rate))]


def _variables(optimizer):
    found = optimizer.variables
    return found() if callable(found) else found


def _floats(figures):
    return [float(each) for each in np.ravel(figures)]


def _same(model, other):
    return [one.tobytes() == two.tobytes() for one, two in zip(_values(model), _values(other))]


def _loaded(tf, model, other, anew=False):
    """What became of a model that was saved or rebuilt; `anew` compiles it before it trains on."""
    images, labels = _data()
    yield [_same(model, other), len(_values(other))]
    yield [each.trainable for each in other.layers]
    yield [each.trainable for each in other.layers[0].layers] if hasattr(other.layers[0], "layers") else []
    yield [_shapes(other.trainable_weights)]
    yield [_array(other(images, training=mode)) for mode in (False, True)]
    if anew or getattr(other, "optimizer", None) is None:
        other.compile(tf.keras.optimizers.SGD(0.1), "categorical_crossentropy")
    yield _history(other.fit(images, labels, batch_size=6, shuffle=False, verbose=0))
    yield _values(other)
    yield _shapes(_variables(other.optimizer))


def _trained(tf, frozen):
    images, labels = _data()
    model = _compiled(tf.keras, frozen, tf.keras.optimizers.Adam(0.01))
    model.fit(images, labels, batch_size=6, shuffle=False, verbose=0)
    return model


@part(("model.h5", True), ("flag.h5", "model"), ("model.keras", True), ("flag.keras", "model"))
def saved(tf, folder, name, frozen):
    model, file = _trained(tf, frozen), os.path.join(folder, name)
    model.save(file)
    # Keras 3 does not train on with the optimizer that comes out of an .h5 file.
    yield from _loaded(tf, model, tf.keras.models.load_model(file), anew=file.endswith(".h5"))


@part(("m.weights.h5",), ("whole.h5",))
def weights(tf, folder, name):
    model, file = _compiled(tf.keras, True), os.path.join(folder, name)
    (model.save_weights if "weights" in name else model.save)(file)
    # The older format takes its order from the flags.
    for frozen in (True, False) if "weights" in name else (True,):
        other = _compiled(tf.keras, frozen)
        other.set_weights([each + 1 for each in _values(other)])
        other.load_weights(file)
        yield _same(model, other)


@part()
def checkpoint(tf, folder):
    model, other = _compiled(tf.keras, True), _compiled(tf.keras, False)
    other.set_weights([each + 1 for each in _values(other)])
    file = tf.train.Checkpoint(model=model).save(os.path.join(folder, "checkpoint"))
    tf.train.Checkpoint(model=other).restore(file).expect_partial()
    yield _same(model, other)


@part()
def savedmodel(tf, folder):
    if hasattr(tf.keras, "ops"):
        return  # Keras 3 has no such format
    model, where = _trained(tf, True), os.path.join(folder, "saved")
    model.save(where)
    yield from _loaded(tf, model, tf.keras.models.load_model(where))


@part()
def exported(tf, folder):
    model, where = _compiled(tf.keras, "model"), os.path.join(folder, "exported")
    model.export(where)
    loaded = tf.saved_model.load(where)
    yield [_array(loaded.serve(_data()[0])), len(loaded.variables), len(loaded.trainable_variables)]


def _with_weights(model, other):
    other.set_weights(model.get_weights())
    return other


@part(
    ("json", lambda tf, model: _with_weights(model, tf.keras.models.model_from_json(model.to_json()))),
    ("config", lambda tf, model: _with_weights(model, type(model).from_config(model.get_config()))),
    ("clone", lambda tf, model: _with_weights(model, tf.keras.models.clone_model(model))),
    ("deepcopy", lambda tf, model: copy.deepcopy(model)),
    ("pickle", lambda tf, model: pickle.loads(pickle.dumps(model))),  # noqa: S301 - its own
)
def rebuilt(tf, folder, name, rebuild):
    model = _headed(tf.keras, True)
    yield from _loaded(tf, model, rebuild(tf, model))
