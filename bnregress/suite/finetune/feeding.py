"""How images reach `fit`: as arrays, as a tf.data.Dataset or from a generator; always the same batches in one order.

The names are those of the axis `train` of the variants.
"""

from collections import OrderedDict
from itertools import chain, repeat

from bnregress.suite.finding import NotApplicable

BATCH = 32
#: The fewest epochs, and the number of the report's first figures.
EPOCHS = 5
#: Held-out images that `fit` validates on after each epoch.
VALIDATION = 128

FEEDINGS = OrderedDict()


def feeding(function):
    """Register a function of framework, model, two pairs of arrays and epochs that trains and returns the history."""
    FEEDINGS[function.__name__] = function
    return function


def require(model_class, way):
    """Refuse before anything is trained what the release does not have.

    Raises:
        NotApplicable: its models have no `fit_generator`.
    """
    if way == "generator" and not hasattr(model_class, "fit_generator"):
        raise NotApplicable("models of this release have no fit_generator")


@feeding
def fit(framework, model, train, test, epochs):
    """Arrays."""
    images, labels = train
    return model.fit(
        images, labels, batch_size=BATCH, epochs=epochs, shuffle=False, validation_data=test, verbose=0
    ).history


@feeding
def dataset(framework, model, train, test, epochs):
    """A tf.data.Dataset each for training and validation."""
    made, held_out = (framework.engine.dataset(*pair, batch=BATCH) for pair in (train, test))
    return model.fit(made, epochs=epochs, validation_data=held_out, verbose=0).history


@feeding
def generator(framework, model, train, test, epochs):
    """A generator, through `fit_generator`."""
    images, labels = train
    starts = range(0, len(images), BATCH)
    pairs = [(images[start : start + BATCH], labels[start : start + BATCH]) for start in starts]
    endless = chain.from_iterable(repeat(pairs))
    return model.fit_generator(
        (pair for pair in endless), steps_per_epoch=len(pairs), epochs=epochs, validation_data=test, verbose=0
    ).history
