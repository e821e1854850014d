"""Inputs made from what a model says of its own."""

import numpy as np

from bnregress.suite import seeded
from bnregress.suite.inspection.problem import Problem
from bnregress.suite.wording import in_one_line

#: Samples in a batch that is made here.
BATCH = 8
#: Sizes tried for a side that the model leaves open: small ones cost least, some networks refuse them.
SIDES = (32, 96, 224)
#: Steps of a sequence, or features, whose number the model leaves open.
LENGTH = 16
#: Numbers of channels that make an input of four dimensions an image.
IMAGE_CHANNELS = (1, 3, 4)

ASK = "Return the batch too: `return model, batch`, where `model(batch)` works"


def run_on_inputs(tf, model, batch, forward):
    """Run the model once and return what it was run on.

    Args:
        tf: the `tensorflow` module.
        model: a Keras model.
        batch: arrays or tensors in the structure that the model takes, or None to make them.
        forward: takes the inputs and runs the model on them.

    Returns:
        tensors in the structure that the model takes.

    Raises:
        Problem: the model does not say what it takes, or does not run on it.
    """
    if batch is not None:
        inputs = tf.nest.map_structure(tf.convert_to_tensor, batch)
        try:
            forward(inputs)
        except Exception as error:
            raise Problem(
                "the model does not run on the batch that came with it: {}".format(in_one_line(error))
            ) from error
        return inputs
    specs = input_specs(model)
    failure = None
    for side in SIDES if _leaves_a_side_open(tf, specs) else SIDES[:1]:
        inputs = make_inputs(tf, specs, side)
        try:
            forward(inputs)
        except Exception as error:
            failure = failure or error
        else:
            return inputs
    reason = "the model does not run on a batch made from its input specification: {}. {}."
    raise Problem(reason.format(in_one_line(failure), ASK)) from failure


def input_specs(model):
    """Symbolic inputs of a model, in the structure that it is called with.

    Raises:
        Problem: a subclassed model, which has none.
    """
    for name in ("input", "inputs"):
        try:
            specs = getattr(model, name)
        except (AttributeError, RuntimeError, ValueError):
            continue
        # A symbolic tensor must not be compared or asked for its truth.
        if specs is not None and not (isinstance(specs, (list, tuple, dict)) and len(specs) == 0):
            return specs[0] if name == "inputs" and len(specs) == 1 else specs
    kind = type(model).__name__
    raise Problem("{} does not say what its inputs are, as a subclassed model never does. {}.".format(kind, ASK))


def make_inputs(tf, specs, side):
    """Make a batch that fits the symbolic inputs: images in [0, 255), anything else in [-1, 1).

    Args:
        tf: the `tensorflow` module.
        specs: symbolic inputs in any structure.
        side: pixels of a side that is left open.

    Raises:
        Problem: an input whose values cannot be made up, as token ids.
    """
    return tf.nest.map_structure(lambda spec: _make(tf, spec, side), specs)


def _make(tf, spec, side):
    dtype, name = tf.as_dtype(spec.dtype), _name(spec)
    shape = _shape(spec, side)
    image = len(shape) == 4 and (shape[-1] in IMAGE_CHANNELS or shape[1] in IMAGE_CHANNELS)
    # A ragged or sparse input is a number, too, and still cannot be made up.
    plain = not (getattr(spec, "ragged", False) or getattr(spec, "sparse", False))
    plain = plain and type(spec).__name__ not in ("RaggedKerasTensor", "SparseKerasTensor", "RaggedTensor")
    if not plain or not (dtype.is_floating or (dtype == tf.uint8 and image)):
        what = dtype.name if plain else "ragged or sparse " + dtype.name
        reason = "the input {!r} holds {}, and which values make sense only you know. {}."
        raise Problem(reason.format(name, what, ASK))
    values = seeded.uniform("inputs/" + name, shape)
    if image:
        values = np.clip((values + 1) * np.float32(127.5), 0, 255)
    return tf.cast(tf.constant(values), dtype)


def _name(spec):
    """Name of the input's layer, which its owner gave it."""
    history = getattr(spec, "_keras_history", None)
    return history[0].name if history else getattr(spec, "name", "input")


def _shape(spec, side):
    sizes = [None if size is None else int(size) for size in _sizes(spec)]
    shape = [BATCH if sizes[0] is None else sizes[0]] if sizes else [BATCH]
    image = len(sizes) >= 4
    for place, size in enumerate(sizes[1:], start=1):
        open_size = (3 if place == len(sizes) - 1 else side) if image else LENGTH
        shape.append(open_size if size is None else size)
    return tuple(shape)


def _sizes(spec):
    shape = spec.shape
    return shape.as_list() if hasattr(shape, "as_list") else list(shape)


def _leaves_a_side_open(tf, specs):
    shapes = [_sizes(spec) for spec in tf.nest.flatten(specs)]
    return any(len(shape) >= 4 and None in shape[1:] for shape in shapes)
