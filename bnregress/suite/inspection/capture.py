"""What each BatchNorm of a model is really given and really gives, seen while the model runs."""

import contextlib

#: Samples of a layer's input and output that are kept.
SAMPLES = 8


def seen_calls(tf, layers, forward):
    """Run the model and keep the first call of each layer.

    Args:
        tf: the `tensorflow` module, executing eagerly.
        layers: layers that were called before.
        forward: runs the model once.

    Returns:
        dict of (input, output) by `id(layer)`; a layer whose values cannot be seen is missing.
    """
    seen = _run(layers, forward)
    if len(seen) < len(layers):
        # Within a tf.function of the person's own, tensors have no values unless it runs eagerly.
        with _functions_run_eagerly(tf):
            seen = dict(_run(layers, forward), **seen)
    return seen


def _run(layers, forward):
    seen = {}
    with contextlib.ExitStack() as stack:
        for layer in layers:
            stack.enter_context(_watched(layer, seen))
        forward()
    return seen


@contextlib.contextmanager
def _watched(layer, seen):
    own, call = layer.__dict__.get("call"), layer.call

    def watching(*args, **kwargs):
        given = args[0] if args else kwargs.get("inputs")
        output = call(*args, **kwargs)
        # Only eager tensors have values.
        if hasattr(given, "numpy") and hasattr(output, "numpy"):
            seen.setdefault(id(layer), (given[:SAMPLES], output[:SAMPLES]))
        return output

    # Keras tracks what is set on a layer the ordinary way.
    object.__setattr__(layer, "call", watching)
    try:
        yield
    finally:
        if own is None:
            object.__delattr__(layer, "call")
        else:
            object.__setattr__(layer, "call", own)


@contextlib.contextmanager
def _functions_run_eagerly(tf):
    switch = getattr(tf.config, "run_functions_eagerly", None) or tf.config.experimental_run_functions_eagerly
    before = getattr(tf.config, "functions_run_eagerly", lambda: False)()
    switch(True)
    try:
        yield
    finally:
        switch(before)
