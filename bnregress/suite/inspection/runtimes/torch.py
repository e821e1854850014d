"""PyTorch, whose steps run as they are."""

import contextlib

from bnregress.suite.inspection.runtimes import keras3


class Runtime(keras3.Runtime):
    """PyTorch as imported here."""

    def compiled(self, model):
        """Nothing is compiled, and nothing kept for a gradient."""

        def run(given):
            with self.module.no_grad():
                return model(given, training=False)

        return run

    def running_eagerly(self, model, unwatched):
        """It does."""
        return contextlib.nullcontext()
