"""What eager runs of a functional model of Keras 3 hold on to, and need not."""

import collections
import contextlib
import importlib


@contextlib.contextmanager
def outputs_let_go():
    """Within, a functional model lets go of what a layer gave as soon as no other layer needs it.

    Keras 3 keeps the output of every layer until the model has run, which is several times what a compiled step needs.
    Other Keras do so themselves.
    """
    try:
        function = importlib.import_module("keras.src.ops.function").Function
        arguments = importlib.import_module("keras.src.ops.symbolic_arguments").SymbolicArguments
        run, fill_in = function._run_through_graph, arguments.fill_in
    except (ImportError, AttributeError):
        yield
        return
    needed = []

    def running(self, *args, **kwargs):
        nodes = [node for at_depth in self._nodes_by_depth.values() for node in at_depth]
        needed.append(collections.Counter(id(tensor) for node in nodes for tensor in node.input_tensors))
        needed[-1].update(map(id, self.outputs))
        try:
            return run(self, *args, **kwargs)
        finally:
            needed.pop()

    def filling_in(self, tensor_dict):
        filled = fill_in(self, tensor_dict)
        for place in map(id, self.keras_tensors if needed else ()):
            needed[-1][place] -= 1
            if not needed[-1][place]:
                tensor_dict.pop(place, None)
        return filled

    function._run_through_graph, arguments.fill_in = running, filling_in
    try:
        yield
    finally:
        function._run_through_graph, arguments.fill_in = run, fill_in
