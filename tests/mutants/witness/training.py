"""What training and evaluation report and move, through every entry point."""

# Read within a release's environment, and untyped like the suite.
# mypy: ignore-errors

import numpy as np

from tests.mutants.witness import models
from tests.mutants.witness.parts import part

_FITTING = {"batch_size": 5, "shuffle": False, "verbose": 0}


@part((True,), (False,))
def fit(tf, folder, frozen):
    images, labels = models.images_and_labels()
    model = models.make_compiled(tf.keras, frozen)
    yield models.figures_of(model.fit(images, labels, epochs=2, validation_data=(images[:7], labels[:7]), **_FITTING))
    yield models.values_of(model)
    yield [float(each) for each in model.evaluate(images, labels, 5, verbose=0)]
    yield models.as_array(model.predict(images, batch_size=5, verbose=0))


@part((True,), (False,))
def batches(tf, folder, frozen):
    images, labels = models.images_and_labels()
    model = models.make_compiled(tf.keras, frozen)
    yield models.as_floats(model.train_on_batch(images[:6], labels[:6]))
    yield models.as_floats(model.test_on_batch(images[:6], labels[:6]))
    yield models.as_array(model.predict_on_batch(images[:6]))
    yield models.values_of(model)


@part()
def weighted(tf, folder):
    images, labels = models.images_and_labels()
    weights = np.linspace(0.5, 2.0, models.COUNT).astype(np.float32)
    model = models.make_compiled(tf.keras, True)
    yield models.figures_of(model.fit(images, labels, sample_weight=weights, **_FITTING))
    yield models.figures_of(model.fit(images, labels, class_weight={0: 1.0, 1: 2.0, 2: 0.5, 3: 1.5}, **_FITTING))
    yield models.as_floats(model.evaluate(images, labels, sample_weight=weights, verbose=0))
    yield models.values_of(model)


@part()
def dataset(tf, folder):
    images, labels = models.images_and_labels()
    fed = tf.data.Dataset.from_tensor_slices((images, labels)).batch(5)
    model = models.make_compiled(tf.keras, True)
    yield models.figures_of(model.fit(fed, epochs=2, verbose=0, validation_data=fed))
    yield models.as_floats(model.evaluate(fed, verbose=0))
    yield models.as_array(model.predict(fed, verbose=0))


@part()
def generator(tf, folder):
    images, labels = models.images_and_labels()

    def fed():
        while True:
            yield images[:6], labels[:6]

    model = models.make_compiled(tf.keras, True)
    yield models.figures_of(model.fit(fed(), steps_per_epoch=2, epochs=2, verbose=0))
    yield models.values_of(model)


@part(("eagerly", {"run_eagerly": True}), ("jit", {"jit_compile": True}), ("several steps", {"steps_per_execution": 2}))
def told(tf, folder, name, options):
    images, labels = models.images_and_labels()
    model = models.make_compiled(tf.keras, False, **options)
    yield models.figures_of(model.fit(images, labels, validation_split=0.25, batch_size=3, shuffle=False, verbose=0))
    yield models.values_of(model)
    yield models.as_floats(model.evaluate(images, labels, 5, verbose=0))


@part()
def own_loop(tf, folder):
    images, labels = models.images_and_labels()
    model = models.make_headed(tf.keras, "model")
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.keras.losses.categorical_crossentropy(labels, model(images, training=True)))
    yield [float(loss), *[models.as_array(each) for each in tape.gradient(loss, model.trainable_variables)]]


@part()
def frozen_later(tf, folder):
    images, labels = models.images_and_labels()
    model = models.make_compiled(tf.keras, False)
    model.fit(images, labels, **_FITTING)
    model.layers[0].trainable = False
    model.compile(tf.keras.optimizers.SGD(0.1), "categorical_crossentropy")
    yield models.figures_of(model.fit(images, labels, **_FITTING))
    yield models.values_of(model)


@part(
    ("momentum", "SGD", {"momentum": 0.9, "nesterov": True, "clipvalue": 0.01}),
    ("adam", "Adam", {"clipnorm": 0.5}),
    ("adamw", "AdamW", {"weight_decay": 0.1, "global_clipnorm": 0.4}),
    ("average", "SGD", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 1}),
)
def optimizer(tf, folder, name, kind, options):
    images, labels = models.images_and_labels()
    made = getattr(tf.keras.optimizers, kind)(0.02, **options)
    model = models.make_compiled(tf.keras, "model", made)
    yield models.figures_of(model.fit(images, labels, batch_size=6, epochs=2, shuffle=False, verbose=0))
    yield models.values_of(model)
    yield models.shapes_of(models.variables_of(made))


@part()
def gradients_applied(tf, folder):
    made = tf.keras.optimizers.Adam(0.01)
    model = models.make_headed(tf.keras, True)
    made.apply_gradients([(tf.ones_like(each), each) for each in model.trainable_variables])
    yield models.values_of(model)
    yield [float(models.as_array(made.iterations)), float(models.as_array(made.learning_rate))]
