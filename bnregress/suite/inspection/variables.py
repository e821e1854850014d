"""Where a model's variables live: eagerly, or in a graph with its session, and how they are read and written there."""

import contextlib

import numpy as np

from bnregress.suite.inspection.runtimes import runtime_of
from bnregress.suite.networks import is_batchnorm


class EagerWorld:
    """A model that runs eagerly.

    Args:
        framework: `bnregress.suite.framework.Framework` through the model's own Keras.
        model: the model.

    Attributes:
        runtime: `bnregress.suite.inspection.runtimes.base.Runtime`.
        traced: whether the model's training step was traced when its owner gave it, for batches that are not told.
        retraced: whether a step that was taken here had to be traced once more, so that what it does is not what the
            owner's next one does.
        kept: values that `bnregress.suite.inspection.restoring.restored` gives back, by `id(variable)`.
        strays: variables that are somewhere in the process and in no layer of the model, as globals are.
    """

    graph = None

    def __init__(self, framework, model):
        self.framework, self.model, self.runtime = framework, model, runtime_of(framework)
        self.kept, self.strays, self.retraced = {}, [], False
        self.traced = bool(self.runtime.traces(model))

    def inside(self):
        """Context in which the model is compiled and run: of its distribution strategy, if it has one."""
        strategy = getattr(self.model, "distribute_strategy", None)
        try:
            return strategy.scope() if strategy.num_replicas_in_sync > 1 else contextlib.nullcontext()
        except AttributeError:
            return contextlib.nullcontext()

    @contextlib.contextmanager
    def traces_noted(self):
        """Context of a training step, to know whether it is traced: then layers are called in Python."""
        if not self.traced or self.retraced:
            yield
            return
        before, base, calls = self.runtime.traces(self.model), self.framework.keras.layers.Layer, []
        call = base.__call__

        def noting(layer, *args, **kwargs):
            calls.append(layer)
            return call(layer, *args, **kwargs)

        base.__call__ = noting
        try:
            yield
        finally:
            base.__call__ = call
        # What is compiled is kept by more than what it was traced for, such as where its arguments lie.
        self.retraced = bool(calls) and self.runtime.traces(self.model) > before

    def read(self, variables):
        """Values of variables as a list of arrays, copied."""
        return list(self.values(variables))

    def values(self, variables):
        """The same, one after the other."""
        return map(self.runtime.value, variables)

    def write(self, variables, values):
        """Give each variable its value."""
        for variable, value in zip(variables, values):
            variable.assign(value)


class GraphWorld:
    """A model in a graph, the default one or one of its own, with the session that holds its variables.

    Args:
        framework: as for `EagerWorld`.
        model: the model.
        graph: the `tf.Graph`.
    """

    def __init__(self, framework, model, graph):
        self.framework, self.model, self.runtime, self.graph = framework, model, runtime_of(framework), graph
        self.kept, self.strays, self.retraced = {}, [], False
        backend = framework.keras.backend
        self.backend = backend if hasattr(backend, "get_session") else framework.tf.compat.v1.keras.backend
        with graph.as_default():
            self.session = self.backend.get_session()

    traces_noted = staticmethod(contextlib.nullcontext)

    @contextlib.contextmanager
    def inside(self):
        """Context in which the model is compiled and run: its graph and its session."""
        with self.graph.as_default(), self.session.as_default():
            yield

    def read(self, variables):
        """Values of variables as a list of arrays."""
        with self.inside():
            return [np.array(value) for value in self.backend.batch_get_value(list(variables))]

    def values(self, variables):
        """The same: a session reads them at once."""
        return self.read(variables)

    def write(self, variables, values):
        """Give each variable its value."""
        if variables:
            with self.inside():
                self.backend.batch_set_value(list(zip(variables, values)))


def world_of(framework, model, parts):
    """Return the `EagerWorld` or `GraphWorld` that a model lives in.

    Args:
        framework: `bnregress.suite.framework.Framework` through the model's own Keras.
        model: the model.
        parts: of `bnregress.suite.inspection.walk.parts_of`.
    """
    graph = _graph_of(model, parts)
    if graph is None and framework.eager:
        return EagerWorld(framework, model)
    if graph is None:
        v1 = getattr(framework.tf, "compat", framework.tf).v1
        graph = v1.get_default_graph()
    return GraphWorld(framework, model, graph)


def variables_of(thing):
    """Variables of a layer, a metric or an optimizer that are there already, seeds included; a list."""
    found = []
    # Keras 3 has the seeds in `variables` alone, Keras 2 of some releases has no such name, or a function of it.
    for name in ("variables", "weights", "_variables"):
        with contextlib.suppress(Exception):
            held = getattr(thing, name)
            found += list(held() if callable(held) else held)
    return unique(found)


def held_directly(layer, *lists):
    """Variables in lists of a layer by their names, without those of the layers that it holds."""
    return [variable for name in lists for variable in getattr(layer, name, ())]


def unique(variables):
    """The variables, once each; what cannot be assigned is left out."""
    return list({id(variable): variable for variable in variables if hasattr(variable, "assign")}.values())


def raw(variable):
    """The engine's own variable or tensor behind a variable of whichever Keras."""
    held = getattr(variable, "value", variable)
    return variable if callable(held) else held


def own_name(variable):
    """Name of a variable within its layer, as `gamma`."""
    return variable.name.split("/")[-1].split(":")[0]


def _graph_of(model, parts):
    for part in parts:
        variables = _statistics(part.layer) or (variables_of(part.layer) if part.layer is not model else [])
        for variable in variables:
            held = raw(variable)
            held = getattr(held, "_primary", held)
            if getattr(held, "_in_graph_mode", not hasattr(held, "numpy")):
                graph = getattr(held, "graph", None)
                # What a tf.function traces is not a graph that a model lives in.
                if graph is not None and not hasattr(graph, "captures"):
                    return graph
            return None
    return None


def _statistics(layer):
    return [layer.moving_mean] if is_batchnorm(layer) and layer.moving_mean is not None else []
