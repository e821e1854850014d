"""Weights that come back as no loading path varies it: after an interruption, in parts, in spite of a mismatch."""

import functools
import inspect
import os
import tempfile

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import NotApplicable, not_applicable, passed, regressed
from bnregress.suite.usage.resumed import fit, trainable, values
from bnregress.suite.wording import in_one_line

#: Gigabytes of a part of a file that is divided: more than the largest variable, less than all.
PART = 2e-4
#: Layers that have the shape of those in the file, behind two that have another.
FITTING = ("norm", "last")


class _Interrupted(Exception):
    """What ends a training in its third epoch."""


def weights_returned(subject):
    """Every variable comes back bit for bit from an interruption, from weights in other formats, and past a mismatch.

    A network frozen but for its last block is trained. Then `BackupAndRestore`
    brings it back after `fit` was interrupted, and `load_weights` from the format
    of TensorFlow, and from the parts that Keras 3 can write. With
    `skip_mismatch=True` every layer comes back that has the shape that it had.
    Source: the documentation of each. Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    wrong, ran, absent, changed = [], [], {}, []
    for name, way in WAYS.items():
        try:
            with tempfile.TemporaryDirectory() as folder:
                expected, found = way(subject, folder)
        except NotApplicable as missing:
            absent[name] = str(missing)
            continue
        ran.append(name)
        other = [each for each in expected if not identical(expected[each], found[each])]
        changed += other
        if other:
            said = "{} brings back other values of {} of {} variables: {}"
            wrong.append(said.format(name, len(other), len(expected), ", ".join(other[:3])))
    evidence = {"wrong": wrong, "ran": ran, "absent": absent, "changed": list(dict.fromkeys(changed))}
    if wrong:
        return regressed(wrong[0], **evidence)
    if not ran:
        return not_applicable("this release has none of these ways", **evidence)
    return passed("all variables come back by {}".format(", ".join(ran)), **evidence)


def _interrupted(subject, folder):
    """The values at the end of the last whole epoch, and those that the next `fit` begins with."""
    callbacks = subject.framework.keras.callbacks
    if not hasattr(callbacks, "BackupAndRestore"):
        raise NotApplicable("this release has no BackupAndRestore")
    model, ended, begun = trainable(subject), [], []

    def interrupt(epoch, logs=None):
        if epoch == 2:
            raise _Interrupted

    stop = callbacks.LambdaCallback(
        on_epoch_begin=interrupt, on_epoch_end=lambda *_: ended.append(values(subject, model))
    )
    try:
        fit(model, epochs=4, callbacks=[callbacks.BackupAndRestore(folder), stop])
        raise AssertionError("`fit` goes on though a callback raises")
    except _Interrupted:
        other = trainable(subject)
    seen = callbacks.LambdaCallback(on_epoch_begin=lambda *_: begun.append(values(subject, other)))
    fit(other, epochs=4, callbacks=[callbacks.BackupAndRestore(folder), seen])
    return ended[-1], begun[0]


def _saved(subject, file, **options):
    model = trainable(subject)
    unknown = set(options) - set(inspect.signature(model.save_weights).parameters)
    if unknown:
        raise NotApplicable("save_weights of this release takes no {}".format(", ".join(unknown)))
    fit(model)
    expected = values(subject, model)
    model.save_weights(file, **options)
    other = trainable(subject)
    other.load_weights(file)
    return expected, values(subject, other)


def _checkpoint(subject, folder):
    return _saved(subject, os.path.join(folder, "weights"), save_format="tf")


def _parts(subject, folder):
    return _saved(subject, os.path.join(folder, "model.weights.json"), max_shard_size=PART)


def _mismatched(subject, folder, save="save_weights", file="model.weights.h5", **options):
    keras = subject.framework.keras
    source, other = _network(keras, 4), _network(keras, 5)
    for layer in map(source.get_layer, FITTING):
        layer.set_weights([np.full(value.shape, 0.5, np.float32) for value in layer.get_weights()])
    file = os.path.join(folder, file)
    getattr(source, save)(file)
    try:
        other.load_weights(file, skip_mismatch=True, **options)
    except TypeError as error:
        raise NotApplicable("load_weights of this release takes no skip_mismatch") from error
    except ValueError as error:
        # Of Keras 2 before it had a format of its own.
        if "when by_name is True" not in str(error):
            raise
        raise NotApplicable(in_one_line(error)) from error

    def read(model):
        return {
            "{}/{}".format(layer.name, place): value
            for layer in map(model.get_layer, FITTING)
            for place, value in enumerate(layer.get_weights())
        }

    return read(source), read(other)


def _network(keras, channels):
    layers = keras.layers
    images = features = keras.Input((6, 6, 3))
    for layer in (
        layers.Conv2D(channels, 3, name="first"),
        layers.Conv2D(4, 1, name="second"),
        layers.BatchNormalization(name="norm", trainable=False),
        layers.Conv2D(2, 1, name="last"),
    ):
        features = layer(features)
    return keras.Model(images, features)


WAYS = {
    "`BackupAndRestore`": _interrupted,
    '`save_weights(save_format="tf")`': _checkpoint,
    "`save_weights(max_shard_size=...)`": _parts,
    "`load_weights(skip_mismatch=True)`": _mismatched,
    "`load_weights(by_name=True, skip_mismatch=True)`": functools.partial(
        _mismatched, save="save", file="model.h5", by_name=True
    ),
}
