"""Every variable that running a model may move."""

import contextlib

from bnregress.suite.inspection.restoring import compiled_objects, contained
from bnregress.suite.inspection.variables import unique, variables_of


def variables_in(world, parts, objects=()):
    """Every variable that running the model may move, once each.

    Args:
        world: where the model lives.
        parts: of `bnregress.suite.inspection.walk.parts_of`.
        objects: optimizers and metrics.

    Returns:
        a list; what `known_variables` left out of all that there are is in it.
    """
    held = [variable for part in parts for variable in all_of(part.layer)]
    return unique([*held, *(variable for each in objects for variable in variables_of(each)), *world.strays])


def all_of(layer):
    """Variables of a layer, in its attributes and their containers too: a wrapper may take some from its lists."""
    held = [each for value in list(vars(layer).values()) for each in contained(value, 3)]
    return unique(variables_of(layer) + [each for each in held if _is_variable(each)])


def _is_variable(value):
    # What an assignment in a graph returns looks like one, and reading it assigns.
    return hasattr(value, "assign") and hasattr(value, "shape") and type(value).__name__ != "_UnreadVariable"


def known_variables(world, parts):
    """Variables of the model, and of what it was compiled with.

    Args:
        world: where the model lives.
        parts: of `bnregress.suite.inspection.walk.parts_of`.
    """
    objects = compiled_objects(world.model)
    with contextlib.suppress(Exception):
        objects += list(world.model.metrics)
    return variables_in(world, parts, objects)
