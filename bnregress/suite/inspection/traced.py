"""What a model's training step was already traced for: sizes of batches, and the operations of the traces."""

import collections
import contextlib

#: How deep functions within functions are looked through.
_DEPTH = 6


def like_traced(runtime, model, batch):
    """Return the batch, of a size that the model's training step was traced for if there is one.

    Keras 3 reads `trainable` when it traces its first step. What the owner runs
    next is that trace, and with another size of batch it would not be seen.

    Args:
        runtime: of the model's engine.
        model: the model.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch`.
    """
    sizes = runtime.traced_sizes(model)
    samples = batch.samples
    if not sizes or samples is None or None in sizes or samples in sizes:
        return batch
    return batch.resized(min(sizes, key=lambda size: (size < samples, size)))


def same_operations(one, other):
    """Whether two functions have a trace each whose operations are the same, in kind, number and constants.

    Args:
        one: a `train_function` of a model.
        other: the same.
    """
    return any(trace in _operations(other) for trace in _operations(one))


def _operations(function):
    """How often each operation is in each trace of a function, a list of `Counter`."""
    counts = []
    with contextlib.suppress(Exception):
        for concrete in _traces(function):
            graph = concrete.graph.as_graph_def()
            nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
            counts.append(collections.Counter(map(_kind_of, nodes)))
    return counts


def _kind_of(node):
    mode = node.attr["is_training"].b if "is_training" in node.attr else None
    return node.op, mode, node.attr["value"].tensor.SerializeToString() if node.op == "Const" else b""


def traced_sizes(tf, function):
    """Sizes of batches that the `tf.function`s were traced for which a function is or calls; a set."""
    found = set()
    with contextlib.suppress(Exception):
        for concrete in _traces(function):
            specs = tf.nest.flatten(concrete.structured_input_signature)
            shapes = [spec.shape for spec in specs if getattr(spec, "shape", None) is not None]
            found |= {shape[0] for shape in shapes if shape.rank}
    return found


def _traces(function):
    for each in functions_in(function, "get_concrete_function"):
        lister = getattr(each, "_list_all_concrete_functions", None) or getattr(
            each, "_list_all_concrete_functions_for_serialization", None
        )
        with contextlib.suppress(Exception):
            yield from lister()


def functions_in(function, having):
    """The functions, having an attribute, that a function is or calls through what it closes over."""
    return _functions_in(function, having, _DEPTH, set())


def _functions_in(function, having, depth, seen):
    if function is None or id(function) in seen or not depth:
        return []
    seen.add(id(function))
    found = [function] if hasattr(function, having) else []
    inner = [cell.cell_contents for cell in getattr(function, "__closure__", None) or () if _is_filled(cell)]
    inner += [getattr(function, name, None) for name in ("__wrapped__", "python_function", "func")]
    for each in inner:
        if callable(each):
            found += _functions_in(each, having, depth - 1, seen)
    return found


def _is_filled(cell):
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
