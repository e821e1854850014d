"""One training step on a model, without compiling it and without a trace left behind."""

import contextlib

import numpy as np

#: High enough to move, in one step, whatever a training step moves.
LEARNING_RATE = 0.1


def train(tf, model, inputs):
    """Move every variable that the model trains by one step of gradient descent on the mean square of its outputs.

    In a tf.function, as `fit` does, unless the model runs eagerly.
    """
    variables = [raw(variable) for variable in model.trainable_weights]

    def step():
        with tf.GradientTape() as tape:
            outputs = [output for output in tf.nest.flatten(model(inputs, training=True)) if output.dtype.is_floating]
            loss = tf.add_n([tf.reduce_mean(tf.square(tf.cast(output, tf.float32))) for output in outputs])
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            if gradient is not None:
                variable.assign_sub(LEARNING_RATE * tf.cast(tf.convert_to_tensor(gradient), variable.dtype))

    if getattr(model, "run_eagerly", False):
        step()
    else:
        # A concrete function, for TensorFlow warns of functions that are made again and again.
        tf.function(step).get_concrete_function()()


def raw(variable):
    """The TensorFlow variable behind a variable of whichever Keras."""
    held = getattr(variable, "value", variable)
    return variable if callable(held) else held


@contextlib.contextmanager
def restored(execution, variables):
    """Give the variables back the values that they had."""
    before = execution.read(variables)
    try:
        yield
    finally:
        after = execution.read(variables)
        moved = [place for place, pair in enumerate(zip(before, after)) if not np.array_equal(*pair)]
        execution.write([variables[place] for place in moved], [before[place] for place in moved])


def moved(execution, variables, before):
    """Names of the variables that are not bit-equal to the arrays in `before`, as `moving_mean`."""
    after = execution.read(variables)
    return [own_name(variable) for variable, *pair in zip(variables, before, after) if not np.array_equal(*pair)]


def own_name(variable):
    """Name of a variable within its layer, as `gamma`."""
    return variable.name.split("/")[-1].split(":")[0]
