"""What holds of one BatchNorm by what it is told, when it is made or called, each in a layer made for it.

Each function takes the framework and raises `AssertionError` with its own first sentence if that does not hold; what a
release does not have raises `NotApplicable`.
"""

import contextlib
import inspect

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import NotApplicable
from bnregress.suite.search import normalisation
from bnregress.suite.search.single_layers import PLAIN
from bnregress.suite.wording import in_one_line

#: What each initialiser is told, and what every value must be then.
INITIALISERS = {
    "gamma_initializer": ("zeros", 0.0),
    "beta_initializer": ("ones", 1.0),
    "moving_mean_initializer": ("ones", 1.0),
    "moving_variance_initializer": ("zeros", 0.0),
}
#: Layers by the name of their class that behave by the mode and move no statistics, with their arguments.
BY_MODE = {
    "Dropout": (0.5,),
    "SpatialDropout2D": (0.5,),
    "GaussianNoise": (1.0,),
    "GaussianDropout": (0.5,),
    "AlphaDropout": (0.5,),
}


def _images(count=8, channels=5):
    return np.random.RandomState(0).normal(3, 2, (count, 4, 4, channels)).astype(np.float32)


def _made(framework, **options):
    """A layer with these options.

    Raises:
        NotApplicable: the release does not take them.
    """
    try:
        return framework.keras.layers.BatchNormalization(**options)
    except (TypeError, ValueError) as error:
        raise NotApplicable(in_one_line(error)) from error


def initialised(framework):
    """A layer starts with what its initialisers give, and so does one that is made from its description."""
    layer = framework.keras.layers.BatchNormalization(**{name: told for name, (told, _) in INITIALISERS.items()})
    for each in (layer, type(layer).from_config(layer.get_config())):
        each(_images())
        variables = (each.gamma, each.beta, each.moving_mean, each.moving_variance)
        for variable, (_, value) in zip(variables, INITIALISERS.values()):
            if not np.all(framework.array(variable) == value):
                raise AssertionError(initialised.__doc__)


def mode_in_other_words(framework):
    """A frozen layer is in inference mode also if the mode it is called in is a number, or a tensor, that is true."""
    case = dict(PLAIN, shape=[3, 3, 5], batch=4)
    layer, values = normalisation.prepare(framework, case)
    told, before = [1, np.bool_(True)], layer.get_weights()
    with contextlib.suppress(NotApplicable):  # an engine that is not TensorFlow
        told.append(framework.tf.constant(True))
    expected = framework.array(layer(values["x"], training=False))
    answers = [framework.array(layer(values["x"], training=mode)) for mode in told]
    close = all(np.allclose(answer, expected, 1e-4, 1e-4) for answer in answers)
    if not (close and all(map(identical, before, layer.get_weights()))):
        raise AssertionError(mode_in_other_words.__doc__)


def over_two_axes(framework):
    """A frozen layer that normalises along two axes takes its own statistics in both modes."""
    layer, x = _made(framework, axis=[1, 3]), _images()
    layer(x, training=False)
    layer.set_weights([np.float32(0.5) + np.arange(w.size, dtype=np.float32).reshape(w.shape) / w.size
                       for w in layer.get_weights()])  # fmt: skip
    layer.trainable = False
    before = layer.get_weights()
    gamma, beta, mean, variance = map(np.float64, before)
    answers = [framework.array(layer(x, training=mode)) for mode in (True, False)]
    expected = (x - mean) / np.sqrt(variance + layer.epsilon) * gamma + beta
    close = np.allclose(answers[1], expected, 1e-4, 1e-4)
    if not (close and identical(*answers) and all(map(identical, before, layer.get_weights()))):
        raise AssertionError(over_two_axes.__doc__)


def in_virtual_batches(framework):
    """A layer told to take virtual batches normalises each by itself; frozen it takes its own statistics in both modes.

    It is described with their size.
    """
    layer = _made(framework, virtual_batch_size=4, fused=False)
    # One of each virtual batch is far off: normalised with another, it would show.
    x = _images()
    x[:4] += 40.0
    answer = np.float64(framework.array(layer(x, training=True)))
    parts = (answer.reshape((4, 2) + x.shape[1:]).mean((0, 2, 3)), answer.reshape((2, 4) + x.shape[1:]).mean((1, 2, 3)))
    alone = min(np.abs(part).max() for part in parts) < 1e-3
    whole = np.float64(x)
    whole = (whole - whole.mean((0, 1, 2))) / np.sqrt(whole.var((0, 1, 2)) + layer.epsilon)
    alone = alone and not np.allclose(answer, whole, atol=1e-2)
    layer.trainable, before = False, layer.get_weights()
    answers = [framework.array(layer(x, training=mode)) for mode in (True, False)]
    kept = identical(*answers) and all(map(identical, before, layer.get_weights()))
    again = type(layer).from_config(layer.get_config())
    if not (alone and kept and getattr(again, "virtual_batch_size", None) == 4):
        raise AssertionError(in_virtual_batches.__doc__)


def renormalised(framework):
    """Of a layer with renorm the statistics for it move by `renorm_momentum`, and its moving mean by `momentum`."""
    layer, x = _made(framework, renorm=True, renorm_momentum=0.5, momentum=0.9), _images()
    layer(x, training=True)
    mean = x.mean((0, 1, 2))
    for variable, moved in ((layer.renorm_mean, 0.5), (layer.moving_mean, 0.1)):
        if not np.allclose(framework.array(variable), moved * mean, 1e-3, 1e-4):
            raise AssertionError(renormalised.__doc__)


def masked_unfrozen(framework):
    """Behind a mask an un-frozen layer takes the statistics of what is not masked."""
    keras = framework.keras
    layer = keras.layers.BatchNormalization(momentum=0.5)
    if "mask" not in inspect.signature(layer.call).parameters:
        raise NotApplicable("BatchNormalization of this release takes no mask")
    x = np.random.RandomState(0).normal(3, 2, (6, 5, 3)).astype(np.float32)
    x[:, 2:] = 0.0
    steps = keras.Input((5, 3))
    network = keras.models.Model(steps, layer(keras.layers.Masking()(steps)))
    network(x, training=True)
    seen = x[:, :2].reshape(-1, 3)
    for variable, first, batch in (
        (layer.moving_mean, 0.0, seen.mean(0)),
        (layer.moving_variance, 1.0, seen.var(0)),
    ):
        if not np.allclose(framework.array(variable), 0.5 * first + 0.5 * batch, 1e-3, 1e-3):
            raise AssertionError(masked_unfrozen.__doc__)


def called_twice_unfrozen(framework):
    """An un-frozen layer that a network calls in two places follows each batch, and its mean moves twice."""
    keras = framework.keras
    layer = keras.layers.BatchNormalization(momentum=0.5)
    inputs = [keras.Input((4, 4, 5)) for _ in range(2)]
    network = keras.models.Model(inputs, [layer(each) for each in inputs])
    batches = [_images(), _images()[::-1] * 3 + 1]
    answers = [np.float64(framework.array(each)) for each in network(batches, training=True)]
    means = [batch.mean((0, 1, 2)) for batch in batches]
    followed = all(np.abs(answer.mean((0, 1, 2))).max() < 1e-3 for answer in answers)
    # In which order the two are called a network does not say.
    orders = [0.25 * means[place] + 0.5 * means[1 - place] for place in (0, 1)]
    found = framework.array(layer.moving_mean)
    if not (followed and any(np.allclose(found, expected, 1e-3, 1e-3) for expected in orders)):
        raise AssertionError(called_twice_unfrozen.__doc__)


def behind_what_has_a_mode(framework):
    """Called without a mode, a network with dropout or noise in front of its BatchNorm is in inference mode."""
    keras, x = framework.keras, _images()
    for name, arguments in BY_MODE.items():
        images = keras.Input(x.shape[1:])
        layer = keras.layers.BatchNormalization()
        network = keras.models.Model(images, layer(getattr(keras.layers, name)(*arguments)(images)))
        before = layer.get_weights()
        answers = [framework.array(network(x)), framework.array(network(x, training=False))]
        if not (identical(*answers) and all(map(identical, before, layer.get_weights()))):
            raise AssertionError("{} Behind {} it is not.".format(behind_what_has_a_mode.__doc__, name))


def without_state(framework):
    """`stateless_call` in training gives what inference gives if frozen, and else the moved statistics, moving none."""
    keras = framework.keras
    layer, x = keras.layers.BatchNormalization(momentum=0.5), _images()
    if not hasattr(layer, "stateless_call"):
        raise NotApplicable("layers of this release have no stateless_call")
    images = keras.Input(x.shape[1:])
    network = keras.models.Model(images, layer(images))
    # Of a fresh layer the mean is 0, which many a wrong factor leaves as it is.
    layer.set_weights([np.full(value.shape, 0.5, np.float32) for value in layer.get_weights()])
    for trainable in (True, False):
        layer.trainable = trainable
        before = layer.get_weights()
        answer, state = network.stateless_call(
            network.trainable_variables, network.non_trainable_variables, x, training=True
        )
        names = [id(each) for each in network.non_trainable_variables]
        mean = np.float64(framework.array(state[names.index(id(layer.moving_mean))]))
        kept = framework.array(layer.moving_mean)
        followed = np.allclose(mean, 0.5 * kept + 0.5 * x.mean((0, 1, 2)), 1e-3, 1e-3)
        same = identical(framework.array(answer), framework.array(network(x, training=False)))
        good = (followed if trainable else np.array_equal(mean, kept)) and same is not trainable
        if not (good and all(map(identical, before, layer.get_weights()))):
            raise AssertionError(without_state.__doc__)


FROZEN = (initialised, mode_in_other_words, over_two_axes)
UNFROZEN = (
    in_virtual_batches, renormalised, masked_unfrozen, called_twice_unfrozen, behind_what_has_a_mode, without_state,
)  # fmt: skip
