"""Each BatchNorm of a model: is it frozen, and if so, does it behave so."""

import contextlib
import sys
import warnings

import numpy as np

from bnregress.suite.execution import Execution
from bnregress.suite.inspection import modes, steps, verdicts
from bnregress.suite.inspection.capture import seen_calls
from bnregress.suite.inspection.cures import Cures
from bnregress.suite.inspection.inputs import run_on_inputs
from bnregress.suite.inspection.problem import Problem
from bnregress.suite.inspection.walk import batchnorms_of, parts_of
from bnregress.suite.wording import in_one_line


def inspect_model(framework, model, batch=None, tell=lambda _: None):
    """Judge every BatchNorm of a model, and leave the model's variables as they were.

    Each layer is watched while the model runs in training mode, and asked in
    both modes on its real input and on a synthetic one: a real batch may
    happen to have the very statistics that the layer holds. Then the model
    does one training step.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        model: a Keras model.
        batch: inputs as the model takes them, or None to make them.
        tell: told in a few words what is being done.

    Returns:
        (layers, notes): a list of dicts as `bnregress.suite.inspection.verdicts` makes them, one a layer, and
        sentences on what could not be asked.

    Raises:
        Problem: the model cannot be run.
    """
    _require_tensorflow(model)
    inspect = _Eager if framework.eager else _Graph
    with warnings.catch_warnings():
        # What running a model in this way may warn of is none of its owner's doing.
        warnings.simplefilter("ignore")
        return inspect(framework, model, batch, tell).layers()


class _Eager:
    """Inspects a model that runs eagerly."""

    def __init__(self, framework, model, batch, tell):
        self.tf = framework.tf
        self.execution = Execution(framework)
        self.cures = Cures(framework, self.execution)
        self.model, self.batch, self.tell = model, batch, tell
        self.notes = []

    def layers(self):
        self.tell("running the model")
        with steps.restored(self.execution, _variables(self.model)):
            # A subclassed model has its layers' variables only after it was run.
            inputs = run_on_inputs(self.tf, self.model, self.batch, lambda given: self.model(given, training=False))
        found = batchnorms_of(self.model)
        batchnorms = [layer for _, layer in found]
        if not found:
            return [], self.notes
        in_inference = self._seen(batchnorms, inputs, training=False)
        in_training = self._seen(batchnorms, inputs, training=True)
        unseen = [name for name, layer in found if id(layer) not in in_inference]
        if unseen:
            self.notes.append(verdicts.unseen(unseen))
        self.tell("testing each of {} BatchNorm layers in both modes".format(len(found)))
        figures = [self._ask(layer, in_inference.get(id(layer)), in_training.get(id(layer))) for layer in batchnorms]
        self.tell("one training step")
        moved = self._moved_by_training(batchnorms, inputs)
        trained = {id(variable) for variable in self.model.trainable_weights}
        return [
            verdicts.layer_verdict(name, layer, trained, figure, moved and moved[place], self.cures)
            for place, ((name, layer), figure) in enumerate(zip(found, figures))
        ], self.notes

    def _seen(self, batchnorms, inputs, training):
        with steps.restored(self.execution, _variables(self.model, batchnorms)):
            try:
                return seen_calls(self.tf, batchnorms, lambda: self.model(inputs, training=training))
            except Exception as error:
                self.notes.append(verdicts.not_run("training" if training else "inference", in_one_line(error)))
                return {}

    def _ask(self, layer, in_inference, in_training):
        real = None if in_inference is None else in_inference[0]
        figures = {}
        if in_training is not None:
            figures["in the model"] = self._compare(layer, in_training[0], in_training[1])
        if real is not None:
            figures["real input"] = self._compare(layer, real)
        dtype = real.dtype if real is not None else getattr(layer, "compute_dtype", None) or layer.dtype
        probe = self.tf.cast(modes.synthetic_input(layer, real), dtype)
        figures["synthetic input"] = self._compare(layer, probe)
        return figures

    def _compare(self, layer, given, training=None):
        """Hold inference mode against training mode, or against what the layer gave when the model was in it."""
        inference, moved = self._call(layer, given, training=False)
        if training is None:
            training, moved_too = self._call(layer, given, training=True)
            moved += [name for name in moved_too if name not in moved]
        figure = modes.compare(layer, np.asarray(given), np.asarray(training), inference, self.execution.read)
        return dict(figure, moved=moved)

    def _call(self, layer, given, training):
        """Output of a layer, and the names of the variables that it moved; they are put back."""
        before = self.execution.read(layer.weights)
        with steps.restored(self.execution, layer.weights):
            output = np.asarray(layer(given, training=training))
            return output, steps.moved(self.execution, layer.weights, before)

    def _moved_by_training(self, batchnorms, inputs):
        """Names of the variables that one training step moves, a list a layer; None where it cannot be done."""
        with steps.restored(self.execution, _variables(self.model, batchnorms)):
            before = [self.execution.read(layer.weights) for layer in batchnorms]
            try:
                steps.train(self.tf, self.model, inputs)
            except Exception as error:
                self.notes.append(verdicts.untrained(in_one_line(error)))
                return None
            return [steps.moved(self.execution, layer.weights, values) for layer, values in zip(batchnorms, before)]


class _Graph:
    """Inspects a model in graph mode, where a layer's values are out of reach while the model runs."""

    def __init__(self, framework, model, batch, tell):
        self.framework, self.model, self.tell = framework, model, tell
        self.execution = Execution(framework)
        self.cures = Cures(framework, self.execution)

    def layers(self):
        found = batchnorms_of(self.model)
        if not found and not getattr(self.model, "built", True):
            raise Problem(
                "the model is not built, and graph mode cannot run it to build it; give it an input shape, or build it",
                kind="undecided",
            )
        if not found:
            return [], []
        self.tell("testing each of {} BatchNorm layers in both modes".format(len(found)))
        batchnorms = [layer for _, layer in found]
        probes = [modes.synthetic_input(layer) for layer in batchnorms]
        with steps.restored(self.execution, [variable for layer in batchnorms for variable in layer.weights]):
            inference = self.execution.forward_layers(batchnorms, probes, training=False)
            training = self.execution.forward_layers(batchnorms, probes, training=True)
        read = self.execution.read
        figures = [dict(modes.compare(*each, read), moved=[]) for each in zip(batchnorms, probes, training, inference)]
        trained = {id(variable) for variable in self.model.trainable_weights}
        return [
            verdicts.layer_verdict(name, layer, trained, {"synthetic input": figure}, None, self.cures)
            for (name, layer), figure in zip(found, figures)
        ], [verdicts.GRAPH_MODE.format(self.framework.name)]


def _variables(model, batchnorms=()):
    """Every variable that running the model may move, once each; those that are not made yet are left out."""
    held = [variable for layer in batchnorms for variable in layer.weights]
    for part in (model, *parts_of(model)):
        # A subclassed model of Keras 2 that never ran raises ValueError.
        with contextlib.suppress(ValueError):
            # With the seeds that Keras 3 leaves out of `weights`.
            held += part.variables
    unique = {id(variable): variable for variable in held}
    return [variable for variable in unique.values() if hasattr(variable, "numpy") and hasattr(variable, "assign")]


def _require_tensorflow(model):
    """Refuse models of a Keras whose layers TensorFlow cannot run eagerly."""
    keras = sys.modules.get("keras")
    if keras is None or "keras" not in {kind.__module__.split(".")[0] for kind in type(model).__mro__}:
        return
    version = str(getattr(keras, "__version__", ""))
    if version.startswith(("2.0.", "2.1.", "2.2.", "2.3.")):
        reason = (
            "it is a model of the standalone Keras {}, whose layers cannot be called one by one; build it with tf.keras"
        )
        raise Problem(reason.format(version), kind="undecided")
    backend = getattr(keras.backend, "backend", lambda: "tensorflow")()
    if backend != "tensorflow":
        raise Problem("Keras runs on {} here, not on TensorFlow; set KERAS_BACKEND=tensorflow".format(backend))
