"""What training moves: a counter that nothing reads is left out, what only later steps move is added."""

from bnregress.suite.inspection import which_keras
from bnregress.suite.inspection.dependence import Dependence, is_number
from bnregress.suite.inspection.held import all_of, known_variables
from bnregress.suite.inspection.restoring import same
from bnregress.suite.inspection.variables import held_directly, own_name, raw, unique
from bnregress.suite.inspection.walk import held_layers
from bnregress.suite.wording import listed


def weigh_moves(world, steps, found, variables, after):
    """Leave out of what has moved what nothing depends on, and add what moves in a later step only.

    Asked of classes of the owner's own alone: what a framework's layer keeps, it needs.

    Args:
        world: where the model lives.
        steps: `bnregress.suite.inspection.steps.Steps`.
        found: `bnregress.suite.inspection.measuring.Measured`, with what has moved.
        variables: all that steps may move but the optimizer's and the metrics' own.
        after: values after training by `id(variable)`.
    """
    own = [part for part in found.parts[1:] if part.kept and which_keras.is_own(part.layer)]
    statistics = unique([each for part in own for each in own_statistics(part)])
    stray = [each for each in world.strays if id(each) in found.changed]
    moved = [each for each in [*statistics, *stray] if id(each) in found.changed]
    counters = [each for each in moved if is_number(each)]
    if which_keras.own_train_step(world.model):
        of_model = [*all_of(world.model), getattr(world.model.optimizer, "iterations", None)]
        counters += [each for each in of_model if hasattr(each, "assign") and is_number(each)]
    if not moved and not counters:
        return
    kept = unique([each for part in found.parts if part.kept for each in all_of(part.layer)])
    everything = unique(variables + known_variables(world, found.parts))
    dependence = Dependence(found, steps, everything, kept)
    late = dependence.when_due(unique(counters)) - found.changed if counters else set()
    harmless = dependence.harmless([(each, after[id(each)]) for each in moved])
    if late:
        # What decides when others move is read, whatever else depends on it.
        harmless -= set(map(id, counters))
    found.harmless = harmless
    if late:
        names = listed([own_name(each) for each in kept if id(each) in late])
        reason = "some training steps later, as told by setting {} ahead, one moves {} as well"
        found.notes.append(reason.format(listed([own_name(each) for each in unique(counters)]), names))
    found.changed = (found.changed | late) - harmless
    found.moved = names_by_layer(found, found.changed)
    # An array of whole numbers may be the state of a random generator, which is no news.
    idle = [
        each for each in statistics if id(each) in harmless and (is_number(each) or "float" in str(raw(each).dtype))
    ]
    if idle:
        names = listed([own_name(each) for each in idle])
        found.notes.append("training changes {}, on which nothing that the model computes depends".format(names))
    felt = [own_name(each) for each in stray if id(each) not in harmless]
    if felt:
        reason = "training changes {}, on which what the model computes depends, and which no layer of the model holds"
        found.unseen.append(reason.format(listed(felt)))


def own_statistics(part):
    """What a layer of the owner's own keeps and does not train; of a BatchNorm all but what makes it one."""
    layer = part.layer
    trained = {id(each) for each in held_directly(layer, "_trainable_weights", "_trainable_variables")}
    needed = [getattr(layer, name, None) for name in ("moving_mean", "moving_variance") if part.batchnorm]
    inner = {id(each) for inner in held_layers(layer) for each in all_of(inner)}
    left_out = trained | inner | set(map(id, needed))
    return [each for each in all_of(layer) if id(each) not in left_out]


def moved_since(world, variables, before):
    """`id(variable)` of each variable whose value is not bit-equal to what it was; a set.

    Args:
        world: where the model lives.
        variables: the variables.
        before: their values then.
    """
    return {id(each) for each, *pair in zip(variables, before, world.values(variables)) if not same(*pair)}


def names_by_layer(found, changed):
    """Names of what has changed by `id(layer)`.

    Args:
        found: `bnregress.suite.inspection.measuring.Measured`.
        changed: `id(variable)` of each that has.
    """
    return {id(part.layer): _names(all_of(part.layer), changed) for part in found.parts}


def _names(variables, changed):
    return [own_name(variable) for variable in variables if id(variable) in changed]
