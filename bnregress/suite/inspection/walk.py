"""The layers of any model, wherever it keeps them, each with a name that leads to it."""

import collections

from bnregress.suite.networks import is_batchnorm


class Part:
    """A layer or model within a model.

    Attributes:
        name: those of the nested models around it and its own, as `backbone/conv1_bn`.
        layer: the layer itself.
        parent: the part that holds it, None for the model itself.
        frozen: its own `trainable` is False.
        around: a part that holds it is frozen, at any depth.
        leaf: it holds no other layer.
        by_call: each call that a functional model was built with, of it or of a part around it, says `training=False`.
    """

    def __init__(self, name, layer, parent):
        self.name, self.layer, self.parent = name, layer, parent
        self.frozen = not getattr(layer, "trainable", True)
        self.around = parent is not None and (parent.frozen or parent.around)
        self.leaf, self.by_call = True, False

    @property
    def batchnorm(self):
        """Whether it normalises with moving statistics and is built."""
        return is_built_batchnorm(self.layer)

    @property
    def kept(self):
        """Whether it must stay as it is: it is frozen, or something around it is."""
        return self.frozen or self.around


def parts_of(model):
    """Every layer of a model at any depth, once each, the nearest first; the model itself comes first.

    What a layer holds is found in its attributes: `submodules` sorts by keys
    that are layers in TensorFlow 1.15 to 2.1, and lacks wrapped layers in 1.13.
    """
    root = Part("", model, None)
    found, waiting = {id(model): root}, collections.deque([root])
    while waiting:
        part = waiting.popleft()
        in_inference = _called_in_inference(part.layer)
        for child in held_layers(part.layer):
            part.leaf = False
            by_call = part.by_call or id(child) in in_inference
            if id(child) not in found:
                prefix = part.name + "/" if part.name else ""
                found[id(child)] = Part(prefix + getattr(child, "name", type(child).__name__), child, part)
                found[id(child)].by_call = by_call
                waiting.append(found[id(child)])
                continue
            found[id(child)].by_call &= by_call
            if part.kept and found[id(child)] not in (root, part):
                # Shared with another part, which need not be frozen.
                found[id(child)].around = True
    return list(found.values())


def is_built_batchnorm(layer):
    """Whether a layer is a BatchNorm that has its variables: one that no input ever reached has none."""
    # Keras 3 has the attributes from the start.
    return is_batchnorm(layer) and layer.moving_mean is not None


def _called_in_inference(model):
    """`id(layer)` of the layers of a functional model whose every call it was built with says `training=False`."""
    said = {}
    for nodes in (getattr(model, "_nodes_by_depth", None) or {}).values():
        for node in nodes:
            layer = next((getattr(node, name) for name in _LAYER_OF_NODE if hasattr(node, name)), None)
            said.setdefault(id(layer), []).append(_says_inference(node))
    return {place for place, each in said.items() if all(each)}


#: What a node of a functional model calls the layer that was called: Keras 3, Keras 2, and TensorFlow up to 2.3.
_LAYER_OF_NODE = ("operation", "layer", "outbound_layer")


def _says_inference(node):
    """Whether the call that a node stands for was given `training=False`, by name or in its place behind the inputs."""
    arguments = getattr(node, "arguments", None)
    named = (getattr(arguments, "kwargs", None), getattr(node, "call_kwargs", None), arguments)
    placed = getattr(arguments, "args", None) or getattr(node, "call_args", None) or ()
    found = next((each for each in named if isinstance(each, dict)), {})
    return found.get("training") is False or (len(placed) > 1 and placed[1] is False)


def held_layers(part):
    """The layers that a layer holds itself, in its `layers` and its attributes; a list, some perhaps twice."""
    layers = getattr(part, "layers", ()) if hasattr(type(part), "layers") else ()
    found = [layer for layer in layers if is_layer(layer)] if isinstance(layers, (list, tuple)) else []
    for value in list(getattr(part, "__dict__", {}).values()):
        found += _layers_in(value, 3)
    return found


def _layers_in(value, depth):
    if is_layer(value):
        return [value]
    if not depth:
        return []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple, set)):
        return [layer for each in value for layer in _layers_in(each, depth - 1)]
    return []


def is_layer(value):
    """Whether a value is a layer or model, of whichever Keras; a metric is none."""
    # Asked of the class: properties of a layer that was never called raise. A metric of Keras 2 is a layer, too.
    kind = type(value)
    return hasattr(kind, "weights") and hasattr(kind, "call") and not hasattr(kind, "update_state")
