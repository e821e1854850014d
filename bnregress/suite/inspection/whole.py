"""The model as a whole: whether a training step computes what an evaluation step does."""

import contextlib

import numpy as np

from bnregress.suite import tolerances
from bnregress.suite.inspection import one_call, which_keras
from bnregress.suite.inspection.variables import raw, variables_of


def same_whole(world, training, testing, found):
    """Whether two steps give the same outputs and losses; None if the two cannot be compared.

    Args:
        world: where the model lives.
        training: `bnregress.suite.inspection.layer_calls.Seen` of a training step, the layers of `meant_to_differ` in
            inference mode.
        testing: `Seen` of an evaluation step, likewise.
        found: `bnregress.suite.inspection.measuring.Measured`, told if the output is not finite.
    """
    figures = []
    if training.outputs is not None and testing.outputs is not None and len(training.outputs) == len(testing.outputs):
        figures.append(one_call.compare(training.outputs, testing.outputs))
        if not figures[0]["finite"]:
            found.unseen.append("the model's output is not finite on this batch")
    equal = bool(figures) and not any(figure["deviation"] > figure["tolerance"] * 16 for figure in figures)
    if which_keras.own_train_step(world.model):
        # It may give the model something else than what came, as an image and its mirror.
        return True if equal else None
    if training.loss is not None and testing.loss is not None:
        return equal and not losses_differ(found, training.loss, testing.loss)
    return equal if figures else None


def losses_differ(found, one, other):
    """Whether two losses differ by more than rounding; False for one that is not reported."""
    if one is None or other is None or not (np.isfinite(one) and np.isfinite(other)):
        return False
    return abs(one - other) > _tolerance(found) * max(abs(one), abs(other), 1e-30)


def _tolerance(found):
    return tolerances.unmeasured("float32", max(100, len(found.parts)))


def meant_to_differ(part):
    """Whether nothing is wrong with a layer that behaves otherwise in training."""
    if part.batchnorm and not part.kept:
        return True
    return which_keras.is_random(part.layer) and not does_more(part)


def does_more(part):
    """Whether a class of the owner's own, though it inherits from a random layer, may normalise as well."""
    floats = [each for each in variables_of(part.layer) if "float" in str(raw(each).dtype)]
    more = not part.leaf or bool(floats) or which_keras.own_call(part.layer)
    return which_keras.is_own(part.layer) and more


#: What says how much a layer of the framework draws, as Dropout's and GaussianNoise's.
_AMOUNTS = ("rate", "stddev")


def drawing_more(parts):
    """Layers whose class inherits from one of the framework's random ones and has a `call` of its own, and the name.

    Returns:
        list of (layer, name of the attribute that says how much it draws).
    """
    own = [part.layer for part in parts if which_keras.is_random(part.layer) and does_more(part)]
    return [(layer, name) for layer in own for name in _AMOUNTS if isinstance(vars(layer).get(name), float)]


@contextlib.contextmanager
def silenced(parts):
    """Keep the layers of `drawing_more` from drawing, so that what else they do is seen; yields whether there are any.

    Args:
        parts: of `bnregress.suite.inspection.walk.parts_of`.
    """
    amounts = [(layer, name, getattr(layer, name)) for layer, name in drawing_more(parts)]
    try:
        for layer, name, _ in amounts:
            object.__setattr__(layer, name, 0.0)
        yield bool(amounts)
    finally:
        for layer, name, amount in amounts:
            object.__setattr__(layer, name, amount)
