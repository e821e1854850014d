"""Everything that running, compiling and training a model leaves behind, put back."""

import contextlib
import random

import numpy as np

#: How deep containers within containers are kept.
_DEPTH = 5


@contextlib.contextmanager
def restored(world, variables):
    """Give the variables back the values that they had, bit for bit."""
    outer = world.kept
    # A model's weights are many bytes: what has not changed since the context around this one is kept once.
    before = [_shared(outer.get(id(variable)), value) for variable, value in zip(variables, world.values(variables))]
    world.kept = {**outer, **dict(zip(map(id, variables), before))}
    try:
        yield before
    finally:
        world.kept = outer
        changed = [place for place, pair in enumerate(zip(before, world.values(variables))) if not same(*pair)]
        world.write([variables[place] for place in changed], [before[place] for place in changed])


def _shared(kept, value):
    return kept if kept is not None and same(kept, value) else value


@contextlib.contextmanager
def attributes_restored(objects):
    """Give objects back their attributes, and what is in the lists and dicts among these."""
    put_back = attributes_of(objects)
    try:
        yield
    finally:
        put_back()


def attributes_of(objects):
    """Return a function that gives objects back the attributes that they have now, and what is in their containers."""
    kept = [(each, dict(vars(each)), _contents(list(vars(each).values()), _DEPTH)) for each in _unique(objects)]

    def put_back():
        for each, attributes, contents in kept:
            vars(each).clear()
            vars(each).update(attributes)
            for container, values in contents:
                _put_back(container, values)

    return put_back


@contextlib.contextmanager
def randomness_restored(runtime):
    """Give Python's, NumPy's and the engine's own random numbers back to where they stood.

    Args:
        runtime: `bnregress.suite.inspection.runtimes.base.Runtime`.
    """
    python, numpy, state = random.getstate(), np.random.get_state(), runtime.random_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        runtime.set_random_state(state)


@contextlib.contextmanager
def same_draws(runtime):
    """Let what is drawn at random within be the same each time, and put the generators back."""
    with randomness_restored(runtime), runtime.seeded():
        random.seed(0)
        np.random.seed(0)
        yield


def same(before, after):
    """Whether two arrays are bit-equal; a NaN that stays is."""
    before, after = np.ascontiguousarray(before), np.ascontiguousarray(after)
    if before.shape != after.shape or before.dtype != after.dtype:
        return False
    if before.dtype.hasobject:
        return bool(np.array_equal(before, after))
    return bool(np.array_equal(before.reshape(-1).view(np.uint8), after.reshape(-1).view(np.uint8)))


def compiled_objects(model):
    """The model's optimizers, losses and metrics: what is neither a layer nor a variable and has attributes."""
    found, waiting = {}, [(model, 3)]
    while waiting:
        holder, depth = waiting.pop()
        for value in list(vars(holder).values()):
            for each in contained(value, 3):
                if id(each) not in found and _is_of_compile(each) and each is not model:
                    found[id(each)] = each
                    if depth:
                        waiting.append((each, depth - 1))
    return list(found.values())


def _is_of_compile(value):
    kind = type(value)
    return hasattr(value, "__dict__") and (
        hasattr(kind, "apply_gradients")
        or hasattr(kind, "get_updates")
        or hasattr(kind, "update_state")
        or kind.__name__ in ("LossesContainer", "MetricsContainer", "CompileMetrics", "CompileLoss", "MetricsList")
    )


def contained(value, depth):
    """What is in lists, tuples, sets and dicts within each other, a list; of anything else that itself."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple, set)) and depth:
        return [each for inner in value for each in contained(inner, depth - 1)]
    return [value]


def _unique(objects):
    return list({id(each): each for each in objects if hasattr(each, "__dict__")}.values())


def _contents(values, depth):
    """Copies of what the containers among the values hold."""
    found = []
    for value in values:
        if isinstance(value, dict):
            copy = dict(value)
            inner = list(copy.values())
        elif isinstance(value, (list, set)):
            copy = inner = list(value)
        else:
            continue
        found.append((value, copy))
        # TensorFlow's own list holds everything once more.
        storage = getattr(value, "_storage", None) if isinstance(value, list) else None
        if isinstance(storage, list):
            found.append((storage, list(storage)))
        if depth:
            found += _contents(inner, depth - 1)
    return found


def _put_back(container, values):
    """Without the hooks of Keras's and TensorFlow's own lists and dicts."""
    if isinstance(container, dict):
        held = getattr(container, "__wrapped__", container)
        # By identity: what is held may be arrays, which do not say whether they are equal.
        if list(held) != list(values) or any(held[name] is not value for name, value in values.items()):
            dict.clear(held)
            dict.update(held, values)
    elif isinstance(container, list):
        list.clear(container)
        list.extend(container, values)
    else:
        set.clear(container)
        set.update(container, values)


def eager_random():
    """What TensorFlow draws the seeds of operations from where a global seed is set."""
    try:
        from tensorflow.python.eager import context

        found = context.context()._rng
    except (ImportError, AttributeError):
        return None
    return found if hasattr(found, "getstate") else None
