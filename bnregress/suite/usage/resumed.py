"""What comes back of a training: weights that a callback restores, and a compiled model that was saved with them."""

import functools
import os
import tempfile

import numpy as np

from bnregress.suite import networks, probes, surrogate, tolerances
from bnregress.suite.arithmetic import identical, relative_deviation
from bnregress.suite.finding import NotApplicable, not_applicable, passed, regressed
from bnregress.suite.paths.saved import require_saves_savedmodel, save_keras_v3
from bnregress.suite.registry import Check
from bnregress.suite.usage.settings import SETTINGS, compiled

IMAGES, BATCH, RATE = 16, 8, 0.05
#: What is left un-frozen, so that a frozen part and one that trains are seen at once.
UNFROZEN = "conv2_block1_2"
#: It leaves values in the optimizer that the next step depends on.
SETTING = "momentum"


def training_restored(subject):
    """What `EarlyStopping` and `ModelCheckpoint` bring back is what there was at the end of the best epoch.

    A network that is frozen but for its last block is trained with
    `restore_best_weights=True` and with a file of the best weights; all
    variables, moving statistics too, are compared bit by bit.
    Source: the documentation of both. Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    model, callbacks, epochs = trainable(subject), subject.framework.keras.callbacks, []
    # The loss falls, so by its maximum the first epoch is the best.
    best = {"monitor": "loss", "mode": "max"}
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "best.weights.h5")
        told = [
            callbacks.LambdaCallback(on_epoch_end=lambda *_: epochs.append(values(subject, model))),
            callbacks.ModelCheckpoint(file, save_best_only=True, save_weights_only=True, **best),
            callbacks.EarlyStopping(patience=1, restore_best_weights=True, **best),
        ]
        losses = fit(model, epochs=3, callbacks=told)
        if len(losses) < 2 or not losses[1] < losses[0]:
            raise AssertionError("the loss does not fall: {}".format(losses))
        changed = _other_bits(epochs[0], values(subject, model))
        wrong = _told("EarlyStopping restores", changed, epochs[0])
        model.load_weights(file)
        further = _other_bits(epochs[0], values(subject, model))
        wrong += _told("ModelCheckpoint saved of the best epoch", further, epochs[0])
    if wrong:
        return regressed(wrong[0], wrong=wrong, losses=losses, changed=changed or further)
    return passed("all variables are those of the best of {} epochs".format(len(losses)), losses=losses)


def resumes_training(subject, save):
    """A compiled model that is saved after some training and loaded as by default goes on as the one that was saved.

    The network is frozen but for its last block; the optimizer has momentum. What
    is loaded has the flags and bit for bit the variables of what was saved; one
    more `fit` of both gives one loss and moves both alike, and nothing frozen.
    Source: the documentation of `Model.save` and `load_model`.
    Tolerance: none for what is loaded or frozen; `tolerances.TRAINED` for what trains on.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    model = trainable(subject)
    fit(model)
    with tempfile.TemporaryDirectory() as folder:
        try:
            other = subject.framework.keras.models.load_model(save(model, folder))
        except NotApplicable:
            raise
        except Exception as error:
            return _breaks("a compiled model cannot be saved and loaded", error)
        before, loaded = values(subject, model), values(subject, other)
        flags, found = networks.flags_of(model), networks.flags_of(other)
        loss, after = fit(model)[0], values(subject, model)
        try:
            again = fit(other)[0]
        except Exception as error:  # the same call has just trained what was saved
            return _breaks("what is loaded cannot be trained", error)
    wrong = list(_trained_otherwise(before, after, values(subject, other)))
    if not abs(again - loss) <= tolerances.TRAINED * abs(loss):
        said = "trained on, what was saved has the loss {:.6g}, and what is loaded {:.6g}"
        wrong.append(said.format(loss, again))
    wrong += _told("what is loaded has", _other_bits(before, loaded), before)
    changed = [name for name in found if flags.get(name) is not found[name]]
    if changed:
        wrong.append("what is loaded has other flags `trainable`: {}".format(", ".join(changed[:3])))
    if wrong:
        return regressed(wrong[0], wrong=wrong, tolerance=tolerances.TRAINED)
    return passed("what is loaded trains on as what was saved", tolerance=tolerances.TRAINED)


def _breaks(what, error):
    told = "{}: {}: {}".format(what, type(error).__name__, (str(error).splitlines() or [""])[0])
    return regressed(told, wrong=[told])


def trainable(subject):
    """The network with weights of its own, frozen but for its last block, compiled with a head."""
    for layer in subject.layers:
        # No format keeps the flag of an input.
        layer.trainable = not layer.weights or layer.name.startswith(UNFROZEN)
    # Whatever an earlier check has trained.
    networks.assign_surrogate(subject.network, subject.execution)
    shapes = [(int(subject.network.output_shape[-1]), probes.CLASSES), (probes.CLASSES,)]
    head = surrogate.layer_weights("head", shapes)
    return compiled(subject.framework, SETTINGS[SETTING], subject.network, RATE, subject.execution, head)[0]


def fit(model, **options):
    told = dict(batch_size=BATCH, shuffle=False, verbose=0, **options)
    history = model.fit(probes.images(IMAGES), probes.labels(IMAGES), **told).history
    return [float(loss) for loss in history["loss"]]


def values(subject, model):
    """Values of all variables by `LAYER/PLACE`."""
    named = networks.variables_of(model)
    return dict(zip(named, subject.execution.read(named.values())))


def _other_bits(expected, found):
    """Names of variables that are not bit for bit what they must be."""
    return [name for name in expected if name not in found or not identical(expected[name], found[name])]


def _told(what, changed, every):
    said = "{} other values of {} of {} variables: {}"
    return [said.format(what, len(changed), len(every), ", ".join(changed[:3]))] if changed else []


def _trained_otherwise(before, after, found):
    """Sentences on what one more `fit` has not done alike, frozen variables first; values by variable."""
    frozen = [name for name in after if identical(after[name], before[name])]
    moved = [name for name in frozen if not identical(found[name], after[name])]
    if moved:
        yield "training moves {} frozen variables of what is loaded: {}".format(len(moved), ", ".join(moved[:3]))
    off = {
        name: relative_deviation(np.float64(found[name]), np.float64(after[name])) for name in set(after) - set(frozen)
    }
    farthest = max(off, key=off.get)
    if not off[farthest] <= tolerances.TRAINED:
        said = "trained on, {} of what is loaded is off by {:.3g} times its scale, the farthest of {}"
        beyond = [name for name in off if not off[name] <= tolerances.TRAINED]
        yield said.format(farthest, off[farthest], len(beyond))


#: The check as lines of a script, but for the name of the file.
_CODE = """
for layer in network.layers:
    layer.trainable = layer.name.startswith("{}")
model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
model.compile(tf.keras.optimizers.SGD(0.05, momentum=0.9), "categorical_crossentropy")
told = dict(batch_size=4, shuffle=False, verbose=0)
model.fit(images, labels, **told)
try:
    model.save(FILE)
    loaded = tf.keras.models.load_model("model" + SUFFIX)
    losses = [each.fit(images, labels, **told).history["loss"][0] for each in (model, loaded)]
except Exception as error:
    raise AssertionError("it is not saved, loaded and trained on: {{}}".format(error))
assert abs(losses[0] - losses[1]) <= 1e-4 * losses[0], "one more epoch: loss {{:.6g}}, loaded {{:.6g}}".format(*losses)
""".format(UNFROZEN)


def _resumes(save, file):
    suffix = os.path.splitext(file.split(",")[0].strip('"'))[1]
    code = _CODE.replace("SUFFIX", repr(suffix)).replace("FILE", file).strip()
    statement = " ".join(resumes_training.__doc__.split("\n\n")[0].split())
    decide = functools.partial(resumes_training, save=save)
    return (Check(name="resumes-training", statement=statement, decide=decide, code=code),)


def _save_h5(model, folder):
    file = os.path.join(folder, "model.h5")
    model.save(file)
    return file


def _save_keras_v3(model, folder):
    file = os.path.join(folder, "model.keras")
    save_keras_v3(model, file)
    return file


def _save_savedmodel(model, folder):
    require_saves_savedmodel(model)
    file = os.path.join(folder, "model")
    model.save(file, save_format="tf")
    return file


#: The check by format.
RESUMES = {
    "h5": _resumes(_save_h5, '"model.h5"'),
    "keras-v3": _resumes(_save_keras_v3, '"model.keras"'),
    "savedmodel": _resumes(_save_savedmodel, '"model", save_format="tf"'),
}
