"""What losses must be, in NumPy from the answer in inference mode; `bench` is that of the check that trains."""

import numpy as np

from bnregress.suite import probes


def answer_of(bench, model, images):
    """The model's answer in inference mode, called directly: float array (n, classes)."""
    return bench.execution.forward(model, images, training=False)


def loss_of(bench, model, rows=slice(None)):
    """Mean cross-entropy of the model's answer in inference mode; of some rows of the images."""
    return float(np.mean(losses_of(answer_of(bench, model, bench.images[rows]), bench.labels[rows])))


def first(answer):
    """The first of the figures that `evaluate` and its kin give: a float."""
    return float(np.ravel(answer)[0])


def regularised(bench):
    """At learning rate 0, what a regulariser of the head adds to the loss of `fit` it adds to that of `evaluate`.

    So does one of a frozen layer, if it adds anything.
    """
    model = _headed(bench, "categorical_crossentropy", kernel_regularizer="l2")
    # Its factor is 0.01 by default.
    expected = loss_of(bench, model) + 0.01 * float(np.sum(np.float64(bench.head[0]) ** 2))
    found = first(model.evaluate(bench.images, bench.labels, verbose=0))
    bench.same("with a regulariser the loss of evaluate", found, expected)
    found = model.fit(bench.images, bench.labels, shuffle=False, verbose=0).history["loss"][0]
    bench.same("with a regulariser the loss of fit", found, expected)
    # Of what is frozen it counts in Keras 2, and not in Keras 3.
    keras = bench.framework.keras
    frozen = keras.layers.Dense(probes.CLASSES, kernel_regularizer="l2", trainable=False)
    model = keras.Sequential([bench.network, frozen, keras.layers.Dense(probes.CLASSES, activation="softmax")])
    model.compile(bench.framework.sgd(0.0), loss="categorical_crossentropy")
    found = model.fit(bench.images, bench.labels, shuffle=False, verbose=0).history["loss"][0]
    expected = first(model.evaluate(bench.images, bench.labels, verbose=0))
    bench.same("with a regulariser of what is frozen the loss of fit", found, expected)


def by_class_of_number(bench):
    """At learning rate 0, weights of classes count for labels that are numbers as for those that are one-hot."""
    model, classes = _headed(bench, "sparse_categorical_crossentropy"), bench.labels.argmax(axis=1)
    weights = {place: 0.25 + place for place in range(probes.CLASSES)}
    losses = losses_of(answer_of(bench, model, bench.images), bench.labels)
    expected = float(np.mean(losses * np.array([weights[each] for each in classes])))
    found = model.fit(bench.images, classes, class_weight=weights, shuffle=False, verbose=0).history["loss"][0]
    bench.same("with weights of classes and labels that are numbers the loss of fit", found, expected)


def _headed(bench, loss, **options):
    keras = bench.framework.keras
    head = keras.layers.Dense(probes.CLASSES, activation="softmax", **options)
    model = keras.Sequential([bench.network, head])
    model(bench.images[:1])
    bench.execution.write(head.weights, bench.head)
    model.compile(bench.framework.sgd(0.0), loss=loss)
    return model


def losses_of(answer, labels):
    """Cross-entropy of each answer: float array (n,)."""
    answer = np.float64(answer)
    return -np.log(np.sum(answer * labels, axis=1) / np.sum(answer, axis=1))
