"""Training a head as the report did, on a frozen network or on features that were extracted beforehand."""

import math
from dataclasses import dataclass
from typing import Any, Dict, List

import numpy as np

from bnregress.suite import seeded, xla
from bnregress.suite.finetune.feeding import FEEDINGS, VALIDATION

HIDDEN = 256
DROPOUT = 0.4
#: The last epoch's mean loss, in units of the loss of guessing, that no head ends with that learns; sound ones end
#: below 1. On features of a large scale the first epochs' are far above, and say nothing.
RUN_AWAY = 10


@dataclass(frozen=True)
class Trained:
    """A head after training.

    Attributes:
        curves: `accuracy`, `val_accuracy`, `loss`, `val_loss`, a float each epoch.
        weights: kernel and bias of the hidden layer, then of the last one: arrays.
        model: the compiled Keras model.
    """

    curves: Dict[str, List[float]]
    weights: List[Any]
    model: Any

    @property
    def finite(self):
        """Whether all weights are numbers."""
        return all(np.all(np.isfinite(each)) for each in self.weights)

    @property
    def diverged(self):
        """Whether training ran away: no numbers any more, or a loss far above that of guessing."""
        guessing = math.log(self.weights[-1].shape[-1])
        losses = self.curves["loss"]
        bounded = all(map(math.isfinite, losses)) and losses[-1] <= RUN_AWAY * guessing
        return not (bounded and self.finite)

    def predict(self, features):
        """Classes that the head names, dropout off: int array (n,) from features (n, channels).

        In float64 NumPy, so that a difference between two predictions comes from the features alone.
        """
        hidden, hidden_bias, last, last_bias = (each.astype(np.float64) for each in self.weights)
        return np.argmax(np.maximum(features.astype(np.float64) @ hidden + hidden_bias, 0) @ last + last_bias, axis=1)


def head(keras, classes, seed):
    """The layers of the report: Dense 256 relu, Dropout 0.4, Dense softmax."""
    return [
        keras.layers.Dense(HIDDEN, activation="relu", name="hidden"),
        keras.layers.Dropout(DROPOUT, seed=seed, name="dropout"),
        keras.layers.Dense(classes, activation="softmax", name="classes"),
    ]


def on_network(subject, data, seed, request):
    """Train the head on the frozen network, fed as the variant says, as a person does: `Trained`."""
    keras = subject.framework.keras
    layers = head(keras, data.classes, seed)
    model = keras.Sequential([subject.network, *layers])
    if not layers[0].weights:
        # What is not a graph of layers makes its variables as it is first called, or when it is told to.
        model.build((None,) + data.x_train.shape[1:]) if subject.opaque else model(data.x_train[:1])
    feed = FEEDINGS[subject.variant.train]
    return _train(subject, model, layers, data, (data.x_train, data.x_test[:VALIDATION]), seed, request, feed)


def on_features(subject, data, features, seed, request):
    """Train the same head, on the same batches, on features extracted in inference mode: `Trained`.

    `features` are those of the training images and of the held-out ones that `fit` validates on: two float32 arrays
    (n, channels).
    """
    keras = subject.framework.keras
    layers = head(keras, data.classes, seed)
    inputs = outputs = keras.Input(features[0].shape[1:])
    for layer in layers:
        outputs = layer(outputs)
    return _train(subject, keras.Model(inputs, outputs), layers, data, features, seed, request, FEEDINGS["fit"])


def _train(subject, model, layers, data, inputs, seed, request, feed):
    framework, execution = subject.framework, subject.execution
    weights = [weight for layer in layers for weight in layer.weights]
    execution.write(weights, initial_weights([tuple(map(int, weight.shape)) for weight in weights], seed))
    options = xla.options(model, {"metrics": ["accuracy"]}, subject.making.left)
    rate = request.learning_rate
    model.compile(framework.keras.optimizers.SGD(rate), loss="categorical_crossentropy", **options)
    framework.engine.seed(seed)
    # Every way of feeding keeps the arrays' own order, so that both arms see the same batches.
    train, test = zip(inputs, map(data.one_hot, (data.y_train, data.y_test[:VALIDATION])))
    history = feed(framework, model, train, test, request.epochs)
    return Trained(curves=_curves(history), weights=execution.read(weights), model=model)


def initial_weights(shapes, seed):
    """Weights of the head before training: Glorot-uniform kernels (Glorot & Bengio 2010, equation 16), zero biases."""
    values = []
    for place, shape in enumerate(shapes):
        if len(shape) == 1:
            values.append(np.zeros(shape, np.float32))
        else:
            limit = np.float32(math.sqrt(6.0 / sum(shape)))
            values.append(seeded.uniform("finetune/{}/{}".format(seed, place), shape) * limit)
    return values


def _curves(history):
    # TensorFlow 1 calls it `acc`.
    old = {"accuracy": "acc", "val_accuracy": "val_acc"}
    names = ("accuracy", "val_accuracy", "loss", "val_loss")
    return {name: [float(value) for value in history.get(name, history.get(old.get(name)))] for name in names}
