"""The BatchNorm layers of any model, wherever it keeps them, each with a name that leads to it."""

from bnregress.suite.networks import is_batchnorm


def batchnorms_of(model):
    """Every BatchNorm of a built model, once each.

    Returns:
        list of (name, layer); the name holds those of the nested models around it, as `backbone/conv1_bn`.
    """
    found = {}
    _walk(model, "", found)
    return list(found.values())


def parts_of(layer):
    """All layers within a layer or model, at any depth, in lists and wrappers too; itself left out."""
    flatten = getattr(layer, "_flatten_layers", None)
    if flatten is not None:
        return list(flatten(recursive=True, include_self=False))
    # TensorFlow 1.15 to 2.2: every Keras layer is a tf.Module.
    return [part for part in getattr(layer, "submodules", ()) if hasattr(part, "weights")]


def _is_built_batchnorm(layer):
    # Keras 3 has the attributes from the start; a layer that no input ever reached has no variables.
    return is_batchnorm(layer) and layer.moving_mean is not None


def _walk(part, prefix, found):
    for layer in _layers(part):
        if _is_built_batchnorm(layer):
            found.setdefault(id(layer), (prefix + layer.name, layer))
        else:
            _walk(layer, prefix + layer.name + "/", found)
    for layer in parts_of(part):
        if _is_built_batchnorm(layer):
            found.setdefault(id(layer), (prefix + layer.name, layer))


def _layers(part):
    layers = getattr(part, "layers", ())
    return layers if isinstance(layers, (list, tuple)) else ()
