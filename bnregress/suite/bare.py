"""The plainest network there is, for a bare call of the framework's own API: what it refuses too is a refusal."""

import numpy as np

from bnregress.suite.wording import in_one_line


def network(framework):
    """One dense layer, built as the guides do."""
    inputs = framework.keras.Input((2,))
    return framework.keras.Model(inputs, framework.keras.layers.Dense(1)(inputs))


def answer(made):
    """Call it: some copies fail only then."""
    return made(np.zeros((1, 2), np.float32))


def train(framework, part):
    """Put a head on a part that takes images, compile and fit, without anything of the suite's."""
    keras = framework.keras
    model = keras.Sequential([part, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((2, 32, 32, 3), np.float32), np.zeros((2, 1), np.float32), verbose=0)


def train_frozen_late(framework):
    """Compile and fit, freeze a layer, and fit on without compiling again."""
    keras = framework.keras
    part = keras.layers.Dense(2)
    model = keras.Sequential([keras.Input((2,)), part, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    arrays = np.zeros((2, 2), np.float32), np.zeros((2, 1), np.float32)
    model.fit(*arrays, verbose=0)
    part.trainable = False
    model.fit(*arrays, verbose=0)


def refuses_too(call, error):
    """Whether a bare call raises an exception of the same kind; None for a call has none that does.

    Args:
        call: takes nothing.
        error: what the suite's own call raised.
    """
    try:
        call()
    except Exception as other:
        return type(other) is type(error) or in_one_line(other) == in_one_line(error)
    return False
