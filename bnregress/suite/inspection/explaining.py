"""Which layers but the BatchNorms make a training step compute something else than an evaluation."""

from bnregress.suite.inspection import one_call, which_keras
from bnregress.suite.inspection.held import all_of
from bnregress.suite.inspection.restoring import restored
from bnregress.suite.inspection.variables import held_directly
from bnregress.suite.inspection.whole import does_more, same_whole
from bnregress.suite.wording import in_one_line, listed


def explain(world, run, found, muted, variables):
    """Find the layers that make the difference, if there is one, and say so.

    Args:
        world: where the model lives.
        run: runs a step and returns what is seen, as `bnregress.suite.inspection.measuring` makes it.
        found: `bnregress.suite.inspection.measuring.Measured`, which gets what is found.
        muted: layers that are run in inference mode.
        variables: of the model, put back afterwards.
    """
    explained = [] if world.graph is not None else _judge_others(world, run, found, muted, variables)
    found.explained = explained
    if explained and found.whole is False:
        with restored(world, variables):
            again = run([], [*muted, *explained], True)
        found.whole = same_whole(world, again, found.testing, found)
    if found.whole is False and not found.following and not _explained_by_batchnorms(found):
        found.unseen.append(
            "a training step computes something different from an evaluation (losses {} and {}), and no layer"
            " that can be seen explains it".format(*found.losses)
        )


def _judge_others(world, run, found, muted, variables):
    """Look at every layer that may hide something; returns those that explain why the modes differ."""
    gone = {id(layer) for layer in muted} | {id(part.layer) for part in found.parts if part.batchnorm}
    others = [part for part in found.parts[1:] if id(part.layer) not in gone and _may_hide(part)]
    try:
        with restored(world, variables):
            seen = run([part.layer for part in others], muted, True, twice=True)
    except Exception as error:
        found.unseen.append("the model's training step cannot be watched: {}".format(in_one_line(error)))
        return []
    # What holds a layer behaves as that layer does: the inner ones first, and what holds one that is at fault is not.
    told = [part for part in found.parts if part.batchnorm and part.kept and _differs(part, found.training)]
    explained = []
    for part in reversed(others):
        if any(part in _around(each) for each in told):
            continue
        if _explains(part, seen, found):
            explained.append(part.layer)
        if part.layer in explained or id(part.layer) in found.following:
            told.append(part)
    return explained


def _differs(part, seen):
    return any(one_call.differs(look.modes) for look in seen.looks.get(id(part.layer), []))


def _around(part):
    """The parts that hold a part, at any depth."""
    held_by = []
    while part.parent is not None:
        part = part.parent
        held_by.append(part)
    return held_by


def _may_hide(part):
    # A wrapper, as one that normalises a kernel, may have a state of its own.
    stateful = held_directly(part.layer, "_non_trainable_weights", "_non_trainable_variables")
    return part.leaf or bool(stateful) or which_keras.is_own(part.layer)


def _explained_by_batchnorms(found):
    """Whether a frozen BatchNorm is the reason, which its own verdict says."""
    if nothing_else_differs(found):
        return True
    return any(_differs(part, found.training) for part in found.parts if part.batchnorm and part.kept)


def nothing_else_differs(found):
    """Whether frozen BatchNorms whose calls are not written down are all that can depend on the mode in the model."""
    unlisted = found.training.unlisted
    frozen = {id(part.layer) for part in found.parts if part.batchnorm and part.kept}
    others = [part for part in found.parts if which_keras.is_own(part.layer) or which_keras.is_closed(part.layer)]
    return bool(unlisted) and unlisted <= frozen and not others


def _explains(part, seen, found):
    """Whether a layer that is no BatchNorm is seen to behave otherwise in training, with a reason; says so."""
    layer = part.layer
    if id(layer) in seen.blind and which_keras.is_closed(layer):
        found.unseen.append("what is inside of {} cannot be seen: {}".format(part.name, seen.blind[id(layer)]))
    looks = seen.looks.get(id(layer), [])
    if not _differs(part, seen):
        return False
    follows = bool(all_of(layer)) and any(one_call.differs(look.batch) for look in looks)
    if which_keras.is_closed(layer):
        reason = (
            "what is inside of {} cannot be seen, and it computes something different in training and in evaluation"
        )
        found.unseen.append(reason.format(part.name))
    elif follows and part.kept:
        found.following.add(id(layer))
    elif follows:
        found.notes.append("{} follows the batch in training, and is not frozen".format(part.name))
        return True
    elif part.kept and does_more(part) and any(look.biased for look in looks):
        reason = "{} is random in training, and further off its answer in evaluation than chance explains"
        found.unseen.append(reason.format(part.name))
    elif any(look.random for look in looks):
        found.notes.append("{} is random in training, and was left out".format(part.name))
        return True
    elif found.moved and found.moved[id(layer)]:
        moved = listed(found.moved[id(layer)])
        found.notes.append("{} behaves differently in training, where its {} change".format(part.name, moved))
        return True
    elif found.whole is None:
        found.unseen.append("{} computes something different in training, and nothing explains it".format(part.name))
    return False
