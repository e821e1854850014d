"""Accuracy as people read it, from `evaluate` and the validation of `fit`, against predictions that NumPy counts."""

import numpy as np

from bnregress.suite import networks, probes, surrogate, tolerances
from bnregress.suite.finding import not_applicable, passed, regressed
from bnregress.suite.usage.settings import SETTINGS, compiled

IMAGES, BATCH, RATE = 11, 4, 0.05
#: The last in a graph of its own, so that what is un-frozen does without.
DATASETS = ("a dataset", "a dataset of whole batches", "a dataset of a fixed batch size")
#: Images in whole batches.
WHOLE = IMAGES // BATCH * BATCH
#: Which images have the label that is predicted: all, some, and one of each batch, so that a mean over batches, or over
#: images that are not there, is another figure.
RIGHT = (True, True, True, True, True, False, False, False, True, False, False)


def metrics_parity(subject):
    """The accuracy that `evaluate` and `fit`'s validation report is that of the predictions.

    `evaluate` of arrays, of a `tf.data.Dataset` with and without a smaller last
    batch and of one with a fixed batch size, each against the `argmax` of
    `predict`, counted by NumPy; `val_accuracy` and `val_loss` of `fit` against
    `evaluate` of the same data once the training is over. Frozen and un-frozen.
    Source: the documentation of `fit`, `evaluate` and of the metric `Accuracy`.
    Tolerance: `tolerances.TRAINED`.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    wrong, found = [], {}
    for state, trainable in (("frozen", False), ("un-frozen", True)):
        for layer in subject.layers:
            layer.trainable = trainable
        # Whatever an earlier check has trained.
        networks.assign_surrogate(subject.network, subject.execution)
        found[state] = _reported(subject, DATASETS if state == "frozen" else DATASETS[:1])
        wrong += ["{}, {}".format(state, each) for each in _differing(found[state])]
    evidence = {"reported": found, "wrong": wrong, "tolerance": tolerances.TRAINED}
    if wrong:
        return regressed(wrong[0], **evidence)
    count = sum(map(len, found.values()))
    return passed("{} reported figures are those of the predictions".format(count), **evidence)


def _differing(figures):
    for what, (reported, expected) in figures.items():
        if not abs(reported - expected) <= tolerances.TRAINED * max(abs(expected), 1.0):
            yield "{} is {:.6g}, and must be {:.6g}".format(what, reported, expected)


def _reported(subject, datasets):
    """Each figure by name: what is reported, and what it must be.

    Args:
        subject: `bnregress.suite.subject.Subject`.
        datasets: which ones, of `DATASETS`.
    """
    engine, images = subject.framework.engine, probes.images(IMAGES)
    shapes = [(int(subject.network.output_shape[-1]), probes.CLASSES), (probes.CLASSES,)]
    head = surrogate.layer_weights("head", shapes)
    model, _ = compiled(
        subject.framework, SETTINGS["plain"], subject.network, RATE, subject.execution, head, metrics=["accuracy"]
    )
    seen = np.argmax(model.predict(images, batch_size=BATCH, verbose=0), axis=1)
    labels = np.eye(probes.CLASSES, dtype=np.float32)[np.where(RIGHT, seen, (seen + 1) % probes.CLASSES)]
    data = {
        "a dataset": (engine.dataset(images, labels, BATCH), IMAGES),
        "a dataset of whole batches": (engine.dataset(images[:WHOLE], labels[:WHOLE], BATCH), WHOLE),
        "a dataset of a fixed batch size": (engine.dataset(images, labels, BATCH, whole=True), WHOLE),
    }
    data = {name: data[name] for name in datasets}

    def right(count):
        answer = model.predict(images, batch_size=BATCH, verbose=0)
        return float(np.mean(np.argmax(answer, axis=1)[:count] == np.argmax(labels, axis=1)[:count]))

    def evaluated(what, expected, *given, **options):
        figures[what] = float(loss_and_accuracy(*given, **options)[1]), expected

    def loss_and_accuracy(*given, **options):
        return model.evaluate(*given, verbose=0, **options)

    figures = {}
    evaluated("the accuracy of evaluate on arrays", right(IMAGES), images, labels, batch_size=BATCH)
    for name, (dataset, count) in data.items():
        evaluated("the accuracy of evaluate on " + name, right(count), dataset)
    # What is traced for one is taken for the other of the first two.
    for name, (dataset, count) in list(data.items())[::2]:
        history = model.fit(
            images, labels, batch_size=BATCH, epochs=1, shuffle=False, verbose=0, validation_data=dataset
        )
        loss, accuracy = loss_and_accuracy(dataset)
        last = {key: values[-1] for key, values in history.history.items()}
        figures["val_loss of fit on " + name] = float(last["val_loss"]), float(loss)
        figures["val_accuracy of fit on " + name] = float(last["val_accuracy"]), right(count)
        figures["the accuracy of evaluate after fit on " + name] = float(accuracy), right(count)
    return figures
