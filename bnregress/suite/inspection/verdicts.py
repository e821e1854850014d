"""What the figures of a BatchNorm mean for a person: a verdict, why, and what cures it."""

from bnregress.suite.wording import listed

#: Frozen, and it behaves so.
SOUND = "sound"
#: Frozen, or meant to be, and it does not behave so.
AFFECTED = "affected"
#: Not frozen, so there is nothing it must keep to.
NOT_FROZEN = "not-frozen"
#: Frozen, and the answer is worth nothing.
UNDECIDED = "undecided"

GRAPH_MODE = (
    "{} runs in graph mode, where a layer's real input cannot be seen: each BatchNorm is tested on synthetic input; "
    "changes made by a training step are not tested"
)


def unseen(names):
    """Say whose real input could not be seen."""
    layers = "layer" if len(names) == 1 else "layers"
    reason = "the real input of {} BatchNorm {} could not be seen ({}): tested on synthetic input only"
    return reason.format(len(names), layers, listed(names))


def not_run(mode, why):
    """Say that the model could not be watched."""
    return "the model does not run layer by layer in {} mode, so no layer could be watched in it: {}".format(mode, why)


def untrained(why):
    """Say that the training step could not be done."""
    return "the training step failed, so changes to a frozen layer's variables were not tested: {}".format(why)


def layer_verdict(name, layer, trained, figures, moved, cures):
    """Judge one layer.

    Args:
        name: the layer's name for people.
        layer: a BatchNorm.
        trained: ids of the variables that the model trains.
        figures: of the two modes, by where they were seen: `in the model`, on its `real input`, on a `synthetic input`.
        moved: names of the layer's variables that one training step of the model moves; None where not asked.
        cures: `bnregress.suite.inspection.cures.Cures`.

    Returns:
        dict of JSON values: `name`, `class`, `frozen`, `verdict`, `reason`, `cure` (None where none is needed) and
        `evidence`.
    """
    kind = type(layer)
    verdict, reason, cure = _judge(layer, trained, figures, moved, cures)
    return {
        "name": name,
        "class": "{}.{}".format(kind.__module__, kind.__name__),
        "frozen": not layer.trainable,
        "verdict": verdict,
        "reason": reason,
        "cure": cure,
        "evidence": {"modes": figures, "moved_by_training": moved},
    }


def _judge(layer, trained, figures, moved, cures):
    broken = {
        where: figure
        for where, figure in figures.items()
        if figure["deviation"] > figure["tolerance"] and figure["finite"]
    }
    if layer.trainable:
        return _judge_unfrozen(layer, trained, figures, broken, moved, cures)
    wrong = []
    if broken:
        wrong.append(_mode_reason(broken))
    drifting = moved or next((figure["moved"] for figure in figures.values() if figure["moved"]), [])
    if drifting:
        where = "a training step moves" if moved else "running it moves"
        wrong.append("{} its {}".format(where, listed(drifting, most=4)))
    if wrong:
        return AFFECTED, "frozen, yet {}".format("; and ".join(wrong)), cures.of(layer)
    if not any(figure["finite"] for figure in figures.values()):
        cure = "give it weights and a batch on which its output is finite"
        return UNDECIDED, "frozen, but its output in inference mode is not finite", cure
    still = ", and a training step leaves it as it was" if moved == [] else ""
    return SOUND, "frozen: the same in both modes" + still, None


def _mode_reason(broken):
    where, figure = next(iter(broken.items()))
    what = "uses the batch's own statistics" if figure["from_batch"] else "answers differently"
    on = where if where == "in the model" else "on its " + where if where == "real input" else "on a " + where
    reason = "it {} in training mode (off by {:.3g} times its output's scale {}; {:.1e} allowed)"
    return reason.format(what, figure["deviation"], on, figure["tolerance"])


def _judge_unfrozen(layer, trained, figures, broken, moved, cures):
    own = [id(variable) for variable in layer.trainable_weights]
    around = bool(own) and not any(variable in trained for variable in own)
    drifting = [name for name in moved or [] if name.startswith("moving_")]
    # Called by hand it always follows the batch; what counts is how the model calls it.
    follows = "in the model" in broken or bool(drifting) or moved is None
    if around and moved is None and "in the model" not in figures:
        reason = "the part around it is frozen and its own `trainable` is True; whether the model runs it in {}"
        return (
            UNDECIDED,
            reason.format("inference mode could not be seen"),
            "set `trainable = False` on the layer itself",
        )
    if around and not follows:
        return SOUND, "frozen with the part around it, which runs it in inference mode", None
    if around:
        reason = "the part around it is frozen, yet its own `trainable` is True: in training it uses {} statistics{}"
        reason = reason.format("the batch's", ", and updates its own" if drifting else "")
        return (
            AFFECTED,
            reason,
            "set `trainable = False` on the layer itself" if cures.stays(layer) else cures.of(layer),
        )
    if not follows:
        return (
            NOT_FROZEN,
            "not frozen: trainable=True, though the model, called with training=True, runs it in inference mode",
            None,
        )
    reason = (
        "not frozen: trainable=True, so in training it uses the batch's statistics and updates its own, as documented"
    )
    return (
        NOT_FROZEN,
        reason,
        "to freeze it, set `trainable = False` on it, or on the model around it, before `compile`",
    )
