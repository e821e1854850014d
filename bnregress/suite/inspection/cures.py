"""What cures a frozen BatchNorm that does not behave so, tried here before it is offered."""

import numpy as np

from bnregress.suite import tolerances
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.inspection import modes

#: Where another BatchNormalization may be had, the one that needs no explanation first.
PLAIN = (("tf.keras.layers.BatchNormalization", "keras"), ("tf.compat.v2.keras.layers.BatchNormalization", "compat.v2"))


class Cures:
    """Finds the cure for a layer's class, once for each class.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        execution: `bnregress.suite.execution.Execution`.
    """

    def __init__(self, framework, execution):
        self._framework, self._execution = framework, execution
        self._found = {}

    def of(self, layer):
        """Return in words what cures this frozen layer."""
        kind = type(layer)
        if kind not in self._found:
            self._found[kind] = self._try(kind)
        return self._found[kind]

    def stays(self, layer):
        """Whether a layer of this class stays frozen once its own `trainable` is False; assumed where it needs more."""
        return self._frozen(type(layer))[0] is None or self._stays(type(layer))

    def _try(self, kind):
        ways = []
        for name, place in PLAIN:
            plain = self._plain(place)
            if plain is not None and plain is not kind and self._stays(plain):
                ways.append("build the model from {}, which behaves here".format(name))
                if place == "keras":
                    ways[-1] += " (pass layers=tf.keras.layers to a network of tf.keras.applications)" * self._old(kind)
                break
        if self._stays_when_called_in_inference(kind):
            ways.append("call the frozen part with training=False, as in `part(inputs, training=False)`")
        if not ways:
            return "take another release of TensorFlow: no BatchNormalization of {} stays frozen".format(
                self._framework.name
            )
        return ", or ".join(ways)

    def _plain(self, place):
        try:
            module = self._framework.keras if place == "keras" else self._framework.tf.compat.v2.keras
        except AttributeError:
            return None
        return getattr(module.layers, "BatchNormalization", None)

    def _old(self, kind):
        """Whether it is TensorFlow 1's, which the applications of some releases are built from."""
        return not getattr(kind, "_USE_V2_BEHAVIOR", True)

    def _stays(self, kind):
        layer, probe = self._frozen(kind)
        if layer is None:
            return False
        inference, training = (
            self._execution.forward_layers([layer], [probe], training=mode)[0] for mode in (False, True)
        )
        return _same(training, inference)

    def _stays_when_called_in_inference(self, kind):
        """Whether `training=False`, given when a model is put together, still counts when that model trains."""
        layer, probe = self._frozen(kind) if self._framework.eager else (None, None)
        if layer is None:
            return False
        try:
            given = self._framework.keras.Input(probe.shape[1:])
            model = self._framework.keras.Model(given, layer(given, training=False))
            return _same(np.asarray(model(probe, training=True)), np.asarray(layer(probe, training=False)))
        except Exception:
            return False

    def _frozen(self, kind):
        """Make a frozen layer of the class and an input far from its statistics; (None, None) where it needs more."""
        probe = modes.probe((modes.SAMPLES, 2, 2, 3))
        try:
            layer = kind(trainable=False)
            layer.build(probe.shape)
        except Exception:
            return None, None
        return layer, probe


def _same(training, inference):
    return relative_deviation(training, inference) <= tolerances.relative(str(inference.dtype), 1)
