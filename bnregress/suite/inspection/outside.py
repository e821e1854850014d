"""Layers that the steps of a model call although it does not hold them, as those of a loss or of a global network."""

import contextlib

from bnregress.suite.inspection import which_keras
from bnregress.suite.inspection.variables import variables_of
from bnregress.suite.inspection.walk import is_layer, parts_of


@contextlib.contextmanager
def layers_called(world, parts):
    """Collect the layers that are called and are none of the parts; give their variables back what they had before.

    Args:
        world: where the model lives; in a graph nothing is called, and none is found.
        parts: of `bnregress.suite.inspection.walk.parts_of`.

    Yields:
        a list of pairs that grows, the outer ones first: a layer, and whether a frozen layer calls it.
    """
    found, kept, calling = [], [], []
    if world.graph is not None:
        yield found
        return
    known, frozen = {id(part.layer) for part in parts}, {id(part.layer) for part in parts if part.kept}
    base = world.framework.keras.layers.Layer
    call = base.__call__

    def noting(layer, *args, **kwargs):
        if id(layer) not in known:
            known.add(id(layer))
            found.append((layer, any(id(each) in frozen for each in calling)))
            held = variables_of(layer)
            # Called while a function is traced, a layer has not moved yet, and its values are those of outside.
            with contextlib.suppress(Exception), world.runtime.outside():
                kept.append((held, world.read(held)))
        calling.append(layer)
        try:
            return call(layer, *args, **kwargs)
        finally:
            calling.pop()

    base.__call__ = noting
    try:
        yield found
    finally:
        base.__call__ = call
        for held, values in reversed(kept):
            world.write(held, values)


def parts_outside(layers, parts):
    """The layers and what they hold as further parts, once each; those that have no variables and no mode are left out.

    Args:
        layers: of `layers_called`.
        parts: the model's own.
    """
    known, found = {id(part.layer) for part in parts}, []
    for layer, in_frozen in layers:
        if id(layer) in known or not is_layer(layer) or not (variables_of(layer) or which_keras.is_random(layer)):
            continue
        for part in parts_of(layer):
            if id(part.layer) not in known:
                known.add(id(part.layer))
                place = [getattr(layer, "name", type(layer).__name__), part.name]
                part.name = "/".join(each for each in place if each)
                part.around |= in_frozen
                found.append(part)
    return found
