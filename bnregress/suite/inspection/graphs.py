"""What each layer in a graph is given and gives, by running the graph that there is with other values fed."""

import numpy as np

from bnregress.suite.inspection import one_call
from bnregress.suite.inspection.layer_calls import Seen, look_of
from bnregress.suite.inspection.variables import own_name, raw, unique, variables_of

#: Calls whose inputs are fetched at once: all of a deep network's would take more memory than its training does.
_TOGETHER = 8


class Call:
    """One call of a layer in the graph: symbolic `inputs` and `outputs`, lists of tensors."""

    def __init__(self, layer, inputs, outputs):
        self.layer, self.inputs, self.outputs = layer, inputs, outputs


class Graph:
    """Runs the graph that a model's own steps run.

    Args:
        world: `bnregress.suite.inspection.variables.GraphWorld`.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch`.
    """

    def __init__(self, world, batch):
        self._world, self._model = world, world.model
        self._ancestors = _ancestors(_flat(self._model.outputs))
        names = list(getattr(self._model, "input_names", []))
        x = [batch.x[name] for name in names] if isinstance(batch.x, dict) else _flat(batch.x)
        self._feeds = dict(zip(_keys(_flat(self._model.inputs)), zip(_flat(self._model.inputs), x)))

    def calls(self, layers):
        """Every call of the layers that the model's outputs depend on, in the order of the graph; a list of `Call`."""
        found = {}
        for layer in layers:
            for node in _nodes(layer):
                inputs, outputs = _flat(node.input_tensors), _flat(node.output_tensors)
                if outputs and all(each.op in self._ancestors for each in outputs):
                    found[tuple(_keys(outputs))] = Call(layer, inputs, outputs)
        return sorted(found.values(), key=lambda call: call.outputs[0].op._id)

    def run(self, looked_at, muted, training):
        """Return what is `Seen` of the layers' calls in a mode, and of the outputs if the muted ones are in inference.

        Args:
            looked_at: layers.
            muted: layers.
            training: the mode.
        """
        seen = Seen()
        wanted = self.calls(looked_at)
        listed = {id(call.layer) for call in [*wanted, *self.calls(muted)]}
        for layer in [*looked_at, *muted]:
            if id(layer) not in listed and self._contains(layer):
                seen.unlisted.add(id(layer))
        for start in range(0, len(wanted), _TOGETHER):
            some = wanted[start : start + _TOGETHER]
            for call, given in zip(some, self._fetch([call.inputs for call in some], {}, training)):
                seen.looks.setdefault(id(call.layer), []).append(self._look(call, given, training))
        fed = {}
        for call in self.calls(muted) if training else []:
            given = self._fetch([call.inputs], fed, training)[0]
            inference = self._apply(call, given, False)
            fed.update(zip(_keys(call.outputs), zip(call.outputs, inference)))
        seen.outputs = self._fetch([_flat(self._model.outputs)], fed, training)[0]
        return seen

    def _contains(self, layer):
        """Whether the model's outputs depend on a variable of the layer; a layer without any may be anywhere."""
        held = [raw(variable) for variable in variables_of(layer)]
        ops = [getattr(getattr(variable, "handle", variable), "op", None) for variable in held]
        return not held or any(op in self._ancestors for op in ops)

    def _look(self, call, given, training):
        output = self._apply(call, given, training)
        figure = one_call.compare(output, self._apply(call, given, False))
        samples = len(given[0])
        batch = None
        if samples > 1:
            copies = [one_call.copies_of_first(each) if len(each) == samples else each for each in given]
            batch = one_call.first_sample(output, self._apply(call, copies, training))
        held = unique(variables_of(call.layer))
        values = {own_name(variable): value for variable, value in zip(held, self._world.read(held))}
        return look_of(call.layer, given[0], output[0], values, figure, batch)

    def _apply(self, call, given, training):
        """What the graph computes for a call whose input has the given values."""
        return self._fetch([call.outputs], dict(zip(_keys(call.inputs), zip(call.inputs, given))), training)[0]

    def _fetch(self, lists, fed, training):
        feeds = dict([*self._feeds.values(), *fed.values()])
        for tensor in self._phases():
            feeds[tensor] = np.asarray(training, tensor.dtype.as_numpy_dtype)
        with self._world.inside():
            return self._world.session.run(lists, feeds)

    def _phases(self):
        """The learning phase, if this graph has one and `train_on_batch` feeds it."""
        backend = self._world.framework.keras.backend
        phase = getattr(backend, "symbolic_learning_phase", backend.learning_phase)
        with self._world.inside():
            phase = phase()
        return [] if isinstance(phase, int) or not hasattr(phase, "op") else [phase]


def _ancestors(tensors):
    """Operations that tensors depend on, a set."""
    found, waiting = set(), [tensor.op for tensor in tensors]
    while waiting:
        op = waiting.pop()
        if op not in found:
            found.add(op)
            waiting += [tensor.op for tensor in op.inputs]
            waiting += list(op.control_inputs)
    return found


def _nodes(layer):
    return getattr(layer, "_inbound_nodes", None) or getattr(layer, "inbound_nodes", ())


def _flat(tensors):
    if isinstance(tensors, dict):
        tensors = list(tensors.values())
    if isinstance(tensors, (list, tuple)):
        return [each for tensor in tensors for each in _flat(tensor)]
    return [] if tensors is None else [tensors]


def _keys(tensors):
    # Tensors of TensorFlow 2 refuse to be keys where eager execution is only switched off.
    return [id(tensor) for tensor in tensors]
