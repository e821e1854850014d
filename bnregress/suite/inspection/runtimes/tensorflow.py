"""TensorFlow, eagerly or in a graph."""

import contextlib
import gc

import numpy as np

from bnregress.suite.inspection.restoring import eager_random
from bnregress.suite.inspection.runtimes import base
from bnregress.suite.inspection.synthetic_inputs import is_composite
from bnregress.suite.inspection.traced import traced_sizes

#: Elements of a variable above which it is no statistic, and would cost memory to be kept.
_LARGE = 2**20


class Runtime(base.Runtime):
    """TensorFlow as imported here."""

    def dtype_name(self, dtype):
        """By TensorFlow."""
        return self.module.as_dtype(dtype).name

    def numpy_dtype(self, dtype):
        """By TensorFlow."""
        return np.dtype(self.module.as_dtype(dtype).as_numpy_dtype)

    def tensors(self, structure):
        """Constants; what is sparse or ragged is a tensor already."""

        def tensor(value):
            return value if is_composite(value) else self.module.convert_to_tensor(value)

        return self.map_structure(tensor, structure)

    def flatten(self, structure):
        """By `tf.nest`."""
        return self.module.nest.flatten(structure)

    def map_structure(self, function, structure):
        """By `tf.nest`."""
        return self.module.nest.map_structure(function, structure)

    def first_repeated(self, tensor, samples):
        """`tf.repeat`."""
        return self.module.repeat(tensor[:1], samples, axis=0)

    def seen(self, value):
        """Of an eager tensor."""
        return np.asarray(value) if hasattr(value, "numpy") else None

    def value(self, variable):
        """In eager mode."""
        return base.array_of(variable)

    def compiled(self, model):
        """A `tf.function`."""
        return self.module.function(lambda given: model(given, training=False), autograph=False)

    @contextlib.contextmanager
    def running_eagerly(self, model, unwatched):
        """Within a tf.function, tensors have no values unless it runs eagerly."""
        config = self.module.config
        switch = getattr(config, "run_functions_eagerly", None) or config.experimental_run_functions_eagerly
        before = getattr(config, "functions_run_eagerly", lambda: False)()
        switch(True)
        try:
            yield
        finally:
            switch(before)

    def recording_stopped(self):
        """On a gradient tape."""
        for module in ("record", "tape"):
            try:
                found = __import__("tensorflow.python.eager." + module, fromlist=["stop_recording"])
                return found.stop_recording()
            except (ImportError, AttributeError):
                continue
        return contextlib.nullcontext()

    def outside(self):
        """`tf.init_scope`."""
        return self.module.init_scope()

    def random_state(self):
        """What it draws the seeds of operations from where a global seed is set."""
        held = eager_random()
        return None if held is None else held.getstate()

    def set_random_state(self, state):
        """Of the generator that there is now."""
        if state is not None:
            eager_random().setstate(state)

    @contextlib.contextmanager
    def seeded(self):
        """By a global seed."""
        from tensorflow.python.eager import context

        seed = context.global_seed()
        self.module.random.set_seed(0)
        try:
            yield
        finally:
            # This makes a new generator.
            context.set_global_seed(seed)

    def traced_sizes(self, model):
        """As the functions say that were traced."""
        return traced_sizes(self.module, getattr(model, "train_function", None))

    def strays(self, known):
        """Eager ones, as Python's garbage collector knows them."""
        behind = {id(each) for variable in known for each in _behind(variable)}
        alive = [each for each in gc.get_objects() if issubclass(type(each), self.module.Variable)]
        return [each for each in alive if not behind & {id(part) for part in _behind(each)} and _is_small(each)]


def _behind(variable):
    """A variable and the objects by which other variables stand for the same: wrapped, on one replica, its handle."""
    found, waiting = [], [variable]
    while waiting:
        each = waiting.pop()
        found.append(each)
        for name in ("_value", "_variable", "_values", "_handle"):
            inner = vars(each).get(name) if hasattr(each, "__dict__") else None
            inner = inner if isinstance(inner, (list, tuple)) else [inner]
            waiting += [one for one in inner if one is not None and not any(one is other for other in found)]
    return found


def _is_small(variable):
    with contextlib.suppress(Exception):
        return variable.shape.num_elements() <= _LARGE and np.asarray(variable).dtype.kind in "iuf"
    # Of a graph, or without a value yet.
    return False
