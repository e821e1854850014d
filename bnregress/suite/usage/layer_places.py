"""What holds of one BatchNorm in a place or with an option of its own, each in a network or a call made for it.

Each function takes the framework and raises `AssertionError` with its own first sentence if that does not hold.
"""

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.search import normalisation
from bnregress.suite.search.single_layers import PLAIN


def regularised(framework):
    """Regularisers of gamma and beta count by the values that these have, in both modes alike, and are described."""
    layer = framework.keras.layers.BatchNormalization(gamma_regularizer="l1", beta_regularizer="l2")
    x = np.ones((4, 3), np.float32)
    layer(x)
    gamma, beta = np.float32([0.5, -1, 2]), np.float32([1, 2, -3])
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    # Both default to a factor of 0.01.
    expected = 0.01 * np.sum(np.abs(gamma)) + 0.01 * np.sum(beta**2)
    for trainable in (False, True):
        layer.trainable, seen = trainable, []
        for training in (True, False):
            layer(x, training=training)
            seen.append(_losses(framework, layer))
        # Of a frozen layer they count in Keras 2, and not in Keras 3.
        allowed = [expected] if trainable else [expected, 0.0]
        if seen[0] != seen[1] or not any(abs(seen[0] - each) <= 1e-5 for each in allowed):
            raise AssertionError(regularised.__doc__)
    again = type(layer).from_config(layer.get_config())
    again(x)
    again.set_weights(layer.get_weights())
    again(x, training=True)
    if abs(_losses(framework, again) - expected) > 1e-5:
        raise AssertionError(regularised.__doc__)


def _losses(framework, layer):
    return float(sum(np.sum(framework.array(loss)) for loss in layer.losses))


def constrained(framework):
    """Training leaves gamma and beta of a frozen layer alone, also if a constraint would change them."""
    keras = framework.keras
    layer = keras.layers.BatchNormalization(gamma_constraint="unit_norm", beta_constraint="non_neg")
    model = keras.Sequential([keras.layers.InputLayer((3,)), layer, keras.layers.Dense(2)])
    kept = [np.float32(each) for each in ([0.5, -1, 2], [1, 2, -3], [0.1, 0.2, 0.3], [1, 2, 3])]
    layer.set_weights(kept)
    layer.trainable = False
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3), np.float32), np.ones((4, 2), np.float32), verbose=0)
    if not all(map(np.array_equal, kept, layer.get_weights())):
        raise AssertionError(constrained.__doc__)


def frozen_unbuilt(framework):
    """A layer that a model froze before it was built is frozen once it is."""
    layer = framework.keras.layers.BatchNormalization()
    model = framework.keras.Sequential([layer])
    model.trainable = False
    x = np.random.RandomState(0).normal(3, 2, (8, 5)).astype(np.float32)
    model(x)
    before = layer.get_weights()
    answers = [framework.array(model(x, training=mode)) for mode in (True, False)]
    if layer.trainable_weights or not (identical(*answers) and all(map(identical, before, layer.get_weights()))):
        raise AssertionError(frozen_unbuilt.__doc__)


def masked(framework):
    """Behind a mask a frozen layer answers in training mode as in inference mode, and by its own statistics."""
    case = dict(PLAIN, shape=[4, 5], batch=3)
    layer, values = normalisation.prepare(framework, case)
    x = np.array(values["x"])
    x[:, 2:] = 0.0
    steps = framework.keras.Input((4, 5))
    network = framework.keras.models.Model(steps, layer(framework.keras.layers.Masking()(steps)))
    before = layer.get_weights()
    answers = [framework.array(network(x, training=mode)) for mode in (True, False)]
    close = np.allclose(answers[1], normalisation.formula(case, values, x), 1e-4, 1e-4)
    if not (identical(*answers) and close and all(map(identical, before, layer.get_weights()))):
        raise AssertionError(masked.__doc__)


def of_unknown_size(framework, trainable):
    """In a network for images of any size a frozen layer takes its own statistics, an un-frozen one the batch's."""
    case = dict(PLAIN, shape=[5, 5, 3], batch=4)
    layer, values = normalisation.prepare(framework, case)
    images = framework.keras.Input((None, None, 3))
    network = framework.keras.models.Model(images, layer(images))
    layer.trainable = trainable
    sizes = (None, None, None, 3)
    traced = framework.engine.compiled(lambda batch: network(batch, training=True), network, shape=sizes)
    for size in ((5, 7), (48, 40)):
        x = np.random.RandomState(0).normal(size=(4,) + size + (3,)).astype(np.float32)
        statistics = dict(values, mean=x.mean((0, 1, 2)), variance=x.var((0, 1, 2))) if trainable else values
        if not np.allclose(traced(x), normalisation.formula(case, statistics, x), 1e-4, 1e-4):
            raise AssertionError(of_unknown_size.__doc__)


def called_twice(framework):
    """A frozen layer that a network calls in two places takes its own statistics in both, in both modes."""
    case = dict(PLAIN, shape=[4, 4, 3], batch=6)
    layer, values = normalisation.prepare(framework, case)
    inputs = [framework.keras.Input((4, 4, 3)) for _ in range(2)]
    network = framework.keras.models.Model(inputs, [layer(each) for each in inputs])
    network.trainable = False
    batches = [values["x"], values["x"][::-1] * 3 + 1]
    answers = [[framework.array(each) for each in network(batches, training=mode)] for mode in (True, False)]
    right = [normalisation.formula(case, values, batch) for batch in batches]
    close = all(np.allclose(*pair, 1e-4, 1e-4) for pair in zip(answers[1], right))
    if not (close and all(identical(*pair) for pair in zip(*answers))):
        raise AssertionError(called_twice.__doc__)


def synchronized(framework):
    """A frozen layer that synchronizes over replicas answers alike in both modes, by its own statistics, also alone."""
    for make in _SYNCHRONIZED:
        try:
            layer = make(framework.keras.layers)
        except (TypeError, ValueError, AttributeError):  # the release has no such option, or no such layer
            continue
        case = dict(PLAIN, shape=[3, 3, 5], batch=4, momentum=0.99)
        values = normalisation.arrays(case)
        layer(values["x"], training=False)
        layer.set_weights([values[name].reshape(-1) for name in ("gamma", "beta", "mean", "variance")])
        layer.trainable = False
        answers = [framework.array(layer(values["x"], training=mode)) for mode in (True, False)]
        close = np.allclose(answers[1], normalisation.formula(case, values, values["x"]), 1e-4, 1e-4)
        if not (close and identical(*answers)):
            raise AssertionError(synchronized.__doc__)


_SYNCHRONIZED = (
    lambda layers: layers.BatchNormalization(synchronized=True),
    lambda layers: layers.experimental.SyncBatchNormalization(),
)
