"""What the figures of a layer mean for a person: a verdict and why."""

import numpy as np

from bnregress.suite.inspection import one_call, which_keras
from bnregress.suite.inspection.explaining import nothing_else_differs
from bnregress.suite.inspection.variables import own_name, unique
from bnregress.suite.wording import listed

#: Frozen, and it behaves so.
SOUND = "sound"
#: Frozen, or meant to be, and it does not behave so.
AFFECTED = "affected"
#: Not frozen, so there is nothing it must keep to.
NOT_FROZEN = "not-frozen"
#: Frozen, and the answer is worth nothing.
UNDECIDED = "undecided"

#: Which statistics a layer normalises with in a training step: what two releases are compared by.
BATCH, OWN, UNSEEN = "batch", "own", "unseen"


def layer_verdict(part, found, world):
    """Judge one layer.

    Args:
        part: `bnregress.suite.inspection.walk.Part` of a BatchNorm, or of another layer that must stay as it is.
        found: `bnregress.suite.inspection.measuring.Measured`.
        world: where the model lives.

    Returns:
        dict of JSON values: `name`, `class`, `frozen`, `verdict`, `reason`, `cure` (None) and `evidence`.
    """
    kind = type(part.layer)
    looks = found.training.looks.get(id(part.layer), [])
    verdict, reason = _judge(part, looks, found, world) if part.kept else _judge_unfrozen(part, looks, found)
    moved = None if found.moved is None else found.moved[id(part.layer)]
    worst = _worst(looks)
    return {
        "name": part.name,
        "class": "{}.{}".format(kind.__module__, kind.__name__),
        "frozen": part.frozen,
        "verdict": verdict,
        "reason": reason,
        "cure": None,
        "evidence": {
            "calls": len(looks),
            "modes": worst.modes if worst else None,
            "batch": worst.batch if worst else None,
            "training_statistics": _statistics(looks) if part.batchnorm else None,
            "moved_by_training": moved,
        },
    }


def _statistics(looks):
    if not looks or any(look.modes is None for look in looks):
        return UNSEEN
    return BATCH if any(one_call.differs(look.modes) or one_call.differs(look.batch) for look in looks) else OWN


def _worst(looks):
    return max(looks, key=lambda look: look.modes["deviation"] if look.modes else 0.0) if looks else None


def _judge(part, looks, found, world):
    testing = found.testing.looks.get(id(part.layer), [])
    wrong = _wrong(part, looks, testing, found)
    if wrong:
        how = "frozen" if part.frozen else "the part around it is frozen and its own `trainable` is True"
        return AFFECTED, "{}, yet {}".format(how, "; and ".join(wrong))
    unsure = _unsure(part, looks, testing, found, world)
    if unsure:
        return UNDECIDED, "frozen, but {}".format(unsure)
    how = "frozen" if part.frozen else "frozen with the part around it"
    return SOUND, "{}: the same in both modes, and {} training steps leave it as it was".format(how, found.taken)


def _wrong(part, looks, testing, found):
    wrong = []
    broken = [look for look in looks if one_call.differs(look.modes) and look.modes["finite"]]
    mixed = [look for look in [*testing, *looks] if one_call.differs(look.batch) and look.batch["finite"]]
    if broken:
        wrong.append(_mode_reason(_worst(broken)))
    elif id(part.layer) in found.training.unlisted and found.whole is False and nothing_else_differs(found):
        reason = "the model's loss is {:.6g} in training and {:.6g} in evaluation, which nothing else explains"
        wrong.append(reason.format(*found.losses))
    elif mixed:
        reason = "a sample's output depends on what else is in its batch, in both modes (off by {:.3g} times its scale)"
        wrong.append(reason.format(max(look.batch["deviation"] for look in mixed)))
    for size, seen in found.smaller if not wrong else ():
        worse = [look for look in seen.looks.get(id(part.layer), []) if one_call.differs(look.modes)]
        if worse and worse[0].modes["finite"]:
            wrong.append("in a batch of {} {}".format(size, _mode_reason(_worst(worse))))
            break
    if part.batchnorm and found.moved_by_test.get(id(part.layer)):
        wrong.append("an evaluation moves its {}".format(listed(found.moved_by_test[id(part.layer)], most=4)))
    if found.moved is not None and found.moved[id(part.layer)]:
        wrong.append("a training step moves its {}".format(listed(found.moved[id(part.layer)], most=4)))
    if id(part.layer) in found.following:
        wrong.append("its output follows the batch in training")
    if found.stale and not wrong:
        reason = (
            "the compiled training step computes another loss ({:.6g}) than the evaluation ({:.6g}), as the model does "
            "not with its present flags: it was compiled or first run before"
        )
        wrong.append(reason.format(*found.losses))
    if found.compiled and not wrong:
        wrong.append(found.compiled)
    if found.stale_of_some and not wrong:
        reason = "on a part of the batch the compiled training step computes another loss ({:.6g}) than the evaluation"
        reason += " ({:.6g})"
        wrong.append(reason.format(*found.stale_of_some))
    return wrong


def _mode_reason(look):
    what = "uses the batch's own statistics" if look.from_batch else "answers differently"
    reason = "it {} in training (off by {:.3g} times its output's scale; {:.1e} allowed)"
    return reason.format(what, look.modes["deviation"], look.modes["tolerance"])


def _unsure(part, looks, testing, found, world):
    """Why nothing can be said of a layer at which nothing wrong was seen; None if something can."""
    if not part.batchnorm:
        return None
    unfinite = _unfinite(part.layer, world)
    if unfinite:
        return "its {} {} values that are not finite".format(listed(unfinite), "has" if len(unfinite) == 1 else "have")
    for seen in (found.training, found.testing):
        if id(part.layer) in seen.blind:
            return "one of its calls could not be inspected: {}".format(seen.blind[id(part.layer)])
    if id(part.layer) in found.training.unlisted and found.whole:
        # Sound as a whole, samples apart from each other included.
        return None if found.moved is not None else "no training step could be done, so what it changes is not known"
    if not looks:
        return "no training step calls it"
    if not all(look.modes is None or look.modes["finite"] for look in looks):
        return "its output is not finite on this batch"
    if any(look.modes is None and not look.from_own for look in looks):
        return "its call takes no `training`, so the two modes cannot be told apart"
    if not any(look.tellable for look in looks):
        return "this batch happens to have the layer's own statistics, so it does not show which are used: give another"
    if any(look.batch is None and not look.from_own for look in [*looks, *testing]):
        return "a batch of one sample does not show whether samples depend on each other: give a larger one"
    if found.moved is None:
        return "no training step could be done, so what it changes is not known"
    return None


def _unfinite(layer, world):
    names = [name for name in ("moving_mean", "moving_variance", "gamma", "beta") if hasattr(layer, name)]
    held = [getattr(layer, name) for name in names]
    held = [variable for variable in held if hasattr(variable, "assign")]
    arrays = zip(held, world.read(held))
    return [own_name(variable) for variable, array in arrays if not np.all(np.isfinite(np.asarray(array, np.float64)))]


def _judge_unfrozen(part, looks, found):
    moved = [] if found.moved is None else found.moved[id(part.layer)]
    statistics = [name for name in moved if name.startswith("moving_")]
    if part.by_call and (_statistics(looks) == BATCH or statistics):
        wrong = [_mode_reason(_worst(looks))] if _statistics(looks) == BATCH else []
        wrong += ["a training step moves its {}".format(listed(statistics))] if statistics else []
        return AFFECTED, "called with training=False, yet {}; not frozen otherwise".format("; and ".join(wrong))
    follows = _statistics(looks) != OWN or bool(statistics)
    if not follows:
        return NOT_FROZEN, "not frozen: trainable=True, though a training step runs it in inference mode"
    return (
        NOT_FROZEN,
        "not frozen: trainable=True, so in training it uses the batch's statistics and updates its own, as documented",
    )


def amid_frozen(found):
    """Names of BatchNorm layers that are not frozen, follow the batch, and normalise what a frozen layer gives."""
    named = []
    for part in found.parts:
        if not part.batchnorm or part.kept or _statistics(found.training.looks.get(id(part.layer), [])) == OWN:
            continue
        beside = [each for each in found.parts if each.parent is part.parent and (each is part or each.layer.weights)]
        place = beside.index(part)
        before = beside[place - 1] if place else None
        if before is not None and before.frozen and before.leaf and not before.batchnorm:
            named.append(part.name)
    return named


def untrained(found):
    """Names of BatchNorm layers that follow the batch, though of the part around them nothing is trained.

    The training step leaves the weights of that part out, and the part is not frozen.
    """
    named = []
    for part in found.parts:
        if not part.batchnorm or part.kept or part.parent is None or part.parent.parent is None or not found.moved:
            continue
        moves = any(name.startswith("moving_") for name in found.moved[id(part.layer)])
        around = unique(part.parent.layer.trainable_weights)
        if moves and around and not any(id(variable) in found.changed for variable in around):
            named.append(part.name)
    return named


def handed_to_be_trained(part):
    """Names of the variables that a frozen wrapper, as that of quantisation, gives to be trained whatever its flag."""
    if part.leaf or not part.frozen or not which_keras.is_own(part.layer):
        return []
    return [own_name(variable) for variable in part.layer.trainable_weights]


def trained_by_wrappers(found):
    """Sentences on frozen kernels that train because of what is wrapped around them; a BatchNorm is judged itself."""
    sentences = []
    for part in found.parts:
        moved = (found.moved or {}).get(id(part.layer), ())
        trained = [name for name in handed_to_be_trained(part) if name in moved]
        if trained and not any(each.batchnorm and each.parent is part for each in found.parts):
            reason = "{} is frozen, yet its class {} gives its {} to be trained, and a training step moves {}"
            it = "it" if len(trained) == 1 else "them"
            sentences.append(reason.format(part.name, type(part.layer).__name__, listed(trained), it))
    return sentences
