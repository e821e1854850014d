"""An assertion for your own tests; see `bnregress.testing`."""

from bnregress.suite.framework import load_framework
from bnregress.suite.inspection import verdicts, which_keras
from bnregress.suite.inspection.batchnorms import inspect_model
from bnregress.suite.inspection.problem import Problem


def assert_frozen_batchnorm(model, batch=None):
    """Assert that every frozen BatchNorm of a Keras model behaves as frozen.

    A frozen layer gives the same output in training mode as in inference mode,
    and a training step moves none of its variables. Layers that are not frozen
    are not judged. The model's variables are left as they were.

    Args:
        model: a Keras model, of any way of building it, compiled or not; or a tuple of it and its batch.
        batch: inputs as `model(batch)` takes them: an array, or arrays in a list or dict; a pair of inputs and targets;
            or a dataset of either. Made from the model's input specification if left out.

    Raises:
        AssertionError: a frozen layer does not; the message names each, with figures and what cures it.
        ValueError: there is nothing to test: no BatchNorm is frozen, the model does not say what its inputs
            are, or a frozen layer's output is not finite.
    """
    __tracebackhide__ = True
    if batch is None and isinstance(model, tuple) and len(model) == 2:
        model, batch = model
    try:
        found = inspect_model(load_framework(engine=which_keras.engine_for(model)), model, batch)
    except Problem as problem:
        raise ValueError(str(problem)) from problem.__cause__
    layers = found.layers
    judged = [layer for layer in layers if layer["verdict"] != verdicts.NOT_FROZEN]
    if not judged:
        raise ValueError(_nothing_frozen(layers))
    affected = [layer for layer in judged if layer["verdict"] == verdicts.AFFECTED]
    if affected:
        raise AssertionError(_told(affected, len(judged)))
    undecided = [layer for layer in judged if layer["verdict"] == verdicts.UNDECIDED]
    if undecided:
        raise ValueError("; ".join("{}: {}".format(layer["name"], layer["reason"]) for layer in undecided))
    if found.unseen:
        raise ValueError("cannot tell: {}".format("; ".join(found.unseen)))


def _nothing_frozen(layers):
    if not layers:
        return "the model has no BatchNorm layer, so there is nothing to assert"
    return "none of the model's {} BatchNorm layers is frozen; set `trainable = False` before asserting".format(
        len(layers)
    )


def _told(affected, frozen):
    lines = ["{} of {} frozen layers do not behave as frozen:".format(len(affected), frozen)]
    lines += ["  {}: {}".format(layer["name"], layer["reason"]) for layer in affected]
    lines += ["Cure: {}.".format(cure) for cure in dict.fromkeys(layer["cure"] for layer in affected)]
    return "\n".join(lines)
