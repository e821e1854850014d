"""Inputs made from what a model says of its own."""

import zlib

import numpy as np

from bnregress.suite.inspection import which_keras
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

#: Elements of a sample above which a batch that is made here is half as large, and layers are looked at on two samples.
LARGE = 100_000

ASK = "Return the batch too: `return model, batch`, or `return model, (inputs, targets)`"


class Batch:
    """What one step of the model is given.

    Attributes:
        x: arrays in the structure that the model takes.
        y: targets in the structure that the model takes, None without any.
        by_fit: the training step runs in `fit` alone.
        weights: of the samples, in a structure that the model takes, None without any.
    """

    def __init__(self, x, y=None, by_fit=False, weights=None):
        self.x, self.y, self.by_fit, self.weights = x, y, by_fit, weights

    def with_y(self, y):
        """The same inputs with other targets."""
        return Batch(self.x, y, weights=self.weights)

    def through_fit(self):
        """The same for a training step that runs in `fit` alone."""
        return Batch(self.x, self.y, by_fit=True, weights=self.weights)

    @property
    def samples(self):
        """Number of samples; None if what there is has no single one, or cannot be cut as arrays can."""
        if any(map(is_composite, _flat([self.x, self.y, self.weights]))):
            return None
        sizes = {len(each) for each in _flat([self.x, self.y, self.weights]) if np.ndim(each)}
        return sizes.pop() if len(sizes) == 1 else None

    def copies(self):
        """A batch of as many samples, every one the first."""
        return self._with_each(_copies)

    def as_given(self):
        """Inputs, or a tuple of inputs, targets and weights as far as there are any, as a person gives them."""
        if self.weights is not None:
            return self.x, self.y, self.weights
        return self.x if self.y is None else (self.x, self.y)

    def to_look_at(self):
        """The batch, or a smaller one of its first samples if these are large: two show what a layer does with them."""
        return self.resized(2) if (self.samples or 0) > 2 and is_large(self.x) else self

    def resized(self, size):
        """A batch of as many samples, its first ones, or its own again and again."""
        return self._with_each(lambda value: _each(value, size))

    def _with_each(self, change):
        y, weights = (None if value is None else change(value) for value in (self.y, self.weights))
        return Batch(change(self.x), y, self.by_fit, weights)


def batch_for(runtime, model, given, forward):
    """Run the model once on what came with it, or on a batch that is made.

    Args:
        runtime: `bnregress.suite.inspection.runtimes.base.Runtime`.
        model: a Keras model.
        given: inputs, or a pair of inputs and targets; None to make inputs.
        forward: takes the inputs and runs the model on them.

    Returns:
        (`Batch`, outputs): outputs are None if the model has no `call`.

    Raises:
        Problem: the model does not say what it takes, or does not run on it.
    """
    if given is not None:
        return _run_given(model, given, forward)
    specs = input_specs(model)
    failure = None
    for side in SIDES if _leaves_a_side_open(specs) else SIDES[:1]:
        inputs = make_inputs(runtime, specs, side)
        try:
            return Batch(inputs), forward(inputs)
        except Exception as error:
            failure = failure or error
    reason = "the model does not run on a batch made from its input specification: {}. {}."
    raise Problem(reason.format(in_one_line(failure), ASK)) from failure


def _run_given(model, given, forward):
    failure = None
    for batch in _readings(model, given):
        try:
            return batch, forward(batch.x)
        except NotImplementedError:
            # A model with a training step of its own may have no `call`.
            return batch, None
        except Exception as error:
            failure = failure or error
    if which_keras.own_train_step(model):
        # Only that step may know what to take from the batch.
        return _readings(model, given)[0], None
    reason = "the model does not run on the batch that came with it: {}".format(in_one_line(failure))
    raise Problem(reason) from failure


def _readings(model, given):
    """What a person may have meant: inputs and targets, or inputs alone."""
    alone = Batch(_arrays(given))
    if not isinstance(given, tuple) or len(given) not in (2, 3):
        return [alone]
    pair = Batch(*map(_arrays, given[:2]), weights=_arrays(given[2]) if len(given) == 3 else None)
    inputs = getattr(model, "inputs", None)
    return [alone, pair] if isinstance(inputs, (list, tuple)) and len(inputs) == len(given) else [pair, alone]


def _arrays(given):
    if isinstance(given, dict):
        return {name: _arrays(each) for name, each in given.items()}
    if isinstance(given, (list, tuple)):
        return type(given)(map(_arrays, given)) if not hasattr(given, "_fields") else given
    plain = hasattr(given, "numpy") and hasattr(given, "dtype") and not is_composite(given)
    return np.array(given.numpy()) if plain else given


def is_large(inputs):
    """Whether a sample of a batch has many elements.

    Args:
        inputs: arrays in any structure.
    """
    arrays = [each for each in _flat(inputs) if not is_composite(each) and np.ndim(each)]
    return any(np.size(each) > LARGE * len(each) for each in arrays)


def is_composite(value):
    """Whether a value is a ragged or a sparse tensor, which has no array."""
    return hasattr(value, "row_splits") or hasattr(value, "dense_shape")


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
    why = "as a subclassed model never does" if which_keras.is_own(model) else "because it is not built"
    raise Problem("{} does not say what its inputs are, {}. {}.".format(type(model).__name__, why, ASK))


def make_inputs(runtime, specs, side):
    """Make a batch that fits the symbolic inputs: images in [0, 255), anything else in [-1, 1).

    Args:
        runtime: `bnregress.suite.inspection.runtimes.base.Runtime`.
        specs: symbolic inputs in any structure.
        side: pixels of a side that is left open.

    Raises:
        Problem: an input whose values cannot be invented, as token ids.
    """
    large = any(np.prod(_shape(spec, side, BATCH)[1:]) > LARGE for spec in _flat(specs))
    return _make_all(runtime, specs, side, BATCH // 2 if large else BATCH)


def _make_all(runtime, specs, side, samples):
    if isinstance(specs, dict):
        return {name: _make_all(runtime, spec, side, samples) for name, spec in specs.items()}
    if isinstance(specs, (list, tuple)):
        return [_make_all(runtime, spec, side, samples) for spec in specs]
    return _make(runtime, specs, side, samples)


def _make(runtime, spec, side, samples):
    dtype, name = runtime.dtype_name(spec.dtype), _name(spec)
    shape = _shape(spec, side, samples)
    image = len(shape) == 4 and (shape[-1] in IMAGE_CHANNELS or shape[1] in IMAGE_CHANNELS)
    # A ragged or sparse input is a number, too, and still cannot be invented.
    plain = not (getattr(spec, "ragged", False) or getattr(spec, "sparse", False))
    plain = plain and type(spec).__name__ not in ("RaggedKerasTensor", "SparseKerasTensor", "RaggedTensor")
    if not plain or not ("float" in dtype or (dtype == "uint8" and image)):
        what = dtype if plain else "ragged or sparse " + dtype
        reason = "the input {!r} holds {}, and which values make sense only you know. {}."
        raise Problem(reason.format(name, what, ASK))
    # Of any NumPy, an old TensorFlow's too.
    values = np.random.RandomState(zlib.crc32(name.encode())).uniform(-1, 1, shape)
    if image:
        values = (values + 1) * 127.5
    return values.astype(runtime.numpy_dtype(spec.dtype))


def _name(spec):
    """Name of the input's layer, which its owner gave it."""
    history = getattr(spec, "_keras_history", None)
    return history[0].name if history else getattr(spec, "name", "input")


def _shape(spec, side, samples):
    sizes = [None if size is None else int(size) for size in _sizes(spec)]
    shape = [samples if sizes[0] is None else sizes[0]] if sizes else [samples]
    image = len(sizes) >= 4
    for place, size in enumerate(sizes[1:], start=1):
        open_size = (3 if place == len(sizes) - 1 else side) if image else LENGTH
        shape.append(open_size if size is None else size)
    return tuple(shape)


def _sizes(spec):
    shape = spec.shape
    return shape.as_list() if hasattr(shape, "as_list") else list(shape)


def _leaves_a_side_open(specs):
    shapes = [_sizes(spec) for spec in _flat(specs)]
    return any(len(shape) >= 4 and None in shape[1:] for shape in shapes)


def _each(value, size):
    if isinstance(value, dict):
        return {name: _each(each, size) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each(each, size) for each in value]
    return np.resize(value, (size, *np.shape(value)[1:]))


def _copies(value):
    if isinstance(value, dict):
        return {name: _copies(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copies(each) for each in value]
    return np.repeat(np.asarray(value)[:1], len(value), axis=0) if np.ndim(value) else value


def _flat(specs):
    if isinstance(specs, dict):
        specs = list(specs.values())
    if isinstance(specs, (list, tuple)):
        return [each for spec in specs for each in _flat(spec)]
    return [] if specs is None else [specs]
