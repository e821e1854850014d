"""Each BatchNorm alone, on inputs of its own, against the formula in float64 NumPy."""

import numpy as np

from bnregress.suite import networks, probes
from bnregress.suite.arithmetic import normalised, relative_deviation


class Alone:
    """The subject's BatchNorm layers, each with an input of its own.

    What they must be is read from the network that was saved or copied where
    there is one, so that what was lost on the way shows.

    Args:
        subject: `bnregress.suite.subject.Subject`.

    Attributes:
        layers: the layers as the loading path gave them.
        inputs: one float32 array (images, 2, 2, channels) a layer.
    """

    def __init__(self, subject):
        self._execution = subject.execution
        self._inference = None
        self.layers = subject.batchnorms
        originals = networks.layers_of(subject.source or subject.network)
        named = {layer.name: layer for layer in originals if networks.is_batchnorm(layer)}
        self.originals = [named.get(layer.name, layer) for layer in self.layers]
        self.inputs = [
            probes.channels_last(len(subject.images), int(layer.moving_mean.shape[0])) for layer in self.layers
        ]

    @property
    def inference(self):
        """What the layers give for their inputs in inference mode, computed once."""
        if self._inference is None:
            self._inference = self.outputs(training=False)
        return self._inference

    def outputs(self, training, count=None):
        """What the layers give for their inputs, for the last `count` samples of them where a count is given."""
        inputs = self.inputs if count is None else [images[-count:] for images in self.inputs]
        return self._execution.forward_layers(self.layers, inputs, training)

    def outputs_compiled(self, training):
        """The same, as they are run if a model is compiled."""
        return self._execution.forward_layers_compiled(self.layers, self.inputs, training)

    def by_moving_statistics(self, variances=None):
        """What the formula gives for each layer's input with the statistics it must have, or with other variances."""
        rows = self._variables(self.originals)
        for row, variance in zip(rows, variances or []):
            row[3] = variance
        return [
            normalised(images, *row, epsilon=layer.epsilon)
            for layer, images, row in zip(self.originals, self.inputs, rows)
        ]

    def by_batch_statistics(self):
        """What the formula gives for each layer's input with the input's own statistics.

        With the gamma, beta and epsilon that the layer has: whether they are those it must have is tested elsewhere.
        """
        rows = zip(self.layers, self.originals, self.inputs, self._variables(self.layers))
        return [
            # A layer that TensorFlow 2.0 and 2.1 loaded from a SavedModel does not tell its epsilon.
            normalised(images, gamma, beta, *_statistics(images), epsilon=getattr(layer, "epsilon", original.epsilon))
            for layer, original, images, (gamma, beta, _, _) in rows
        ]

    def _variables(self, layers):
        """Gamma, beta, moving mean and moving variance: a list of four arrays a layer.

        A layer without gamma has ones, one without beta zeros.
        """
        values = iter(self._execution.read([variable for layer in layers for variable in layer.weights]))
        rows = []
        for layer in layers:
            channels = int(layer.moving_mean.shape[0])
            gamma = np.ones(channels) if layer.gamma is None else next(values)
            beta = np.zeros(channels) if layer.beta is None else next(values)
            rows.append([gamma, beta, next(values), next(values)])
        return rows

    def deviations(self, found, expected):
        """Relative deviation of each layer's output: a list of `{"name", "deviation"}`."""
        return [
            {"name": layer.name, "deviation": relative_deviation(one, other)}
            for layer, one, other in zip(self.layers, found, expected)
        ]


def _statistics(images):
    """Mean and variance over all but the channels (Ioffe & Szegedy 2015, algorithm 1): two float64 arrays."""
    return images.mean(axis=(0, 1, 2), dtype=np.float64), images.var(axis=(0, 1, 2), dtype=np.float64)


def beyond(layers, tolerance):
    """Names of the layers whose deviation is more than rounding explains."""
    return [layer["name"] for layer in layers if not layer["deviation"] <= tolerance]
