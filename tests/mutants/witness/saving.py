"""What comes back of a model that was saved, copied or rebuilt."""

# Read within a release's environment, and untyped like the suite.
# mypy: ignore-errors

import copy
import os
import pickle

from tests.mutants.witness import models
from tests.mutants.witness.parts import part


def _same(model, other):
    return [one.tobytes() == two.tobytes() for one, two in zip(models.values_of(model), models.values_of(other))]


def _loaded(tf, model, other, anew=False):
    """What became of a model that was saved or rebuilt; `anew` compiles it before it trains on."""
    images, labels = models.images_and_labels()
    yield [_same(model, other), len(models.values_of(other))]
    yield [each.trainable for each in other.layers]
    yield [each.trainable for each in other.layers[0].layers] if hasattr(other.layers[0], "layers") else []
    yield [models.shapes_of(other.trainable_weights)]
    yield [models.as_array(other(images, training=mode)) for mode in (False, True)]
    if anew or getattr(other, "optimizer", None) is None:
        other.compile(tf.keras.optimizers.SGD(0.1), "categorical_crossentropy")
    yield models.figures_of(other.fit(images, labels, batch_size=6, shuffle=False, verbose=0))
    yield models.values_of(other)
    yield models.shapes_of(models.variables_of(other.optimizer))


def _trained(tf, frozen):
    images, labels = models.images_and_labels()
    model = models.make_compiled(tf.keras, frozen, tf.keras.optimizers.Adam(0.01))
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
    model, file = models.make_compiled(tf.keras, True), os.path.join(folder, name)
    (model.save_weights if "weights" in name else model.save)(file)
    # The older format takes its order from the flags.
    for frozen in (True, False) if "weights" in name else (True,):
        other = models.make_compiled(tf.keras, frozen)
        other.set_weights([each + 1 for each in models.values_of(other)])
        other.load_weights(file)
        yield _same(model, other)


@part()
def checkpoint(tf, folder):
    model, other = models.make_compiled(tf.keras, True), models.make_compiled(tf.keras, False)
    other.set_weights([each + 1 for each in models.values_of(other)])
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
    model, where = models.make_compiled(tf.keras, "model"), os.path.join(folder, "exported")
    model.export(where)
    loaded = tf.saved_model.load(where)
    yield [
        models.as_array(loaded.serve(models.images_and_labels()[0])),
        len(loaded.variables),
        len(loaded.trainable_variables),
    ]


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
    model = models.make_headed(tf.keras, True)
    yield from _loaded(tf, model, rebuild(tf, model))
